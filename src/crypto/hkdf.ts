/**
 * HKDF-SHA-256 (RFC 5869) over any HMAC.
 */
import { KeyrigError } from '../errors.js';

/** Bytes of one SHA-256 output. */
const HASH_LENGTH = 32;
/** RFC 5869 §2.3: the block counter is one byte. */
const MAX_LENGTH = 255 * HASH_LENGTH;

/** HMAC-SHA-256 of the concatenation of `parts`. */
export type HmacSha256 = (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;

/** Extract and expand. @throws KeyrigError `internal` beyond 8160 bytes */
export function hkdf(
  hmac: HmacSha256,
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (length > MAX_LENGTH)
    throw new KeyrigError('internal', `HKDF can't give ${length} bytes`, { facts: { length } });
  const pseudorandomKey = hmac(salt, ikm);
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += HASH_LENGTH, counter++) {
    block = hmac(pseudorandomKey, block, info, Uint8Array.of(counter));
    out.set(block.subarray(0, length - at), at);
  }
  return out;
}
