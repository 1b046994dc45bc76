/**
 * Interleaved rounds: each does a batch of ours and a batch of theirs, so that a slow moment of the machine meets both.
 */

/** How much is measured. Milliseconds are those of the row's clock. */
export const EFFORTS = {
  full: { rounds: 21, batch: 60, warmUp: 2_500 },
  /** For a test that only wants to see it run. */
  quick: { rounds: 3, batch: 2, warmUp: 2 },
};

/** CPU time of this process, all threads: neighbours on a shared machine hardly count, our own garbage collection does. */
export function cpuClock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** For what happens in other processes. */
export const wallClock = () => performance.now();

/**
 * Warms both sides up, then runs the rounds.
 *
 * @returns milliseconds per operation, for each round and side
 */
export async function interleave({ ours, theirs }, effort, clock) {
  const batches = [await warmUp(ours, effort, clock), await warmUp(theirs, effort, clock)];
  const rounds = [];
  for (let round = 0; round < effort.rounds; round++) {
    const times = { ours: 0, theirs: 0 };
    // Who comes first changes, so that neither always inherits the other's garbage.
    const turns = [
      ['ours', ours, batches[0]],
      ['theirs', theirs, batches[1]],
    ];
    for (const [side, work, batch] of round % 2 === 0 ? turns : turns.reverse())
      times[side] = (await timed(work, batch, clock)) / batch;
    rounds.push(times);
  }
  return rounds;
}

/** Runs until the compiler has had its time; tells how many operations fill a batch. */
async function warmUp(work, effort, clock) {
  const start = clock();
  let batch = 1;
  let time = 0;
  while (clock() - start < effort.warmUp || time < effort.batch / 2) {
    time = await timed(work, batch, clock);
    // The clock is coarse, and the first operations are slow: grow by four at most.
    const factor = time > 0 ? effort.batch / time : 4;
    batch = Math.max(1, Math.round(batch * Math.min(4, factor)));
  }
  return batch;
}

async function timed(work, times, clock) {
  const start = clock();
  await work(times);
  return clock() - start;
}
