// What CI runs: the tests, then each check. Goes on after a failure so that one run shows everything; the last line counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'keyrig-ci-'));
const results = join(scratch, 'vitest.json');

function npm(...args) {
  console.log(`\n> npm ${args.join(' ')}`);
  return spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Counts of the test run; a run that wrote none failed as a whole. */
function testCounts() {
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(results, 'utf8'));
  return {
    passed: report.numPassedTests,
    failed:
      report.numFailedTests + report.testResults.filter((file) => file.assertionResults.length === 0).length,
    skipped: report.numPendingTests,
  };
}

const green = npm('test', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`);
const counts = testCounts();
// A green exit code with failures counted, or the reverse, is a failure that must not get lost.
if (!green && counts.failed === 0) counts.failed = 1;
if (process.env.CI === 'true' && counts.skipped > 0) {
  console.log(`\n${counts.skipped} tests were skipped; in CI a missing tool is a failure`);
  counts.failed += counts.skipped;
}
for (const check of ['check:types', 'check:lint', 'check:docs']) {
  if (npm('run', check)) counts.passed += 1;
  else counts.failed += 1;
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
