/**
 * Signals inside of the client: many per ceremony, so what one costs counts.
 *
 * `AbortSignal.any` costs about as much as a signature, and holds on to long-lived sources until the garbage collector comes by.
 */
import { setMaxListeners } from 'node:events';

/** The reason of aborts that nobody asks for a reason. Made once: the default one is an exception with a stack trace of its own. */
export const OVER = new DOMException('nobody waits for it any more', 'AbortError');

/**
 * A signal that aborts with the first of its sources, or when told to.
 *
 * @example
 * ```ts
 * const cancel = new Cancellation(pageSignal, ceremony.over);
 * try { return await transport.send(message, { signal: cancel.signal }); } finally { cancel.release(); }
 * ```
 */
export class Cancellation {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #sources: readonly (AbortSignal | undefined)[];
  readonly #follow = () => this.abort(this.#sources.find((source) => source?.aborted)?.reason);

  /** @param sources Where `undefined` stands for a signal that nobody gave. */
  constructor(...sources: readonly (AbortSignal | undefined)[]) {
    this.signal = this.#controller.signal;
    // A contest has a listener for each device; Node would take more than ten for a leak.
    setMaxListeners(0, this.signal);
    this.#sources = sources;
    for (const source of sources) {
      if (source?.aborted) this.#follow();
      else source?.addEventListener('abort', this.#follow, { once: true });
    }
  }

  /** Aborts, if no source was first. */
  abort(reason: unknown = OVER): void {
    this.#controller.abort(reason);
  }

  /** Lets go of the sources: what they do from now on is no concern of this signal. */
  release(): void {
    for (const source of this.#sources) source?.removeEventListener('abort', this.#follow);
  }
}
