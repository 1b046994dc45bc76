import { describe, expect, it } from 'vitest';
import type { CredentialStore } from '../ports.js';
import { createMemoryStore } from '../store/memory.js';
import {
  agree,
  BYTE,
  clientPin,
  countOf,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  getInfo,
  legacyToken,
  makeCredential,
  mustSucceed,
  pinToken,
  proofOf,
  readAnswer,
  register,
  registerDiscoverable,
  setPin,
  type TestKey,
  type TestKeyOptions,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';
import { RESET_WINDOW } from './reset.js';

const OK = 'CTAP1_ERR_SUCCESS';

const reset = async (key: TestKey, signal?: AbortSignal) =>
  readAnswer(await key.send(Uint8Array.of(BYTE.reset), signal)).status;

describe('Reset', () => {
  it('forgets the PIN and all credentials, server-side ones too', async () => {
    const key = await createKeyWithPin();
    const stored = await registerDiscoverable(key, 'ada', await proofOf(pinToken(key)));
    const wrapped = await register(key);
    for (const { descriptor } of [stored, wrapped]) {
      expect((await getAssertion(key, { allowList: [descriptor] })).status).toBe(OK);
    }
    expect(await reset(key)).toBe(OK);
    for (const { descriptor } of [stored, wrapped]) {
      expect((await getAssertion(key, { allowList: [descriptor] })).status).toBe('CTAP2_ERR_NO_CREDENTIALS');
    }
    const info = await getInfo(key);
    expect(info.options?.get('clientPin')).toBe(false);
    expect(info.remainingDiscoverableCredentials).toBe(25);
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
  });

  it('never turns the counter back', async () => {
    const key = createTestKey();
    const { descriptor } = await register(key);
    await getAssertion(key, { allowList: [descriptor] });
    await reset(key);
    const again = await register(key);
    expect(countOf(mustSucceed(await getAssertion(key, { allowList: [again.descriptor] })))).toBe(2);
  });

  it('puts the state back to that of the factory', async () => {
    const config = {
      extensions: ['minPinLength'],
      minPinLengthRpIds: ['a.example'],
      options: { alwaysUv: false },
    };
    const key = createTestKey({ config });
    await getInfo(key);
    const fresh = await key.store.read((reader) => reader.state());
    expect(fresh).toMatchObject({
      forcePinChange: false,
      minPinLength: 4,
      minPinLengthRpIds: ['a.example'],
      alwaysUv: false,
      enterpriseAttestation: false,
    });
    await key.store.write((writer) => {
      if (fresh === undefined) throw new TypeError('no state');
      writer.setState({
        ...fresh,
        forcePinChange: true,
        minPinLength: 9,
        minPinLengthRpIds: ['b.example'],
        alwaysUv: true,
      });
      writer.setLargeBlobs(new Uint8Array(17));
      writer.putTemplate({ id: new Uint8Array(1), finger: 'thumb' });
    });
    await reset(key);
    const after = await key.store.read((reader) => ({ state: reader.state(), blobs: reader.largeBlobs() }));
    expect(after.state).toEqual({ ...fresh, wrappingKey: after.state?.wrappingKey });
    expect(after.state?.wrappingKey).not.toEqual(fresh?.wrappingKey);
    expect(after.blobs).toBeUndefined();
    expect(await key.store.read((reader) => reader.templates())).toEqual([]);
  });

  it('ends tokens and key agreements', async () => {
    const key = await createKeyWithPin();
    const proof = await proofOf(legacyToken(key));
    const before = await agree(key);
    await reset(key);
    expect(key.machine.session.tokens.identity).toBeUndefined();
    expect((await agree(key)).members).not.toEqual(before.members);
    // Without a PIN the proof is ignored, so the credential is made, but nobody was verified.
    expect(mustSucceed(await makeCredential(key, proof))).toBeDefined();
  });

  it('erases what built-in verification knew of its user', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const uv = { options: { uv: true } };
    expect((await makeCredential(key, uv)).status).toBe(OK);
    expect(await reset(key)).toBe(OK);
    expect((await getInfo(key)).options?.get('uv')).toBe(false);
    expect((await makeCredential(key, uv)).status).toBe('CTAP2_ERR_INVALID_OPTION');
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
    // Enrolled again
    key.user.setVerification('succeed');
    expect((await makeCredential(key, uv)).status).toBe(OK);
  });

  it.each(['deny', 'never'] as const)('erases nothing without a touch (%s)', async (kind) => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', touch: { kind } });
    const stop = new AbortController();
    const asked = reset(key, stop.signal);
    if (kind === 'never') await untilWaiting(key);
    stop.abort();
    expect(await asked).not.toBe(OK);
    expect(key.user.verificationConfigured).toBe(true);
  });

  it('erases nothing when the power goes before the store has changed', async () => {
    const memory = createMemoryStore();
    let cut = () => {};
    const store: CredentialStore = {
      read: (body) => memory.read(body),
      write: async (body) => {
        cut();
        return memory.write(body);
      },
      close: () => memory.close(),
    };
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', store });
    await getInfo(key);
    cut = () => key.machine.powerCycle();
    expect(await reset(key)).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(key.user.verificationConfigured).toBe(true);
  });

  it('ends the soft block after wrong PINs, with the PIN that was missed', async () => {
    const key = await createKeyWithPin();
    for (let miss = 0; miss < 3; miss++) await pinToken(key, { pin: '0000' });
    const retries = async () => mustSucceed(await clientPin(key, 'getPINRetries'));
    expect(await retries()).toEqual({ pinRetries: 5, powerCycleState: true });
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    expect(await reset(key)).toBe(OK);
    expect(await retries()).toEqual({ pinRetries: 8, powerCycleState: false });
    await setPin(key, '5678');
    // Misses are counted from nothing again
    const statuses: string[] = [];
    for (let miss = 0; miss < 3; miss++) statuses.push((await pinToken(key, { pin: '0000' })).status);
    expect(statuses).toEqual([
      'CTAP2_ERR_PIN_INVALID',
      'CTAP2_ERR_PIN_INVALID',
      'CTAP2_ERR_PIN_AUTH_BLOCKED',
    ]);
  });

  it('is possible for ten seconds after power-up, and again after the next', async () => {
    const key = createTestKey();
    await key.clock.advance(RESET_WINDOW);
    expect(await reset(key)).toBe(OK);
    await key.clock.advance(1);
    expect(await reset(key)).toBe('CTAP2_ERR_NOT_ALLOWED');
    key.machine.powerCycle();
    expect(await reset(key)).toBe(OK);
  });

  it('decides about the ten seconds before it waits for the user', async () => {
    const key = createTestKey({ touch: { kind: 'after', milliseconds: 20_000 } });
    const asked = reset(key);
    await untilWaiting(key);
    await key.clock.advance(20_000);
    expect(await asked).toBe(OK);
  });
});

