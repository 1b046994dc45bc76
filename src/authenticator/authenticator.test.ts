import { describe, expect, it } from 'vitest';
import { selfAttester } from '../attestation/attestation.js';
import { decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { type CborValue, encode } from '../ctap/cbor.js';
import { clientPinRequest } from '../ctap/messages/client-pin.js';
import { getAssertionRequest } from '../ctap/messages/get-assertion.js';
import { makeCredentialRequest, makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { encodeRequest } from '../ctap/messages/message.js';
import { statusName } from '../ctap/status.js';
import { concat } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import { createAuthenticator, Machine } from './authenticator.js';
import type { CredentialStore, User } from './ports.js';
import { createMemoryStore } from './store/memory.js';
import {
  BYTE,
  CLIENT_DATA_HASH,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  getInfo,
  getNextAssertion,
  goodRegistration,
  KEY_CONFIG,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  RP_ID,
  rawRequest,
  readAnswer,
  register,
  registerDiscoverable,
  type TestKey,
  untilWaiting,
} from './test-platform.suite.js';
import { USER_TIMEOUT } from './user-interaction.js';

const statusOf = async (key: TestKey, message: Uint8Array) => statusName((await key.send(message))[0] ?? -1);

/** Good members of each command that has any. */
const GOOD = {
  authenticatorMakeCredential: makeCredentialRequest.write(goodRegistration()),
  authenticatorGetAssertion: getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
  authenticatorClientPIN: clientPinRequest.write({ subCommand: 1 }),
} as const;
type WithMembers = keyof typeof GOOD;
const COMMANDS_WITH_MEMBERS = Object.keys(GOOD) as WithMembers[];

const bytesOf = (command: WithMembers) => encodeRequest(command, GOOD[command]);

describe('a message', () => {
  it.each([
    ['nothing', []],
    ['GetInfo with something behind it', [BYTE.getInfo, 0xa0]],
    ['GetNextAssertion with something behind it', [BYTE.next, 0]],
  ])('that is %s has an invalid length', async (_, message) => {
    expect(await statusOf(createTestKey(), Uint8Array.from(message))).toBe('CTAP1_ERR_INVALID_LENGTH');
  });

  it('with any other command byte is INVALID_COMMAND', async () => {
    const key = createTestKey();
    const known = Object.values(BYTE) as readonly number[];
    for (let byte = 0; byte < 256; byte++) {
      if (known.includes(byte)) continue;
      expect(await statusOf(key, Uint8Array.of(byte)), `command ${byte}`).toBe('CTAP1_ERR_INVALID_COMMAND');
      expect(await statusOf(key, Uint8Array.of(byte, 0xa0))).toBe('CTAP1_ERR_INVALID_COMMAND');
    }
  });

  it('longer than maxMsgSize is REQUEST_TOO_LARGE, to the byte', async () => {
    const size = createTestKey().config.limits.maxMsgSize;
    const key = createTestKey();
    const filled = (length: number) => {
      const name = 'x'.repeat(length);
      return rawRequest('authenticatorMakeCredential', [
        ...GOOD.authenticatorMakeCredential,
        [
          0x02,
          new Map([
            ['id', RP_ID],
            ['name', name],
          ]),
        ],
      ]);
    };
    const overhead = filled(1_000).length - 1_000;
    expect(filled(size - overhead)).toHaveLength(size);
    expect(await statusOf(key, filled(size - overhead))).toBe('CTAP1_ERR_SUCCESS');
    expect(await statusOf(key, filled(size - overhead + 1))).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
  });

  describe.each(COMMANDS_WITH_MEMBERS)('%s', (command) => {
    it('is answered when it is good', async () => {
      expect(['CTAP1_ERR_SUCCESS', 'CTAP2_ERR_NO_CREDENTIALS']).toContain(
        await statusOf(createTestKey(), bytesOf(command)),
      );
    });

    it('without parameters is INVALID_CBOR', async () => {
      expect(await statusOf(createTestKey(), bytesOf(command).slice(0, 1))).toBe('CTAP2_ERR_INVALID_CBOR');
    });

    it('with trailing bytes is INVALID_CBOR', async () => {
      const message = concat(bytesOf(command), Uint8Array.of(0));
      expect(await statusOf(createTestKey(), message)).toBe('CTAP2_ERR_INVALID_CBOR');
    });

    it('cut off anywhere is INVALID_CBOR', async () => {
      const key = createTestKey();
      const message = bytesOf(command);
      for (let length = 1; length < message.length; length++) {
        expect(await statusOf(key, message.slice(0, length)), `${length} bytes`).toBe(
          'CTAP2_ERR_INVALID_CBOR',
        );
      }
    });

    it('with parameters that are no map is of an unexpected type', async () => {
      for (const value of [[], 1, 'text', null, true, new Uint8Array(3)] satisfies CborValue[]) {
        const message = concat(bytesOf(command).slice(0, 1), encode(value));
        expect(await statusOf(createTestKey(), message)).toBe('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
      }
    });

    it('ignores unknown members', async () => {
      const members = new Map([...GOOD[command], [0x63, 'new'], [-1, 7], ['text', true]] as [
        number,
        CborValue,
      ][]);
      expect(await statusOf(createTestKey(), encodeRequest(command, members))).toBe(
        await statusOf(createTestKey(), bytesOf(command)),
      );
    });
  });

  it.each([
    ['a length that is not the shortest', 'b80101f4'],
    ['an indefinite map', 'bf01f4ff'],
    ['keys out of order', 'a202f401f4'],
    ['a key twice', 'a201f401f4'],
    ['a tag', 'c1a101f4'],
    ['a float', 'a101f93c00'],
    ['text that is no UTF-8', 'a10161ff'],
    ['five levels', 'a10581818180'],
  ])('with %s is INVALID_CBOR', async (_, hex) => {
    const body = Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    const message = concat(Uint8Array.of(BYTE.getAssertion), body);
    expect(await statusOf(createTestKey(), message)).toBe('CTAP2_ERR_INVALID_CBOR');
  });

  it.each([
    ['clientDataHash', 0x01],
    ['rp', 0x02],
    ['user', 0x03],
    ['pubKeyCredParams', 0x04],
  ])('without %s is MISSING_PARAMETER', async (_, member) => {
    const members = [...GOOD.authenticatorMakeCredential].filter(([key]) => key !== member);
    expect(await statusOf(createTestKey(), rawRequest('authenticatorMakeCredential', members))).toBe(
      'CTAP2_ERR_MISSING_PARAMETER',
    );
  });

  it.each([
    ['rp.id', 0x02, new Map<string, CborValue>([['name', 'Example']])],
    ['user.id', 0x03, new Map<string, CborValue>([['name', 'ada']])],
    ['excludeList[0].type', 0x05, [new Map<string, CborValue>([['id', new Uint8Array(1)]])]],
  ])('without %s is what the device says to a missing nested member', async (_, member, value) => {
    const message = rawRequest('authenticatorMakeCredential', [
      ...GOOD.authenticatorMakeCredential,
      [member, value],
    ]);
    const answers = (['missing-parameter', 'unexpected-type', 'invalid-cbor'] as const).map((quirk) =>
      statusOf(createTestKey({ config: { quirks: { missingNestedMember: quirk } } }), message),
    );
    expect(await Promise.all(answers)).toEqual([
      'CTAP2_ERR_MISSING_PARAMETER',
      'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
      'CTAP2_ERR_INVALID_CBOR',
    ]);
  });

  it('may be changed by its sender after sending, whether it waits or not', async () => {
    const key = createTestKey();
    for (const busy of [true, false, true]) {
      const before = busy ? key.send(Uint8Array.of(BYTE.selection)) : undefined;
      const message = bytesOf('authenticatorMakeCredential');
      const answer = key.send(message);
      message.fill(0xff);
      await before;
      const { attStmt, authData } = mustSucceed(readAnswer(await answer, makeCredentialResponse));
      const sig = attStmt instanceof Map ? attStmt.get('sig') : undefined;
      const publicKey = decodeAuthenticatorData(authData).attestedCredential?.publicKey;
      const signed = concat(authData, CLIENT_DATA_HASH);
      expect(
        publicKey !== undefined && sig instanceof Uint8Array && nodeCrypto.verify(publicKey, signed, sig),
      ).toBe(true);
    }
  });
});

describe('several commands', () => {
  it.each(['fresh', 'used'])('to a %s key run one after the other, in the order of sending', async (age) => {
    const key = createTestKey({ touch: { kind: 'manual' } });
    if (age === 'used') await getInfo(key);
    const order: string[] = [];
    const first = makeCredential(key).then(() => order.push('first'));
    const second = getInfo(key).then(() => order.push('second'));
    await untilWaiting(key);
    expect(order).toEqual([]);
    key.user.touch();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });

  it('that are cancelled before they begin still end what GetNextAssertion would go on with', async () => {
    const key = createTestKey();
    await registerDiscoverable(key, 'ada');
    await registerDiscoverable(key, 'grace');
    expect((await getAssertion(key)).value?.numberOfCredentials).toBe(2);
    await makeCredential(key, {}, AbortSignal.abort());
    expect((await getNextAssertion(key)).status).toBe('CTAP2_ERR_NOT_ALLOWED');
  });

  it('that are cancelled before they begin have no effect', async () => {
    const key = createTestKey({ touch: { kind: 'manual' } });
    const first = makeCredential(key);
    const stop = new AbortController();
    const second = makeCredential(key, { options: { rk: true } }, stop.signal);
    await untilWaiting(key);
    stop.abort();
    key.user.touch();
    expect((await first).status).toBe('CTAP1_ERR_SUCCESS');
    expect((await second).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await key.store.read((reader) => reader.credentialCount())).toBe(0);
  });
});

describe('the power', () => {
  it('ends what is running and leaves the next command a fresh key', async () => {
    const key = createTestKey({ touch: { kind: 'never' } });
    const asked = makeCredential(key);
    await untilWaiting(key);
    key.machine.powerCycle();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    key.user.setTouch({ kind: 'at-once' });
    expect((await makeCredential(key)).status).toBe('CTAP1_ERR_SUCCESS');
    expect(key.clock.pending).toBe(0);
  });

  it('keeps what is in the store', async () => {
    const key = createTestKey();
    await registerDiscoverable(key, 'ada');
    key.machine.powerCycle();
    expect((await getAssertion(key)).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it('is traced, as is what the user does', async () => {
    const key = createTestKey();
    await makeCredential(key);
    key.user.setTouch({ kind: 'deny' });
    await makeCredential(key);
    key.machine.powerCycle();
    const fields = { reason: 'make-credential', rpId: RP_ID };
    const event = { layer: 'user', device: 'test-key' };
    expect(key.events).toEqual([
      { ...event, kind: 'wait', fields },
      { ...event, kind: 'touch', fields },
      { ...event, kind: 'wait', fields },
      { ...event, kind: 'deny', fields },
      { ...event, kind: 'power-cycle' },
    ]);
  });
});

describe('the user', () => {
  it('is told why the key wants something, and for whom', async () => {
    const key = createTestKey({ touch: { kind: 'manual' } });
    const registering = makeCredential(key);
    await untilWaiting(key);
    expect(key.user.waiting).toMatchObject({ reason: 'make-credential', rpId: RP_ID });
    key.user.touch();
    await registering;
    const selecting = key.send(Uint8Array.of(BYTE.selection));
    await untilWaiting(key);
    expect(key.user.waiting?.reason).toBe('selection');
    expect(key.user.waiting?.rpId).toBeUndefined();
    key.user.touch();
    await selecting;
  });

  it('leaves a trace of every attempt at verification, and of none that was cancelled', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'fail' });
    const uv = { options: { uv: true } };
    await makeCredential(key, uv);
    key.user.setVerification('succeed');
    await makeCredential(key, uv);
    key.user.setTouch({ kind: 'never' });
    const stop = new AbortController();
    const stopped = makeCredential(key, uv, stop.signal);
    await untilWaiting(key);
    stop.abort();
    await stopped;
    const late = makeCredential(key, uv);
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT);
    await late;
    const seen = key.events.map((event) =>
      event.layer === 'user' ? [event.kind, event.fields] : [event.layer],
    );
    const fields = { reason: 'make-credential', rpId: RP_ID };
    expect(seen).toEqual([
      ['wait', fields],
      ['verify', { ...fields, result: 'failed' }],
      ['wait', fields],
      ['verify', { ...fields, result: 'verified' }],
      ['wait', fields],
      ['wait', fields],
      ['timeout', fields],
    ]);
  });
});

const PARTS = {
  config: KEY_CONFIG,
  crypto: nodeCrypto,
  attester: selfAttester,
  user: createTestKey().user,
};
const exchange = () => ({ signal: new AbortController().signal, keepAlive: () => {} });

describe('an authenticator', () => {
  it('answers, cycles its power and closes', async () => {
    const authenticator = createAuthenticator({
      ...PARTS,
      store: createMemoryStore(),
      clock: new VirtualClock(),
    });
    const info = () => authenticator.handle(Uint8Array.of(BYTE.getInfo), exchange());
    expect((await info())[0]).toBe(0);
    authenticator.powerCycle();
    expect((await info())[0]).toBe(0);
    await authenticator.close();
    expect(statusName((await info())[0] ?? -1)).toBe('CTAP1_ERR_OTHER');
  });

  it('is not made from a configuration that asks for too much', () => {
    const config = { ...KEY_CONFIG, versions: ['FIDO_2_1'] };
    const make = () =>
      createAuthenticator({ ...PARTS, config, store: createMemoryStore(), clock: new VirtualClock() });
    expect(make).toThrow(expect.objectContaining({ code: 'option-invalid', where: 'versions[0]' }));
  });

  it('ends what is running when it is closed', async () => {
    const key = createTestKey({ touch: { kind: 'never' } });
    const asked = makeCredential(key);
    await untilWaiting(key);
    await key.machine.close();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
  });

  it('keeps in the store what opens server-side credentials, so that they outlive the process', async () => {
    const first = createTestKey();
    const { descriptor } = await register(first);
    const second = createTestKey({ store: first.store });
    expect((await getAssertion(second, { allowList: [descriptor] })).status).toBe('CTAP1_ERR_SUCCESS');
  });
});

describe('what is broken around the key', () => {
  const broken: User = {
    verificationConfigured: false,
    presence: () => Promise.reject(new TypeError('no hands')),
    verification: () => Promise.reject(new TypeError('no face')),
    finger: () => Promise.reject(new TypeError('no fingers')),
    forgetVerification: () => {},
  };

  /** A key with some part exchanged, and what it reported. */
  function keyWith(change: { readonly user?: User; readonly store?: CredentialStore }) {
    const failures: unknown[] = [];
    const clock = new VirtualClock();
    const machine = new Machine({
      ...PARTS,
      store: createMemoryStore(),
      clock,
      onFailure: (failure) => failures.push(failure),
      ...change,
    });
    return { machine, failures, clock };
  }

  it('is CTAP1_ERR_OTHER to the platform and reported to the owner', async () => {
    const { machine, failures } = keyWith({ user: broken });
    const answer = await machine.handle(bytesOf('authenticatorMakeCredential'), exchange());
    expect(statusName(answer[0] ?? -1)).toBe('CTAP1_ERR_OTHER');
    expect(failures).toEqual([expect.objectContaining({ message: 'no hands' })]);
    expect((await machine.handle(Uint8Array.of(BYTE.getInfo), exchange()))[0]).toBe(0);
  });

  it('may be a store that can not be opened yet', async () => {
    const good = createMemoryStore();
    let down = true;
    const store: CredentialStore = {
      ...good,
      read: (body) => good.read(body),
      write: (body) => (down ? Promise.reject(new TypeError('disk full')) : good.write(body)),
      close: () => good.close(),
    };
    const { machine, failures } = keyWith({ store });
    const info = async () =>
      statusName((await machine.handle(Uint8Array.of(BYTE.getInfo), exchange()))[0] ?? -1);
    expect(await info()).toBe('CTAP1_ERR_OTHER');
    expect(failures).toHaveLength(1);
    down = false;
    expect(await info()).toBe('CTAP1_ERR_SUCCESS');
  });

  it('may be a store that somebody has emptied', async () => {
    const key = createTestKey();
    await getInfo(key);
    await key.store.write((writer) => writer.reset());
    expect(await statusOf(key, Uint8Array.of(BYTE.getInfo))).toBe('CTAP1_ERR_OTHER');
    expect(key.failures).toEqual([expect.objectContaining({ code: 'internal' })]);
  });

  it('may be a user who does not hear: the key does not hang', async () => {
    const deaf: User = { ...broken, presence: () => new Promise(() => {}) };
    const { machine, clock } = keyWith({ user: deaf });
    const timed = machine.handle(Uint8Array.of(BYTE.selection), exchange());
    await clock.advance(0);
    await clock.advance(USER_TIMEOUT);
    expect(statusName((await timed)[0] ?? -1)).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
    const stop = new AbortController();
    const stopped = machine.handle(Uint8Array.of(BYTE.selection), { ...exchange(), signal: stop.signal });
    await clock.advance(0);
    stop.abort();
    expect(statusName((await stopped)[0] ?? -1)).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
  });
});

describe('a virtual clock that moves by itself', () => {
  it('moves while the key waits for its user', async () => {
    const clock = new VirtualClock({ automatic: true });
    const start = clock.now();
    const key = createTestKey({ clock, touch: { kind: 'after', milliseconds: 700 } });
    mustSucceed(await makeCredential(key));
    expect(clock.now() - start).toBe(700);
    key.user.setTouch({ kind: 'never' });
    expect((await makeCredential(key)).status).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
    expect(clock.now() - start).toBe(700 + USER_TIMEOUT);
  });

  it('stands still while the key works, before and after the touch', async () => {
    const clock = new VirtualClock({ automatic: true });
    const moments: number[] = [];
    const generateKeyPair: typeof nodeCrypto.generateKeyPair = async (algorithm) => {
      moments.push(clock.now());
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      moments.push(clock.now());
      return nodeCrypto.generateKeyPair(algorithm);
    };
    const touch = { kind: 'after', milliseconds: 5 } as const;
    const key = createTestKey({ clock, crypto: { ...nodeCrypto, generateKeyPair }, touch });
    const made = makeCredential(key);
    // Somebody else who waits on the same clock, and would be served if the key did not hold it.
    const other = clock.sleep(1_000);
    mustSucceed(await made);
    expect(moments[1]).toBe(moments[0]);
    await other;
    expect(clock.now() - (moments[0] ?? 0)).toBe(995);
  });
});
