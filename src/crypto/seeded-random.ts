/**
 * Randomness that repeats: a stream of bytes that follows from a seed.
 *
 * Construction, fixed for good because reports name seeds:
 * ```text
 * key       = HMAC-SHA-256("keyrig seeded random 1", seed)            a string seed is taken as UTF-8
 * stream    = HMAC-SHA-256(key, 00 || counter) for counter 0, 1, …    64 bits, big-endian
 * fork key  = HMAC-SHA-256(key, 01 || UTF-8 label)
 * ```
 * The first byte keeps streams and forks apart. This is HMAC as a pseudorandom function in counter mode (NIST SP 800-108 §4.1);
 * it is as strong as its seed, which in tests is no strength at all.
 */
import { createHmac } from 'node:crypto';
import { utf8 } from '../data/bytes.js';
import type { Random } from '../ports.js';

const DOMAIN = utf8('keyrig seeded random 1');
/** What an input of the keyed function is for. */
const PURPOSE = { stream: 0x00, fork: 0x01 } as const;

/** A Random that can be split. */
export interface SeededRandom extends Random {
  /**
   * An independent stream that follows from this one's seed and the label alone: neither what was drawn nor other forks shift it.
   * The same label gives the same stream again, so give every device and every purpose a label of its own.
   */
  fork(label: string): SeededRandom;
}

/**
 * The stream of a seed.
 *
 * @example
 * ```ts
 * const random = createSeededRandom('42');
 * const phone = random.fork('device/phone'); // the same bytes, however many devices there are
 * ```
 */
export function createSeededRandom(seed: string | Uint8Array): SeededRandom {
  return new HmacStream(mac(DOMAIN, typeof seed === 'string' ? utf8(seed) : seed));
}

class HmacStream implements SeededRandom {
  readonly #key: Uint8Array;
  #counter = 0;
  #block: Uint8Array = new Uint8Array(0);

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** Continues the stream: how it is cut into calls changes nothing. */
  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      if (this.#block.length === 0) this.#block = this.#nextBlock();
      const taken = this.#block.subarray(0, length - at);
      out.set(taken, at);
      this.#block = this.#block.subarray(taken.length);
      at += taken.length;
    }
    return out;
  }

  fork(label: string): SeededRandom {
    return new HmacStream(mac(this.#key, Uint8Array.of(PURPOSE.fork), utf8(label)));
  }

  #nextBlock(): Uint8Array {
    const input = new Uint8Array(9);
    input[0] = PURPOSE.stream;
    new DataView(input.buffer).setBigUint64(1, BigInt(this.#counter));
    this.#counter += 1;
    return mac(this.#key, input);
  }
}

function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}
