import { describe, expect, it } from 'vitest';
import { noneAttester } from '../../attestation/attestation.js';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import { makeCredentialRequest } from '../../ctap/messages/make-credential.js';
import { concat, sameBytes, utf8 } from '../../data/bytes.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  AAGUID,
  CLIENT_DATA_HASH,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  flagsOf,
  getAssertion,
  goodRegistration,
  legacyToken,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  pinToken,
  proofOf,
  RP_ID,
  rawRequest,
  readAnswer,
  register,
  registerDiscoverable,
  signedBy,
  type TestKey,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';
import { wrappedCredentialLength } from '../wrapped-credential.js';

const OK = 'CTAP1_ERR_SUCCESS';
const es256 = { alg: -7, type: 'public-key' };

const touches = (key: TestKey) =>
  key.events.filter((event) => event.layer === 'user' && event.kind === 'wait').length;

describe('MakeCredential', () => {
  it('makes a credential that signs', async () => {
    const key = createTestKey();
    const credential = await register(key);
    expect(flagsOf(credential.response)).toBe('UP AT');
    expect(credential.authData).toMatchObject({
      rpIdHash: nodeCrypto.sha256(utf8(RP_ID)),
      signCount: 0,
      attestedCredential: { aaguid: AAGUID },
    });
    const assertion = mustSucceed(await getAssertion(key, { allowList: [credential.descriptor] }));
    expect(signedBy(credential, assertion)).toBe(true);
  });

  it('answers with fmt, authData and attStmt alone', async () => {
    expect(Object.keys(mustSucceed(await makeCredential(createTestKey())))).toEqual([
      'fmt',
      'authData',
      'attStmt',
    ]);
  });

  it('never makes the same credential twice', async () => {
    const key = createTestKey();
    const [a, b] = [await register(key), await register(key)];
    expect(sameBytes(a.id, b.id)).toBe(false);
    expect(a.authData.attestedCredential?.publicKey).not.toEqual(b.authData.attestedCredential?.publicKey);
  });
});

