/**
 * Reads CBOR that the linter found well-formed, canonical or not, into plain values (RFC 8949).
 *
 * What the value model lacks is brought down to it: tags are dropped and their content kept, undefined and unassigned
 * simple values become null, invalid UTF-8 becomes U+FFFD. An entry whose key is neither an integer nor text has no
 * place in a CborMap and is left out; of two equal keys the later entry counts. The linter reports all of it.
 */
import type { CborKey, CborValue } from './cbor-value.js';
import { argumentWidth, BREAK, INFO, MAJOR, SIMPLE } from './cbor-wire.js';

/** Texts up to this length are put together character by character, which is faster than calling a TextDecoder. */
const SHORT_TEXT = 24;

/** The byte order mark is text like any other here; the default would swallow it. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The first item of bytes that are known to be well-formed to its end and at most `DEPTH_LIMIT` levels deep. */
export function readWellFormed(bytes: Uint8Array): CborValue {
  return new Reader(bytes).item();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    // A Buffer's `slice` would be a view of the caller's memory: work on a plain Uint8Array.
    this.#bytes = bytes.constructor === Uint8Array ? bytes : plain(bytes);
  }

  item(): CborValue {
    let initial = this.#next();
    while (initial >> 5 === MAJOR.tag) {
      this.#argument(initial & 0x1f);
      initial = this.#next();
    }
    const info = initial & 0x1f;
    switch (initial >> 5) {
      case MAJOR.unsigned:
        return this.#integer(info);
      case MAJOR.negative:
        return this.#negative(info);
      case MAJOR.bytes:
        return this.#byteString(info);
      case MAJOR.text:
        return this.#text(info);
      case MAJOR.array:
        return this.#array(info);
      case MAJOR.map:
        return this.#map(info);
      default:
        return this.#other(info);
    }
  }

  #next(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  #argument(info: number): number {
    if (info < INFO.oneByte) return info;
    if (info === INFO.oneByte) return this.#next();
    let argument = 0;
    for (let width = argumentWidth(info); width > 0; width--) argument = argument * 0x100 + this.#next();
    return argument;
  }

  #integer(info: number): number | bigint {
    if (info < INFO.oneByte) return info;
    const start = this.#at;
    const argument = this.#argument(info);
    return argument <= Number.MAX_SAFE_INTEGER ? argument : this.#exact(start);
  }

  #negative(info: number): number | bigint {
    const argument = this.#integer(info);
    return typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER
      ? -1 - argument
      : -1n - BigInt(argument);
  }

  /** The eight bytes from `start` as one number. */
  #exact(start: number): bigint {
    let value = 0n;
    for (let at = start; at < start + 8; at++) value = (value << 8n) | BigInt(this.#bytes[at] ?? 0);
    return value;
  }

  #byteString(info: number): Uint8Array {
    if (info === INFO.indefinite) return joined(this.#chunks((chunkInfo) => this.#byteString(chunkInfo)));
    const length = this.#argument(info);
    const start = this.#at;
    this.#at += length;
    return this.#bytes.slice(start, this.#at);
  }

  #text(info: number): string {
    if (info === INFO.indefinite) return this.#chunks((chunkInfo) => this.#text(chunkInfo)).join('');
    const length = this.#argument(info);
    const start = this.#at;
    this.#at += length;
    const short = length <= SHORT_TEXT ? this.#ascii(start, this.#at) : undefined;
    return short ?? utf8.decode(this.#bytes.subarray(start, this.#at));
  }

  /** Four characters at a time; undefined when one of them is not ASCII. */
  #ascii(start: number, end: number): string | undefined {
    const bytes = this.#bytes;
    let text = '';
    let all = 0;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
      all |= a | b | c | d;
      text += String.fromCharCode(a, b, c, d);
    }
    for (; at < end; at++) {
      const last = bytes[at] ?? 0;
      all |= last;
      text += String.fromCharCode(last);
    }
    return all < 0x80 ? text : undefined;
  }

  #array(info: number): CborValue[] {
    if (info === INFO.indefinite) return this.#untilBreak();
    const count = this.#argument(info);
    const items: CborValue[] = [];
    for (let index = 0; index < count; index++) items.push(this.item());
    return items;
  }

  #map(info: number): Map<CborKey, CborValue> {
    const count = info === INFO.indefinite ? Number.POSITIVE_INFINITY : this.#argument(info);
    const map = new Map<CborKey, CborValue>();
    for (let index = 0; index < count; index++) {
      if (count === Number.POSITIVE_INFINITY && this.#takeBreak()) break;
      const key = this.item();
      const value = this.item();
      if (isKey(key)) map.set(key, value);
    }
    return map;
  }

  #untilBreak(): CborValue[] {
    const items: CborValue[] = [];
    while (!this.#takeBreak()) items.push(this.item());
    return items;
  }

  #chunks<T>(read: (info: number) => T): T[] {
    const chunks: T[] = [];
    while (!this.#takeBreak()) chunks.push(read(this.#next() & 0x1f));
    return chunks;
  }

  #takeBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at += 1;
    return true;
  }

  #other(info: number): CborValue {
    if (info > INFO.oneByte) return this.#float(argumentWidth(info));
    const simple = this.#argument(info);
    if (simple === SIMPLE.false) return false;
    return simple === SIMPLE.true ? true : null;
  }

  #float(width: number): number {
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, width);
    this.#at += width;
    if (width === 8) return view.getFloat64(0);
    return width === 4 ? view.getFloat32(0) : halfFloat(view.getUint16(0));
  }
}

function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function isKey(value: CborValue): value is CborKey {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'bigint';
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

/** IEEE 754 binary16 (RFC 8949 appendix D). */
function halfFloat(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 0x400) * 2 ** (exponent - 15);
}
