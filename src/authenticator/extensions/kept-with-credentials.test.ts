import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { utf8 } from '../../data/bytes.js';
import { MANAGED } from '../credential-management.suite.js';
import {
  type ConfigChange,
  createTestKey,
  getAssertion,
  getInfo,
  getNextAssertion,
  makeCredential,
  mustSucceed,
  type Registered,
  RP_ID,
  register,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const BLOB = new Uint8Array(32).fill(0xb0);
const STORED = { rk: true };

const managedKey = (config: ConfigChange = {}) => createTestKey({ config: { ...MANAGED, ...config } });
const inputs = (...entries: readonly (readonly [string, CborValue])[]) => new Map(entries);
/** Extension outputs inside of authenticator data. */
const outputs = ({ authData }: { readonly authData: Uint8Array }): CborMap | undefined =>
  decodeAuthenticatorData(authData).extensions;
const ask = (key: TestKey, credential: Registered, extensions: ReadonlyMap<string, CborValue>, up = true) =>
  getAssertion(key, { allowList: [credential.descriptor], extensions, options: { up } });
const asked = async (key: TestKey, credential: Registered, extensions: ReadonlyMap<string, CborValue>) =>
  mustSucceed(await ask(key, credential, extensions));

describe('credBlob', () => {
  it('keeps a blob and gives it back', async () => {
    const key = managedKey();
    const made = await register(key, { options: STORED, extensions: inputs(['credBlob', BLOB]) });
    expect(outputs(made.response)).toEqual(inputs(['credBlob', true]));
    const answer = await asked(key, made, inputs(['credBlob', true]));
    expect(outputs(answer)).toEqual(inputs(['credBlob', BLOB]));
    expect(signedBy(made, answer)).toBe(true);
  });

  it.each([
    ['that is too long', STORED, new Uint8Array(33)],
    ['of a credential that is not kept', {}, BLOB],
  ])('says that a blob %s is not kept, and makes the credential all the same', async (_, options, blob) => {
    const key = managedKey();
    const made = await register(key, { options, extensions: inputs(['credBlob', blob]) });
    expect(outputs(made.response)).toEqual(inputs(['credBlob', false]));
    expect(outputs(await asked(key, made, inputs(['credBlob', true])))).toEqual(
      inputs(['credBlob', new Uint8Array(0)]),
    );
  });

  it('keeps an empty blob like any other', async () => {
    const extensions = inputs(['credBlob', new Uint8Array(0)]);
    const made = await register(managedKey(), { options: STORED, extensions });
    expect(outputs(made.response)).toEqual(inputs(['credBlob', true]));
  });

  it('keeps as much as the key says', async () => {
    const key = managedKey({ limits: { ...MANAGED.limits, maxCredBlobLength: 64 } });
    expect((await getInfo(key)).maxCredBlobLength).toBe(64);
    const extensions = inputs(['credBlob', new Uint8Array(64)]);
    const made = await register(key, { options: STORED, extensions });
    expect(outputs(made.response)).toEqual(inputs(['credBlob', true]));
  });

  it('gives an empty blob for a credential without one, and nothing that was not asked for', async () => {
    const key = managedKey();
    const made = await register(key, { options: STORED });
    expect(outputs(await asked(key, made, inputs(['credBlob', true])))).toEqual(
      inputs(['credBlob', new Uint8Array(0)]),
    );
    expect(outputs(await asked(key, made, inputs(['credBlob', false])))).toBeUndefined();
    expect(outputs(await asked(key, made, inputs()))).toBeUndefined();
  });

  it.each(['text', 7, true, [BLOB]])('takes no %s for a blob', async (value) => {
    const answer = await makeCredential(managedKey(), { extensions: inputs(['credBlob', value]) });
    expect(answer.status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });

  it.each(['text', 7, BLOB])('takes no %s for a wish to have it', async (value) => {
    const key = managedKey();
    const made = await register(key, { options: STORED });
    expect((await ask(key, made, inputs(['credBlob', value]))).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });
});

describe('largeBlobKey', () => {
  const WANTED = inputs(['largeBlobKey', true]);

  it('gives every credential a key of its own, outside of what is signed', async () => {
    const key = managedKey();
    const made = await register(key, { options: STORED, extensions: WANTED });
    const other = await register(key, { options: STORED, extensions: WANTED, user: { id: utf8('eve') } });
    expect(made.response.largeBlobKey?.length).toBe(32);
    expect(made.response.largeBlobKey).not.toEqual(other.response.largeBlobKey);
    expect(outputs(made.response)).toBeUndefined();
    expect(made.response.unsignedExtensionOutputs).toBeUndefined();
    const answer = await asked(key, made, WANTED);
    expect(answer.largeBlobKey).toEqual(made.response.largeBlobKey);
    expect(outputs(answer)).toBeUndefined();
  });

  it('gives it to those who ask, and nothing for a credential without one', async () => {
    const key = managedKey();
    const made = await register(key, { options: STORED, extensions: WANTED });
    expect((await asked(key, made, inputs())).largeBlobKey).toBeUndefined();
    const without = await register(key, { options: STORED, user: { id: utf8('eve') } });
    expect((await asked(key, without, WANTED)).largeBlobKey).toBeUndefined();
  });

  it('is refused to a credential that is not kept', async () => {
    const key = managedKey();
    const answer = await makeCredential(key, { extensions: WANTED });
    expect(answer.status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('is not asked for with false, at creation or later', async () => {
    const key = managedKey();
    const extensions = inputs(['largeBlobKey', false]);
    expect((await makeCredential(key, { options: STORED, extensions })).status).toBe(
      'CTAP2_ERR_INVALID_OPTION',
    );
    const made = await register(key, { options: STORED });
    expect((await ask(key, made, extensions)).status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('is not asked for with anything but a boolean', async () => {
    const key = managedKey();
    const extensions = inputs(['largeBlobKey', 1]);
    const refused = 'CTAP2_ERR_CBOR_UNEXPECTED_TYPE';
    expect((await makeCredential(key, { options: STORED, extensions })).status).toBe(refused);
    const made = await register(key, { options: STORED });
    expect((await ask(key, made, extensions)).status).toBe(refused);
  });

  it('comes with each of several accounts', async () => {
    const key = managedKey();
    const ada = await register(key, { options: STORED, extensions: WANTED });
    const bob = await register(key, { options: STORED, extensions: WANTED, user: { id: utf8('bob') } });
    const first = mustSucceed(await getAssertion(key, { extensions: WANTED }));
    const second = mustSucceed(await getNextAssertion(key));
    expect([first.largeBlobKey, second.largeBlobKey]).toEqual([
      bob.response.largeBlobKey,
      ada.response.largeBlobKey,
    ]);
  });

  it('is another one after the account was registered again', async () => {
    const key = managedKey();
    const keys = [];
    for (let at = 0; at < 2; at++) {
      const { response } = await register(key, { options: STORED, extensions: WANTED });
      keys.push(response.largeBlobKey);
    }
    expect(keys[0]).not.toEqual(keys[1]);
  });
});

describe('thirdPartyPayment', () => {
  const WANTED = inputs(['thirdPartyPayment', true]);

  it.each([
    ['stored', STORED],
    ['its own ID', {}],
  ])('marks a credential that is %s, and says so when asked', async (_, options) => {
    const key = managedKey();
    const made = await register(key, { options, extensions: WANTED });
    expect(outputs(made.response)).toBeUndefined();
    expect(outputs(await asked(key, made, WANTED))).toEqual(WANTED);
    expect(outputs(await asked(key, made, inputs(['thirdPartyPayment', false])))).toBeUndefined();
    const plain = await register(key, { options, user: { id: utf8('eve') } });
    expect(outputs(await asked(key, plain, WANTED))).toEqual(inputs(['thirdPartyPayment', false]));
  });

  it('marks nothing that was made with false', async () => {
    const key = managedKey();
    const extensions = inputs(['thirdPartyPayment', false]);
    const made = await register(key, { options: STORED, extensions });
    expect(outputs(await asked(key, made, WANTED))).toEqual(extensions);
  });

  it('is a boolean', async () => {
    const extensions = inputs(['thirdPartyPayment', 'yes']);
    const answer = await makeCredential(managedKey(), { extensions });
    expect(answer.status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });
});

describe('largeBlob', () => {
  /** A key that keeps blobs with credentials rather than in an array. */
  const BLOBS = {
    extensions: ['credProtect', 'hmac-secret', 'largeBlob'],
    options: { largeBlobs: undefined },
    limits: { maxLargeBlobLength: 100 },
  } as const satisfies ConfigChange;
  const blobKey = (config: ConfigChange = {}) => createTestKey({ config: { ...BLOBS, ...config } });
  const SUPPORT = inputs(['largeBlob', new Map([['support', 'required']])]);
  const READ = inputs(['largeBlob', new Map([['read', true]])]);
  const write = (data: Uint8Array, originalSize = 5) =>
    inputs([
      'largeBlob',
      new Map<string, CborValue>([
        ['write', data],
        ['originalSize', originalSize],
      ]),
    ]);
  const unsigned = (name: string, value: CborValue, ...more: readonly (readonly [string, CborValue])[]) =>
    new Map([['largeBlob', new Map([[name, value], ...more])]]);

  it.each(['required', 'preferred', 'of some future kind'])(
    'is there for a credential that is kept, when it is %s',
    async (support) => {
      const extensions = inputs(['largeBlob', new Map([['support', support]])]);
      const made = await register(blobKey(), { options: STORED, extensions });
      expect(made.response.unsignedExtensionOutputs).toEqual(unsigned('supported', true));
      expect(outputs(made.response)).toBeUndefined();
    },
  );

  it('is not there for others, and says so', async () => {
    const made = await register(blobKey(), { extensions: SUPPORT });
    expect(made.response.unsignedExtensionOutputs).toEqual(unsigned('supported', false));
  });

  it('is written and read, as the platform compressed it', async () => {
    const key = blobKey();
    const made = await register(key, { options: STORED, extensions: SUPPORT });
    expect((await asked(key, made, READ)).unsignedExtensionOutputs).toBeUndefined();
    const written = await asked(key, made, write(BLOB, 1000));
    expect(written.unsignedExtensionOutputs).toEqual(unsigned('written', true));
    expect(outputs(written)).toBeUndefined();
    expect(signedBy(made, written)).toBe(true);
    const read = await asked(key, made, READ);
    expect(read.unsignedExtensionOutputs).toEqual(unsigned('blob', BLOB, ['originalSize', 1000]));
    await asked(key, made, write(Uint8Array.of(1), 1));
    const again = await asked(key, made, READ);
    expect(again.unsignedExtensionOutputs).toEqual(unsigned('blob', Uint8Array.of(1), ['originalSize', 1]));
  });

  it('is written with a single account and no list, too', async () => {
    const key = blobKey();
    await register(key, { options: STORED });
    const answer = mustSucceed(await getAssertion(key, { extensions: write(BLOB) }));
    expect(answer.unsignedExtensionOutputs).toEqual(unsigned('written', true));
  });

  it('is not written for one of several accounts', async () => {
    const key = blobKey();
    await register(key, { options: STORED });
    await register(key, { options: STORED, user: { id: utf8('bob') } });
    const answers = [await getAssertion(key, { extensions: write(BLOB) }), await getNextAssertion(key)];
    for (const answer of answers) {
      expect(mustSucceed(answer).unsignedExtensionOutputs).toEqual(unsigned('written', false));
    }
    const stored = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    expect(stored.map(({ largeBlob }) => largeBlob)).toEqual([undefined, undefined]);
  });

  it.each<[string, Parameters<typeof register>[1], Uint8Array, boolean]>([
    ['that is too long', { options: STORED }, new Uint8Array(101), true],
    ['for a credential that is its own ID', {}, BLOB, true],
    ['without anybody there', { options: STORED }, BLOB, false],
  ])('is not written when it is one %s', async (_, change, blob, up) => {
    const key = blobKey();
    const made = await register(key, change);
    const answer = mustSucceed(await ask(key, made, write(blob), up));
    expect(answer.unsignedExtensionOutputs).toEqual(unsigned('written', false));
    expect((await asked(key, made, READ)).unsignedExtensionOutputs).toBeUndefined();
  });

  it('is as long as the key has room for', async () => {
    const key = blobKey();
    const made = await register(key, { options: STORED });
    const answer = await asked(key, made, write(new Uint8Array(100)));
    expect(answer.unsignedExtensionOutputs).toEqual(unsigned('written', true));
  });

  it.each<[string, readonly (readonly [string, CborValue])[], string]>([
    ['neither', [], 'CTAP2_ERR_INVALID_CBOR'],
    ['read: false', [['read', false]], 'CTAP2_ERR_INVALID_CBOR'],
    [
      'both',
      [
        ['read', true],
        ['write', BLOB],
        ['originalSize', 5],
      ],
      'CTAP2_ERR_INVALID_CBOR',
    ],
    ['a write without its size', [['write', BLOB]], 'CTAP2_ERR_MISSING_PARAMETER'],
    [
      'a size that nothing has',
      [
        ['write', BLOB],
        ['originalSize', 2n ** 64n - 1n],
      ],
      'CTAP1_ERR_INVALID_PARAMETER',
    ],
    ['a text', [['write', 'text']], 'CTAP2_ERR_CBOR_UNEXPECTED_TYPE'],
  ])('is refused with %s', async (_, entries, status) => {
    const key = blobKey();
    const made = await register(key, { options: STORED });
    key.events.length = 0;
    expect((await ask(key, made, inputs(['largeBlob', new Map(entries)]))).status).toBe(status);
    // Nobody was asked for a touch
    expect(key.events).toEqual([]);
  });

  it('is refused at creation without saying how', async () => {
    const extensions = inputs(['largeBlob', new Map()]);
    const answer = await makeCredential(blobKey(), { options: STORED, extensions });
    expect(answer.status).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it('is written by a key without a counter, too', async () => {
    const key = blobKey({ counter: 'zero' });
    const made = await register(key, { options: STORED });
    const answer = await asked(key, made, write(BLOB));
    expect(answer.unsignedExtensionOutputs).toEqual(unsigned('written', true));
    expect((await ask(key, made, READ)).status).toBe(OK);
  });
});

describe('a key without these extensions', () => {
  it('takes them for strangers, whatever is behind them', async () => {
    const key = createTestKey();
    const rubbish = inputs(
      ['credBlob', 'text'],
      ['largeBlobKey', 7],
      ['largeBlob', 'text'],
      ['thirdPartyPayment', 'text'],
    );
    const made = await register(key, { options: STORED, extensions: rubbish });
    expect(outputs(made.response)).toBeUndefined();
    expect([made.response.largeBlobKey, made.response.unsignedExtensionOutputs]).toEqual([
      undefined,
      undefined,
    ]);
    expect(outputs(await asked(key, made, rubbish))).toBeUndefined();
  });
});
