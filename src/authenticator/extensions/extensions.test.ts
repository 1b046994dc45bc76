import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { hmacSecretInput } from '../../ctap/messages/extensions.js';
import type { GetAssertionRequest } from '../../ctap/messages/get-assertion.js';
import { concat, utf8 } from '../../data/bytes.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  agree,
  createKeyWithPin,
  createTestKey,
  flagsOf,
  getAssertion,
  getNextAssertion,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  type PlatformExchange,
  pinToken,
  proofOf,
  RP_ID,
  register,
  registerDiscoverable,
} from '../test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';
const VERSIONS = [1, 2] as const;

const ask = (inputs: Readonly<Record<string, CborValue>>) => ({
  extensions: new Map<string, CborValue>(Object.entries(inputs)),
});
const outputs = ({ authData }: { readonly authData: Uint8Array }) =>
  decodeAuthenticatorData(authData).extensions;

describe('extensions', () => {
  it('that nobody knows are ignored, whatever is in them', async () => {
    const { response } = await register(createTestKey(), ask({ future: [1], credBlob: 7 }));
    expect(flagsOf(response)).toBe('UP AT');
  });

  it('that the device does not offer are ignored, whatever is in them', async () => {
    const config = { extensions: ['hmac-secret'] };
    const { response } = await register(createTestKey({ config }), ask({ credProtect: 'three' }));
    expect(outputs(response)).toBeUndefined();
  });

  it.each([
    ['credProtect', true],
    ['credProtect', -1],
    ['hmac-secret', 1],
    ['minPinLength', 'yes'],
  ])('%s with %s is of the wrong type, before anybody is asked to touch', async (id, input) => {
    const config = { extensions: ['credProtect', 'hmac-secret', 'minPinLength'], minPinLengthRpIds: [RP_ID] };
    const key = createTestKey({ config, touch: { kind: 'deny' } });
    expect((await makeCredential(key, ask({ [id]: input }))).status).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
  });

  it('answer only what was asked, in one map', async () => {
    const { response } = await register(createTestKey(), ask({ credProtect: 2, 'hmac-secret': true }));
    expect(outputs(response)).toEqual(
      new Map<string, CborValue>([
        ['credProtect', 2],
        ['hmac-secret', true],
      ]),
    );
    expect(flagsOf(response)).toBe('UP AT ED');
  });
});

