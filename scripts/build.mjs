// Compiles src/ to dist/ and writes the JSON Schemas. `buildIfStale` does so only when a source is newer than the last build.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The newest modification time below a folder, in milliseconds. */
function newest(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function writeSchemas(root) {
  const { allSchemas } = await import(pathToFileURL(join(root, 'dist/cli/schemas.js')).href);
  const folder = join(root, 'dist/schemas');
  mkdirSync(folder, { recursive: true });
  for (const [name, schema] of Object.entries(allSchemas())) {
    writeFileSync(join(folder, `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
  }
}

/** True when dist/ is complete afterwards. */
export function build(root) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (compiled.status !== 0) return false;
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
  // In a process of its own: this one may not have had dist/ when it started.
  const schemas = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--schemas'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (schemas.status !== 0) return false;
  writeFileSync(join(root, 'dist/.built'), '');
  return true;
}

/** Builds unless the last build is newer than every source. */
export function buildIfStale(root) {
  const stamp = join(root, 'dist/.built');
  const sources = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package.json', 'scripts/build.mjs'];
  const fresh =
    existsSync(stamp) && sources.every((name) => newest(join(root, name)) <= statSync(stamp).mtimeMs);
  if (fresh) return true;
  console.error('keyrig setup: building …');
  return build(root);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  if (process.argv[2] === '--schemas') await writeSchemas(root);
  else process.exit(build(root) ? 0 : 1);
}
