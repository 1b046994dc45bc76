// What `npm start` and `npm test` do first: dependencies, then the build, then (`--tests`) the tools of the tests. Idempotent, and quick when there is nothing to do.
// No dependencies, because it is what installs them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';
import { ensureTestTools } from './tools.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const MINIMUM_NODE = [20, 19];

function fail(message) {
  console.error(`keyrig setup: ${message}`);
  process.exit(2);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const old = major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1]);
  if (old)
    fail(
      `Node ${process.versions.node} is too old; install Node ${MINIMUM_NODE.join('.')} or newer from https://nodejs.org`,
    );
}

/** A fingerprint of what npm should have installed, so that a changed lock file installs again. */
function wantedDependencies() {
  const hash = createHash('sha256');
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(root, name)));
  return hash.digest('hex');
}

/** npm empties node_modules before it fills it, through a link as well: whoever it belongs to would be left with nothing. */
function refuseBorrowed(folder) {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      'node_modules is a link to another checkout, with other versions than package-lock.json; remove the link',
    );
}

function installDependencies() {
  const stamp = join(root, 'node_modules', '.keyrig-setup');
  const wanted = wantedDependencies();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  refuseBorrowed(dirname(stamp));
  console.error('keyrig setup: installing dependencies (npm ci) …');
  const npm = process.env.npm_execpath;
  const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync(command, [...first, ...flags], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (done.status !== 0) fail('npm ci failed (see above); check the network, or run it by hand to see more');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

checkNode();
installDependencies();
if (!buildIfStale(root)) fail('the build failed (see above)');
if (process.argv.includes('--tests')) ensureTestTools();
