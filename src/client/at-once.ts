/**
 * Telling what is there at once from what has to be waited for.
 *
 * An emulated device in this process answers before the event loop gets a turn. A deadline for it, with the signal that ends the
 * deadline, would cost more than the answer.
 */

/** Turns of the promise queue that count as at once: a MakeCredential in this process takes about half of them. */
const TURNS = 64;

/**
 * Whether `work` settles, either way, before anything outside of the promise queue has to happen.
 *
 * @example
 * ```ts
 * if (await settlesAtOnce(running)) return running;
 * ```
 */
export async function settlesAtOnce(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  work.then(settle, settle);
  for (let turn = 0; turn < TURNS && !settled; turn++) await null;
  return settled;
}
