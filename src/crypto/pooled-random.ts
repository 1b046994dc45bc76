/**
 * Randomness drawn ahead: asking the system takes about as long for some thousand bytes as for thirty-two, and a credential takes
 * four draws.
 */
import type { Random } from '../ports.js';

/** Bytes per draw from the source. */
const POOL = 4096;
/** Longer requests go to the source. */
const MOST = 512;

/**
 * A source that gives the same randomness in fewer calls. Every byte is given once, and forgotten when it is.
 *
 * @example
 * ```ts
 * const random = pooledRandom(systemRandom);
 * ```
 */
export function pooledRandom(source: Random): Random {
  let pool = new Uint8Array(0);
  let given = 0;
  return {
    bytes(length) {
      if (length > MOST) return source.bytes(length);
      if (given + length > pool.length) {
        pool = new Uint8Array(source.bytes(POOL));
        given = 0;
      }
      const out = pool.slice(given, given + length);
      pool.fill(0, given, given + length);
      given += length;
      return out;
    },
  };
}
