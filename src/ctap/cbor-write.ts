/**
 * Writes CTAP2 canonical CBOR (CTAP 2.1 §8) in one pass: shortest heads, keys in order, and nothing that it cannot say. The value is
 * not changed and not copied.
 */
import { KeyrigError } from '../errors.js';
import { INPUT_LIMIT } from './cbor-lint.js';
import { compareKeys, utf8Length } from './cbor-order.js';
import type { CborKey, CborMap, CborValue } from './cbor-value.js';
import { INFO, LEAST_ARGUMENT, MAJOR, SIMPLE } from './cbor-wire.js';

/** Integers that fit a signed 64-bit integer when negative, an unsigned one otherwise. */
const LEAST_INTEGER = -(2n ** 63n);
const MOST_INTEGER = 2n ** 64n - 1n;

/** Bytes of memory that is kept from value to value. Messages are smaller, as a rule. */
const SCRATCH = 4096;

/** Bytes of the longest head. */
const LONGEST_HEAD = 9;

/** Texts up to this length are written character by character, which is faster than calling a TextEncoder. */
const SHORT_TEXT = 32;

const utf8 = new TextEncoder();

/** Memory that waits for the next value; undefined while a value is being written. */
let scratch: Uint8Array | undefined = new Uint8Array(SCRATCH);

/**
 * The value in a fresh array, behind the byte `first` if there is one.
 *
 * @throws KeyrigError `cbor-encode`; `where` and the fact `path` tell which part cannot be said.
 */
export function writeCanonical(value: CborValue, maxDepth: number, first?: number): Uint8Array {
  const writer = new Writer(scratch ?? new Uint8Array(SCRATCH), maxDepth);
  scratch = undefined;
  try {
    if (first !== undefined) writer.byte(first);
    writer.value(value, 1);
    return writer.finish();
  } finally {
    scratch = writer.memory;
  }
}

class Writer {
  #bytes: Uint8Array;
  #at = 0;
  readonly #maxDepth: number;
  /** Keys and indices that lead to the part being written. */
  readonly #path: CborKey[] = [];

  constructor(memory: Uint8Array, maxDepth: number) {
    this.#bytes = memory;
    this.#maxDepth = maxDepth;
  }

  /** What the next value can be written into; large memory is given back. */
  get memory(): Uint8Array | undefined {
    return this.#bytes.length === SCRATCH ? this.#bytes : undefined;
  }

  finish(): Uint8Array {
    if (this.#at > INPUT_LIMIT) this.#tooLarge();
    return this.#bytes.slice(0, this.#at);
  }

  byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  /** One value; if it is an array or a map, it is one of this level. */
  value(value: CborValue, level: number): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') this.#bigint(value);
    else if (typeof value === 'boolean') this.#head(MAJOR.other, value ? SIMPLE.true : SIMPLE.false);
    else if (value === null) this.#head(MAJOR.other, SIMPLE.null);
    else if (value instanceof Uint8Array) this.#byteString(value);
    else if (typeof value === 'object') this.#container(value, level);
    else this.#refuse(`${typeof value} has no CBOR form here`);
  }

