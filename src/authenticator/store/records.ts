/**
 * What a durable store writes down, member by member: CTAP2 canonical CBOR, as everything else here that becomes bytes.
 *
 * Each table has a line for every member of its type, which the compiler holds it to. A new member that may be absent needs its line and
 * nothing else: records without it stay readable, and keyrig without it ignores it. A new member that must be there, or another meaning of
 * an old one, needs a new {@link FORMAT}.
 */
import type { KeyPair } from '../../crypto/crypto.js';
import { type CborValue, encode, tryDecode } from '../../ctap/cbor.js';
import {
  type CoseAlgorithmId,
  type CoseKey,
  coseAlgorithm,
  coseKeyFromCbor,
  coseKeyToCbor,
} from '../../ctap/cose.js';
import {
  arrayOf,
  bool,
  bytes,
  type Codec,
  int,
  optional,
  type Read,
  required,
  shape,
  text,
  uint,
} from '../../ctap/messages/shape.js';
import { STATUS } from '../../ctap/status.js';
import { isCredProtectLevel } from '../extensions/cred-protect.js';
import type {
  AuthenticatorState,
  CredentialBlob,
  PersistentState,
  PinState,
  StoredCredential,
  StoredTemplate,
} from '../ports.js';

/** The version of everything in this file. A store of a later one is refused. */
export const FORMAT = 1;

/** Levels of maps and arrays: a record, a key pair, a public key, and one to spare. */
const DEPTH = { maxDepth: 4 } as const;

/** A table with a line for every member of `T`, no more and no fewer. */
type LineOf<T> = Readonly<Record<keyof T, unknown>>;

const invalid = (expected: string): Read<never> => ({
  ok: false,
  status: STATUS.CTAP1_ERR_INVALID_PARAMETER,
  path: '',
  expected,
});

/** A codec for those values of another one that `narrow` lets through. */
function narrowed<From, To extends From>(
  inner: Codec<From>,
  expected: string,
  narrow: (value: From) => To | undefined,
): Codec<To> {
  return {
    read: (value) => {
      const read = inner.read(value);
      if (!read.ok) return read;
      const fitting = narrow(read.value);
      return fitting === undefined ? invalid(expected) : { ok: true, value: fitting };
    },
    write: (value) => inner.write(value),
  };
}

const algorithm: Codec<CoseAlgorithmId> = narrowed(int, 'a COSE algorithm', (id) => coseAlgorithm(id)?.id);

const publicKey: Codec<CoseKey> = {
  read: (value) => {
    const key = coseKeyFromCbor(value);
    return key === undefined ? invalid('a COSE key') : { ok: true, value: key };
  },
  write: coseKeyToCbor,
};

const credProtect = narrowed(uint, 'a level from 1 to 3', (level) =>
  isCredProtectLevel(level) ? level : undefined,
);

const keyPair = shape({
  algorithm: required('algorithm', algorithm),
  privateKey: required('privateKey', bytes),
  publicKey: required('publicKey', publicKey),
} satisfies LineOf<KeyPair>);

/** Only said where it is so. */
const no = narrowed(bool, 'false', (value) => (value ? undefined : value));

const backup = shape({
  eligible: required('eligible', bool),
  backedUp: required('backedUp', bool),
} satisfies LineOf<Required<StoredCredential>['backup']>);

const largeBlob = shape({
  data: required('data', bytes),
  originalSize: required('originalSize', uint),
} satisfies LineOf<CredentialBlob>);

/** A credential without the ID, which its record is found by. */
const credential = shape({
  rpId: required('rpId', text),
  rpName: optional('rpName', text),
  userId: required('userId', bytes),
  userName: optional('userName', text),
  userDisplayName: optional('userDisplayName', text),
  keyPair: required('keyPair', keyPair),
  algorithm: required('algorithm', algorithm),
  credProtect: required('credProtect', credProtect),
  credRandomWithUv: required('credRandomWithUv', bytes),
  credRandomWithoutUv: required('credRandomWithoutUv', bytes),
  hmacSecret: required('hmacSecret', bool),
  credBlob: optional('credBlob', bytes),
  largeBlobKey: optional('largeBlobKey', bytes),
  largeBlob: optional('largeBlob', largeBlob),
  thirdPartyPayment: optional('thirdPartyPayment', bool),
  discoverable: optional('discoverable', no),
  backup: optional('backup', backup),
  created: required('created', uint),
} satisfies LineOf<Omit<StoredCredential, 'id'>>);

const pin = shape({
  hash: optional('hash', bytes),
  codePoints: required('codePoints', uint),
  pinRetries: required('pinRetries', uint),
  uvRetries: required('uvRetries', uint),
  complex: required('complex', bool),
  uvCount: required('uvCount', uint),
} satisfies LineOf<PinState>);

const persistent = shape({
  token: required('token', bytes),
  identifier: required('identifier', bytes),
  credStoreState: required('credStoreState', bytes),
} satisfies LineOf<PersistentState>);

const state = shape({
  wrappingKey: required('wrappingKey', bytes),
  forcePinChange: required('forcePinChange', bool),
  minPinLength: required('minPinLength', uint),
  minPinLengthRpIds: required('minPinLengthRpIds', arrayOf(text)),
  alwaysUv: required('alwaysUv', bool),
  enterpriseAttestation: required('enterpriseAttestation', bool),
  longTouchForReset: required('longTouchForReset', bool),
  pinComplexityPolicy: required('pinComplexityPolicy', bool),
  persistent: optional('persistent', persistent),
} satisfies LineOf<AuthenticatorState>);

const template = shape({
  id: required('id', bytes),
  finger: required('finger', text),
  friendlyName: optional('friendlyName', text),
} satisfies LineOf<StoredTemplate>);

/** What a store counts of its credentials. */
export interface Totals {
  /** The order of the newest credential that there ever was. */
  readonly created: number;
  /** Discoverable ones. */
  readonly credentials: number;
}

const totals = shape({
  created: required('created', uint),
  credentials: required('credentials', uint),
} satisfies LineOf<Totals>);

/** What a store is, in its first record. */
export interface Format {
  readonly format: number;
}

const format = shape({ format: required('format', uint) } satisfies LineOf<Format>);

/** One kind of record, both ways. */
export interface RecordCodec<T> {
  /** `undefined` for bytes that are no such record. */
  read(bytes: Uint8Array): T | undefined;
  write(value: T): Uint8Array;
}

function record<T>(codec: Codec<T>): RecordCodec<T> {
  return {
    read: (source) => {
      const value: CborValue | undefined = tryDecode(source, DEPTH);
      const read = value === undefined ? undefined : codec.read(value);
      return read?.ok === true ? read.value : undefined;
    },
    write: (value) => encode(codec.write(value), DEPTH),
  };
}

/** Every kind of record. */
export const RECORDS = {
  format: record<Format>(format),
  /** The signature counter. */
  counter: record<number>(uint),
  pin: record<PinState>(pin),
  state: record<AuthenticatorState>(state),
  /** The serialized large-blob array. */
  largeBlobs: record<Uint8Array>(bytes),
  /** In the order of their enrolment. */
  templates: record<readonly StoredTemplate[]>(arrayOf(template)),
  totals: record<Totals>(totals),
  credential: record<Omit<StoredCredential, 'id'>>(credential),
  /** A credential ID. */
  reference: record<Uint8Array>(bytes),
  /** An RP ID. */
  relyingParty: record<string>(text),
} as const;
