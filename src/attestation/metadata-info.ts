/**
 * getInfo as metadata statements carry it: `authenticatorGetInfo` (FIDO Metadata Statement v3 §3.12).
 */
import type { CborValue } from '../ctap/cbor.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { toHex } from '../data/bytes.js';

/** The members of getInfo by their names, in JSON. */
export type AuthenticatorGetInfo = Readonly<Record<string, JsonValue>>;

/** What JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Members that are new in every answer, or that say something of this one device: no statement about a model can have them. */
const PASSING = ['encIdentifier', 'encCredStoreState', 'uvCountSinceLastPinEntry'] as const;

/** getInfo in JSON: byte strings in hex as the AAGUID is, but for the URL, which is text; maps as objects. */
export function metadataInfo(info: GetInfoResponse): AuthenticatorGetInfo {
  const passing: readonly string[] = PASSING;
  const members = Object.entries(info).filter(([name]) => !passing.includes(name));
  return Object.fromEntries(members.map(([name, value]) => [name, said(name, value)]));
}

/** What members of getInfo are made of. */
type Member = CborValue | Readonly<Record<string, number | string>>;

function said(name: string, value: Member | readonly Member[]): JsonValue {
  if (value instanceof Uint8Array) return name === 'pinComplexityPolicyURL' ? text(value) : toHex(value);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), said('', item)]));
  if (Array.isArray(value)) return value.map((item) => said('', item));
  if (typeof value === 'bigint') return Number(value);
  // Null is in no member; the parameters of an algorithm are an object of numbers and texts.
  if (typeof value === 'object') return value === null ? '' : parameters(value);
  return value;
}

function parameters(value: object): JsonValue {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, said(key, item)]));
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
