/**
 * As much DER (X.690) as public keys, RSA private keys and certificate signatures need.
 */
import { concat } from '../data/bytes.js';

/** Universal tags. */
const TAG = {
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  NULL: 0x05,
  OID: 0x06,
  ENUMERATED: 0x0a,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;
/** Class bits of a context-specific tag around another element (X.690 §8.1.2). */
const CONTEXT = 0xa0;
/** Tag numbers from here on stand in bytes of their own. */
const HIGH_TAG = 0x1f;
/** Lengths below this stand in one byte; above, the low bits count the length's bytes (X.690 §8.1.3). */
const LONG_FORM = 0x80;

function element(tag: number, content: Uint8Array): Uint8Array {
  return tagged([tag], content);
}

function tagged(tag: readonly number[], content: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(...tag, ...lengthBytes(content.length)), content);
}

function lengthBytes(length: number): readonly number[] {
  if (length < LONG_FORM) return [length];
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [LONG_FORM | digits.length, ...digits];
}

/** SEQUENCE. */
export function derSequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(TAG.SEQUENCE, concat(...items));
}

/** SET OF one element, which so needs no sorting. */
export function derSet(item: Uint8Array): Uint8Array {
  return element(TAG.SET, item);
}

/** An EXPLICIT context-specific tag around other elements. */
export function derContext(number: number, ...items: readonly Uint8Array[]): Uint8Array {
  const tag = number < HIGH_TAG ? [CONTEXT | number] : [CONTEXT | HIGH_TAG, ...base128(number)];
  return tagged(tag, concat(...items));
}

/** INTEGER from a number that is not negative. */
export function derNumber(value: number): Uint8Array {
  return derUnsigned(numberBytes(value));
}

/** ENUMERATED, 0 to 127. */
export function derEnumerated(value: number): Uint8Array {
  return element(TAG.ENUMERATED, Uint8Array.of(value));
}

function numberBytes(value: number): Uint8Array {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Uint8Array.from(digits);
}

/** INTEGER from an unsigned big-endian integer: leading zeros go, one comes back where the sign bit would be set. */
export function derUnsigned(bytes: Uint8Array): Uint8Array {
  const digits = withoutLeadingZeros(bytes);
  const needsZero = digits.length === 0 || (digits[0] ?? 0) >= 0x80;
  return element(TAG.INTEGER, needsZero ? concat(Uint8Array.of(0), digits) : digits);
}

/** BIT STRING of whole bytes. */
export function derBitString(bytes: Uint8Array): Uint8Array {
  return element(TAG.BIT_STRING, concat(Uint8Array.of(0), bytes));
}

/** BIT STRING of named bits 0 to 7, bit 0 being the highest: no trailing zeros (X.690 §11.2.2). */
export function derNamedBits(bits: readonly number[]): Uint8Array {
  const last = Math.max(...bits);
  const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return element(TAG.BIT_STRING, Uint8Array.of(7 - last, byte));
}

/** OCTET STRING. */
export function derOctetString(bytes: Uint8Array): Uint8Array {
  return element(TAG.OCTET_STRING, bytes);
}

/** NULL. */
export function derNull(): Uint8Array {
  return element(TAG.NULL, new Uint8Array(0));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(TAG.OID, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): readonly number[] {
  const digits = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift((rest % 128) | 0x80);
  return digits;
}

/** One element as it was read. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly raw: Uint8Array;
}

/** The elements of a SEQUENCE that fills `der`; `undefined` for anything else. */
export function readSequence(der: Uint8Array): readonly DerElement[] | undefined {
  const outer = readElement(der);
  if (outer?.tag !== TAG.SEQUENCE || outer.raw.length !== der.length) return undefined;
  const elements: DerElement[] = [];
  for (let rest = outer.content; rest.length > 0; ) {
    const next = readElement(rest);
    if (next === undefined) return undefined;
    elements.push(next);
    rest = rest.subarray(next.raw.length);
  }
  return elements;
}

/** The integers of a SEQUENCE of INTEGERs, unsigned and without leading zeros; `undefined` for anything else. */
export function readUnsignedSequence(der: Uint8Array): readonly Uint8Array[] | undefined {
  const elements = readSequence(der);
  if (elements?.every(({ tag }) => tag === TAG.INTEGER) !== true) return undefined;
  return elements.map(({ content }) => withoutLeadingZeros(content));
}

/** The first element; only tags of one byte and lengths that fit a number occur here. */
function readElement(der: Uint8Array): DerElement | undefined {
  const [tag, first] = der;
  if (tag === undefined || first === undefined) return undefined;
  const count = first < LONG_FORM ? 0 : first - LONG_FORM;
  const start = 2 + count;
  const length = count === 0 ? first : der.subarray(2, start).reduce((sum, digit) => sum * 256 + digit, 0);
  const end = start + length;
  if (end > der.length) return undefined;
  return { tag, content: der.subarray(start, end), raw: der.subarray(0, end) };
}

/** The same unsigned integer in as few bytes as it takes; zero takes none. */
export function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const from = bytes.findIndex((byte) => byte !== 0);
  return from === -1 ? new Uint8Array(0) : bytes.slice(from);
}
