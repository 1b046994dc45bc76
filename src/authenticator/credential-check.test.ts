import { describe, expect, it } from 'vitest';
import { selfAttester } from '../attestation/attestation.js';
import type { CborValue } from '../ctap/cbor.js';
import type { CommandName } from '../ctap/commands.js';
import { lintGetInfo } from '../ctap/get-info-linter.js';
import { credentialManagementRequest } from '../ctap/messages/credential-management.js';
import { getAssertionRequest } from '../ctap/messages/get-assertion.js';
import { encodeRequest } from '../ctap/messages/message.js';
import { hashOf, heldToken, MANAGED, managementMembers, registerAt } from './credential-management.suite.js';
import { longestAnswers } from './longest-answers.js';
import {
  CLIENT_DATA_HASH,
  type ConfigChange,
  createKeyWithPin,
  createTestKey,
  getAssertion,
  getInfo,
  mustSucceed,
  pinToken,
  proofOf,
  type TestKey,
} from './test-platform.suite.js';

/** Blobs with credentials rather than in an array. */
const BLOBS = {
  extensions: ['credProtect', 'hmac-secret', 'largeBlob'],
  limits: { maxLargeBlobLength: 1024 },
} as const satisfies ConfigChange;

/** The member that the refusal names. */
function refused(change: ConfigChange): string | undefined {
  try {
    createTestKey({ config: change });
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'KeyrigError', code: 'option-invalid' });
    return error instanceof Error && 'where' in error ? String(error.where) : undefined;
  }
}

const NAME = 'x'.repeat(64);
const RP = 'a.example';

/** Registers two accounts with all that makes answers longer, and asks for all of it: the lengths of the answers. */
async function useFully(key: TestKey): Promise<Partial<Record<CommandName, number>>> {
  const offered = (entries: readonly (readonly [string, CborValue])[]) =>
    new Map(entries.filter(([id]) => key.config.extensions.includes(id)));
  const keeps: readonly (readonly [string, CborValue])[] = [
    ['credBlob', new Uint8Array(32)],
    ['largeBlobKey', true],
    ['thirdPartyPayment', true],
    ['largeBlob', new Map([['support', 'required']])],
  ];
  for (const at of [1, 2]) {
    const user = { id: new Uint8Array(64).fill(at), name: NAME, displayName: NAME };
    const pubKeyCredParams = [{ alg: -257, type: 'public-key' }];
    const made = await registerAt(key, RP, '', { user, pubKeyCredParams, extensions: offered(keeps) });
    const blob = {
      data: new Uint8Array(key.config.limits.maxLargeBlobLength ?? 0),
      originalSize: 2 ** 32 - 1,
    };
    await key.store.write((writer) => {
      const stored = writer.credential(made.id);
      if (stored !== undefined && blob.data.length > 0)
        writer.replaceCredential({ ...stored, largeBlob: blob });
    });
  }
  const asks: readonly (readonly [string, CborValue])[] = [
    ['credBlob', true],
    ['largeBlobKey', true],
    ['thirdPartyPayment', true],
    ['largeBlob', new Map([['read', true]])],
  ];
  const request = { rpId: RP, clientDataHash: CLIENT_DATA_HASH, extensions: offered(asks) };
  const proof = await proofOf(pinToken(key, { rpId: RP }));
  const assertion = encodeRequest(
    'authenticatorGetAssertion',
    getAssertionRequest.write({ ...request, ...proof }),
  );
  const asserted = (await key.send(assertion)).length;
  const token = await heldToken(key);
  const params = { rpIDHash: hashOf(RP) };
  const listing = managementMembers(key, 'enumerateCredentialsBegin', params, token);
  const members = credentialManagementRequest.write(listing);
  const listed = (await key.send(encodeRequest('authenticatorCredentialManagement', members))).length;
  return { authenticatorGetAssertion: asserted, authenticatorCredentialManagement: listed };
}

const without = (name: string) => MANAGED.extensions.filter((other) => other !== name);
const options = (change: ConfigChange['options']): ConfigChange => ({
  ...MANAGED,
  options: { ...MANAGED.options, ...change },
});
const limits = (change: ConfigChange['limits']): ConfigChange => ({
  ...MANAGED,
  limits: { ...MANAGED.limits, ...change },
});

