/**
 * `npm run bench`: measures every row and prints one table. Writes nothing.
 *
 * `--quick` goes through the motions in seconds; its figures mean nothing. `--only ID,…` measures some rows.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, table } from './report.mjs';
import { ROWS } from './rows.mjs';

/** A row that takes longer hangs: on Node 20 a peer that exports generated keys as JWK can lock itself up in there. */
const PATIENCE = 120_000;
/** How often a row that hangs is begun again. */
const ATTEMPTS = 5;

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

/** The rounds of a row, from a process of its own; `undefined` when that hung. */
function attempt(row) {
  const script = fileURLToPath(new URL('row.mjs', import.meta.url));
  const child = fork(script, [row.id, values.quick ? 'quick' : 'full']);
  return new Promise((resolve, reject) => {
    let rounds;
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, PATIENCE);
    child.on('message', (message) => {
      rounds = message;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (rounds !== undefined || hung) resolve(rounds);
      else reject(new Error(`bench row ${row.id} ended with code ${code}`));
    });
  });
}

async function measure(row) {
  for (let left = ATTEMPTS; left > 0; left--) {
    if (process.stderr.isTTY) process.stderr.write(`measuring ${row.id} …\n`);
    const rounds = await attempt(row);
    if (rounds !== undefined) return { row, rounds };
  }
  throw new Error(`bench row ${row.id} hung ${ATTEMPTS} times`);
}

const machine = machineLine();
const results = [];
for (const row of rows) results.push(await measure(row));
console.log(machine);
console.log(NOTE);
if (values.quick) console.log('--quick: these figures mean nothing');
console.log(`\n${table(results)}`);
