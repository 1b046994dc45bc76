/**
 * One side of one row, in a process of its own: nobody pays for the other side's garbage, and what other rows compiled has no part.
 *
 * Is sent how often to do its work, and answers how many milliseconds that took; of a row about size, what the work says of it.
 */
import { ROWS } from './rows.mjs';

const [id, side] = process.argv.slice(2);
const row = ROWS.find((one) => one.id === id);
const [file, name] = row.subject;
const { [name]: subject } = await import(`./subjects/${file}.mjs`);
const work = await subject[side]();

/** CPU time of this process, all threads: neighbours on a shared machine hardly count, our own garbage collection does. */
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

// A process that only starts others and waits for them has no CPU time to speak of.
const now = row.kind === 'rate' ? cpuTime : () => performance.now();

process.on('message', async (times) => {
  const start = now();
  const said = await work(times);
  process.send(row.kind === 'size' ? said : now() - start);
});
process.send(0);