describe.each([
  ['Reset', BYTE.reset],
  ['Selection', BYTE.selection],
])('%s', (_, byte) => {
  const send = async (key: TestKey, signal?: AbortSignal) =>
    readAnswer(await key.send(Uint8Array.of(byte), signal)).status;
  const waiting: TestKeyOptions = { touch: { kind: 'never' } };

  it('succeeds with a touch and says nothing more', async () => {
    expect(await createTestKey().send(Uint8Array.of(byte))).toEqual(Uint8Array.of(0));
  });

  it('is OPERATION_DENIED when the user refuses', async () => {
    expect(await send(createTestKey({ touch: { kind: 'deny' } }))).toBe('CTAP2_ERR_OPERATION_DENIED');
  });

  it('times out after 30 seconds, whatever MakeCredential says to that', async () => {
    const config = { quirks: { presenceTimeout: 'operation-denied' } } as const;
    const key = createTestKey({ ...waiting, config });
    const asked = send(key);
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT);
    expect(await asked).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
  });

  it('can be cancelled', async () => {
    const key = createTestKey(waiting);
    const stop = new AbortController();
    const asked = send(key, stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect(await asked).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
  });

  it('ends with the power, without effect', async () => {
    const key = createTestKey(waiting);
    await registerWhileTouching(key);
    const asked = send(key);
    await untilWaiting(key);
    key.machine.powerCycle();
    expect(await asked).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(1);
  });

  it('takes no parameters', async () => {
    expect(await createTestKey().send(Uint8Array.of(byte, 0xa0))).toEqual(Uint8Array.of(0x03));
  });
});

async function registerWhileTouching(key: TestKey): Promise<void> {
  key.user.setTouch({ kind: 'at-once' });
  await registerDiscoverable(key, 'ada');
  key.user.setTouch({ kind: 'never' });
}