describe('step 1, an empty pinUvAuthParam', () => {
  const probe = { pinUvAuthParam: new Uint8Array(0) };

  it('asks for a touch and tells whether a PIN is set', async () => {
    const bare = createTestKey();
    expect((await makeCredential(bare, probe)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
    const set = await createKeyWithPin();
    expect((await makeCredential(set, probe)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect([touches(bare), touches(set)]).toEqual([1, 1]);
  });

  it('goes before every other parameter', async () => {
    const bad = {
      ...probe,
      clientDataHash: new Uint8Array(0),
      pubKeyCredParams: [],
      options: { up: false, uv: true },
      enterpriseAttestation: 9,
      pinUvAuthProtocol: 9,
    };
    expect((await makeCredential(createTestKey(), bad)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
  });

  it('is refused without a touch', async () => {
    const key = createTestKey({ touch: { kind: 'deny' } });
    expect((await makeCredential(key, probe)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('is a parameter like any other to a key that has neither PIN nor token', async () => {
    const config = { extensions: [], options: { clientPin: false, pinUvAuthToken: false } };
    expect((await makeCredential(createTestKey({ config }), probe)).status).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
  });
});

describe('lengths', () => {
  it.each([0, 31, 33])('of the clientDataHash: %i bytes are refused', async (length) => {
    const clientDataHash = new Uint8Array(length);
    expect((await makeCredential(createTestKey(), { clientDataHash })).status).toBe(
      'CTAP1_ERR_INVALID_LENGTH',
    );
    const quirky = createTestKey({ config: { quirks: { clientDataHashLength: 'invalid-parameter' } } });
    expect((await makeCredential(quirky, { clientDataHash })).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('of the user ID: 0 and 64 bytes are accepted, 65 are not', async () => {
    const key = createTestKey();
    const withId = (length: number) => makeCredential(key, { user: { id: new Uint8Array(length) } });
    expect((await withId(0)).status).toBe(OK);
    expect((await withId(64)).status).toBe(OK);
    expect((await withId(65)).status).toBe('CTAP1_ERR_INVALID_LENGTH');
  });

  it('of the exclude list: more than maxCredentialCountInList is refused', async () => {
    const key = createTestKey();
    const list = (length: number) =>
      makeCredential(key, {
        excludeList: Array.from({ length }, () => ({ id: new Uint8Array(16), type: 'public-key' })),
      });
    expect((await list(8)).status).toBe(OK);
    expect((await list(9)).status).toBe('CTAP2_ERR_LIMIT_EXCEEDED');
  });

  it('of names: long ones are kept as far as answers have room, not refused', async () => {
    const name = 'ß'.repeat(200);
    const key = createTestKey();
    const user = { id: utf8('ada'), name, displayName: name };
    await registerDiscoverable(key, 'ada', { rp: { id: RP_ID, name }, user });
    const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    const kept = 'ß'.repeat(32);
    // The name of the relying party is in no answer.
    expect([stored?.rpName, stored?.userName, stored?.userDisplayName]).toEqual([name, kept, kept]);
  });
});

describe('step 2, pinUvAuthProtocol', () => {
  it('is mandatory with a pinUvAuthParam', async () => {
    const { pinUvAuthParam } = { pinUvAuthParam: new Uint8Array(32) };
    expect((await makeCredential(createTestKey(), { pinUvAuthParam })).status).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
  });

  it('has to be a supported one', async () => {
    const proof = { pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 3 };
    expect((await makeCredential(createTestKey(), proof)).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
    const one = createTestKey({ config: { pinUvAuthProtocols: [1] } });
    expect((await makeCredential(one, { ...proof, pinUvAuthProtocol: 2 })).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });

  it('means nothing without a pinUvAuthParam', async () => {
    expect((await makeCredential(createTestKey(), { pinUvAuthProtocol: 9 })).status).toBe(OK);
  });
});

describe('step 3, pubKeyCredParams', () => {
  const made = async (algorithms: readonly number[]) => {
    const pubKeyCredParams = algorithms.map((alg) => ({ alg, type: 'public-key' }));
    const answer = await makeCredential(createTestKey(), { pubKeyCredParams });
    const data = answer.value && decodeAuthenticatorData(answer.value.authData);
    return data?.attestedCredential?.publicKey.alg ?? answer.status;
  };

  it.each([-7, -8, -35, -257])('makes keys of algorithm %i', async (alg) => {
    expect(await made([alg])).toBe(alg);
  });

  it('takes the first supported one, in the order of the platform', async () => {
    expect(await made([-65535, -35, -7])).toBe(-35);
    expect(await made([-7, -35])).toBe(-7);
  });

  it('is refused when nothing in it is supported', async () => {
    expect(await made([])).toBe('CTAP2_ERR_UNSUPPORTED_ALGORITHM');
    expect(await made([-36, -47, 5])).toBe('CTAP2_ERR_UNSUPPORTED_ALGORITHM');
  });

  it('skips entries of another type', async () => {
    const answer = await makeCredential(createTestKey(), { pubKeyCredParams: [{ alg: -7, type: 'secret' }] });
    expect(answer.status).toBe('CTAP2_ERR_UNSUPPORTED_ALGORITHM');
  });

  it.each([
    ['without alg', new Map([['type', 'public-key']]), 'CTAP2_ERR_INVALID_CBOR'],
    ['without type', new Map([['alg', -7]]), 'CTAP2_ERR_INVALID_CBOR'],
    [
      'with alg as text',
      new Map([
        ['alg', 'ES256'],
        ['type', 'public-key'],
      ]),
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
    ],
    ['that is no map', 7, 'CTAP2_ERR_CBOR_UNEXPECTED_TYPE'],
  ])('is refused for an entry %s, even behind a good one', async (_, entry, status) => {
    const good = makeCredentialRequest.write(goodRegistration());
    const params = [
      new Map<string, string | number>([
        ['alg', -7],
        ['type', 'public-key'],
      ]),
      entry,
    ];
    const request = rawRequest('authenticatorMakeCredential', [...good, [0x04, params]]);
    expect(readAnswer(await createTestKey().send(request)).status).toBe(status);
  });

  it('is what the device offers, not what cryptography could', async () => {
    const key = createTestKey({ config: { algorithms: [-8] } });
    expect((await makeCredential(key, { pubKeyCredParams: [es256] })).status).toBe(
      'CTAP2_ERR_UNSUPPORTED_ALGORITHM',
    );
  });
});

describe('step 9, enterpriseAttestation', () => {
  it.each([0, 1, 2, 3])('%i is refused by a key that has none', async (enterpriseAttestation) => {
    expect((await makeCredential(createTestKey(), { enterpriseAttestation })).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });

  it('is looked at after the options', async () => {
    const { status } = await makeCredential(createTestKey(), {
      enterpriseAttestation: 1,
      options: { up: false },
    });
    expect(status).toBe('CTAP2_ERR_INVALID_OPTION');
  });
});

describe('step 11, user verification', () => {
  it('sets UV for a token and for built-in verification, and without either not', async () => {
    const pin = await createKeyWithPin();
    expect(flagsOf(mustSucceed(await makeCredential(pin, await proofOf(pinToken(pin)))))).toBe('UP UV AT');
    const finger = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const answer = await makeCredential(finger, { options: { uv: true } });
    expect(flagsOf(mustSucceed(answer))).toBe('UP UV AT');
    expect(flagsOf(mustSucceed(await makeCredential(pin)))).toBe('UP AT');
  });

  it('binds an unbound token to the relying party', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(legacyToken(key));
    expect(key.machine.session.tokens.rpId).toBeUndefined();
    await makeCredential(key, proof);
    expect(key.machine.session.tokens.rpId).toBe(RP_ID);
  });

  it('leaves an unbound token unbound when the proof fails', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(legacyToken(key));
    const clientDataHash = new Uint8Array(32);
    expect((await makeCredential(key, { ...proof, clientDataHash })).status).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
    expect(key.machine.session.tokens.rpId).toBeUndefined();
  });

  it('ignores the proof on a key without PIN and verification', async () => {
    const proof = { pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 2 };
    expect(flagsOf(mustSucceed(await makeCredential(createTestKey(), proof)))).toBe('UP AT');
  });

  describe('by a finger that fails', () => {
    const failing = (config: Partial<AuthenticatorConfig> = {}) =>
      ({ config: { ...FINGERPRINT, ...config }, verification: 'fail' }) as const;
    const uv = { options: { uv: true } };

    it('points to the PIN where there is one', async () => {
      const key = await createKeyWithPin(failing());
      expect((await makeCredential(key, uv)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
      const strict = await createKeyWithPin(
        failing({ quirks: { failedUvAtRegistration: 'operation-denied' } }),
      );
      expect((await makeCredential(strict, uv)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
    });

    it('is denied where there is no PIN, and blocked when nothing is left', async () => {
      const key = createTestKey(failing());
      for (let miss = 0; miss < 4; miss++) {
        expect((await makeCredential(key, uv)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
      }
      expect((await makeCredential(key, uv)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
    });

    it('is tried as often as the key retries by itself', async () => {
      const builtInUv = { ...FINGERPRINT.builtInUv, internalAttempts: 3 };
      const key = createTestKey(failing({ builtInUv }));
      await makeCredential(key, uv);
      expect(touches(key)).toBe(3);
    });
  });

  it('times out, and can be cancelled', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', touch: { kind: 'never' } });
    const late = makeCredential(key, { options: { uv: true } });
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT);
    expect((await late).status).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
    const stop = new AbortController();
    const stopped = makeCredential(key, { options: { uv: true } }, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await stopped).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
  });
});

describe('step 12, excludeList', () => {
  it.each([
    ['server-side', {}],
    ['discoverable', { options: { rk: true } }],
  ])('refuses a %s credential of this key after a touch', async (_, change) => {
    const key = createTestKey();
    const { descriptor } = await register(key, change);
    const before = touches(key);
    expect((await makeCredential(key, { excludeList: [descriptor] })).status).toBe(
      'CTAP2_ERR_CREDENTIAL_EXCLUDED',
    );
    expect(touches(key)).toBe(before + 1);
  });

  it.each(['deny', 'never'] as const)('refuses it with a touch of the kind "%s" as well', async (kind) => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    key.user.setTouch({ kind });
    const asked = makeCredential(key, { excludeList: [descriptor] });
    if (kind === 'never') {
      await untilWaiting(key);
      await key.clock.advance(USER_TIMEOUT);
    }
    expect((await asked).status).toBe('CTAP2_ERR_CREDENTIAL_EXCLUDED');
  });

  it('can be cancelled while it waits for the touch', async () => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    key.user.setTouch({ kind: 'never' });
    const stop = new AbortController();
    const asked = makeCredential(key, { excludeList: [descriptor] }, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
  });

  it('finds it anywhere in the list', async () => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    const stranger = { id: new Uint8Array(95).fill(1), type: 'public-key' };
    expect((await makeCredential(key, { excludeList: [stranger, descriptor] })).status).toBe(
      'CTAP2_ERR_CREDENTIAL_EXCLUDED',
    );
  });

  it.each([
    ['of another relying party', { rp: { id: 'example.com' } }, undefined],
    ['of another type', {}, 'secret'],
  ])('does not refuse a credential %s', async (_, change, type) => {
    const key = createTestKey();
    for (const options of [{ rk: true }, {}]) {
      const { descriptor } = await register(key, { options, ...change });
      const excludeList = [{ ...descriptor, type: type ?? descriptor.type }];
      expect((await makeCredential(key, { excludeList })).status).toBe(OK);
    }
  });

  it('is no list when it is empty', async () => {
    expect((await makeCredential(createTestKey(), { excludeList: [] })).status).toBe(OK);
  });

  it('treats IDs that are longer than any of ours as strangers, or refuses them', async () => {
    const long = { excludeList: [{ id: new Uint8Array(513), type: 'public-key' }] };
    expect((await makeCredential(createTestKey(), long)).status).toBe(OK);
    const strict = createTestKey({ config: { quirks: { longCredentialId: 'limit-exceeded' } } });
    expect((await makeCredential(strict, long)).status).toBe('CTAP2_ERR_LIMIT_EXCEEDED');
  });

  describe('with credProtect 3', () => {
    const required = { extensions: new Map([['credProtect', 3]]) };

    it('does not admit to the credential without user verification', async () => {
      const key = await createKeyWithPin();
      const { descriptor } = await register(key, { ...required, ...(await proofOf(pinToken(key))) });
      expect((await makeCredential(key, { excludeList: [descriptor] })).status).toBe(OK);
      const proof = await proofOf(pinToken(key));
      expect((await makeCredential(key, { excludeList: [descriptor], ...proof })).status).toBe(
        'CTAP2_ERR_CREDENTIAL_EXCLUDED',
      );
    });

    it('goes on to the next entry', async () => {
      const key = createTestKey();
      const hidden = await register(key, required);
      const open = await register(key);
      const excludeList = [hidden.descriptor, open.descriptor];
      expect((await makeCredential(key, { excludeList })).status).toBe('CTAP2_ERR_CREDENTIAL_EXCLUDED');
    });
  });

  it('needs no second touch from somebody who has just verified', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const { descriptor } = await register(key, { options: { uv: true } });
    const before = touches(key);
    const excluded = { excludeList: [descriptor] };
    expect((await makeCredential(key, { ...excluded, options: { uv: true } })).status).toBe(
      'CTAP2_ERR_CREDENTIAL_EXCLUDED',
    );
    expect(touches(key)).toBe(before + 1);
    const proof = await proofOf(uvToken(key));
    const between = touches(key);
    expect((await makeCredential(key, { ...excluded, ...proof })).status).toBe(
      'CTAP2_ERR_CREDENTIAL_EXCLUDED',
    );
    expect(touches(key)).toBe(between);
  });

  it('leaves the token usable, since nothing was made with it', async () => {
    const key = await createKeyWithPin();
    const { descriptor } = await register(key, await proofOf(pinToken(key)));
    const proof = await proofOf(pinToken(key));
    await makeCredential(key, { excludeList: [descriptor], ...proof });
    expect((await makeCredential(key, proof)).status).toBe(OK);
  });
});

describe('step 14, user presence', () => {
  it.each([
    ['deny', 'CTAP2_ERR_OPERATION_DENIED'],
    ['never', 'CTAP2_ERR_USER_ACTION_TIMEOUT'],
  ] as const)('%s: nothing is made', async (kind, status) => {
    const key = createTestKey({ touch: { kind } });
    const asked = makeCredential(key, { options: { rk: true } });
    if (kind === 'never') {
      await untilWaiting(key);
      await key.clock.advance(USER_TIMEOUT);
    }
    expect((await asked).status).toBe(status);
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(0);
  });

  it('waits 30 seconds and not a millisecond less', async () => {
    const key = createTestKey({ touch: { kind: 'after', milliseconds: USER_TIMEOUT - 1 } });
    const asked = makeCredential(key);
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT - 1);
    expect((await asked).status).toBe(OK);
  });

  it('says OPERATION_DENIED to a timeout where the device does', async () => {
    const config: Partial<AuthenticatorConfig> = { quirks: { presenceTimeout: 'operation-denied' } };
    const key = createTestKey({ config, touch: { kind: 'never' } });
    const asked = makeCredential(key);
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT);
    expect((await asked).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('can be cancelled, and tells that it waits', async () => {
    const key = createTestKey({ touch: { kind: 'never' } });
    const stop = new AbortController();
    const asked = makeCredential(key, {}, stop.signal);
    await untilWaiting(key);
    expect(key.keepAlives).toEqual(['user-presence-needed']);
    stop.abort();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(key.keepAlives).toEqual(['user-presence-needed', 'processing']);
    expect(key.clock.pending).toBe(0);
  });

  it('consumes any token in use, also one that the command did not need', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(pinToken(key));
    await register(key);
    expect((await makeCredential(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });

  it('is no second gesture after built-in verification that is one', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    await register(key, { options: { uv: true } });
    expect(touches(key)).toBe(1);
    const apart = createTestKey({ config: { ...FINGERPRINT, presence: 'touch' }, verification: 'succeed' });
    await register(apart, { options: { uv: true } });
    expect(touches(apart)).toBe(2);
  });
});

describe('steps 17 and 18, keeping the credential', () => {
  it('stores a discoverable one with everything that is known of it', async () => {
    const key = createTestKey();
    const { id } = await register(key, { options: { rk: true } });
    const [stored] = await key.store.read((reader) => reader.credentialsOf(RP_ID));
    expect(stored).toMatchObject({
      id,
      rpName: 'Example',
      userId: utf8('user-1'),
      userName: 'ada',
      userDisplayName: 'Ada Lovelace',
      algorithm: -7,
      credProtect: 1,
      hmacSecret: false,
    });
    expect(stored?.credRandomWithUv).not.toEqual(stored?.credRandomWithoutUv);
    expect(id).toHaveLength(32);
  });

  it('stores nothing of a server-side one, whose ID is the credential', async () => {
    const key = createTestKey();
    const { id } = await register(key, { options: { rk: false } });
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(0);
    expect(id).toHaveLength(95);
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });

  it.each([-7, -8, -35, -257] as const)('makes IDs as long as announced for algorithm %i', async (alg) => {
    const { id } = await register(createTestKey(), { pubKeyCredParams: [{ alg, type: 'public-key' }] });
    expect(id).toHaveLength(wrappedCredentialLength(alg));
  });

  it('replaces the credential of the same account, and of no other', async () => {
    const key = createTestKey();
    const first = await registerDiscoverable(key, 'ada');
    await registerDiscoverable(key, 'bob');
    await registerDiscoverable(key, 'ada', { rp: { id: 'example.com' } });
    const second = await registerDiscoverable(key, 'ada');
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(3);
    expect((await getAssertion(key, { allowList: [first.descriptor] })).status).toBe(
      'CTAP2_ERR_NO_CREDENTIALS',
    );
    expect((await getAssertion(key, { allowList: [second.descriptor] })).status).toBe(OK);
  });

  it('is KEY_STORE_FULL when there is no room, except in the place of an older one', async () => {
    const limits = { discoverableCredentials: 2 };
    const key = createTestKey({ config: { limits } });
    await registerDiscoverable(key, 'ada');
    await registerDiscoverable(key, 'bob');
    const full = await makeCredential(key, { user: { id: utf8('eve') }, options: { rk: true } });
    expect(full.status).toBe('CTAP2_ERR_KEY_STORE_FULL');
    await registerDiscoverable(key, 'bob');
    await register(key);
    const ids = await key.store.read((reader) => reader.credentialsOf(RP_ID).map(({ userId }) => userId));
    expect(ids).toEqual([utf8('bob'), utf8('ada')]);
  });

  it('loses nothing when a smaller device has taken over a store that is too full', async () => {
    const big = createTestKey();
    await registerDiscoverable(big, 'ada');
    await registerDiscoverable(big, 'bob');
    const limits = { ...big.config.limits, discoverableCredentials: 1 };
    const small = createTestKey({ store: big.store, config: { limits } });
    const answer = await makeCredential(small, { user: { id: utf8('ada') }, options: { rk: true } });
    expect(answer.status).toBe('CTAP2_ERR_KEY_STORE_FULL');
    expect(await big.store.read((reader) => reader.credentialCount())).toBe(2);
  });

  it('shows the counter as it is, without moving it', async () => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    await getAssertion(key, { allowList: [descriptor] });
    expect((await register(key)).authData.signCount).toBe(1);
    expect((await register(key)).authData.signCount).toBe(1);
    const zero = createTestKey({ config: { counter: 'zero' }, store: key.store });
    expect((await register(zero)).authData.signCount).toBe(0);
  });

  it('has the backup flags of the device', async () => {
    const flags = async (eligible: boolean, backedUp: boolean) =>
      flagsOf((await register(createTestKey({ config: { backup: { eligible, backedUp } } }))).response);
    expect(await flags(false, false)).toBe('UP AT');
    expect(await flags(true, false)).toBe('UP BE AT');
    expect(await flags(true, true)).toBe('UP BE BS AT');
  });

  it('makes nothing when the power goes while the key pair is generated', async () => {
    let release: () => void = () => {};
    const opened = new Promise<void>((resolve) => {
      release = resolve;
    });
    const crypto = {
      ...nodeCrypto,
      generateKeyPair: async (algorithm: Parameters<typeof nodeCrypto.generateKeyPair>[0]) => {
        await opened;
        return nodeCrypto.generateKeyPair(algorithm);
      },
    };
    const key = createTestKey({ crypto });
    const asked = makeCredential(key, { options: { rk: true } });
    await key.clock.advance(0);
    key.machine.powerCycle();
    release();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(0);
  });
});

describe('step 19, attestation', () => {
  it('is what the device does: self attestation verifies with the credential', async () => {
    const credential = await register(createTestKey());
    const { fmt, attStmt, authData } = credential.response;
    expect(fmt).toBe('packed');
    const sig = attStmt instanceof Map ? attStmt.get('sig') : undefined;
    const publicKey = credential.authData.attestedCredential?.publicKey;
    expect(
      publicKey !== undefined &&
        sig instanceof Uint8Array &&
        nodeCrypto.verify(publicKey, concat(authData, CLIENT_DATA_HASH), sig),
    ).toBe(true);
  });

  it('is none from a device without', async () => {
    const { response } = await register(createTestKey({ attester: noneAttester }));
    expect(response).toMatchObject({ fmt: 'none', attStmt: new Map() });
  });

  it.each([
    ['nothing', undefined, 'packed'],
    ['an empty list', [], 'packed'],
    ['exactly none', ['none'], 'none'],
    ['none before what it can do', ['none', 'packed'], 'none'],
    ['none behind what it can do', ['packed', 'none'], 'packed'],
    ['none behind what it can not do', ['tpm', 'none', 'packed'], 'none'],
    ['only what it can not do', ['tpm', 'apple'], 'packed'],
    ['what it can do', ['tpm', 'packed'], 'packed'],
  ])('goes by the preference of the platform: %s', async (_, preference, fmt) => {
    const change = preference === undefined ? {} : { attestationFormatsPreference: preference };
    expect((await register(createTestKey(), change)).response.fmt).toBe(fmt);
  });
});