  /** Makes room for this many bytes more. */
  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    // Room for a head is asked for before it is known how long the head is; the exact length is looked at in the end.
    if (needed > INPUT_LIMIT + LONGEST_HEAD) this.#tooLarge();
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  #tooLarge(): never {
    this.#path.length = 0;
    return this.#refuse('it takes more bytes than any CTAP structure');
  }

  /** An initial byte with its argument in the shortest form (RFC 8949 §3). The argument is a safe integer. */
  #head(major: number, argument: number): void {
    this.#reserve(LONGEST_HEAD);
    const initial = major << 5;
    if (argument < LEAST_ARGUMENT[0]) this.#bytes[this.#at++] = initial | argument;
    else if (argument < LEAST_ARGUMENT[1]) this.#wide(initial | INFO.oneByte, argument, 1);
    else if (argument < LEAST_ARGUMENT[2]) this.#wide(initial | INFO.twoBytes, argument, 2);
    else if (argument < LEAST_ARGUMENT[3]) this.#wide(initial | INFO.fourBytes, argument, 4);
    else this.#wide(initial | INFO.eightBytes, argument, 8);
  }

  #wide(initial: number, argument: number, width: number): void {
    this.#bytes[this.#at] = initial;
    let rest = argument;
    for (let at = this.#at + width; at > this.#at; at--) {
      this.#bytes[at] = rest;
      rest = Math.floor(rest / 0x100);
    }
    this.#at += 1 + width;
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) this.#refuse(`${value} is not an integer that a number holds exactly`);
    if (value < 0) this.#head(MAJOR.negative, -1 - value);
    else this.#head(MAJOR.unsigned, value);
  }

  #bigint(value: bigint): void {
    if (value < LEAST_INTEGER || value > MOST_INTEGER) this.#refuse(`${value} does not fit into 64 bits`);
    const major = value < 0n ? MAJOR.negative : MAJOR.unsigned;
    const argument = value < 0n ? -1n - value : value;
    if (argument <= Number.MAX_SAFE_INTEGER) this.#head(major, Number(argument));
    else this.#exact((major << 5) | INFO.eightBytes, argument);
  }

  /** An argument that no number holds. */
  #exact(initial: number, argument: bigint): void {
    this.#reserve(LONGEST_HEAD);
    this.#bytes[this.#at++] = initial;
    for (let shift = 56n; shift >= 0n; shift -= 8n)
      this.#bytes[this.#at++] = Number((argument >> shift) & 0xffn);
  }

  #byteString(bytes: Uint8Array): void {
    this.#head(MAJOR.bytes, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #text(text: string): void {
    const length = utf8Length(text);
    if (length < 0) this.#refuse('the text holds half of a surrogate pair');
    this.#head(MAJOR.text, length);
    this.#reserve(length);
    if (length === text.length && length <= SHORT_TEXT) {
      for (let at = 0; at < length; at++) this.#bytes[this.#at + at] = text.charCodeAt(at);
    } else utf8.encodeInto(text, this.#bytes.subarray(this.#at));
    this.#at += length;
  }

  #container(value: readonly CborValue[] | CborMap, level: number): void {
    if (level > this.#maxDepth) this.#refuse(`more than ${this.#maxDepth} levels of arrays and maps`);
    if (isArray(value)) this.#array(value, level);
    else if (value instanceof Map) this.#map(value, level);
    else this.#refuse('only arrays, Map and Uint8Array can hold something, not other objects');
  }

  #array(array: readonly CborValue[], level: number): void {
    this.#head(MAJOR.array, array.length);
    for (let index = 0; index < array.length; index++) {
      this.#path.push(index);
      const item = array[index];
      if (item === undefined) this.#refuse('undefined has no CBOR form here');
      else this.value(item, level + 1);
      this.#path.pop();
    }
  }

  #map(map: CborMap, level: number): void {
    this.#head(MAJOR.map, map.size);
    // By forEach, which makes no pair for each entry as iterating does.
    const entries = isSorted(map) ? map : this.#sorted(map);
    entries.forEach((value, key) => {
      this.#path.push(key);
      this.#key(key);
      this.value(value, level + 1);
      this.#path.pop();
    });
  }

  #key(key: CborKey): void {
    if (typeof key === 'string') this.#text(key);
    else if (typeof key === 'number') this.#number(key);
    else if (typeof key === 'bigint') this.#bigint(key);
    else this.#refuse('a map key is neither an integer nor a text');
  }

  #sorted(map: CborMap): CborMap {
    const sorted = new Map([...map].sort(([a], [b]) => compareKeys(a, b)));
    // 5 and 5n are two keys for a Map and one in CBOR.
    return isSorted(sorted) ? sorted : this.#refuse('a number and a bigint are the same key');
  }

  #refuse(reason: string): never {
    const where = `$${this.#path.map(segment).join('')}`;
    const path = this.#path.map((key) => (typeof key === 'bigint' ? `${key}` : key));
    throw new KeyrigError('cbor-encode', `no CTAP2 canonical CBOR: ${reason}`, {
      where,
      facts: { path, reason },
    });
  }
}

/** Whether the keys stand in order already, as those of our own messages do. */
function isSorted(map: CborMap): boolean {
  let last: CborKey | undefined;
  for (const key of map.keys()) {
    if (last !== undefined && compareKeys(last, key) >= 0) return false;
    last = key;
  }
  return true;
}

/** `Array.isArray` loses the element type of a readonly array. */
function isArray(value: readonly CborValue[] | CborMap): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** One step of a path: `[1]` for an integer key or an index, `["rk"]` for a text key. */
function segment(key: unknown): string {
  return typeof key === 'string' ? `[${JSON.stringify(key)}]` : `[${String(key)}]`;
}
