/**
 * The order of map keys in CTAP2 canonical CBOR (CTAP 2.1 §8): by major type, then the shorter encoding, then byte by
 * byte. For shortest encodings that is plain bytewise order, because the initial byte carries type and length.
 */
import type { CborKey } from './cbor-value.js';
import { argumentWidth, INFO, MAJOR } from './cbor-wire.js';

const IN_ORDER = [] as const;
const UNSORTED = ['unsorted-keys'] as const;
const REPEATED = ['duplicate-key'] as const;
const BOTH = [...UNSORTED, ...REPEATED] as const;

/** Comparator for keys in memory; 0 means that both encode alike. */
export function compareKeys(a: CborKey, b: CborKey): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareTexts(a, b) : 1;
  if (typeof b === 'string') return -1;
  // Not by ===, which tells 5 from 5n.
  if (!(a < b) && !(a > b)) return 0;
  // Negative integers come after the others and grow in their encoding as they fall.
  const rises = a < b;
  if (a >= 0 && b >= 0) return rises ? -1 : 1;
  return rises ? 1 : -1;
}

/** By length in UTF-8, then by code point, which is how UTF-8 bytes compare. */
function compareTexts(a: string, b: string): number {
  const byLength = utf8Length(a) - utf8Length(b);
  if (byLength !== 0) return byLength;
  for (let at = 0; at < a.length; at++) {
    const unitA = a.charCodeAt(at);
    const unitB = b.charCodeAt(at);
    if (unitA === unitB) continue;
    // Surrogates stand for code points above all others, whatever their own number is.
    const byPlane = Number(isSurrogate(unitA)) - Number(isSurrogate(unitB));
    return byPlane === 0 ? unitA - unitB : byPlane;
  }
  return 0;
}

/** How many bytes the text takes in UTF-8, or -1 when it holds half of a surrogate pair. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    if (!isSurrogate(unit)) continue;
    at += 1;
    // A pair is two units of text and four bytes: two more than its units, which the line above has counted.
    if (unit >= LOW_SURROGATES || text.charCodeAt(at) >> 10 !== LOW_SURROGATES >> 10) return -1;
  }
  return length;
}

/** U+D800 to U+DBFF begin a pair, U+DC00 to U+DFFF end one. */
const LOW_SURROGATES = 0xdc00;

function isSurrogate(unit: number): boolean {
  return unit >> 11 === 0xd800 >> 11;
}

/** What can be wrong with the place of a key; the words are those of the linter's rules. */
export type KeyFaults = typeof IN_ORDER | typeof UNSORTED | typeof REPEATED | typeof BOTH;

/** The encoded keys of one map, as they come. */
export class KeySequence {
  readonly #bytes: Uint8Array;
  /** Only for reading on in an unsorted map; in a sorted one, equal keys are neighbours. */
  readonly #seen: Set<string> | undefined;
  #start = 0;
  #end = 0;

  /** @param thorough - whether to find repeated keys that are not neighbours. */
  constructor(bytes: Uint8Array, thorough: boolean) {
    this.#bytes = bytes;
    this.#seen = thorough ? new Set() : undefined;
  }

  /** Takes the key whose encoding is the stretch from `start` to `end` and says what is wrong with its place. */
  next(start: number, end: number): KeyFaults {
    const order = this.#end === 0 ? -1 : this.#compareToLast(start, end);
    this.#start = start;
    this.#end = end;
    const isRepeated = this.#seen === undefined ? order === 0 : this.#isSeen(start, end, this.#seen);
    if (order > 0) return isRepeated ? BOTH : UNSORTED;
    return isRepeated ? REPEATED : IN_ORDER;
  }

  #compareToLast(start: number, end: number): number {
    for (let last = this.#start, at = start; last < this.#end && at < end; last++, at++) {
      const difference = (this.#bytes[last] ?? 0) - (this.#bytes[at] ?? 0);
      if (difference !== 0) return difference;
    }
    // An item says where it ends, so none begins with the whole of another: these are equal.
    return 0;
  }

  #isSeen(start: number, end: number, seen: Set<string>): boolean {
    const identity = keyIdentity(this.#bytes, start, end);
    if (seen.has(identity)) return true;
    seen.add(identity);
    return false;
  }
}

/** The same text for every encoding of the same key, also when one of them is longer than it has to be. */
function keyIdentity(bytes: Uint8Array, start: number, end: number): string {
  const initial = bytes[start] ?? 0;
  const major = initial >> 5;
  const info = initial & 0x1f;
  if (major === MAJOR.other || info === INFO.indefinite) return binaryText(bytes, start, end);
  if (major >= MAJOR.bytes) return `${major}:${binaryText(bytes, start + 1 + argumentWidth(info), end)}`;
  if (info < INFO.oneByte) return `${major}:${String.fromCharCode(info)}`;
  let first = start + 1;
  while (first < end - 1 && bytes[first] === 0) first++;
  return `${major}:${binaryText(bytes, first, end)}`;
}

function binaryText(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
