// Programs that some tests need besides Node. As root on Debian they are installed; elsewhere one line says what is missing.
import { spawnSync } from 'node:child_process';

/** What a test skips without, and the Debian package that has it. */
const TOOLS = [{ command: 'openssl', probe: ['version'], package: 'openssl', use: 'judges certificates' }];

function works({ command, probe }) {
  return spawnSync(command, probe, { stdio: 'ignore' }).status === 0;
}

function canInstall() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}

/** Installs what is missing, or says how to get it. Tests without their tool skip, which fails in CI. */
export function ensureTestTools() {
  for (const tool of TOOLS.filter((candidate) => !works(candidate))) {
    const name = `${tool.command} (${tool.use})`;
    if (canInstall()) {
      console.error(`keyrig setup: installing ${name} …`);
      if (aptGet('update', '-qq') && aptGet('install', '-y', '-qq', '--no-install-recommends', tool.package))
        continue;
    }
    console.error(
      `keyrig setup: ${name} is missing, its tests will be skipped; install the package ${tool.package}`,
    );
  }
}
