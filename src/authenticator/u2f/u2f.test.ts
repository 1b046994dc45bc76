import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uncompressedPoint } from '../../crypto/spki.js';
import { writeCommandApdu } from '../../ctap/apdu.js';
import { lintGetInfo } from '../../ctap/get-info-linter.js';
import {
  U2F_CONTROL,
  U2F_INSTRUCTIONS,
  u2fAuthenticateCommand,
  u2fRegisterCommand,
  u2fVersionCommand,
} from '../../ctap/u2f.js';
import { concat, fromHex, utf8 } from '../../data/bytes.js';
import { createMemoryStore } from '../store/memory.js';
import {
  call,
  FINGERPRINT,
  getAssertion,
  getInfo,
  getNextAssertion,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  type Registered,
  RP_ID,
  register,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';
import {
  APPLICATION,
  authenticateU2f,
  CHALLENGE,
  createU2fKey,
  OTHER_APPLICATION,
  opensslAcceptsAssertion,
  opensslAcceptsRegistration,
  registerU2f,
  sendU2f,
  tryAuthenticate,
  tryRegister,
  u2fAttester,
} from './u2f-client.suite.js';

const bytes = (hex: string) => fromHex(hex.replaceAll(' ', '')) ?? expect.unreachable('not hexadecimal');
const OK = { status: 'SW_NO_ERROR' };
const NOT_TOUCHED = { status: 'SW_CONDITIONS_NOT_SATISFIED' };
const NOT_MINE = { status: 'SW_WRONG_DATA' };
const MANUAL = { touch: { kind: 'manual' } } as const;

const counterOf = (key: TestKey) => key.store.read((reader) => reader.counter());
const descriptor = (id: Uint8Array) => ({ id, type: 'public-key' });

function publicKeyOf({ authData }: Registered): Uint8Array {
  const key = authData.attestedCredential?.publicKey;
  return key?.kty === 'EC2' ? uncompressedPoint(key) : expect.unreachable('not an EC key');
}

describe('version', () => {
  it.each([
    ['extended', '00 03 00 00 00 0000'],
    ['extended, with an Lc of zero', '00 03 00 00 00 0000 0000'],
    ['short', '00 03 00 00'],
    ['short, with Le', '00 03 00 00 00'],
  ])('is U2F_V2: %s', async (_name, apdu) => {
    expect(await sendU2f(await createU2fKey(), bytes(apdu))).toEqual({ ...OK, data: utf8('U2F_V2') });
  });

  it('takes no data', async () => {
    expect(await sendU2f(await createU2fKey(), bytes('00 03 00 00 01 aa'))).toMatchObject({
      status: 'SW_WRONG_LENGTH',
    });
  });

  it('is in getInfo', async () => {
    expect((await getInfo(await createU2fKey())).versions).toEqual(['U2F_V2', 'FIDO_2_0']);
  });
});

describe('a registration', () => {
  it('is signed by the key of its certificate, which is the batch certificate', async () => {
    const registration = await registerU2f(await createU2fKey());
    expect(registration.certificate).toEqual((await u2fAttester).key.certificate);
    expect(opensslAcceptsRegistration(registration)).toBe(true);
    expect(opensslAcceptsRegistration(registration, OTHER_APPLICATION)).toBe(false);
  });

  it('does not move the counter', async () => {
    const key = await createU2fKey();
    await registerU2f(key);
    expect(await counterOf(key)).toBe(0);
  });

  it('comes in a short APDU as well', async () => {
    const apdu = concat(bytes('00 01 03 00 40'), CHALLENGE, APPLICATION, bytes('00'));
    expect(await sendU2f(await createU2fKey(), apdu)).toMatchObject(OK);
  });

  it('has a key handle of its own each time', async () => {
    const key = await createU2fKey();
    const [one, other] = [await registerU2f(key), await registerU2f(key)];
    expect(one.keyHandle).not.toEqual(other.keyHandle);
    expect(one.publicKey).not.toEqual(other.publicKey);
  });

  it.each([0, 63, 65, 128])('takes two parameters, not %i bytes', async (length) => {
    const apdu = writeCommandApdu({ ins: U2F_INSTRUCTIONS.register, data: new Uint8Array(length) });
    expect(await sendU2f(await createU2fKey(), apdu)).toMatchObject({ status: 'SW_WRONG_LENGTH' });
  });
});

describe('an authentication', () => {
  it('with presence is signed by the credential', async () => {
    const key = await createU2fKey();
    const { keyHandle, publicKey } = await registerU2f(key);
    const assertion = await authenticateU2f(key, keyHandle);
    expect(assertion).toMatchObject({ presence: 1, counter: 1 });
    expect(opensslAcceptsAssertion(publicKey, assertion)).toBe(true);
    expect(opensslAcceptsAssertion(publicKey, { ...assertion, presence: 0 })).toBe(false);
  });

  it('without presence asks nobody and says so', async () => {
    const key = await createU2fKey();
    const { keyHandle, publicKey } = await registerU2f(key);
    key.user.setTouch({ kind: 'never' });
    const assertion = await authenticateU2f(key, keyHandle, 'skipPresence');
    expect(assertion).toMatchObject({ presence: 0, counter: 1 });
    expect(key.user.waiting).toBeUndefined();
    expect(opensslAcceptsAssertion(publicKey, assertion)).toBe(true);
  });

  it('that only checks says whose the key handle is, and neither asks nor counts', async () => {
    const key = await createU2fKey();
    const { keyHandle } = await registerU2f(key);
    key.user.setTouch({ kind: 'never' });
    expect(await tryAuthenticate(key, keyHandle, 'checkOnly')).toMatchObject(NOT_TOUCHED);
    expect(await tryAuthenticate(key, keyHandle, 'checkOnly', OTHER_APPLICATION)).toMatchObject(NOT_MINE);
    expect(key.user.waiting).toBeUndefined();
    expect(await counterOf(key)).toBe(0);
  });

  it.each(['enforcePresence', 'checkOnly', 'skipPresence'] as const)(
    'with a key handle that is not its own is refused at once: %s',
    async (control) => {
      const key = await createU2fKey(MANUAL);
      key.user.setTouch({ kind: 'at-once' });
      const { keyHandle } = await registerU2f(key);
      key.user.setTouch({ kind: 'manual' });
      const foreign = (await registerU2f(await createU2fKey())).keyHandle;
      const changed = keyHandle.map((byte, at) => (at === 20 ? byte ^ 1 : byte));
      for (const handle of [foreign, changed, keyHandle.slice(1), new Uint8Array(0), new Uint8Array(255)])
        expect(await tryAuthenticate(key, handle, control)).toMatchObject(NOT_MINE);
      expect(await tryAuthenticate(key, keyHandle, control, OTHER_APPLICATION)).toMatchObject(NOT_MINE);
      expect(key.user.waiting).toBeUndefined();
    },
  );

  it('is refused after a reset', async () => {
    const key = await createU2fKey();
    const { keyHandle } = await registerU2f(key);
    expect((await call(key, 'authenticatorReset', undefined)).status).toBe('CTAP1_ERR_SUCCESS');
    expect(await tryAuthenticate(key, keyHandle)).toMatchObject(NOT_MINE);
  });

  it.each([
    ['wrong-data', NOT_MINE],
    ['conditions-not-satisfied', NOT_TOUCHED],
  ] as const)('for nothing that is defined is %s', async (u2fControlByte, expected) => {
    const key = await createU2fKey({ config: { quirks: { u2fControlByte } } });
    const { keyHandle } = await registerU2f(key);
    const good = u2fAuthenticateCommand('enforcePresence', {
      challenge: CHALLENGE,
      application: APPLICATION,
      keyHandle,
    });
    for (const control of [0x00, 0x01, 0x04, 0x83, 0xff])
      expect(
        await sendU2f(
          key,
          good.map((byte, at) => (at === 2 ? control : byte)),
        ),
      ).toMatchObject(expected);
    expect(await counterOf(key)).toBe(0);
  });

  it.each([0, 64, 65, 70])('with %i bytes of data is refused', async (length) => {
    const data = new Uint8Array(length).fill(9);
    const apdu = writeCommandApdu({
      ins: U2F_INSTRUCTIONS.authenticate,
      p1: U2F_CONTROL.checkOnly,
      data,
    });
    expect(await sendU2f(await createU2fKey(), apdu)).toMatchObject({ status: 'SW_WRONG_LENGTH' });
  });

  it('counts with CTAP2, one counter for all', async () => {
    const key = await createU2fKey();
    const { keyHandle } = await registerU2f(key);
    await authenticateU2f(key, keyHandle);
    mustSucceed(await getAssertion(key, { allowList: [descriptor(keyHandle)] }));
    expect(await authenticateU2f(key, keyHandle, 'skipPresence')).toMatchObject({ counter: 3 });
  });

  it('counts nothing where the key has no counter', async () => {
    const key = await createU2fKey({ config: { counter: 'zero' } });
    const { keyHandle } = await registerU2f(key);
    expect(await authenticateU2f(key, keyHandle)).toMatchObject({ counter: 0 });
  });
});

describe('credentials of the other protocol (CTAP 2.1 §10)', () => {
  it('GetAssertion uses what U2F made, with U2F’s public key', async () => {
    const key = await createU2fKey();
    const { keyHandle, publicKey } = await registerU2f(key);
    const answer = mustSucceed(await getAssertion(key, { allowList: [descriptor(keyHandle)] }));
    expect(answer.credential?.id).toEqual(keyHandle);
    const assertion = { presence: 0, counter: 0, signature: answer.signature };
    // The same bytes, whatever they are called.
    const view = new DataView(answer.authData.buffer, answer.authData.byteOffset);
    const [presence, counter] = [view.getUint8(32), view.getUint32(33)];
    expect(opensslAcceptsAssertion(publicKey, { ...assertion, presence, counter })).toBe(true);
  });

  it('MakeCredential excludes what U2F made', async () => {
    const key = await createU2fKey();
    const excludeList = [descriptor((await registerU2f(key)).keyHandle)];
    expect((await makeCredential(key, { excludeList })).status).toBe('CTAP2_ERR_CREDENTIAL_EXCLUDED');
    const elsewhere = [descriptor((await registerU2f(key, OTHER_APPLICATION)).keyHandle)];
    expect((await makeCredential(key, { excludeList: elsewhere })).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it.each([
    ['server-side', (key: TestKey) => register(key)],
    ['discoverable', (key: TestKey) => registerDiscoverable(key, 'ada')],
  ])('U2F uses %s credentials of ES256', async (_kind, make) => {
    const key = await createU2fKey();
    const credential = await make(key);
    const assertion = await authenticateU2f(key, credential.id);
    expect(opensslAcceptsAssertion(publicKeyOf(credential), assertion)).toBe(true);
    expect(await tryAuthenticate(key, credential.id, 'checkOnly')).toMatchObject(NOT_TOUCHED);
    expect(await tryAuthenticate(key, credential.id, 'checkOnly', OTHER_APPLICATION)).toMatchObject(NOT_MINE);
  });

  it.each([-8, -35] as const)('U2F does not know credentials of algorithm %i', async (alg) => {
    const key = await createU2fKey();
    for (const options of [{}, { options: { rk: true } }]) {
      const { id } = await register(key, { pubKeyCredParams: [{ alg, type: 'public-key' }], ...options });
      expect(await tryAuthenticate(key, id)).toMatchObject(NOT_MINE);
    }
  });

  it.each([
    [1, OK],
    [2, OK],
    [3, NOT_MINE],
  ])('with credProtect %i', async (level, expected) => {
    const key = await createU2fKey();
    const extensions = new Map([['credProtect', level]]);
    for (const options of [{}, { options: { rk: true } }]) {
      const { id } = await register(key, { extensions, ...options });
      expect(await tryAuthenticate(key, id)).toMatchObject(expected);
    }
  });

  it('any U2F command ends a sequence, whatever comes of it (CTAP 2.1 §6)', async () => {
    const key = await createU2fKey();
    const [older] = [await registerDiscoverable(key, 'ada'), await registerDiscoverable(key, 'bob')];
    expect(mustSucceed(await getAssertion(key)).numberOfCredentials).toBe(2);
    expect(signedBy(older, mustSucceed(await getNextAssertion(key)))).toBe(true);
    mustSucceed(await getAssertion(key));
    await sendU2f(key, bytes('00'));
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });
});

describe('a key that verifies its user always (CTAP 2.1 §7.2)', () => {
  const STRICT = { options: { alwaysUv: true, makeCredUvNotRqd: undefined } } as const;

  it('without means of its own leaves U2F out, but for its version', async () => {
    const key = await createU2fKey({ config: STRICT });
    const forbidden = { status: 'SW_COMMAND_NOT_ALLOWED' };
    expect(await tryRegister(key)).toMatchObject(forbidden);
    for (const control of ['enforcePresence', 'checkOnly', 'skipPresence'] as const)
      expect(await tryAuthenticate(key, new Uint8Array(95), control)).toMatchObject(forbidden);
    expect(await sendU2f(key, u2fVersionCommand())).toMatchObject(OK);
    const info = await getInfo(key);
    expect(info.versions).toEqual(['FIDO_2_0']);
    expect(lintGetInfo(info)).toEqual([]);
  });

  it('with means that are not set up does the same', async () => {
    const key = await createU2fKey({ config: { ...STRICT, ...FINGERPRINT }, verification: 'not-configured' });
    expect(await tryRegister(key)).toMatchObject({ status: 'SW_COMMAND_NOT_ALLOWED' });
    expect((await getInfo(key)).versions).toEqual(['FIDO_2_0']);
  });

  it('verifies instead of asking for a touch', async () => {
    const key = await createU2fKey({ config: { ...STRICT, ...FINGERPRINT }, verification: 'succeed' });
    expect((await getInfo(key)).versions).toContain('U2F_V2');
    const registration = await untilAnswered(() => tryRegister(key));
    expect(registration).toMatchObject(OK);
    expect(key.events.map(({ kind }) => kind)).toContain('verify');
    expect(key.events.map(({ kind }) => kind)).not.toContain('touch');
  });

  it('asks for a touch as well where the gesture is none', async () => {
    const config = { ...STRICT, ...FINGERPRINT, presence: 'touch' } as const;
    const key = await createU2fKey({ config, verification: 'succeed' });
    expect(await untilAnswered(() => tryRegister(key))).toMatchObject(OK);
    const kinds = key.events.map(({ kind }) => kind).filter((kind) => kind !== 'wait');
    expect(kinds).toEqual(['verify', 'touch']);
  });

  it('refuses whoever fails, and takes one retry however often the client asks', async () => {
    const key = await createU2fKey({ config: { ...STRICT, ...FINGERPRINT }, verification: 'fail' });
    for (let poll = 0; poll < 10; poll++) expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(await key.store.read((reader) => reader.pin()?.uvRetries)).toBe(4);
    expect(key.failures).toEqual([]);
  });

  it('gives an attempt back when another command comes', async () => {
    const config = { ...STRICT, ...FINGERPRINT };
    const key = await createU2fKey({ config, verification: 'succeed', ...MANUAL });
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    expect(await tryRegister(key)).toMatchObject(NOT_TOUCHED);
    await getInfo(key);
    expect(await key.store.read((reader) => reader.pin()?.uvRetries)).toBe(5);
    expect(key.user.waiting).toBeUndefined();
  });

  it('signs without presence without verification, as GetAssertion does without up', async () => {
    const key = await createU2fKey({ config: { ...STRICT, ...FINGERPRINT }, verification: 'succeed' });
    await untilAnswered(() => tryRegister(key));
    const made = await register(key, { options: { uv: true } });
    key.user.setTouch({ kind: 'never' });
    expect(await tryAuthenticate(key, made.id, 'skipPresence')).toMatchObject(OK);
  });
});

/** Asks as clients do, a few times. */
async function untilAnswered<T extends { readonly status: string }>(request: () => Promise<T>): Promise<T> {
  for (let poll = 0; poll < 5; poll++) {
    const answer = await request();
    if (answer.status !== NOT_TOUCHED.status) return answer;
  }
  return expect.unreachable('nobody was there');
}

describe('what cannot be a command', () => {
  it.each([
    ['nothing', '', 'SW_WRONG_LENGTH'],
    ['a class alone', '00', 'SW_WRONG_LENGTH'],
    ['another class alone', '80', 'SW_CLA_NOT_SUPPORTED'],
    ['another class', '80 03 00 00', 'SW_CLA_NOT_SUPPORTED'],
    ['another instruction', '00 04 00 00', 'SW_INS_NOT_SUPPORTED'],
    ['a vendor’s instruction', '00 40 00 00 00 0000', 'SW_INS_NOT_SUPPORTED'],
    ['half a header', '00 01 00', 'SW_WRONG_LENGTH'],
    ['lengths that do not fit', '00 01 00 00 05 aabb', 'SW_WRONG_LENGTH'],
  ])('%s', async (_name, apdu, status) => {
    expect(await sendU2f(await createU2fKey(), bytes(apdu))).toMatchObject({ status });
  });

  it('is answered with a status word and changes nothing, whatever it is', async () => {
    const key = await createU2fKey();
    const { keyHandle } = await registerU2f(key);
    const good = [
      u2fVersionCommand(),
      u2fRegisterCommand({ challenge: CHALLENGE, application: APPLICATION }),
      u2fAuthenticateCommand('skipPresence', { challenge: CHALLENGE, application: APPLICATION, keyHandle }),
    ];
    const damaged = fc
      .tuple(fc.constantFrom(...good), fc.nat(), fc.nat(255), fc.nat(170))
      .map(([apdu, at, byte, cut]) => {
        const changed = apdu.slice(0, Math.max(0, apdu.length - cut));
        if (changed.length > 0) changed[at % changed.length] = byte;
        return changed;
      });
    const anything = fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged);
    await fc.assert(
      fc.asyncProperty(anything, async (message) => {
        const before = await counterOf(key);
        // Throws for anything but a known status word, and for data that does not belong there.
        const { status } = await sendU2f(key, message);
        expect(status).not.toBe('SW_UNKNOWN');
        if (status !== 'SW_NO_ERROR') expect(await counterOf(key)).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(key.failures).toEqual([]);
  });

  it('on a key that does not speak U2F is everything', async () => {
    const key = await createU2fKey({ config: { versions: ['FIDO_2_0'] } });
    for (const apdu of [
      u2fVersionCommand(),
      u2fRegisterCommand({ challenge: CHALLENGE, application: APPLICATION }),
    ])
      expect(await sendU2f(key, apdu)).toMatchObject({ status: 'SW_INS_NOT_SUPPORTED' });
  });
});

describe('a key that fails', () => {
  it('says so without a reason, and tells its owner', async () => {
    const store = createMemoryStore();
    const broken = { ...store, read: store.read.bind(store), close: store.close.bind(store) };
    const failure = new TypeError('the disk is full');
    let full = false;
    const key = await createU2fKey({
      store: { ...broken, write: (body) => (full ? Promise.reject(failure) : store.write(body)) },
    });
    const { keyHandle } = await registerU2f(key);
    full = true;
    expect(await tryAuthenticate(key, keyHandle)).toMatchObject({ status: 'SW_UNKNOWN' });
    expect(key.failures).toEqual([failure]);
  });

  it('or is closed answers nothing but that', async () => {
    const key = await createU2fKey();
    await key.machine.close();
    expect(await tryRegister(key)).toMatchObject({ status: 'SW_UNKNOWN' });
  });
});

it('a batch key of its own for fido-u2f is preferred', async () => {
  const { createFidoU2fAttester, createTestRoot, deviceAttester } = await import(
    '../../attestation/attestation.js'
  );
  const now = Date.UTC(2026, 5, 1);
  const root = await createTestRoot(nodeCrypto, now);
  const own = await createFidoU2fAttester({ crypto: nodeCrypto, root, now });
  const attester = deviceAttester(await u2fAttester, { others: [own] });
  const registration = await registerU2f(await createU2fKey({ attester }));
  expect(registration.certificate).toEqual(own.key.certificate);
  expect(opensslAcceptsRegistration(registration)).toBe(true);
});

it('the usual application is the hash of the usual RP ID', () => {
  expect(APPLICATION).toEqual(nodeCrypto.sha256(utf8(RP_ID)));
});
