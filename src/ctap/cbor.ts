/**
 * CTAP2 canonical CBOR (CTAP 2.1 §8), both directions.
 */
import { KeyrigError } from '../errors.js';
import type { Violation } from './cbor-lint.js';

/** What a map key can be in CTAP. Keys up to MAX_SAFE_INTEGER in magnitude decode as numbers, larger ones as bigint. */
export type CborKey = number | bigint | string;

/** A CBOR map. Always a Map, so that `__proto__` is a key like any other. */
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** What CTAP2 canonical CBOR can say. Integers decode as numbers up to MAX_SAFE_INTEGER in magnitude, as bigint beyond. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | CborMap;

/** Settings of all functions here. */
export interface CborOptions {
  /** How many levels of arrays and maps are allowed, the outermost being level 1; default 4 (CTAP 2.1 §8). */
  readonly maxDepth?: number;
}

/** CTAP2 canonical CBOR, in a fresh array. @throws KeyrigError `cbor-encode`, `where` is the path. */
export function encode(_value: CborValue, _options: CborOptions = {}): Uint8Array {
  throw new KeyrigError('internal', 'the encoder arrives with the next commit');
}

/** Strict: exactly one canonical item and nothing after. @throws KeyrigError `cbor-decode` with facts `rule`, `offset`, `hex`. */
export function decode(_bytes: Uint8Array, _options: CborOptions = {}): CborValue {
  throw new KeyrigError('internal', 'the decoder arrives with the next commit');
}

/** Strict decode of the first item, with the number of bytes it takes. @throws KeyrigError like {@link decode}. */
export function decodeFirst(
  _bytes: Uint8Array,
  _options: CborOptions = {},
): { value: CborValue; length: number } {
  throw new KeyrigError('internal', 'the decoder arrives with the next commit');
}

/** Strict decode that does not throw: `undefined` (which no CborValue is) when there is any violation. */
export function tryDecode(_bytes: Uint8Array, _options: CborOptions = {}): CborValue | undefined {
  throw new KeyrigError('internal', 'the decoder arrives with the next commit');
}

/** What the bytes mean in spite of violations; `value` is undefined when they are not well-formed. */
export function decodeLeniently(
  _bytes: Uint8Array,
  _options: CborOptions = {},
): { value: CborValue | undefined; violations: readonly Violation[] } {
  throw new KeyrigError('internal', 'the decoder arrives with the next commit');
}
