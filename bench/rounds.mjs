/**
 * Interleaved rounds: each has a batch of ours and a batch of theirs, so that a slow moment of the machine meets both.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How much is measured: pairs of processes, rounds with each pair, milliseconds per batch, milliseconds of warming up. */
export const EFFORTS = {
  // The compiler decides anew in every process, which alone makes a difference of a tenth.
  full: { pairs: 3, rounds: 9, batch: 60, warmUp: 1_500 },
  /** For a test that only wants to see it run. */
  quick: { pairs: 1, rounds: 3, batch: 2, warmUp: 2 },
};

/** A batch that takes longer hangs: on Node 20 a peer that exports generated keys as JWK can lock itself up. */
const PATIENCE = 60_000;
/** How often a pair that hangs is begun again. */
const ATTEMPTS = 5;

/**
 * Measures both sides of a row.
 *
 * @returns milliseconds per operation, or KiB per thing, for each round and side
 */
export async function measureRow(row, effort) {
  const rounds = [];
  for (let pair = 0; pair < effort.pairs; pair++) rounds.push(...(await measurePair(row, effort)));
  return rounds;
}

async function measurePair(row, effort) {
  for (let left = ATTEMPTS; left > 0; left--) {
    const rounds = await attempt(row, effort);
    if (rounds !== undefined) return rounds;
  }
  throw new Error(`bench row ${row.id} hung ${ATTEMPTS} times`);
}

/** Warms both sides up, then runs the rounds; `undefined` when a side hung. */
async function attempt(row, effort) {
  const sides = [new Side(row, 'ours'), new Side(row, 'theirs')];
  try {
    for (const side of sides) await side.warmUp(effort);
    const rounds = [];
    for (let round = 0; round < effort.rounds; round++) {
      // Who comes first changes, so that a rhythm of the machine favours nobody.
      const [first, second] = round % 2 === 0 ? sides : sides.toReversed();
      rounds.push({ [first.name]: await first.measure(), [second.name]: await second.measure() });
    }
    return rounds;
  } catch (error) {
    if (error === HUNG) return undefined;
    throw error;
  } finally {
    // The next row may open what these have written: they are gone for good before it begins.
    await Promise.all(sides.map((side) => side.end()));
  }
}

const HUNG = Symbol('hung');

/** How many things are weighed together. */
const WEIGHED = 1_000;

/** A process that does the work of one side. */
class Side {
  #child;
  #batch = 1;
  #isWeighed;

  constructor(row, name) {
    this.name = name;
    this.#isWeighed = row.kind === 'size';
    this.#child = fork(fileURLToPath(new URL('side.mjs', import.meta.url)), [row.id, name]);
  }

  /** Runs until the compiler has had its time, and learns how many operations fill a batch. */
  async warmUp(effort) {
    await this.#answer();
    if (this.#isWeighed) {
      this.#batch = WEIGHED;
      return;
    }
    let spent = 0;
    let time = 0;
    while (spent < effort.warmUp || time < effort.batch / 2) {
      time = await this.#run();
      spent += time;
      // The first operations are slow, and clocks are coarse: no more than four times as many at once.
      const factor = time > 0 ? Math.min(4, effort.batch / time) : 4;
      this.#batch = Math.max(1, Math.round(this.#batch * factor));
    }
  }

  /** Milliseconds per operation, or KiB per thing. */
  async measure() {
    return (await this.#run()) / this.#batch;
  }

  async end() {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #run() {
    this.#child.send(this.#batch);
    return this.#answer();
  }

  #answer() {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(reject, HUNG), PATIENCE);
      const onMessage = (message) => settle(resolve, message);
      const onExit = () => settle(reject, new Error(`${child.spawnargs.slice(2).join(' ')} ended by itself`));
      const settle = (end, value) => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit);
        end(value);
      };
      child.on('message', onMessage).on('exit', onExit);
    });
  }
}
