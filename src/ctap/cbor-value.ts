/** What CTAP2 canonical CBOR can say, as plain values. Types only; `cbor.ts` hands them on. */

/** What a map key can be in CTAP. */
export type CborKey = number | bigint | string;

/** A CBOR map. Always a Map, so that `__proto__` is a key like any other and `1` differs from `"1"`. */
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/**
 * Any item. Integers are numbers up to MAX_SAFE_INTEGER in magnitude and bigint beyond when decoded; when encoding,
 * `5n` is the same as `5`. `undefined` is never a value.
 */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | CborMap;
