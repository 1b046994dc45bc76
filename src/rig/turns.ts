/**
 * A platform shows one ceremony at a time: whoever comes while one runs waits for its end.
 */

/** A queue for something that only one can have. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `work` once everybody who came before is done, whatever became of them.
   *
   * @param signal Aborting gives the place up while `work` has not begun; it rejects with the signal's reason then
   */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const before = this.#last;
    const turn = before.then(() => {
      signal.throwIfAborted();
      return work();
    });
    this.#last = turn.catch(() => {});
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
    });
    // Only whoever still waits leaves at once; work that runs ends by itself, and tells how.
    void before.then(() => signal.removeEventListener('abort', leave));
    signal.addEventListener('abort', leave, { once: true });
    return Promise.race([turn, left]);
  }
}
