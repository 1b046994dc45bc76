import { createHash } from 'node:crypto';
import { encode as cborg } from 'cborg';
import { describe, expect, it } from 'vitest';
import type { LargeBlobsRequest } from '../../ctap/messages/large-blobs.js';
import { toHex } from '../../data/bytes.js';
import {
  blobArray,
  blobProof,
  type HeldToken,
  heldToken,
  MANAGED,
  readArray,
  sendBlobs,
  writeFragment,
} from '../credential-management.suite.js';
import {
  BYTE,
  type ConfigChange,
  call,
  clientPin,
  createKeyWithPin,
  createTestKey,
  getInfo,
  legacyToken,
  mustSucceed,
  type TestKey,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const PARAMETER = 'CTAP1_ERR_INVALID_PARAMETER';
const LENGTH = 'CTAP1_ERR_INVALID_LENGTH';
const SEQUENCE = 'CTAP1_ERR_INVALID_SEQ';
const REFUSED = 'CTAP2_ERR_PIN_AUTH_INVALID';

/** An array with one entry of this many bytes, as another CBOR encoder writes it. */
function arrayWith(bytes: number): Uint8Array {
  return blobArray(cborg([new Map([[1, new Uint8Array(bytes).fill(0xee)]])]));
}

const EMPTY = blobArray(cborg([]));

/** A key that nothing protects, so that the array alone is at stake. */
const openKey = (config: ConfigChange = {}) => createTestKey({ config: { ...MANAGED, ...config } });

async function writeAll(
  key: TestKey,
  array: Uint8Array,
  { size = 960, token }: { readonly size?: number; readonly token?: HeldToken } = {},
): Promise<readonly string[]> {
  const statuses: string[] = [];
  for (let offset = 0; offset < array.length; offset += size) {
    const set = array.subarray(offset, offset + size);
    const at = offset === 0 ? { offset, length: array.length } : { offset };
    statuses.push(await writeFragment(key, set, at, token));
  }
  return statuses;
}

const status = async (key: TestKey, members: LargeBlobsRequest) => (await sendBlobs(key, members)).status;

describe('reading the large-blob array', () => {
  it('gives the empty one to begin with', async () => {
    const key = openKey();
    expect(toHex(await readArray(key))).toBe('8076be8b528d0075f7aae98d6fa57a6d3c');
    expect(await readArray(key)).toEqual(EMPTY);
  });

  it('gives what is asked for, up to the end', async () => {
    const key = openKey();
    const read = async (get: number, offset: number) =>
      mustSucceed(await sendBlobs(key, { get, offset })).config;
    expect(await read(5, 0)).toEqual(EMPTY.slice(0, 5));
    expect(await read(5, 10)).toEqual(EMPTY.slice(10, 15));
    expect(await read(100, 15)).toEqual(EMPTY.slice(15));
    expect(await read(5, 17)).toEqual(new Uint8Array(0));
    expect(await read(0, 3)).toEqual(new Uint8Array(0));
  });

  it('needs no token, protected or not', async () => {
    expect(await readArray(await createKeyWithPin({ config: MANAGED }))).toEqual(EMPTY);
  });

  it.each<[string, LargeBlobsRequest, string]>([
    ['no offset', { get: 1 }, PARAMETER],
    ['neither get nor set', { offset: 0 }, PARAMETER],
    ['both get and set', { get: 1, set: EMPTY, offset: 0, length: 17 }, PARAMETER],
    ['a length', { get: 1, offset: 0, length: 17 }, PARAMETER],
    ['a proof', { get: 1, offset: 0, pinUvAuthParam: new Uint8Array(32) }, PARAMETER],
    ['a protocol', { get: 1, offset: 0, pinUvAuthProtocol: 2 }, PARAMETER],
    ['an offset behind the end', { get: 1, offset: 18 }, PARAMETER],
    ['more than a fragment', { get: 2048 - 64 + 1, offset: 0 }, LENGTH],
    ['a whole fragment', { get: 2048 - 64, offset: 0 }, OK],
  ])('with %s', async (_, members, expected) => {
    expect(await status(openKey(), members)).toBe(expected);
  });

  it.each([
    [1, 'text'],
    [2, 7],
    [3, -1],
    [4, true],
    [5, 'text'],
    [6, 'text'],
  ] as const)('judges the type of member %i first', async (member, value) => {
    const members = new Map<number, number | string | boolean>([
      [1, 1],
      [3, 0],
      [member, value],
    ]);
    const answer = await call(openKey(), 'authenticatorLargeBlobs', members);
    expect(answer.status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });
});

describe('writing the large-blob array', () => {
  it('takes it in one fragment or in many', async () => {
    const key = openKey();
    const small = arrayWith(100);
    expect(await writeAll(key, small)).toEqual([OK]);
    expect(await readArray(key)).toEqual(small);
    const large = arrayWith(900);
    const statuses = await writeAll(key, large, { size: 100 });
    expect(new Set(statuses)).toEqual(new Set([OK]));
    expect(await readArray(key)).toEqual(large);
  });

  it('replaces the array at the last fragment and not before', async () => {
    const key = openKey();
    const array = arrayWith(100);
    await writeFragment(key, array.subarray(0, 60), { offset: 0, length: array.length });
    expect(await key.store.read((reader) => reader.largeBlobs())).toBeUndefined();
    await writeFragment(key, array.subarray(60), { offset: 60 });
    expect(await key.store.read((reader) => reader.largeBlobs())).toEqual(array);
  });

  it('takes an array as large as the key says, and none that is larger', async () => {
    const key = openKey({ limits: { ...MANAGED.limits, maxSerializedLargeBlobArray: 1024 } });
    const content = (length: number) => blobArray(new Uint8Array(length - 16).fill(0x80));
    expect((await writeAll(key, content(1024))).at(-1)).toBe(OK);
    const full = 'CTAP2_ERR_LARGE_BLOB_STORAGE_FULL';
    expect(await writeFragment(key, content(900), { offset: 0, length: 1025 })).toBe(full);
    expect(await readArray(key)).toEqual(content(1024));
  });

  it('keeps the old array when the new one did not arrive whole', async () => {
    const key = openKey();
    const old = arrayWith(10);
    await writeAll(key, old);
    for (const at of [0, 20, -1]) {
      const array = arrayWith(100);
      const broken = array.with(at < 0 ? array.length - 1 : at, (array.at(at) ?? 0) ^ 1);
      expect((await writeAll(key, broken, { size: 50 })).at(-1)).toBe('CTAP2_ERR_INTEGRITY_FAILURE');
      expect(await readArray(key)).toEqual(old);
      expect(await writeFragment(key, Uint8Array.of(1), { offset: array.length })).toBe(SEQUENCE);
    }
  });

  it('checks the hash and not what is hashed', async () => {
    const key = openKey();
    const rubbish = blobArray(Uint8Array.of(0xff));
    expect(await writeAll(key, rubbish)).toEqual([OK]);
    const digest = createHash('sha256').update(Uint8Array.of(0xff)).digest('hex');
    expect(toHex(await readArray(key))).toBe(`ff${digest.slice(0, 32)}`);
  });

  it.each<[string, LargeBlobsRequest, string]>([
    ['no length with the first fragment', { set: EMPTY, offset: 0 }, PARAMETER],
    ['a length of less than an empty array', { set: EMPTY.slice(0, 16), offset: 0, length: 16 }, PARAMETER],
    ['more than the length', { set: arrayWith(9), offset: 0, length: 17 }, PARAMETER],
    [
      'a length beyond the capacity',
      { set: EMPTY, offset: 0, length: 4097 },
      'CTAP2_ERR_LARGE_BLOB_STORAGE_FULL',
    ],
    [
      'a length beyond every capacity',
      { set: EMPTY, offset: 0, length: 2 ** 40 },
      'CTAP2_ERR_LARGE_BLOB_STORAGE_FULL',
    ],
    ['more than a fragment', { set: new Uint8Array(2048 - 64 + 1), offset: 0, length: 4000 }, LENGTH],
    ['a whole fragment', { set: new Uint8Array(2048 - 64), offset: 0, length: 4000 }, OK],
    ['nothing before it', { set: EMPTY, offset: 17 }, SEQUENCE],
  ])('with %s', async (_, members, expected) => {
    const key = openKey();
    expect(await status(key, members)).toBe(expected);
    expect(await key.store.read((reader) => reader.largeBlobs())).toBeUndefined();
  });

  it('needs every fragment where the one before it ended, without a length', async () => {
    const key = openKey();
    const array = arrayWith(100);
    const first = array.subarray(0, 50);
    await writeFragment(key, first, { offset: 0, length: array.length });
    expect(await writeFragment(key, array.subarray(50), { offset: 49 })).toBe(SEQUENCE);
    expect(await writeFragment(key, array.subarray(50), { offset: 51 })).toBe(SEQUENCE);
    expect(await writeFragment(key, array.subarray(50), { offset: 50, length: array.length })).toBe(
      PARAMETER,
    );
    const oneTooMany = new Uint8Array(array.length - 50 + 1);
    expect(await writeFragment(key, oneTooMany, { offset: 50 })).toBe(PARAMETER);
    // What was refused has changed nothing, so the right fragment is still welcome
    expect(await writeFragment(key, array.subarray(50), { offset: 50 })).toBe(OK);
    expect(await readArray(key)).toEqual(array);
  });

  it('takes empty fragments for what they are', async () => {
    const key = openKey();
    const nothing = new Uint8Array(0);
    expect(await writeFragment(key, nothing, { offset: 0, length: 17 })).toBe(OK);
    expect(await writeFragment(key, EMPTY.subarray(0, 5), { offset: 0, length: 17 })).toBe(OK);
    expect(await writeFragment(key, nothing, { offset: 5 })).toBe(OK);
    expect(await writeFragment(key, EMPTY.subarray(5), { offset: 5 })).toBe(OK);
  });
});

describe('a write that is under way', () => {
  const array = arrayWith(100);
  const begun = async (config: ConfigChange = {}) => {
    const key = openKey(config);
    await writeFragment(key, array.subarray(0, 50), { offset: 0, length: array.length });
    return key;
  };
  const rest = (key: TestKey) => writeFragment(key, array.subarray(50), { offset: 50 });

  it.each<[string, (key: TestKey) => Promise<unknown>]>([
    ['GetInfo', getInfo],
    ['ClientPIN', (key) => clientPin(key, 'getPINRetries')],
    ['GetNextAssertion', (key) => key.send(Uint8Array.of(BYTE.next))],
    ['an unknown command', (key) => key.send(Uint8Array.of(0x7f))],
    ['reading', readArray],
    ['reading wrongly', (key) => sendBlobs(key, { get: 1 })],
    ['a first fragment', (key) => writeFragment(key, EMPTY.slice(0, 5), { offset: 0, length: 17 })],
    ['a first fragment that is refused', (key) => writeFragment(key, EMPTY, { offset: 0 })],
    ['a power cycle', async (key) => key.machine.powerCycle()],
  ])('is forgotten after %s', async (_, between) => {
    const key = await begun();
    await between(key);
    expect(await rest(key)).toBe(SEQUENCE);
  });

  it('is forgotten after half a minute, unless the key waits for ever', async () => {
    const key = await begun();
    await key.clock.advance(30_000);
    expect(await rest(key)).toBe(OK);
    const late = await begun();
    await late.clock.advance(30_001);
    expect(await rest(late)).toBe(SEQUENCE);
    const patient = await begun({ quirks: { largeBlobWriteTimeout: 'never' } });
    await patient.clock.advance(3_600_000);
    expect(await rest(patient)).toBe(OK);
  });
});

describe('writing on a protected key', () => {
  const protectedKey = () => createKeyWithPin({ config: MANAGED });
  const lbw = (key: TestKey, version: 1 | 2 = 2) => heldToken(key, { permission: 'lbw', version });

  it.each([1, 2] as const)('takes a proof for each fragment, by protocol %i', async (version) => {
    const key = await protectedKey();
    const array = arrayWith(100);
    const token = await lbw(key, version);
    expect(await writeAll(key, array, { size: 60, token })).toEqual([OK, OK, OK]);
    expect(await readArray(key)).toEqual(array);
  });

  it('has the offset in the proof with its lowest byte first', async () => {
    const key = await protectedKey();
    const array = arrayWith(700);
    const token = await lbw(key);
    expect(await writeAll(key, array, { size: 258, token })).toEqual([OK, OK, OK]);
  });

  const refusals: readonly (readonly [
    string,
    string,
    (key: TestKey) => Promise<Partial<LargeBlobsRequest>>,
  ])[] = [
    ['without a proof', 'CTAP2_ERR_PUAT_REQUIRED', async () => ({})],
    [
      'without its protocol',
      'CTAP2_ERR_MISSING_PARAMETER',
      async () => ({ pinUvAuthParam: new Uint8Array(32) }),
    ],
    [
      'with another protocol',
      PARAMETER,
      async () => ({ pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 3 }),
    ],
    [
      'with a proof of nothing',
      REFUSED,
      async () => ({ pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 2 }),
    ],
    ['with a proof of another place', REFUSED, async (key) => blobProof(key, await lbw(key), 1, EMPTY)],
    ['with a proof of other bytes', REFUSED, async (key) => blobProof(key, await lbw(key), 0, arrayWith(1))],
    [
      'with a token of another permission',
      REFUSED,
      async (key) => blobProof(key, await heldToken(key), 0, EMPTY),
    ],
    [
      'with the token of getPinToken',
      REFUSED,
      async (key) => {
        const { bytes } = mustSucceed(await legacyToken(key));
        return blobProof(key, { bytes, version: 2 }, 0, EMPTY);
      },
    ],
  ];
  it.each(refusals)('is refused %s', async (_, expected, proof) => {
    const key = await protectedKey();
    const members = { set: EMPTY, offset: 0, length: EMPTY.length, ...(await proof(key)) };
    expect(await status(key, members)).toBe(expected);
    expect(await key.store.read((reader) => reader.largeBlobs())).toBeUndefined();
  });

  it('goes on after a fragment whose proof was refused', async () => {
    const key = await protectedKey();
    const array = arrayWith(100);
    const token = await lbw(key);
    await writeFragment(key, array.subarray(0, 50), { offset: 0, length: array.length }, token);
    expect(await writeFragment(key, array.subarray(50), { offset: 50 })).toBe('CTAP2_ERR_PUAT_REQUIRED');
    expect(await writeFragment(key, array.subarray(50), { offset: 50 }, token)).toBe(OK);
  });

  it('judges where a fragment stands before who sends it', async () => {
    const key = await protectedKey();
    expect(await writeFragment(key, EMPTY, { offset: 5 })).toBe(SEQUENCE);
    expect(await writeFragment(key, EMPTY, { offset: 0 })).toBe(PARAMETER);
  });

  it('ends with the token that began it', async () => {
    const key = await protectedKey();
    const array = arrayWith(100);
    const token = await lbw(key);
    await key.clock.advance(29_000);
    await writeFragment(key, array.subarray(0, 10), { offset: 0, length: array.length }, token);
    for (let offset = 10; offset < 30; offset++) {
      const one = array.subarray(offset, offset + 1);
      expect(await writeFragment(key, one, { offset }, token)).toBe(OK);
      await key.clock.advance(28_000);
    }
    await key.clock.advance(12_000);
    expect(await writeFragment(key, array.subarray(30), { offset: 30 }, token)).toBe(SEQUENCE);
  });

  it('is protected by alwaysUv as well', async () => {
    const options = { ...MANAGED.options, alwaysUv: true };
    const key = openKey({ options });
    const first = { set: EMPTY, offset: 0, length: EMPTY.length };
    expect(await status(key, first)).toBe('CTAP2_ERR_PUAT_REQUIRED');
  });

  it('asks nobody for a touch', async () => {
    const key = await protectedKey();
    const token = await lbw(key);
    key.events.length = 0;
    await writeAll(key, arrayWith(5), { token });
    expect(key.events).toEqual([]);
  });
});

describe('LargeBlobs', () => {
  it('is told of by getInfo, with its capacity', async () => {
    const { options, maxSerializedLargeBlobArray } = await getInfo(openKey());
    expect([options?.get('largeBlobs'), maxSerializedLargeBlobArray]).toEqual([true, 4096]);
  });

  it('is unknown to a key without it', async () => {
    const answer = await sendBlobs(createTestKey(), { get: 1, offset: 0 });
    expect(answer.status).toBe('CTAP1_ERR_INVALID_COMMAND');
  });

  it('survives a power cycle and ends with a reset', async () => {
    const key = openKey();
    const array = arrayWith(20);
    await writeAll(key, array);
    key.machine.powerCycle();
    expect(await readArray(key)).toEqual(array);
    await key.send(Uint8Array.of(BYTE.reset));
    expect(await readArray(key)).toEqual(EMPTY);
  });
});