describe('a key that keeps something', () => {
  it.each<[string, ConfigChange]>([
    ['in an array', { ...MANAGED, versions: ['FIDO_2_0', 'FIDO_2_1_PRE', 'FIDO_2_1'] }],
    ['with credentials', BLOBS],
  ])('describes itself consistently when it is kept %s', async (_, config) => {
    const key = await createKeyWithPin({ config });
    expect(lintGetInfo(await getInfo(key))).toEqual([]);
  });

  it.each<[string, ConfigChange, string]>([
    ['management without rk', { options: { rk: undefined, credMgmt: true } }, 'options.credMgmt'],
    [
      'a preview without rk',
      { options: { rk: undefined, credentialMgmtPreview: true } },
      'options.credentialMgmtPreview',
    ],
    [
      'management without tokens',
      { options: { clientPin: undefined, pinUvAuthToken: undefined, credMgmt: true }, extensions: [] },
      'options.credMgmt',
    ],
    ['credBlob without a length', limits({ maxCredBlobLength: undefined }), 'limits.maxCredBlobLength'],
    ['credBlob of 31 bytes', limits({ maxCredBlobLength: 31 }), 'limits.maxCredBlobLength'],
    [
      'a length without credBlob',
      { ...MANAGED, extensions: without('credBlob') },
      'limits.maxCredBlobLength',
    ],
    ['credBlob without credProtect', { ...MANAGED, extensions: without('credProtect') }, 'extensions'],
    [
      'credBlob without rk',
      { extensions: ['credProtect', 'credBlob'], options: { rk: false }, limits: { maxCredBlobLength: 32 } },
      'extensions',
    ],
    ['an array without keys', { ...MANAGED, extensions: without('largeBlobKey') }, 'extensions'],
    ['keys without an array', { extensions: ['largeBlobKey'] }, 'options.largeBlobs'],
    [
      'an array without a capacity',
      limits({ maxSerializedLargeBlobArray: undefined }),
      'limits.maxSerializedLargeBlobArray',
    ],
    [
      'an array of 1023 bytes',
      limits({ maxSerializedLargeBlobArray: 1023 }),
      'limits.maxSerializedLargeBlobArray',
    ],
    [
      'an array of more than a mebibyte',
      limits({ maxSerializedLargeBlobArray: 1_048_577 }),
      'limits.maxSerializedLargeBlobArray',
    ],
    [
      'a capacity without an array',
      { limits: { maxSerializedLargeBlobArray: 1024 } },
      'limits.maxSerializedLargeBlobArray',
    ],
    [
      'an array without rk',
      {
        extensions: ['largeBlobKey'],
        options: { rk: false, largeBlobs: true },
        limits: { maxSerializedLargeBlobArray: 1024 },
      },
      'options.largeBlobs',
    ],
    [
      'both ways at once',
      { ...limits({ maxLargeBlobLength: 100 }), extensions: [...MANAGED.extensions, 'largeBlob'] },
      'extensions',
    ],
    ['largeBlob without a length', { ...BLOBS, limits: {} }, 'limits.maxLargeBlobLength'],
    ['a length without largeBlob', { limits: BLOBS.limits }, 'limits.maxLargeBlobLength'],
    ['largeBlob without rk', { ...BLOBS, options: { rk: false } }, 'extensions'],
    [
      'FIDO_2_1 without management',
      { ...options({ credMgmt: undefined, perCredMgmtRO: undefined }), versions: ['FIDO_2_1'] },
      'versions[0]',
    ],
  ])('is refused with %s', (_, change, member) => {
    expect(refused(change)).toBe(member);
  });

  it('keeps no more than its messages can carry', () => {
    const fitting = (config: ConfigChange, change: ConfigChange['limits']) =>
      refused({ ...config, algorithms: [-7], limits: { ...config.limits, maxMsgSize: 1024, ...change } });
    expect(fitting(MANAGED, { maxCredBlobLength: 300 })).toBeUndefined();
    expect(fitting(MANAGED, { maxCredBlobLength: 900 })).toBe('limits.maxMsgSize');
    expect(fitting(BLOBS, { maxLargeBlobLength: 300 })).toBeUndefined();
    expect(fitting(BLOBS, { maxLargeBlobLength: 900 })).toBe('limits.maxMsgSize');
  });

  it.each([
    ['in an array', { ...MANAGED, extensions: without('hmac-secret') }],
    ['with credentials', { ...BLOBS, extensions: ['credProtect', 'largeBlob'], options: { credMgmt: true } }],
  ] as const)('kept %s, makes answers as long as foreseen', async (_, change) => {
    const key = await createKeyWithPin({ config: { ...change, algorithms: [-257] } });
    const foreseen = new Map(
      longestAnswers(key.config, selfAttester).map((each) => [each.command, each.length]),
    );
    const lengths = await useFully(key);
    for (const [command, length] of Object.entries(lengths)) {
      const most = foreseen.get(command as CommandName) ?? 0;
      expect(length, command).toBeLessThanOrEqual(most);
      // Counts have fewer digits here, and another identity of a credential is longer by 12 bytes
      expect(length, command).toBeGreaterThanOrEqual(most - 16);
    }
  });

  it('measures blobs that somebody else stored and no message carries', async () => {
    const key = await createKeyWithPin({ config: MANAGED });
    const { descriptor } = await registerAt(key, 'a.example', 'ada');
    await key.store.write((writer) => {
      const stored = writer.credential(descriptor.id);
      if (stored !== undefined) writer.replaceCredential({ ...stored, credBlob: new Uint8Array(3_000) });
    });
    const ask = (extensions: ReadonlyMap<string, boolean>) =>
      getAssertion(key, { rpId: 'a.example', options: { up: false }, extensions });
    expect((await ask(new Map([['credBlob', true]]))).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
    expect(mustSucceed(await ask(new Map())).signature.length).toBeGreaterThan(0);
    expect(await key.store.read((reader) => reader.counter())).toBe(1);
  });
});
