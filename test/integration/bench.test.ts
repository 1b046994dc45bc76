/** The benchmark runs, says everything and leaves nothing behind. How fast anything is, no test asks. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT, run } from './keyrig.js';

const BENCH = join(ROOT, 'bench/run.mjs');

const rowsFile = z.object({
  ROWS: z.array(z.object({ id: z.string(), title: z.string(), against: z.string() })),
});

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'keyrig-bench-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const bench = (...argv: readonly string[]) => run(process.execPath, [BENCH, ...argv], { cwd });

describe('the benchmark', () => {
  it('prints a line for every row, and writes no file', async () => {
    const { ROWS } = rowsFile.parse(await import(pathToFileURL(join(ROOT, 'bench/rows.mjs')).href));
    const before = readdirSync(join(ROOT, 'bench'), { recursive: true });
    const { code, stdout, stderr } = await bench('--quick');
    expect([code, stderr]).toEqual([0, '']);
    const printed = stdout
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.length > 1)
      .slice(2);
    expect(printed.map((cells) => [cells[1], cells[3]])).toEqual(
      ROWS.map(({ title, against }) => [title, against]),
    );
    for (const cells of printed) expect(Number(cells[5]?.replaceAll(',', '')), cells[1]).toBeGreaterThan(0);
    expect(readdirSync(cwd)).toEqual([]);
    expect(readdirSync(join(ROOT, 'bench'), { recursive: true })).toEqual(before);
  });

  it('names the rows that there are when asked for another', async () => {
    const { code, stderr } = await bench('--only', 'assertion-key,warp');
    expect(code).toBe(2);
    expect(stderr).toMatch(/no row warp; there are .*assertion-key/);
  });
});
