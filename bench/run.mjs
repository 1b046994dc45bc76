/**
 * `npm run bench`: measures every row and prints one table. Leaves nothing behind.
 *
 * `--quick` goes through the motions in seconds; its figures mean nothing. `--only ID,…` measures some rows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, table } from './report.mjs';
import { EFFORTS, measureRow } from './rounds.mjs';
import { ROWS } from './rows.mjs';

const NOTE =
  'Medians over rounds. Rates are per second of CPU time; ratios are keyrig to the other side, within each round.';

const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const rows = chosenRows(values.only?.split(',') ?? ROWS.map((row) => row.id));

function chosenRows(ids) {
  const unknown = ids.filter((id) => !ROWS.some((row) => row.id === id));
  if (unknown.length === 0) return ROWS.filter((row) => ids.includes(row.id));
  console.error(`bench: no row ${unknown.join(', ')}; there are ${ROWS.map((row) => row.id).join(', ')}`);
  process.exit(2);
}

async function measure(row) {
  if (process.stderr.isTTY) process.stderr.write(`measuring ${row.id} …\n`);
  return { row, rounds: await measureRow(row, values.quick ? EFFORTS.quick : EFFORTS.full) };
}

const machine = machineLine();
const results = [];
// Stores that sides make, for all rows that want them: filling one takes longer than measuring it.
process.env.KEYRIG_BENCH_SCRATCH = mkdtempSync(join(tmpdir(), 'keyrig-bench-stores-'));
try {
  for (const row of rows) results.push(await measure(row));
} finally {
  rmSync(process.env.KEYRIG_BENCH_SCRATCH, { recursive: true, force: true });
}
console.log(machine);
console.log(NOTE);
if (values.quick) console.log('--quick: these figures mean nothing');
console.log(`\n${table(results)}`);
