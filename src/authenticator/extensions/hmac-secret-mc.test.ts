import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import type { CborKey, CborMap, CborValue } from '../../ctap/cbor.js';
import { type HmacSecretInput, hmacSecretInput } from '../../ctap/messages/extensions.js';
import {
  agree,
  type ConfigChange,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  flagsOf,
  getAssertion,
  makeCredential,
  mustSucceed,
  type PlatformExchange,
  pinToken,
  proofOf,
  register,
  type TestKey,
} from '../test-platform.suite.js';

const config = {
  extensions: ['credProtect', 'hmac-secret', 'hmac-secret-mc'],
} as const satisfies ConfigChange;
const ONE_SALT = new Uint8Array(32).fill(1);
const TWO_SALTS = Uint8Array.from({ length: 64 }, (_, at) => at);

function input(
  exchange: PlatformExchange,
  salts: Uint8Array,
  change: Partial<HmacSecretInput> = {},
): CborMap {
  const saltEnc = exchange.encrypt(salts);
  const saltAuth = exchange.authenticate(saltEnc);
  return hmacSecretInput.write({ ...exchange.members, saltEnc, saltAuth, ...change });
}

const ask = (mc: CborValue, more: Readonly<Record<string, CborValue>> = { 'hmac-secret': true }) => ({
  extensions: new Map<string, CborValue>([...Object.entries(more), ['hmac-secret-mc', mc]]),
});

function output(authData: Uint8Array, id: CborKey): CborValue | undefined {
  return decodeAuthenticatorData(authData).extensions?.get(id);
}

function bytesOf(value: CborValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('there is no output');
  return value;
}

describe.each([1, 2] as const)('hmac-secret-mc over protocol %i', (version) => {
  it.each([
    ['one salt', ONE_SALT, true],
    ['two salts', TWO_SALTS, true],
    ['two salts, of a credential that is its own ID', TWO_SALTS, false],
  ])('gives at creation what hmac-secret gives later: %s', async (_, salts, rk) => {
    const key = createTestKey({ config });
    const exchange = await agree(key, version);
    const made = await register(key, { ...ask(input(exchange, salts)), options: { rk } });
    expect(output(made.response.authData, 'hmac-secret')).toBe(true);
    const atCreation = exchange.decrypt(bytesOf(output(made.response.authData, 'hmac-secret-mc')));
    const extensions = new Map([['hmac-secret', input(exchange, salts)]]);
    const later = mustSucceed(await getAssertion(key, { allowList: [made.descriptor], extensions }));
    expect(atCreation).toHaveLength(salts.length);
    expect(atCreation).toEqual(exchange.decrypt(bytesOf(output(later.authData, 'hmac-secret'))));
  });

  it('has another secret for who was verified', async () => {
    const key = await createKeyWithPin({ config });
    const exchange = await agree(key, version);
    const proof = await proofOf(pinToken(key));
    const made = await register(key, { ...ask(input(exchange, ONE_SALT)), ...proof });
    expect(flagsOf(made.response)).toBe('UP UV AT ED');
    const atCreation = exchange.decrypt(bytesOf(output(made.response.authData, 'hmac-secret-mc')));
    const later = async (more: object) => {
      const extensions = new Map([['hmac-secret', input(exchange, ONE_SALT)]]);
      const answer = await getAssertion(key, { allowList: [made.descriptor], extensions, ...more });
      return exchange.decrypt(bytesOf(output(mustSucceed(answer).authData, 'hmac-secret')));
    };
    expect(atCreation).not.toEqual(await later({}));
    expect(atCreation).toEqual(await later(await proofOf(pinToken(key))));
  });
});

describe('hmac-secret-mc', () => {
  const refused = async (
    change: Partial<HmacSecretInput>,
    salts = ONE_SALT,
    options: { readonly key?: TestKey } = {},
  ) => {
    const key = options.key ?? createTestKey({ config });
    const exchange = await agree(key);
    const { status } = await makeCredential(key, {
      ...ask(input(exchange, salts, change)),
      options: { rk: true },
    });
    if (status !== 'CTAP1_ERR_SUCCESS') {
      expect(await key.store.read((reader) => reader.credentialCount())).toBe(0);
    }
    return status;
  };

  it.each<[string, Partial<HmacSecretInput>, string]>([
    ['nothing', {}, 'CTAP1_ERR_SUCCESS'],
    ['an unsupported protocol', { pinUvAuthProtocol: 3 }, 'CTAP1_ERR_INVALID_PARAMETER'],
    ['a key that is none', { keyAgreement: new Map() }, 'CTAP1_ERR_INVALID_PARAMETER'],
    ['a wrong saltAuth', { saltAuth: new Uint8Array(32) }, 'CTAP2_ERR_PIN_AUTH_INVALID'],
    ['other salts than were authenticated', { saltEnc: new Uint8Array(48) }, 'CTAP2_ERR_PIN_AUTH_INVALID'],
  ])('answers %s as hmac-secret does', async (_, change, status) => {
    expect(await refused(change)).toBe(status);
  });

  it('refuses salts of another length', async () => {
    expect(await refused({}, new Uint8Array(48))).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('is of the wrong type as anything but a map, and incomplete without a member', async () => {
    const key = createTestKey({ config, touch: { kind: 'deny' } });
    expect((await makeCredential(key, ask(true))).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
    const lacking = new Map([...input(await agree(key), ONE_SALT)].filter(([member]) => member !== 2));
    expect((await makeCredential(key, ask(lacking))).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
  });

  it.each([[{}], [{ 'hmac-secret': false }]])('is ignored beside %j', async (more) => {
    const key = createTestKey({ config });
    const wrong = input(await agree(key), ONE_SALT, { saltAuth: new Uint8Array(32) });
    const { response } = await register(key, ask(wrong, more));
    expect(flagsOf(response)).toBe('UP AT');
  });

  it('is ignored by a key that does not offer it', async () => {
    const key = createTestKey({ config: { ...FINGERPRINT, extensions: ['hmac-secret'] } });
    const { response } = await register(key, ask(7));
    expect(output(response.authData, 'hmac-secret-mc')).toBeUndefined();
  });

  it('needs hmac-secret', () => {
    expect(() => createTestKey({ config: { extensions: ['hmac-secret-mc'] } })).toThrow(/hmac-secret/);
  });
});
