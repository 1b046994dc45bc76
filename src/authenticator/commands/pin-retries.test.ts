import { describe, expect, it } from 'vitest';
import type { CredentialStore } from '../ports.js';
import { createMemoryStore } from '../store/memory.js';
import {
  agree,
  changePin,
  clientPin,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  legacyToken,
  mustSucceed,
  pinHash,
  pinToken,
  setPin,
  type TestKey,
  untilWaiting,
  uvToken,
} from '../test-platform.suite.js';
import { USER_TIMEOUT } from '../user-interaction.js';

const OK = 'CTAP1_ERR_SUCCESS';
const WRONG = { pin: '0000' };

const retries = async (key: TestKey) => mustSucceed(await clientPin(key, 'getPINRetries'));

/** Wrong PINs, with a power cycle whenever the key is blocked for now, until this many retries are left. */
async function spendRetries(key: TestKey, left: number): Promise<void> {
  while (((await retries(key)).pinRetries ?? 0) > left) {
    await pinToken(key, WRONG);
    if ((await retries(key)).powerCycleState) key.machine.powerCycle();
  }
}

describe('wrong PINs', () => {
  it('cost a retry each; the right one gives all back', async () => {
    const key = await createKeyWithPin();
    expect((await pinToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await legacyToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await retries(key)).pinRetries).toBe(6);
    expect((await pinToken(key)).status).toBe(OK);
    expect((await retries(key)).pinRetries).toBe(8);
  });

  it('block the key after three in a row, across sub-commands, even for the right PIN', async () => {
    const key = await createKeyWithPin();
    expect((await pinToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect(await changePin(key, '0000', '5678')).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await legacyToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    expect(await retries(key)).toEqual({ pinRetries: 5, powerCycleState: true });
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    expect((await legacyToken(key)).status).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    expect(await changePin(key, '1234', '5678')).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    expect((await retries(key)).pinRetries).toBe(5);
  });

  it('are forgiven for now by a power cycle, which keeps the retries', async () => {
    const key = await createKeyWithPin();
    for (let miss = 0; miss < 3; miss++) await pinToken(key, WRONG);
    key.machine.powerCycle();
    expect(await retries(key)).toEqual({ pinRetries: 5, powerCycleState: false });
    expect((await pinToken(key)).status).toBe(OK);
  });

  it('in a row are only those without the right one in between', async () => {
    const key = await createKeyWithPin();
    for (let round = 0; round < 3; round++) {
      await pinToken(key, WRONG);
      await pinToken(key, WRONG);
      expect((await pinToken(key)).status).toBe(OK);
    }
  });

  it('block the key for good when no retry is left', async () => {
    const key = await createKeyWithPin();
    await spendRetries(key, 1);
    expect((await pinToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
    key.machine.powerCycle();
    expect((await retries(key)).pinRetries).toBe(0);
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
    expect((await legacyToken(key)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
    expect(await changePin(key, '1234', '5678')).toBe('CTAP2_ERR_PIN_BLOCKED');
  });

  it('are PIN_BLOCKED rather than PIN_AUTH_BLOCKED when the last retry is also the third miss', async () => {
    const limits = { maxPinRetries: 3 };
    const key = await createKeyWithPin({ config: { limits } });
    await pinToken(key, WRONG);
    await pinToken(key, WRONG);
    expect((await pinToken(key, WRONG)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
  });

  it('change the key-agreement key of their protocol, so that every guess needs a new agreement', async () => {
    const key = await createKeyWithPin();
    const [one, two] = [await agree(key, 1), await agree(key, 2)];
    const guess = (exchange: typeof one, pin: string) =>
      clientPin(key, 'getPinToken', { ...exchange.members, pinHashEnc: exchange.encrypt(pinHash(pin)) });
    expect((await guess(two, '0000')).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await guess(two, '1234')).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await guess(one, '1234')).status).toBe(OK);
    expect((await guess(one, '1234')).status).toBe(OK);
  });

  it('include what does not decrypt to a hash', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const { status } = await clientPin(key, 'getPinToken', {
      ...exchange.members,
      pinHashEnc: new Uint8Array(15),
    });
    expect(status).toBe('CTAP2_ERR_PIN_INVALID');
    const again = await agree(key);
    const long = {
      ...again.members,
      pinHashEnc: again.encrypt(new Uint8Array([...pinHash('1234'), ...pinHash('')])),
    };
    expect((await clientPin(key, 'getPinToken', long)).status).toBe('CTAP2_ERR_PIN_INVALID');
    expect((await retries(key)).pinRetries).toBe(6);
  });

  it('are refused by a key without a PIN before anything is counted', async () => {
    const key = createTestKey();
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect((await legacyToken(key)).status).toBe('CTAP2_ERR_PIN_NOT_SET');
    expect((await retries(key)).pinRetries).toBe(8);
  });

  it('cost nothing when the key agreement is not one', async () => {
    const key = await createKeyWithPin();
    const exchange = await agree(key);
    const keyAgreement = new Map(exchange.members.keyAgreement).set(-2, new Uint8Array(32));
    const { status } = await clientPin(key, 'getPinToken', {
      ...exchange.members,
      keyAgreement,
      pinHashEnc: exchange.encrypt(pinHash('0000')),
    });
    expect(status).toBe('CTAP1_ERR_INVALID_PARAMETER');
    expect((await retries(key)).pinRetries).toBe(8);
  });
});

describe('the retry of a guess', () => {
  /** A store that loses its power after this many writes: nothing later gets through. */
  function failingAfter(store: CredentialStore, budget: { writes: number }): CredentialStore {
    return {
      read: (body) => store.read(body),
      write: async (body) => {
        budget.writes -= 1;
        if (budget.writes < 0) throw new TypeError('the power went');
        return store.write(body);
      },
      close: () => store.close(),
    };
  }

  it('is durable before the comparison, even when the power goes right after it', async () => {
    const budget = { writes: Number.POSITIVE_INFINITY };
    const store = createMemoryStore();
    const key = await createKeyWithPin({ store: failingAfter(store, budget) });
    budget.writes = 1;
    // The right PIN, whose success can no longer be written down: the answer gives nothing away.
    expect((await pinToken(key)).status).toBe('CTAP1_ERR_OTHER');
    expect(await store.read((reader) => reader.pin()?.pinRetries)).toBe(7);
    budget.writes = 0;
    expect((await pinToken(key)).status).toBe('CTAP1_ERR_OTHER');
    expect(key.machine.session.tokens.identity).toBeUndefined();
    expect(key.failures).toHaveLength(2);
  });
});

describe('the retries of built-in verification', () => {
  const options = { config: FINGERPRINT, verification: 'fail' } as const;
  const uvRetries = async (key: TestKey) => mustSucceed(await clientPin(key, 'getUVRetries')).uvRetries;

  it('are spent by failures and restored by success', async () => {
    const key = createTestKey(options);
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_INVALID');
    expect(await uvRetries(key)).toBe(4);
    key.user.setVerification('succeed');
    expect((await uvToken(key)).status).toBe(OK);
    expect(await uvRetries(key)).toBe(5);
  });

  it('are spent for good', async () => {
    const key = createTestKey(options);
    for (let miss = 0; miss < 4; miss++) await uvToken(key);
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_BLOCKED');
    key.user.setVerification('succeed');
    key.machine.powerCycle();
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_BLOCKED');
    expect(await uvRetries(key)).toBe(0);
  });

  it('are restored by the right PIN', async () => {
    const key = await createKeyWithPin(options);
    await uvToken(key);
    expect((await pinToken(key)).status).toBe(OK);
    expect(await uvRetries(key)).toBe(5);
  });

  it('are spent several at a time when the key retries by itself', async () => {
    const builtInUv = { ...FINGERPRINT.builtInUv, internalAttempts: 3 };
    const key = createTestKey({ ...options, config: { ...FINGERPRINT, builtInUv } });
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_INVALID');
    expect(await uvRetries(key)).toBe(2);
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_BLOCKED');
  });

  it('are spent one at a time when the platform is told to retry', async () => {
    const builtInUv = { ...FINGERPRINT.builtInUv, internalAttempts: 3, preferredPlatformAttempts: 2 };
    const key = createTestKey({ ...options, config: { ...FINGERPRINT, builtInUv } });
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_INVALID');
    expect(await uvRetries(key)).toBe(4);
  });

  it('are none while the PIN is blocked', async () => {
    const key = await createKeyWithPin({ ...options, verification: 'succeed' });
    await spendRetries(key, 0);
    expect((await uvToken(key)).status).toBe('CTAP2_ERR_UV_BLOCKED');
    expect(await uvRetries(key)).toBe(0);
  });

  it('are spent by a user who does nothing or refuses, not by a platform that takes its request back', async () => {
    const key = createTestKey({ ...options, touch: { kind: 'manual' } });
    const exchange = await agree(key);
    const members = { ...exchange.members, permissions: 3, rpId: 'example.org' };
    const ask = (signal?: AbortSignal) =>
      clientPin(key, 'getPinUvAuthTokenUsingUvWithPermissions', members, signal);
    const late = ask();
    await untilWaiting(key);
    await key.clock.advance(USER_TIMEOUT);
    expect((await late).status).toBe('CTAP2_ERR_USER_ACTION_TIMEOUT');
    const refused = ask();
    await untilWaiting(key);
    key.user.deny();
    expect((await refused).status).toBe('CTAP2_ERR_UV_INVALID');
    const stop = new AbortController();
    const stopped = ask(stop.signal);
    await untilWaiting(key);
    stop.abort();
    expect((await stopped).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await uvRetries(key)).toBe(3);
  });
});

describe('a reset', () => {
  it('gives back all retries and takes the PIN away', async () => {
    const key = await createKeyWithPin();
    await spendRetries(key, 0);
    key.machine.powerCycle();
    expect((await key.send(Uint8Array.of(0x07)))[0]).toBe(0);
    expect(await retries(key)).toEqual({ pinRetries: 8, powerCycleState: false });
    expect(await setPin(key, '5678')).toBe(OK);
  });
});

/** The same store, where everybody else has their turn between a look and what follows from it. */
function shared(store: CredentialStore): CredentialStore {
  const read: CredentialStore['read'] = async (body) => {
    const seen = await store.read(body);
    await new Promise(setImmediate);
    return seen;
  };
  return { ...store, read, write: (body) => store.write(body), close: () => store.close() };
}

describe('two owners of one store', () => {
  it('have the last retry once, whoever is faster', async () => {
    const store = shared(createMemoryStore());
    const one = await createKeyWithPin({ store });
    await spendRetries(one, 1);
    one.machine.powerCycle();
    const other = createTestKey({ store });
    const answers = await Promise.all([pinToken(one, WRONG), pinToken(other, WRONG)]);
    expect(answers.map(({ status }) => status)).toEqual(['CTAP2_ERR_PIN_BLOCKED', 'CTAP2_ERR_PIN_BLOCKED']);
    expect((await one.store.read((reader) => reader.pin()))?.pinRetries).toBe(0);
    expect((await pinToken(other)).status).toBe('CTAP2_ERR_PIN_BLOCKED');
  });

  it('set a first PIN once', async () => {
    const one = createTestKey();
    const other = createTestKey({ store: one.store });
    const answers = await Promise.all([setPin(one, '1234'), setPin(other, '5678')]);
    expect(answers.toSorted()).toEqual([OK, 'CTAP2_ERR_PIN_AUTH_INVALID']);
    const pin = answers[0] === OK ? '1234' : '5678';
    expect((await pinToken(other, { pin })).status).toBe(OK);
  });
});
