import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData } from '../../ctap/authenticator-data.js';
import { getAssertionRequest, getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { utf8 } from '../../data/bytes.js';
import type { AuthenticatorConfig } from '../config.js';
import {
  CLIENT_DATA_HASH,
  countOf,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  flagsOf,
  getAssertion,
  getInfo,
  legacyToken,
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
  type TestKeyOptions,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';

const OK = 'CTAP1_ERR_SUCCESS';

const touches = (key: TestKey) =>
  key.events.filter((event) => event.layer === 'user' && event.kind === 'wait').length;

/** A key with one discoverable credential, without a PIN unless the test sets one. */
async function keyWithAda(options: TestKeyOptions = {}) {
  const key = createTestKey(options);
  const uv = options.verification === 'succeed';
  return { key, ada: await registerDiscoverable(key, 'ada', { options: { rk: true, uv } }) };
}

async function pinKeyWithAda(config: Partial<AuthenticatorConfig> = {}) {
  const key = await createKeyWithPin({ config });
  return { key, ada: await registerDiscoverable(key, 'ada', await proofOf(legacyToken(key))) };
}

describe('GetAssertion', () => {
  it('signs with a discoverable credential', async () => {
    const { key, ada } = await keyWithAda();
    const assertion = mustSucceed(await getAssertion(key));
    expect(signedBy(ada, assertion)).toBe(true);
    expect(assertion.credential).toEqual(ada.descriptor);
    expect(flagsOf(assertion)).toBe('UP');
    expect(decodeAuthenticatorData(assertion.authData).rpIdHash).toEqual(nodeCrypto.sha256(utf8(RP_ID)));
  });

  it.each([-7, -8, -35, -257])('signs with algorithm %i, stored or wrapped', async (alg) => {
    const key = createTestKey();
    const pubKeyCredParams = [{ alg, type: 'public-key' }];
    for (const rk of [true, false]) {
      const credential = await register(key, { pubKeyCredParams, options: { rk } });
      const assertion = mustSucceed(await getAssertion(key, { allowList: [credential.descriptor] }));
      expect(signedBy(credential, assertion)).toBe(true);
    }
  });
});

describe('step 1, an empty pinUvAuthParam', () => {
  it('asks for a touch and tells whether a PIN is set, before every other parameter', async () => {
    const bad = {
      pinUvAuthParam: new Uint8Array(0),
      clientDataHash: new Uint8Array(0),
      options: { rk: true, uv: true },
      pinUvAuthProtocol: 9,
    };
    const bare = createTestKey();
    expect((await getAssertion(bare, bad)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect((await getAssertion(await createKeyWithPin(), bad)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect(touches(bare)).toBe(1);
    bare.user.setTouch({ kind: 'deny' });
    expect((await getAssertion(bare, bad)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });
});

describe('lengths', () => {
  it('of the clientDataHash: anything but 32 bytes is refused', async () => {
    const { key } = await keyWithAda();
    expect((await getAssertion(key, { clientDataHash: new Uint8Array(31) })).status).toBe(
      'CTAP1_ERR_INVALID_LENGTH',
    );
  });

  it('of the allow list: more than maxCredentialCountInList is refused', async () => {
    const { key } = await keyWithAda();
    const list = (length: number) =>
      getAssertion(key, {
        allowList: Array.from({ length }, () => ({ id: new Uint8Array(16), type: 'public-key' })),
      });
    expect((await list(8)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    expect((await list(9)).status).toBe('CTAP2_ERR_LIMIT_EXCEEDED');
  });

  it('of IDs: the longest that the key announces is still one of ours', async () => {
    const key = createTestKey({ config: { algorithms: [-7], limits: { maxCredentialIdLength: 95 } } });
    const { id, descriptor } = await register(key);
    expect(id).toHaveLength(95);
    expect((await getAssertion(key, { allowList: [descriptor] })).status).toBe(OK);
  });

  it('are not limited by a key that says nothing of limits', async () => {
    const limits = { maxCredentialCountInList: undefined, maxCredentialIdLength: undefined };
    const { key, ada } = await keyWithAda({ config: { limits } });
    const stranger = { id: new Uint8Array(600), type: 'public-key' };
    expect((await getAssertion(key, { allowList: [stranger, ada.descriptor] })).status).toBe(OK);
    const many = Array.from({ length: 40 }, () => ({ id: new Uint8Array(16), type: 'public-key' }));
    expect((await getAssertion(key, { allowList: [...many, ada.descriptor] })).status).toBe(OK);
    const info = await getInfo(key);
    expect([info.maxCredentialCountInList, info.maxCredentialIdLength]).toEqual([undefined, undefined]);
  });

  it('of IDs: longer ones than ours match nothing, or are refused', async () => {
    const long = { allowList: [{ id: new Uint8Array(513), type: 'public-key' }] };
    expect((await getAssertion(createTestKey(), long)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    const strict = createTestKey({ config: { quirks: { longCredentialId: 'limit-exceeded' } } });
    expect((await getAssertion(strict, long)).status).toBe('CTAP2_ERR_LIMIT_EXCEEDED');
    const short = { allowList: [{ id: new Uint8Array(512), type: 'public-key' }] };
    expect((await getAssertion(strict, short)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });
});

describe('step 2, pinUvAuthProtocol', () => {
  it('is mandatory with a pinUvAuthParam, and has to be a supported one', async () => {
    const { key } = await keyWithAda();
    const pinUvAuthParam = new Uint8Array(32);
    expect((await getAssertion(key, { pinUvAuthParam })).status).toBe('CTAP2_ERR_MISSING_PARAMETER');
    expect((await getAssertion(key, { pinUvAuthParam, pinUvAuthProtocol: 3 })).status).toBe(
      'CTAP1_ERR_INVALID_PARAMETER',
    );
  });
});

describe('members 8 and 9', () => {
  it('are the proof of MakeCredential and nothing here', async () => {
    const { key } = await pinKeyWithAda();
    const { pinUvAuthParam, pinUvAuthProtocol } = await proofOf(pinToken(key));
    const request = getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH });
    const members = [...request, [0x08, pinUvAuthParam] as const, [0x09, pinUvAuthProtocol] as const];
    const answer = await key.send(rawRequest('authenticatorGetAssertion', members));
    expect(flagsOf(mustSucceed(readAnswer(answer, getAssertionResponse)))).toBe('UP');
  });
});

describe('step 4, options', () => {
  it.each([true, false])('rk: %s makes no sense', async (rk) => {
    const { key } = await keyWithAda();
    expect((await getAssertion(key, { options: { rk } })).status).toBe('CTAP2_ERR_UNSUPPORTED_OPTION');
    const old = createTestKey({ config: { quirks: { rkInGetAssertion: 'invalid-option' } } });
    expect((await getAssertion(old, { options: { rk } })).status).toBe('CTAP2_ERR_INVALID_OPTION');
  });
});

describe('step 6, user verification', () => {
  it('sets UV for a token', async () => {
    const { key } = await pinKeyWithAda();
    expect(flagsOf(mustSucceed(await getAssertion(key, await proofOf(pinToken(key)))))).toBe('UP UV');
  });

  it('sets UV for built-in verification', async () => {
    const { key } = await keyWithAda({ config: FINGERPRINT, verification: 'succeed' });
    expect(flagsOf(mustSucceed(await getAssertion(key, { options: { uv: true } })))).toBe('UP UV');
  });

  it('refuses a proof over other client data', async () => {
    const { key } = await pinKeyWithAda();
    const proof = await proofOf(pinToken(key));
    expect((await getAssertion(key, { ...proof, clientDataHash: new Uint8Array(32) })).status).toBe(
      'CTAP2_ERR_PIN_AUTH_INVALID',
    );
    expect((await getAssertion(key, proof)).status).toBe(OK);
  });

  it('ignores the proof on a key without PIN and verification', async () => {
    const { key } = await keyWithAda();
    const proof = { pinUvAuthParam: new Uint8Array(32), pinUvAuthProtocol: 2 };
    expect(flagsOf(mustSucceed(await getAssertion(key, proof)))).toBe('UP');
  });

  it('by a finger that fails points to the PIN, or is denied, or blocked', async () => {
    const uv = { options: { uv: true } };
    const options = { config: FINGERPRINT, verification: 'fail' } as const;
    const withPin = await createKeyWithPin(options);
    expect((await getAssertion(withPin, uv)).status).toBe('CTAP2_ERR_PUAT_REQUIRED');
    const without = createTestKey(options);
    for (let miss = 0; miss < 4; miss++) {
      expect((await getAssertion(without, uv)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
    }
    expect((await getAssertion(without, uv)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
  });
});

describe('step 7, finding credentials', () => {
  it('finds nothing at once, without a touch', async () => {
    const key = createTestKey();
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    expect(touches(key)).toBe(0);
  });

  it('finds nothing only after a touch, where the device does', async () => {
    const key = createTestKey({ config: { quirks: { noCredentials: 'after-touch' } } });
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    expect(touches(key)).toBe(1);
    expect((await getAssertion(key, { options: { up: false } })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    expect(touches(key)).toBe(1);
    key.user.setTouch({ kind: 'deny' });
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('does not find server-side credentials without their ID', async () => {
    const key = createTestKey();
    await register(key);
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });

  it.each([true, false])(
    'finds what is bound to the relying party (rk: %s), and nothing else',
    async (rk) => {
      const key = createTestKey();
      const { descriptor } = await register(key, { options: { rk } });
      const allowList = [descriptor];
      expect((await getAssertion(key, { allowList })).status).toBe(OK);
      expect((await getAssertion(key, { allowList, rpId: 'example.com' })).status).toBe(
        'CTAP2_ERR_NO_CREDENTIALS',
      );
      expect((await getAssertion(createTestKey(), { allowList })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    },
  );

  it('takes the first of the allow list that is here', async () => {
    const key = createTestKey();
    const [a, b] = [await register(key), await registerDiscoverable(key, 'bob')];
    const stranger = { id: new Uint8Array(95).fill(1), type: 'public-key' };
    const first = mustSucceed(await getAssertion(key, { allowList: [stranger, a.descriptor, b.descriptor] }));
    expect(first.credential?.id).toEqual(a.id);
    expect(first.numberOfCredentials).toBeUndefined();
    const second = mustSucceed(await getAssertion(key, { allowList: [b.descriptor, a.descriptor] }));
    expect(second.credential?.id).toEqual(b.id);
  });

  it('skips entries of another type', async () => {
    const { key, ada } = await keyWithAda();
    const allowList = [{ ...ada.descriptor, type: 'secret' }];
    expect((await getAssertion(key, { allowList })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });

  it('takes an empty list for none, or for one that allows nothing', async () => {
    const { key } = await keyWithAda();
    expect((await getAssertion(key, { allowList: [] })).status).toBe(OK);
    const strict = createTestKey({
      store: key.store,
      config: { quirks: { emptyAllowList: 'no-credentials' } },
    });
    expect((await getAssertion(strict, { allowList: [] })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });

  it('does not take an ID that somebody has changed', async () => {
    const key = createTestKey();
    const { id } = await register(key);
    for (const at of [0, 11, 12, 40, 94]) {
      const changed = id.with(at, (id[at] ?? 0) ^ 1);
      const { status } = await getAssertion(key, { allowList: [{ id: changed, type: 'public-key' }] });
      expect(status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    }
    const short = [{ id: id.slice(0, 63), type: 'public-key' }];
    expect((await getAssertion(key, { allowList: short })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });

  it('signs with the key that the store has, not with one that it had', async () => {
    const { key, ada } = await keyWithAda();
    const assert = async () => mustSucceed(await getAssertion(key, { allowList: [ada.descriptor] }));
    expect(signedBy(ada, await assert())).toBe(true);
    // Another key behind the same ID, as an import can leave it.
    const keyPair = await nodeCrypto.generateKeyPair(-7);
    await key.store.write((writer) => {
      for (const stored of writer.credentialsOf(RP_ID)) writer.putCredential({ ...stored, keyPair });
    });
    expect(signedBy(ada, await assert())).toBe(false);
  });
});

describe('step 9, user presence', () => {
  it('is not asked for with up: false, and UP stays 0', async () => {
    const { key } = await keyWithAda();
    key.user.setTouch({ kind: 'never' });
    const assertion = mustSucceed(await getAssertion(key, { options: { up: false } }));
    expect(flagsOf(assertion)).toBe('');
    expect(touches(key)).toBe(1);
  });

  it.each([
    ['deny', 'user-action-timeout', 'CTAP2_ERR_OPERATION_DENIED'],
    ['never', 'user-action-timeout', 'CTAP2_ERR_USER_ACTION_TIMEOUT'],
    ['never', 'operation-denied', 'CTAP2_ERR_OPERATION_DENIED'],
  ] as const)('%s (%s): %s, and no signature', async (kind, presenceTimeout, status) => {
    const { key } = await keyWithAda({ config: { quirks: { presenceTimeout } } });
    key.user.setTouch({ kind });
    const asked = getAssertion(key);
    if (kind === 'never') {
      await untilWaiting(key);
      await key.clock.advance(USER_TIMEOUT);
    }
    expect((await asked).status).toBe(status);
    expect(await key.store.read((reader) => reader.counter())).toBe(0);
  });

  it('can be cancelled', async () => {
    const { key } = await keyWithAda();
    key.user.setTouch({ kind: 'never' });
    const stop = new AbortController();
    const asked = getAssertion(key, {}, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(key.clock.pending).toBe(0);
  });

  it('comes with built-in verification where the gesture is one, even in a silent request', async () => {
    const { key } = await keyWithAda({ config: FINGERPRINT, verification: 'succeed' });
    const before = touches(key);
    const silent = mustSucceed(await getAssertion(key, { options: { up: false, uv: true } }));
    expect(flagsOf(silent)).toBe('UP UV');
    expect(touches(key)).toBe(before + 1);
  });

  it('is taken from the token where it holds a cached touch', async () => {
    const { key } = await keyWithAda({ config: FINGERPRINT, verification: 'succeed' });
    const proof = await proofOf(uvToken(key));
    const before = touches(key);
    expect(flagsOf(mustSucceed(await getAssertion(key, proof)))).toBe('UP UV');
    expect(touches(key)).toBe(before);
  });

  it('consumes any token in use, also one that the command did not need', async () => {
    const { key, ada } = await pinKeyWithAda();
    const proof = await proofOf(pinToken(key));
    expect((await getAssertion(key, { allowList: [ada.descriptor] })).status).toBe(OK);
    expect((await getAssertion(key, proof)).status).toBe('CTAP2_ERR_PIN_AUTH_INVALID');
  });
});

describe('the user in the answer', () => {
  const named = {
    user: { id: utf8('ada'), name: 'ada', displayName: 'Ada Lovelace' },
    options: { rk: true },
  };

  it('has names after user verification only', async () => {
    const key = await createKeyWithPin();
    const { descriptor } = await register(key, { ...named, ...(await proofOf(pinToken(key))) });
    expect(mustSucceed(await getAssertion(key)).user).toEqual({ id: utf8('ada') });
    const verified = mustSucceed(await getAssertion(key, await proofOf(pinToken(key))));
    expect(verified.user).toEqual(named.user);
    const listed = mustSucceed(await getAssertion(key, { allowList: [descriptor] }));
    expect(listed.user).toEqual({ id: utf8('ada') });
  });

  it('has only the names that there are', async () => {
    const key = await createKeyWithPin();
    const user = { id: utf8('ada') };
    await register(key, { user, options: { rk: true }, ...(await proofOf(pinToken(key))) });
    expect(mustSucceed(await getAssertion(key, await proofOf(pinToken(key)))).user).toEqual(user);
  });

  it('is missing for server-side credentials and for empty user IDs', async () => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    expect(mustSucceed(await getAssertion(key, { allowList: [descriptor] })).user).toBeUndefined();
    await register(key, { user: { id: new Uint8Array(0), name: 'nobody' }, options: { rk: true } });
    expect(mustSucceed(await getAssertion(key)).user).toBeUndefined();
  });
});

describe('the counter', () => {
  it('moves with every signature of any credential, silent ones too, and survives the power', async () => {
    const { key, ada } = await keyWithAda();
    const server = await register(key);
    const counts = [
      countOf(mustSucceed(await getAssertion(key))),
      countOf(mustSucceed(await getAssertion(key, { options: { up: false } }))),
      countOf(mustSucceed(await getAssertion(key, { allowList: [server.descriptor] }))),
    ];
    key.machine.powerCycle();
    counts.push(countOf(mustSucceed(await getAssertion(key, { allowList: [ada.descriptor] }))));
    expect(counts).toEqual([1, 2, 3, 4]);
  });

  it('stays 0 on a device without one, which needs no write', async () => {
    const { key } = await keyWithAda({ config: { counter: 'zero' } });
    expect(countOf(mustSucceed(await getAssertion(key)))).toBe(0);
    expect(await key.store.read((reader) => reader.counter())).toBe(0);
  });

  it('does not move when nothing is signed', async () => {
    const key = createTestKey();
    await getAssertion(key);
    expect(await key.store.read((reader) => reader.counter())).toBe(0);
  });
});

describe('backup flags', () => {
  it('are those of the device in every assertion', async () => {
    const { key } = await keyWithAda({ config: { backup: { eligible: true, backedUp: true } } });
    expect(flagsOf(mustSucceed(await getAssertion(key)))).toBe('UP BE BS');
  });
});
