/**
 * The smallest damage there is.
 */
import type { CborKey, CborMap, CborValue } from '../../ctap/cbor.js';

/** The same bytes with the last bit flipped. Without bytes there is nothing to flip. */
export function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}

/** Another value of the same type, as near as it gets; maps and arrays are damaged in everything that they hold. */
export function wrongValue(value: CborValue): CborValue {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value instanceof Uint8Array) return flipped(value);
  if (typeof value === 'string') return `${value}?`;
  return value instanceof Map ? wrongMap(value) : value;
}

/** The same keys with other values. */
export function wrongMap(map: CborMap): CborMap {
  return new Map([...map].map(([key, value]): [CborKey, CborValue] => [key, wrongValue(value)]));
}
