/**
 * Time and randomness: the two effects that many rooms need, as ports with their plain implementations.
 *
 * Seeded randomness lives in `crypto/`, where the hash functions are.
 */

/** A source of time. Everything that waits, waits on a clock. */
export interface Clock {
  /** Milliseconds since the Unix epoch. Never goes back. */
  now(): number;
  /**
   * Resolves after `milliseconds`, or at once when `signal` aborts. It never rejects: look at `signal.aborted`.
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /**
   * Says that something outside of this clock (a socket, a disk, a browser) is being waited for, so that a virtual
   * clock must not move on by itself. Returns the function that ends the hold. A real clock ignores it.
   */
  hold(): () => void;
}

/** A source of random bytes. */
export interface Random {
  /** A fresh array of `length` bytes that the caller owns. */
  bytes(length: number): Uint8Array;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal?.addEventListener('abort', done, { once: true });
    }),
  hold: () => () => {},
};

/** The machine's randomness, cryptographically strong. */
export const systemRandom: Random = {
  bytes: (length) => {
    const out = new Uint8Array(length);
    // getRandomValues refuses more than 65,536 bytes in one call (Web Cryptography §10.1.1).
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(out.subarray(at, at + 65_536));
    return out;
  },
};

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

/** Turns of the event loop without a hold before an automatic clock moves on: enough for any chain of settled promises. */
const QUIET_TURNS = 2;

/**
 * A clock that moves only when told to (`advance`), or, with `automatic`, as soon as every party waits on it.
 *
 * @example
 * ```ts
 * const clock = new VirtualClock({ start: 1_000 });
 * const done = clock.sleep(30_000);
 * await clock.advance(30_000);
 * await done;
 * ```
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #holds = 0;
  #watching = false;
  readonly #automatic: boolean;
  readonly #timers = new Set<Timer>();

  constructor(options: { start?: number; automatic?: boolean } = {}) {
    this.#now = options.start ?? Date.UTC(2026, 0, 1);
    this.#automatic = options.automatic ?? false;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const fire = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener('abort', fire);
        resolve();
      };
      const timer: Timer = { due: this.#now + Math.max(0, milliseconds), order: this.#order++, fire };
      this.#timers.add(timer);
      signal?.addEventListener('abort', fire, { once: true });
      this.#watch();
    });
  }

  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#watch();
    };
  }

  /** Moves time forward and fires what falls due, in order, letting each waiter run before the next. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#now = Math.max(this.#now, timer.due);
      timer.fire();
      await nextTurn();
    }
    this.#now = end;
    await nextTurn();
  }

  /** How many sleeps are pending: for tests that look for leaks. */
  get pending(): number {
    return this.#timers.size;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined ||
        timer.due < first.due ||
        (timer.due === first.due && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  #watch(): void {
    if (!this.#automatic || this.#watching || this.#timers.size === 0 || this.#holds > 0) return;
    this.#watching = true;
    void this.#moveWhenQuiet();
  }

  async #moveWhenQuiet(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) await nextTurn();
    this.#watching = false;
    if (this.#holds > 0) return;
    const timer = this.#next();
    if (timer === undefined) return;
    this.#now = Math.max(this.#now, timer.due);
    timer.fire();
    this.#watch();
  }
}

/** One full turn of the event loop, so that settled promises have run. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
