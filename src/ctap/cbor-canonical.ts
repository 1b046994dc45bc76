/**
 * Brings a value into the form that only needs writing down: keys sorted, integers of the right kind, and nothing in
 * it that CTAP2 canonical CBOR (CTAP 2.1 §8) cannot say. What is canonical already stays the same object; byte strings
 * are never copied.
 */
import { KeyrigError } from '../errors.js';
import { compareKeys, utf8Length } from './cbor-order.js';
import type { CborKey, CborMap, CborValue } from './cbor-value.js';

/** Integers that fit a signed 64-bit integer when negative, an unsigned one otherwise. */
const LEAST_INTEGER = -(2n ** 63n);
const MOST_INTEGER = 2n ** 64n - 1n;

/** What the writer takes as a number; integers outside of these must come to it as bigint. */
const LEAST_NUMBER = -(2 ** 32);
const MOST_NUMBER = 2 ** 32 - 1;

type Entry = readonly [CborKey, CborValue];

/**
 * The value itself when it is canonical, else an equal one that is.
 *
 * @throws KeyrigError `cbor-encode`; `where` and the fact `path` tell which part cannot be said.
 */
export function canonical(value: CborValue, maxDepth: number): CborValue {
  return new Canonicaliser(maxDepth).value(value, 1);
}

class Canonicaliser {
  readonly #maxDepth: number;
  /** Keys and indices that lead to the part being looked at. */
  readonly #path: CborKey[] = [];

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** One value; if it is an array or a map, it is one of this level. */
  value(value: CborValue, level: number): CborValue {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
      case 'bigint':
        return this.#integer(value);
      case 'boolean':
        return value;
      case 'object':
        return value === null || value instanceof Uint8Array ? value : this.#container(value, level);
      default:
        return this.#refuse(`${typeof value} has no CBOR form here`);
    }
  }

  #text(text: string): string {
    return utf8Length(text) < 0 ? this.#refuse('the text holds half of a surrogate pair') : text;
  }

  #integer(value: number | bigint): number | bigint {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value))
        return this.#refuse(`${value} is not an integer that a number holds exactly`);
      return value >= LEAST_NUMBER && value <= MOST_NUMBER ? value : BigInt(value);
    }
    if (value < LEAST_INTEGER || value > MOST_INTEGER)
      return this.#refuse(`${value} does not fit into 64 bits`);
    return value >= LEAST_NUMBER && value <= MOST_NUMBER ? Number(value) : value;
  }

  #container(value: readonly CborValue[] | CborMap, level: number): CborValue {
    if (level > this.#maxDepth) return this.#refuse(`more than ${this.#maxDepth} levels of arrays and maps`);
    if (isArray(value)) return this.#array(value, level);
    if (value instanceof Map) return this.#map(value, level);
    return this.#refuse('only arrays, Map and Uint8Array can hold something, not other objects');
  }

  #array(array: readonly CborValue[], level: number): readonly CborValue[] {
    // The writer goes by the constructor: a subclass must become a plain array. (Maps below: the same.)
    let out: CborValue[] | undefined = array.constructor === Array ? undefined : Array.from(array);
    for (let index = 0; index < array.length; index++) {
      this.#path.push(index);
      const item = array[index];
      if (item === undefined) return this.#refuse('undefined has no CBOR form here');
      const ready = this.value(item, level + 1);
      if (ready !== item) out ??= Array.from(array);
      if (out !== undefined) out[index] = ready;
      this.#path.pop();
    }
    return out ?? array;
  }

  #map(map: CborMap, level: number): CborMap {
    let entries: Entry[] | undefined = map.constructor === Map ? undefined : [];
    let last: CborKey | undefined;
    let count = 0;
    for (const [key, value] of map) {
      this.#path.push(key);
      const readyKey = this.#key(key);
      const readyValue = this.value(value, level + 1);
      const inPlace = last === undefined || compareKeys(last, readyKey) < 0;
      // From the first entry that cannot stay as it is, there is a copy; what came before is taken over.
      if (!inPlace || readyKey !== key || readyValue !== value) entries ??= Array.from(map).slice(0, count);
      entries?.push([readyKey, readyValue]);
      last = readyKey;
      count++;
      this.#path.pop();
    }
    return entries === undefined ? map : this.#sorted(entries);
  }

  #key(key: CborKey): CborKey {
    if (typeof key === 'string') return this.#text(key);
    if (typeof key === 'number' || typeof key === 'bigint') return this.#integer(key);
    return this.#refuse('a map key is neither an integer nor a text');
  }

  #sorted(entries: Entry[]): CborMap {
    entries.sort(([a], [b]) => compareKeys(a, b));
    const map = new Map(entries);
    // 5 and 5n are two keys for a Map and one in CBOR.
    if (map.size < entries.length) return this.#refuse('a number and a bigint are the same key');
    return map;
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

/** `Array.isArray` loses the element type of a readonly array. */
function isArray(value: readonly CborValue[] | CborMap): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** One step of a path: `[1]` for an integer key or an index, `["rk"]` for a text key. */
function segment(key: unknown): string {
  return typeof key === 'string' ? `[${JSON.stringify(key)}]` : `[${String(key)}]`;
}
