/**
 * Where a durable store keeps what, and how it knows its records again.
 *
 * One LMDB environment per authenticator, in a folder of its own, with everything in its one database. The first byte of a key says what is
 * behind it. Every value ends with a CRC-32 of key and value, so that a changed byte is noticed and not believed.
 */
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { concat, utf8 } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import type { RecordCodec } from './records.js';

/** What is behind a key, by its first byte. */
const SPACE = {
  /** Which version of this layout it is. */
  format: 0x01,
  counter: 0x02,
  pin: 0x03,
  state: 0x04,
  largeBlobs: 0x05,
  templates: 0x06,
  totals: 0x07,
  /** Credential ID: the credential. */
  credential: 0x10,
  /** SHA-256 of the RP ID, order of creation (8 bytes, big-endian): credential ID. */
  order: 0x20,
  /** SHA-256 of the RP ID: the RP ID. */
  relyingParty: 0x30,
} as const;

/** The longest credential ID that there can be (WebAuthn L3 §4): LMDB's keys take somewhat more. */
const LONGEST_ID = 1023;
/** Bytes of an order of creation. */
const ORDER = 8;
/** Bytes of a CRC-32. */
const CHECKSUM = 4;

/** The keys of what there is only one of. */
export const KEYS = {
  format: Uint8Array.of(SPACE.format),
  counter: Uint8Array.of(SPACE.counter),
  pin: Uint8Array.of(SPACE.pin),
  state: Uint8Array.of(SPACE.state),
  largeBlobs: Uint8Array.of(SPACE.largeBlobs),
  templates: Uint8Array.of(SPACE.templates),
  totals: Uint8Array.of(SPACE.totals),
} as const;

/** The key of a credential; `undefined` for an ID that no credential has. */
export function credentialKey(id: Uint8Array): Uint8Array | undefined {
  return id.length > LONGEST_ID ? undefined : concat(Uint8Array.of(SPACE.credential), id);
}

/** The key of a relying party. */
export function relyingPartyKey(rpId: string): Uint8Array {
  return concat(Uint8Array.of(SPACE.relyingParty), rpIdHash(rpId));
}

/** The key of a relying party's credential in the order of creation. */
export function orderKey(rpId: string, created: number): Uint8Array {
  const order = new Uint8Array(ORDER);
  new DataView(order.buffer).setBigUint64(0, BigInt(created));
  return concat(Uint8Array.of(SPACE.order), rpIdHash(rpId), order);
}

/** Any length, any characters: what is found by RP ID is found by its hash. */
function rpIdHash(rpId: string): Uint8Array {
  return hash('sha256', utf8(rpId), 'buffer');
}

/** Keys from `start` on and before `end`. */
export interface KeyRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** All credentials of a relying party, oldest first. */
export function ordersOf(rpId: string): KeyRange {
  return { start: orderKey(rpId, 0), end: concat(orderKey(rpId, Number.MAX_SAFE_INTEGER), Uint8Array.of(0)) };
}

/** What an {@link orderKey} is made from. */
export function orderOf(key: Uint8Array): { readonly rpIdHash: Uint8Array; readonly created: number } {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const at = key.length - ORDER;
  return { rpIdHash: key.slice(1, at), created: Number(view.getBigUint64(at)) };
}

/** All credentials in the order of creation, by relying party. */
export const ALL_ORDERS: KeyRange = space(SPACE.order);

/** All credentials, by ID. */
export const ALL_CREDENTIALS: KeyRange = space(SPACE.credential);

/** All relying parties, in the order of their hashes. */
export const ALL_RELYING_PARTIES: KeyRange = space(SPACE.relyingParty);

function space(first: number): KeyRange {
  return { start: Uint8Array.of(first), end: Uint8Array.of(first + 1) };
}

/** The ID in a {@link credentialKey}. */
export function idOf(key: Uint8Array): Uint8Array {
  return key.slice(1);
}

/** A value with its checksum. */
export function seal(key: Uint8Array, value: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(value.length + CHECKSUM);
  sealed.set(value, 0);
  new DataView(sealed.buffer).setUint32(value.length, checksum(key, value));
  return sealed;
}

/**
 * The record in a sealed value.
 *
 * @throws KeyrigError `store-invalid` when a byte has changed since, or it is no such record
 */
export function unseal<T>(key: Uint8Array, sealed: Uint8Array, codec: RecordCodec<T>): T {
  const end = sealed.length - CHECKSUM;
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const value = sealed.subarray(0, Math.max(0, end));
  const holds = end >= 0 && view.getUint32(end) === checksum(key, value);
  const record = holds ? codec.read(value) : undefined;
  if (record !== undefined) return record;
  throw new KeyrigError('store-invalid', 'a record of the store is damaged', {
    hint: 'restore the folder from a copy, or use another state directory',
    facts: { reason: 'damaged', record: key[0] },
  });
}

function checksum(key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key));
}

/** Whether a key with its sealed value right behind it is as it was written. */
export function isIntact(entry: Uint8Array, keyLength: number): boolean {
  const end = entry.length - CHECKSUM;
  if (end < keyLength) return false;
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  return view.getUint32(end) === crc32(entry.subarray(0, end));
}
