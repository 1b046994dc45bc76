/**
 * What products do: each switch in both positions, so that neither a switch without effect nor one that is always on passes.
 */
import { describe, expect, it } from 'vitest';
import { selfAttester } from '../attestation/attestation.js';
import { decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { utf8 } from '../data/bytes.js';
import { checkConfig } from './config-check.js';
import { heldToken, MANAGED, manage } from './credential-management.suite.js';
import type { Quirks } from './quirks.js';
import {
  createKeyWithPin,
  createTestKey,
  flagsOf,
  getAssertion,
  KEY_CONFIG,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  pinToken,
  proofOf,
  register,
  registerDiscoverable,
  signedBy,
} from './test-platform.suite.js';
import { authenticateU2f, createU2fKey, registerU2f } from './u2f/u2f-client.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';

async function keyWithAda(quirks: Partial<Quirks>) {
  const key = createTestKey({ config: { quirks } });
  const ada = await registerDiscoverable(key, 'ada');
  return { key, ada };
}

const silent = { options: { up: false } };
const unknown = { allowList: [{ id: new Uint8Array(32), type: 'public-key' }] };

describe('silentAssertion', () => {
  it.each([
    ['answered', OK],
    ['unsupported-option', 'CTAP2_ERR_UNSUPPORTED_OPTION'],
  ] as const)('%s: %s', async (silentAssertion, status) => {
    const { key } = await keyWithAda({ silentAssertion });
    expect((await getAssertion(key, silent)).status).toBe(status);
    expect((await getAssertion(key)).status).toBe(OK);
  });
});

describe('silentAlwaysUv', () => {
  it.each([
    ['exempt', OK],
    ['verified', 'CTAP2_ERR_PUAT_REQUIRED'],
  ] as const)('%s: %s', async (silentAlwaysUv, status) => {
    const config = { options: { alwaysUv: true }, quirks: { silentAlwaysUv } };
    const key = await createKeyWithPin({ config });
    await registerDiscoverable(key, 'ada', await proofOf(pinToken(key)));
    expect((await getAssertion(key, silent)).status).toBe(status);
  });
});

describe('unknownCredential', () => {
  it.each([
    ['no-credentials', 'CTAP2_ERR_NO_CREDENTIALS'],
    ['invalid-credential', 'CTAP2_ERR_INVALID_CREDENTIAL'],
  ] as const)('%s: %s, without a touch', async (unknownCredential, status) => {
    const { key } = await keyWithAda({ unknownCredential });
    key.events.length = 0;
    expect((await getAssertion(key, unknown)).status).toBe(status);
    expect(key.events).toEqual([]);
    // Without a list there is nothing invalid.
    expect((await getAssertion(key, { rpId: 'else.example' })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });
});

describe('attestedDataInAssertion', () => {
  it.each([
    ['never', 'UP'],
    ['always', 'UP AT'],
  ] as const)('%s: the flags are %s', async (attestedDataInAssertion, flags) => {
    const { key, ada } = await keyWithAda({ attestedDataInAssertion });
    const wrapped = await register(key);
    for (const one of [ada, wrapped]) {
      const answer = mustSucceed(await getAssertion(key, { allowList: [one.descriptor] }));
      expect([flagsOf(answer), signedBy(one, answer)]).toEqual([flags, true]);
      const { attestedCredential } = decodeAuthenticatorData(answer.authData);
      expect(attestedCredential).toEqual(
        attestedDataInAssertion === 'always' ? one.authData.attestedCredential : undefined,
      );
    }
  });
});

describe('credentialInAssertion', () => {
  it.each([
    ['always', true],
    ['unless-sole', false],
  ] as const)('%s: the credential is there: %s', async (credentialInAssertion, there) => {
    const { key, ada } = await keyWithAda({ credentialInAssertion });
    const has = async (change: Parameters<typeof getAssertion>[1]) =>
      mustSucceed(await getAssertion(key, change)).credential !== undefined;
    expect(await has({ allowList: [ada.descriptor] })).toBe(there);
    expect(await has({ allowList: [ada.descriptor, ...unknown.allowList] })).toBe(true);
    expect(await has({})).toBe(true);
  });
});

describe('userWithAllowList', () => {
  it.each([
    ['given', utf8('ada')],
    ['omitted', undefined],
  ] as const)('%s', async (userWithAllowList, id) => {
    const { key, ada } = await keyWithAda({ userWithAllowList });
    const listed = mustSucceed(await getAssertion(key, { allowList: [ada.descriptor] }));
    expect(listed.user?.id).toEqual(id);
    expect(mustSucceed(await getAssertion(key)).user?.id).toEqual(utf8('ada'));
  });
});

describe('accountChoice', () => {
  it.each([
    ['platform', 2, undefined],
    ['device', undefined, true],
  ] as const)('%s', async (accountChoice, numberOfCredentials, userSelected) => {
    const { key, ada } = await keyWithAda({ accountChoice });
    const bob = await registerDiscoverable(key, 'bob');
    const answer = mustSucceed(await getAssertion(key));
    expect([answer.numberOfCredentials, answer.userSelected]).toEqual([numberOfCredentials, userSelected]);
    expect(signedBy(bob, answer)).toBe(true);
    // Silently nobody can have picked anything, and of one there is no choice.
    expect(mustSucceed(await getAssertion(key, silent)).numberOfCredentials).toBe(2);
    const one = mustSucceed(await getAssertion(key, { allowList: [ada.descriptor] }));
    expect(one.userSelected).toBeUndefined();
  });
});

describe('extensionInputs', () => {
  const extensions = new Map([['nobody-knows', true]]);

  it.each([
    ['read', OK],
    ['other', 'CTAP1_ERR_OTHER'],
  ] as const)('%s: %s', async (extensionInputs, status) => {
    const { key } = await keyWithAda({ extensionInputs });
    expect((await makeCredential(key, { extensions })).status).toBe(status);
    expect((await getAssertion(key, { extensions })).status).toBe(status);
    expect((await makeCredential(key, { extensions: new Map() })).status).toBe(OK);
  });
});

describe('a display name', () => {
  const registration = (displayName?: string) => ({
    user: { id: utf8('u'), name: 'ada', ...(displayName === undefined ? {} : { displayName }) },
  });

  it.each([
    ['accepted', OK],
    ['invalid-length', 'CTAP1_ERR_INVALID_LENGTH'],
  ] as const)('that is empty is %s', async (emptyDisplayName, status) => {
    const { key } = await keyWithAda({ emptyDisplayName });
    expect((await makeCredential(key, registration(''))).status).toBe(status);
    expect((await makeCredential(key, registration('Ada'))).status).toBe(OK);
    expect((await makeCredential(key, registration())).status).toBe(OK);
  });

  it.each([
    ['accepted', OK],
    ['invalid-cbor', 'CTAP2_ERR_INVALID_CBOR'],
  ] as const)('that is missing is %s', async (missingDisplayName, status) => {
    const key = createTestKey({ config: { quirks: { missingDisplayName } } });
    expect((await makeCredential(key, registration())).status).toBe(status);
    expect((await makeCredential(key, registration(''))).status).toBe(OK);
  });
});

describe('the credProtect level', () => {
  const LEVELS = { optional: 1, 'optional-with-list': 2, required: 3 } as const;

  /** What is kept and what is said when this level is asked for. */
  async function levels(quirks: Partial<Quirks>, asked?: number, extensions = ['credProtect']) {
    const key = createTestKey({ config: { quirks, extensions } });
    const inputs = asked === undefined ? {} : { extensions: new Map([['credProtect', asked]]) };
    const { authData, id } = await registerDiscoverable(key, 'ada', inputs);
    const kept = await key.store.read((reader) => reader.credential(id)?.credProtect);
    return [kept, authData.extensions?.get('credProtect')];
  }

  it.each(Object.entries(LEVELS))('is %s where the product says so and nobody asks', async (name, level) => {
    const defaultCredProtect = name as keyof typeof LEVELS;
    expect(await levels({ defaultCredProtect })).toEqual([level, undefined]);
    expect(await levels({ defaultCredProtect }, 2)).toEqual([2, 2]);
  });

  it.each(Object.entries(LEVELS))('is %s whatever is asked for', async (name, level) => {
    const forcedCredProtect = name as keyof typeof LEVELS;
    expect(await levels({ forcedCredProtect })).toEqual([level, undefined]);
    expect(await levels({ forcedCredProtect }, 2)).toEqual([level, level]);
  });

  it('is the lowest on a key that does not know the extension', async () => {
    const forced = { forcedCredProtect: 'required', defaultCredProtect: 'required' } as const;
    expect(await levels(forced, 3, [])).toEqual([1, undefined]);
  });
});

describe('largeBlobAtRegistration', () => {
  it.each([
    ['supported', true],
    ['declined', false],
  ] as const)('%s', async (largeBlobAtRegistration, supported) => {
    const limits = { maxLargeBlobLength: 64 };
    const config = { extensions: ['largeBlob'], limits, quirks: { largeBlobAtRegistration } };
    const key = createTestKey({ config });
    const extensions = new Map([['largeBlob', new Map([['support', 'preferred']])]]);
    const { response } = await registerDiscoverable(key, 'ada', { extensions });
    expect(response.unsignedExtensionOutputs?.get('largeBlob')).toEqual(new Map([['supported', supported]]));
  });
});

describe('emptyEnumeration', () => {
  it.each([
    ['no-credentials', { status: 'CTAP2_ERR_NO_CREDENTIALS', value: undefined }],
    ['zero', { status: OK, value: { totalRPs: 0 } }],
  ] as const)('%s', async (emptyEnumeration, expected) => {
    const key = await createKeyWithPin({ config: { ...MANAGED, quirks: { emptyEnumeration } } });
    expect(await manage(key, 'enumerateRPsBegin', {}, await heldToken(key))).toEqual(expected);
  });
});

describe('u2fCredentials', () => {
  it.each([
    ['shared', OK],
    ['apart', 'CTAP2_ERR_NO_CREDENTIALS'],
  ] as const)('%s: %s', async (u2fCredentials, status) => {
    const key = await createU2fKey({ config: { quirks: { u2fCredentials } } });
    const { keyHandle } = await registerU2f(key);
    const allowList = [{ id: keyHandle, type: 'public-key' }];
    expect((await getAssertion(key, { allowList })).status).toBe(status);
    // U2F itself uses its own, and what CTAP2 has made.
    expect((await authenticateU2f(key, keyHandle)).signature.length).toBeGreaterThan(60);
    const made = await register(key);
    expect((await authenticateU2f(key, made.id)).signature.length).toBeGreaterThan(60);
  });
});

describe('a switch', () => {
  it('that there is not is refused, and so is a position', () => {
    const check = (quirks: object) => () =>
      checkConfig({ ...KEY_CONFIG, quirks: quirks as Partial<Quirks> }, nodeCrypto, selfAttester);
    expect(check({ silentAssertion: 'answered' })).not.toThrow();
    expect(check({ silentAsertion: 'answered' })).toThrow('silentAsertion is not implemented');
    expect(check({ silentAssertion: 'never' })).toThrow('expected answered, unsupported-option, got never');
  });
});