describe('credProtect', () => {
  it.each([1, 2, 3])('level %i is set and answered', async (level) => {
    const key = createTestKey();
    const { response } = await register(key, { ...ask({ credProtect: level }), options: { rk: true } });
    expect(outputs(response)).toEqual(new Map([['credProtect', level]]));
    const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    expect(stored?.credProtect).toBe(level);
  });

  it('is level 1 and silent when it is not asked for', async () => {
    const key = createTestKey();
    const { response } = await register(key, { options: { rk: true } });
    expect(outputs(response)).toBeUndefined();
    const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    expect(stored?.credProtect).toBe(1);
  });

  it.each([0, 4, 255, 2 ** 40])('level %i is out of range', async (level) => {
    const status = async (credProtectOutOfRange: 'invalid-parameter' | 'invalid-option' | 'ignore') =>
      (
        await makeCredential(
          createTestKey({ config: { quirks: { credProtectOutOfRange } } }),
          ask({ credProtect: level }),
        )
      ).status;
    expect(await status('invalid-parameter')).toBe('CTAP1_ERR_INVALID_PARAMETER');
    expect(await status('invalid-option')).toBe('CTAP2_ERR_INVALID_OPTION');
    expect(await status('ignore')).toBe(OK);
  });

  /** Level, how it is asked for, whether the user was verified: found or not. */
  const visible: readonly [level: number, listed: boolean, verified: boolean, found: boolean][] = [
    [1, false, false, true],
    [1, true, false, true],
    [1, false, true, true],
    [2, false, false, false],
    [2, true, false, true],
    [2, false, true, true],
    [2, true, true, true],
    [3, false, false, false],
    [3, true, false, false],
    [3, false, true, true],
    [3, true, true, true],
  ];
  it.each(visible)(
    'level %i, listed: %s, verified: %s is found: %s',
    async (level, listed, verified, found) => {
      const key = await createKeyWithPin();
      const { descriptor } = await register(key, {
        ...ask({ credProtect: level }),
        ...(await proofOf(pinToken(key))),
        options: { rk: true },
      });
      const { status } = await getAssertion(key, {
        ...(listed ? { allowList: [descriptor] } : {}),
        ...(verified ? await proofOf(pinToken(key)) : {}),
      });
      expect(status).toBe(found ? OK : 'CTAP2_ERR_NO_CREDENTIALS');
    },
  );

  it('is kept by server-side credentials as well', async () => {
    const key = await createKeyWithPin();
    const { descriptor } = await register(key, ask({ credProtect: 3 }));
    const allowList = [descriptor];
    expect((await getAssertion(key, { allowList })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    expect((await getAssertion(key, { allowList, ...(await proofOf(pinToken(key))) })).status).toBe(OK);
  });

  it('hides accounts from the list and its count', async () => {
    const key = await createKeyWithPin();
    for (const [name, level] of [
      ['open', 1],
      ['listed', 2],
      ['hidden', 3],
      ['open too', 1],
    ] as const) {
      await registerDiscoverable(key, name, {
        ...ask({ credProtect: level }),
        ...(await proofOf(pinToken(key))),
      });
    }
    const first = mustSucceed(await getAssertion(key));
    const next = mustSucceed(await getNextAssertion(key));
    expect(first.numberOfCredentials).toBe(2);
    expect([first.user?.id, next.user?.id]).toEqual([utf8('open too'), utf8('open')]);
    const all = mustSucceed(await getAssertion(key, await proofOf(pinToken(key))));
    expect(all.numberOfCredentials).toBe(4);
  });

  it('goes on to an allowed credential that is visible', async () => {
    const key = createTestKey();
    const hidden = await register(key, ask({ credProtect: 3 }));
    const open = await register(key);
    const allowList = [hidden.descriptor, open.descriptor];
    expect(mustSucceed(await getAssertion(key, { allowList })).credential?.id).toEqual(open.id);
  });
});

describe('minPinLength', () => {
  const config: Partial<AuthenticatorConfig> = { extensions: ['minPinLength'], minPinLengthRpIds: [RP_ID] };

  it('tells the relying parties that may know, and is silent to others', async () => {
    const asked = ask({ minPinLength: true });
    const key = createTestKey({ config });
    expect(outputs((await register(key, asked)).response)).toEqual(new Map([['minPinLength', 4]]));
    const other = await register(key, { ...asked, rp: { id: 'example.com' } });
    expect(outputs(other.response)).toBeUndefined();
    expect(outputs((await register(key)).response)).toBeUndefined();
  });

  it('is silent when it is asked for with false, or an error', async () => {
    const asked = ask({ minPinLength: false });
    expect(outputs((await register(createTestKey({ config }), asked)).response)).toBeUndefined();
    const strict = createTestKey({ config: { ...config, quirks: { minPinLengthFalse: 'invalid-option' } } });
    expect((await makeCredential(strict, asked)).status).toBe('CTAP2_ERR_INVALID_OPTION');
  });
});

const SALTS = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;

/** hmac-secret over one or two salts, with members changed. */
function evaluate(
  exchange: PlatformExchange,
  salts: Uint8Array,
  change: Readonly<Record<string, unknown>> = {},
): Partial<GetAssertionRequest> {
  const saltEnc = exchange.encrypt(salts);
  const { keyAgreement } = exchange.members;
  const saltAuth = exchange.authenticate(saltEnc);
  const good = { keyAgreement, saltEnc, saltAuth, pinUvAuthProtocol: exchange.version };
  return ask({ 'hmac-secret': hmacSecretInput.write({ ...good, ...change }) });
}

/** The decrypted output of an assertion. */
function secrets(exchange: PlatformExchange, response: { readonly authData: Uint8Array }): Uint8Array {
  const output = outputs(response)?.get('hmac-secret');
  if (!(output instanceof Uint8Array)) throw new TypeError('there is no hmac-secret output');
  return exchange.decrypt(output);
}

const withSecret = { ...ask({ 'hmac-secret': true }), options: { rk: true } };

describe('hmac-secret at registration', () => {
  it('is answered with true, and not at all for false', async () => {
    const key = createTestKey();
    expect(outputs((await register(key, ask({ 'hmac-secret': true }))).response)).toEqual(
      new Map([['hmac-secret', true]]),
    );
    expect(outputs((await register(key, ask({ 'hmac-secret': false }))).response)).toBeUndefined();
  });
});

describe.each(VERSIONS)('hmac-secret over protocol %i', (version) => {
  const oneSalt = SALTS[0];
  const twoSalts = concat(...SALTS);

  it.each([true, false])('is HMAC-SHA-256 of each salt, the same every time (rk: %s)', async (rk) => {
    const key = createTestKey();
    const { descriptor } = await register(key, { ...withSecret, options: { rk } });
    const allowList = [descriptor];
    const evaluated = async (salts: Uint8Array) => {
      const exchange = await agree(key, version);
      return secrets(
        exchange,
        mustSucceed(await getAssertion(key, { allowList, ...evaluate(exchange, salts) })),
      );
    };
    const both = await evaluated(twoSalts);
    expect(both).toHaveLength(64);
    expect(await evaluated(oneSalt)).toEqual(both.slice(0, 32));
    expect(await evaluated(SALTS[1])).toEqual(both.slice(32));
    key.machine.powerCycle();
    expect(await evaluated(twoSalts)).toEqual(both);
  });

  it('is made with the CredRandom of the credential', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    const exchange = await agree(key, version);
    const response = mustSucceed(await getAssertion(key, evaluate(exchange, oneSalt)));
    expect(stored && nodeCrypto.hmacSha256(stored.credRandomWithoutUv, oneSalt)).toEqual(
      secrets(exchange, response),
    );
    expect(flagsOf(response)).toBe('UP ED');
  });

  it.each([true, false])('has another secret after user verification (rk: %s)', async (rk) => {
    const key = await createKeyWithPin();
    const { descriptor } = await register(key, {
      ...withSecret,
      options: { rk },
      ...(await proofOf(pinToken(key))),
    });
    const exchange = await agree(key, version);
    const request = { allowList: [descriptor], ...evaluate(exchange, oneSalt) };
    const without = secrets(exchange, mustSucceed(await getAssertion(key, request)));
    const proof = await proofOf(pinToken(key));
    const verified = secrets(exchange, mustSucceed(await getAssertion(key, { ...request, ...proof })));
    expect(verified).not.toEqual(without);
  });

  it('refuses salts of another length', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    for (const length of [0, 16, 48, 80, 96]) {
      const exchange = await agree(key, version);
      const { status } = await getAssertion(key, evaluate(exchange, new Uint8Array(length)));
      expect(status, `${length} bytes`).toBe('CTAP1_ERR_INVALID_PARAMETER');
    }
  });

  it('refuses salts that can not be decrypted', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const exchange = await agree(key, version);
    const saltEnc = exchange.encrypt(oneSalt).slice(0, -1);
    const request = evaluate(exchange, oneSalt, { saltEnc, saltAuth: exchange.authenticate(saltEnc) });
    expect((await getAssertion(key, request)).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('refuses another saltAuth', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const exchange = await agree(key, version);
    const saltAuth = new Uint8Array(version === 1 ? 16 : 32);
    expect((await getAssertion(key, evaluate(exchange, oneSalt, { saltAuth }))).status).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
  });

  it('refuses a key-agreement key that is none', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const exchange = await agree(key, version);
    const keyAgreement: CborMap = new Map(exchange.members.keyAgreement).set(-3, new Uint8Array(32));
    expect((await getAssertion(key, evaluate(exchange, oneSalt, { keyAgreement }))).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });
});

describe('hmac-secret', () => {
  it('takes protocol one when none is named, and refuses unknown ones', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const exchange = await agree(key, 1);
    const unnamed = evaluate(exchange, SALTS[0], { pinUvAuthProtocol: undefined });
    expect((await getAssertion(key, unnamed)).status).toBe(OK);
    expect((await getAssertion(key, evaluate(exchange, SALTS[0], { pinUvAuthProtocol: 3 }))).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });

  it('needs presence', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const request = { ...evaluate(await agree(key), SALTS[0]), options: { up: false } };
    expect((await getAssertion(key, request)).status).toBe('CTAP2_ERR_UNSUPPORTED_OPTION');
    const config = { quirks: { hmacSecretWithoutPresence: 'up-required' } } as const;
    const yubico = createTestKey({ config, store: key.store });
    const other = { ...evaluate(await agree(yubico), SALTS[0]), options: { up: false } };
    expect((await getAssertion(yubico, other)).status).toBe('CTAP2_ERR_UP_REQUIRED');
  });

  it.each(['keyAgreement', 'saltEnc', 'saltAuth'])('is MISSING_PARAMETER without %s', async (name) => {
    const key = createTestKey();
    await register(key, withSecret);
    const request = evaluate(await agree(key), SALTS[0], { [name]: undefined });
    expect((await getAssertion(key, request)).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
    const quirks = { missingNestedMember: 'invalid-cbor' } as const;
    const other = createTestKey({ config: { quirks } });
    expect((await getAssertion(other, request)).status).toBe('CTAP2_ERR_INVALID_CBOR');
  });

  it('is of the wrong type as true in GetAssertion', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    expect((await getAssertion(key, ask({ 'hmac-secret': true }))).status).toBe(
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
    );
  });

  it('gives nothing for a credential that was made without it', async () => {
    const key = createTestKey();
    for (const rk of [true, false]) {
      const { descriptor } = await register(key, { options: { rk } });
      const request = { allowList: [descriptor], ...evaluate(await agree(key), SALTS[0]) };
      expect(flagsOf(mustSucceed(await getAssertion(key, request)))).toBe('UP');
    }
  });

  it('gives every account its own secret in GetNextAssertion', async () => {
    const key = createTestKey();
    for (const name of ['ada', 'bob']) await registerDiscoverable(key, name, ask({ 'hmac-secret': true }));
    await registerDiscoverable(key, 'cyd');
    const exchange = await agree(key);
    const plain = mustSucceed(await getAssertion(key, evaluate(exchange, SALTS[0])));
    const bob = secrets(exchange, mustSucceed(await getNextAssertion(key)));
    const ada = secrets(exchange, mustSucceed(await getNextAssertion(key)));
    expect(flagsOf(plain)).toBe('UP');
    expect(ada).not.toEqual(bob);
    const stored = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    expect(
      stored.slice(1).map(({ credRandomWithoutUv }) => nodeCrypto.hmacSha256(credRandomWithoutUv, SALTS[0])),
    ).toEqual([bob, ada]);
  });

  it('encrypts under a fresh IV each time in protocol two', async () => {
    const key = createTestKey();
    await register(key, withSecret);
    const exchange = await agree(key);
    const once = async () => outputs(mustSucceed(await getAssertion(key, evaluate(exchange, SALTS[0]))));
    expect(await once()).not.toEqual(await once());
  });
});
