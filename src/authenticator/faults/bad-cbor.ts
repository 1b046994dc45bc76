/**
 * Answers that are wrong as CBOR: what no canonical writer can be made to write, put together by hand (CTAP 2.1 §8, RFC 8949 §3).
 */
import { type CborKey, type CborMap, type CborValue, encode } from '../../ctap/cbor.js';
import type { DeviceFault } from '../../ctap/device-faults.js';
import { concat, utf8 } from '../../data/bytes.js';

/** What can be wrong. */
export type BadCbor = Extract<DeviceFault, { readonly fault: 'cbor' }>['value'];

/** One member as it goes out. */
interface Member {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Heads and values of RFC 8949. */
const WIRE = {
  /** A map of fewer than 24 members is this and their number in one byte. */
  map: 0xa0,
  array: 0x80,
  indefiniteMap: 0xbf,
  break: 0xff,
  /** An unsigned integer in one byte of its own, where it would fit into the head. */
  oneByteInteger: 0x18,
  /** "Self-described CBOR" (§3.4.6), the most harmless of all tags. */
  tag: Uint8Array.of(0xd9, 0xd9, 0xf7),
  /** The beginning of a character of two bytes, without its end. */
  halfCharacter: 0xc3,
} as const;

/** The members as bad CBOR; `undefined` when they have nothing in them that this could be done to. */
export function badCbor(members: CborMap, kind: BadCbor): Uint8Array | undefined {
  const parts = [...members].map(([key, value]) => ({ key: encode(key), value: encode(value) }));
  const [first] = parts;
  if (first === undefined) return undefined;
  switch (kind) {
    case 'unsorted-keys':
      return parts.length < 2 ? undefined : mapOf(parts.toReversed());
    case 'duplicate-key':
      return mapOf([first, ...parts]);
    case 'long-integer':
      return withLongKey(parts);
    case 'indefinite-length':
      return concat(Uint8Array.of(WIRE.indefiniteMap), ...flat(parts), Uint8Array.of(WIRE.break));
    case 'tag':
      return concat(WIRE.tag, mapOf(parts));
    case 'invalid-utf8':
      return cutText(members);
    case 'not-a-map':
      return concat(Uint8Array.of(WIRE.array | parts.length), ...parts.map(({ value }) => value));
  }
}

/** The last key, so that the order of the others stays what it is. */
function withLongKey(parts: readonly Member[]): Uint8Array | undefined {
  const last = parts.at(-1);
  if (last?.key.length !== 1) return undefined;
  const key = concat(Uint8Array.of(WIRE.oneByteInteger), last.key);
  return mapOf([...parts.slice(0, -1), { ...last, key }]);
}

/** Of fewer than 24 members, as those of all answers. */
function mapOf(parts: readonly Member[]): Uint8Array {
  return concat(Uint8Array.of(WIRE.map | parts.length), ...flat(parts));
}

function flat(parts: readonly Member[]): readonly Uint8Array[] {
  return parts.flatMap(({ key, value }) => [key, value]);
}

/** The last text among the values ends in the middle of a character, as with a key that cuts names by bytes. */
function cutText(members: CborMap): Uint8Array | undefined {
  const cut = withCutText(members);
  if (cut === undefined) return undefined;
  // Bytes and text of one length differ in their initial byte only, so everything else stands where it stood.
  const [good, bad] = [encode(members), encode(cut)];
  const head = good.findIndex((byte, at) => byte !== bad[at]);
  bad.set(good.subarray(head, head + 1), head);
  return bad;
}

/** The same value with its last text as bytes that are none; `undefined` when there is no text. */
function withCutText(value: CborValue): CborValue | undefined {
  if (typeof value === 'string') return value === '' ? undefined : cutBytes(value);
  if (value instanceof Map) {
    const entries = [...(value as CborMap)];
    const found = cutLast(entries.map(([, inner]) => inner));
    if (found === undefined) return undefined;
    return new Map(entries.map(([key, inner], at): [CborKey, CborValue] => [key, found[at] ?? inner]));
  }
  return Array.isArray(value) ? cutLast(value as readonly CborValue[]) : undefined;
}

function cutLast(values: readonly CborValue[]): readonly CborValue[] | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const cut = withCutText(values[at] ?? null);
    if (cut !== undefined) return values.with(at, cut);
  }
  return undefined;
}

function cutBytes(text: string): Uint8Array {
  const bytes = utf8(text);
  bytes.fill(WIRE.halfCharacter, -1);
  return bytes;
}
