/**
 * The frame of one call: it lasts until the result, the deadline, or the page's abort, whichever comes first (WebAuthn L3 §5.1.3 step 2, §5.6).
 */
import type { Clock } from '../ports.js';
import { WebAuthnError } from '../webauthn/errors.js';
import { Cancellation } from './cancellation.js';

/** The range of lifetimes, in milliseconds. */
export interface CeremonyLifetimes {
  readonly shortest: number;
  readonly longest: number;
  /** Where the page names none. */
  readonly usual: number;
}

/** What the specification recommends (WebAuthn L3 §5.1.3 step 2). */
export const RECOMMENDED_LIFETIMES: CeremonyLifetimes = {
  shortest: 300_000,
  longest: 600_000,
  usual: 300_000,
};

/** A page's `timeout`, brought into range. */
export function lifetimeOf(timeout: number | undefined, lifetimes: CeremonyLifetimes): number {
  if (timeout === undefined) return lifetimes.usual;
  return Math.min(Math.max(timeout, lifetimes.shortest), lifetimes.longest);
}

/**
 * One call of `create()` or `get()`. Everything that waits, waits on `over`.
 *
 * @example
 * ```ts
 * const ceremony = new Ceremony(clock, 300_000, signal);
 * try { return await ceremony.race(work(ceremony.over)); } finally { ceremony.finish(); }
 * ```
 */
export class Ceremony {
  /** Aborted when nothing that still runs can matter. */
  readonly over: AbortSignal;
  readonly #end: Cancellation;
  readonly #page: AbortSignal | undefined;
  #timedOut = false;
  #failure: { readonly cause: unknown } | undefined;

  constructor(clock: Clock, lifetime: number, page: AbortSignal | undefined) {
    this.#page = page;
    this.#end = new Cancellation(page);
    this.over = this.#end.signal;
    void this.#expire(clock, lifetime);
  }

  async #expire(clock: Clock, lifetime: number): Promise<void> {
    await clock.sleep(lifetime, this.over);
    if (this.over.aborted) return;
    this.#timedOut = true;
    this.#end.abort();
  }

  /**
   * Throws once the ceremony has ended: the page's abort reason whatever it is, a NotAllowedError at the deadline, and the failure of
   * something that keyrig needed.
   */
  throwIfOver(): void {
    this.#page?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#timedOut) throw new WebAuthnError('NotAllowedError', 'the time of the ceremony is up');
  }

  /** What `work` yields, unless the ceremony ends first. @throws like {@link Ceremony.throwIfOver} */
  async race<T>(work: Promise<T>): Promise<T> {
    const result = await untilAborted(work, this.over);
    this.throwIfOver();
    // Not over, so it was the work that ended the race.
    return result === ABORTED ? work : result;
  }

  /** Ends it because something broke that isn't the page's or a device's fault. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#end.abort();
  }

  /** Ends whatever still waits. */
  finish(): void {
    this.#end.release();
    this.#end.abort();
  }
}

/** What {@link untilAborted} yields when the signal was first. */
export const ABORTED: unique symbol = Symbol('aborted');

/** What `work` yields, or {@link ABORTED}; what comes later is dropped. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
  let abort = () => {};
  const aborted = new Promise<typeof ABORTED>((resolve) => {
    abort = () => resolve(ABORTED);
  });
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
