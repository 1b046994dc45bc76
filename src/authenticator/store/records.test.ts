import { describe, expect, it } from 'vitest';
import { type CborMap, encode, tryDecode } from '../../ctap/cbor.js';
import type { CoseKey } from '../../ctap/cose.js';
import { utf8 } from '../../data/bytes.js';
import type { AuthenticatorState, PinState, StoredCredential, StoredTemplate } from '../ports.js';
import { RECORDS, type RecordCodec, type Totals } from './records.js';

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

const EC2: CoseKey = { kty: 'EC2', alg: -7, crv: 'P-256', x: bytes(32, 1), y: bytes(32, 2) };

/** Every member that there is: the compiler misses one that is not here. */
const CREDENTIAL: Required<Omit<StoredCredential, 'id'>> = {
  rpId: 'example.org',
  rpName: 'Example',
  userId: utf8('ada'),
  userName: 'ada@example.org',
  userDisplayName: 'Ada 🔑',
  keyPair: { algorithm: -7, privateKey: bytes(32, 3), publicKey: EC2 },
  algorithm: -7,
  credProtect: 3,
  credRandomWithUv: bytes(32, 4),
  credRandomWithoutUv: bytes(32, 5),
  hmacSecret: true,
  credBlob: bytes(32, 12),
  largeBlobKey: bytes(32, 13),
  largeBlob: { data: bytes(900, 14), originalSize: 4_000 },
  thirdPartyPayment: true,
  discoverable: false,
  backup: { eligible: true, backedUp: false },
  created: 2 ** 40,
};
const STATE: Required<AuthenticatorState> = {
  wrappingKey: bytes(32, 6),
  forcePinChange: true,
  minPinLength: 6,
  minPinLengthRpIds: ['example.org', ''],
  alwaysUv: true,
  enterpriseAttestation: true,
  longTouchForReset: true,
  pinComplexityPolicy: true,
  persistent: { token: bytes(32, 7), identifier: bytes(16, 8), credStoreState: bytes(16, 9) },
};
const PIN: Required<PinState> = {
  hash: bytes(16, 10),
  codePoints: 63,
  pinRetries: 8,
  uvRetries: 0,
  complex: true,
  uvCount: 3,
};
const TEMPLATE: Required<StoredTemplate> = { id: bytes(16, 11), finger: 'thumb', friendlyName: 'left' };
const TOTALS: Required<Totals> = { created: 7, credentials: 3 };

/** Records of one template, so that they can be walked like the others. */
const ONE_TEMPLATE: RecordCodec<StoredTemplate> = {
  read: (source) => RECORDS.templates.read(source)?.[0],
  write: (template) => RECORDS.templates.write([template]),
};

/** One kind of record with its example and the members that may be absent. */
interface Kind {
  readonly full: object;
  readonly absent: readonly string[];
  readonly codec: RecordCodec<object>;
}

/** Members that may be absent, of a type. */
type Absent<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T] & string;

function kind<T extends object>(
  full: Required<T>,
  codec: RecordCodec<T>,
  absent: Record<Absent<T>, true>,
): Kind {
  return {
    full,
    absent: Object.keys(absent),
    // Examples have all members of T; without one that has to be there, they are what the test wants to see refused.
    codec: { read: codec.read, write: (value) => codec.write(value as T) },
  };
}

const KINDS: Readonly<Record<string, Kind>> = {
  credentials: kind<Omit<StoredCredential, 'id'>>(CREDENTIAL, RECORDS.credential, {
    rpName: true,
    userName: true,
    userDisplayName: true,
    credBlob: true,
    largeBlobKey: true,
    largeBlob: true,
    thirdPartyPayment: true,
    discoverable: true,
    backup: true,
  }),
  states: kind<AuthenticatorState>(STATE, RECORDS.state, { persistent: true }),
  PINs: kind<PinState>(PIN, RECORDS.pin, { hash: true }),
  templates: kind<StoredTemplate>(TEMPLATE, ONE_TEMPLATE, { friendlyName: true }),
  totals: kind<Totals>(TOTALS, RECORDS.totals, {}),
};

const members = Object.entries(KINDS).flatMap(([name, { full }]) =>
  Object.keys(full).map((member) => [name, member] as const),
);

function kindOf(name: string): Kind {
  const found = KINDS[name];
  return found ?? expect.fail(`no kind ${name}`);
}

function without(value: object, member: string): object {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== member));
}

describe('records', () => {
  it.each(Object.keys(KINDS))('of %s come back with every member', (name) => {
    const { full, codec } = kindOf(name);
    expect(codec.read(codec.write(full))).toEqual(full);
  });

  it.each(members)('of %s without %s are what they are, or none', (name, member) => {
    const { full, absent, codec } = kindOf(name);
    const rest = without(full, member);
    const written = without(decoded(codec.write(full)), member);
    expect(codec.read(encode(recoded(name, written)))).toEqual(absent.includes(member) ? rest : undefined);
  });

  it.each(members)('of %s with another kind of value in %s are none', (name, member) => {
    const { full, codec } = kindOf(name);
    const written = { ...decoded(codec.write(full)), [member]: [null] };
    expect(codec.read(encode(recoded(name, written)))).toBeUndefined();
  });

  it.each(Object.keys(KINDS))('of %s are read in spite of a member that a later keyrig added', (name) => {
    const { full, codec } = kindOf(name);
    const written = { ...decoded(codec.write(full)), later: bytes(3, 1) };
    expect(codec.read(encode(recoded(name, written)))).toEqual(full);
  });

  it.each([
    ['an algorithm without a number', { algorithm: 12 }],
    ['a level of protection that there is not', { credProtect: 4 }],
  ])('of credentials with %s are none', (_, change) => {
    const { full, codec } = kindOf('credentials');
    const written = { ...decoded(codec.write(full)), ...change };
    expect(codec.read(encode(recoded('credentials', written)))).toBeUndefined();
  });

  it('are none when they are no canonical CBOR', () => {
    expect(RECORDS.counter.read(Uint8Array.of(0x18, 0x01))).toBeUndefined();
    expect(RECORDS.counter.read(new Uint8Array(0))).toBeUndefined();
  });
});

/** The members of a record by name; of a list, those of its first element. */
function decoded(source: Uint8Array): object {
  const value = tryDecode(source);
  const first = Array.isArray(value) ? value[0] : value;
  return Object.fromEntries(first as CborMap);
}

function recoded(name: string, value: object) {
  const map = new Map(Object.entries(value));
  return name === 'templates' ? [map] : map;
}
