// `npm run fuzz`: does a key ever crash, hang, change by what it refused, or know something else than it should? Plays sequences of commands
// with keys and with a model of them, junk in between. One line at the end; on a failure also the shortest sequence, and exit code 1.
// `--messages N` (1000000), `--seconds N` (no limit), `--seed N` (drawn).
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createJiti } from 'jiti';

/** How much more memory there may be in the end than after the first keys, in bytes. What a key leaves behind would be more. */
const GROWTH = 64 * 2 ** 20;
/** Messages until the first look at it: by then everything has been compiled, and the caches are as large as they get. */
const WARM = 50_000;

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: `${randomInt(1, 2 ** 31)}` },
  },
});
const [messages, seconds, seed] = [values.messages, values.seconds, values.seed].map(Number);
for (const [name, value] of Object.entries({ messages, seconds, seed })) {
  const whole = Number.isInteger(value) || (name === 'seconds' && value === Number.POSITIVE_INFINITY);
  if (whole && value >= 1) continue;
  console.error(`fuzz: --${name} takes a whole number from 1`);
  process.exit(2);
}

/** Megabytes in use, after a collection where node was started with --expose-gc. */
function memory() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const jiti = createJiti(fileURLToPath(import.meta.url));
const { runFuzz } = await jiti.import('../src/authenticator/fuzz/run.suite.ts');
const started = performance.now();
let warm;
let told = started;
const report = await runFuzz({
  seed,
  messages,
  isLate: () => performance.now() - started > seconds * 1_000,
  onKey(sent) {
    if (warm === undefined && sent >= WARM) warm = memory();
    if (!process.stderr.isTTY || performance.now() - told < 1_000) return;
    told = performance.now();
    process.stderr.write(`\r${sent} messages …`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r');
const grown = warm === undefined ? 0 : memory() - warm;
const { failure, keys, commands } = report;
const problem = failure?.reason ?? (grown > GROWTH ? `memory grew by ${mega(grown)}` : undefined);
const taken = [...commands.values()].reduce((sum, { done }) => sum + done, 0);
console.log(
  [
    `fuzz: ${report.messages} messages to ${keys} keys`,
    `${taken} of them good, ${[...commands.values()].filter(({ done }) => done > 0).length} of ${commands.size} commands`,
    `${((performance.now() - started) / 1_000).toFixed(0)} s`,
    `memory ${grown < 0 ? '-' : '+'}${mega(Math.abs(grown))}`,
    `seed ${seed}`,
    problem === undefined ? 'nothing wrong' : `WRONG: ${problem}`,
  ].join(', '),
);
if (failure !== undefined) for (const step of failure.steps) console.log(JSON.stringify(step));
process.exit(problem === undefined ? 0 : 1);

function mega(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
