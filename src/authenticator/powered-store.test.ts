import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../ctap/messages/message.js';
import type { CredentialStore } from './ports.js';
import { createMemoryStore } from './store/memory.js';
import {
  BYTE,
  createKeyWithPin,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  getInfo,
  makeCredential,
  pinToken,
  readAnswer,
  registerDiscoverable,
  setPin,
  type TestKey,
  untilWaiting,
} from './test-platform.suite.js';

/** A store during whose next write something happens: while the disk has not begun yet, or when it is done. */
function interruptible() {
  const memory = createMemoryStore();
  const during: { before?: () => void; after?: () => void } = {};
  const store: CredentialStore = {
    read: (body) => memory.read(body),
    write: async (body) => {
      during.before?.();
      const written = await memory.write(body);
      during.after?.();
      return written;
    },
    close: () => memory.close(),
  };
  return { store, during };
}

/** Everything durable, as one value. */
const everything = (key: TestKey) =>
  key.store.read((reader) => ({
    credentials: reader.rpIds().flatMap((rpId) => reader.credentialsOf(rpId)),
    counter: reader.counter(),
    pin: reader.pin(),
    state: reader.state(),
  }));

const COMMANDS: readonly (readonly [string, (key: TestKey) => Promise<string>])[] = [
  ['MakeCredential', async (key) => (await makeCredential(key, { options: { rk: true } })).status],
  ['GetAssertion', async (key) => (await getAssertion(key)).status],
  ['setPIN', (key) => setPin(key, '1234')],
  ['Reset', async (key) => readAnswer(await key.send(Uint8Array.of(BYTE.reset))).status],
];

/** A key with one credential, whose power goes around its next write. */
async function keyToCut(when: 'before' | 'after'): Promise<TestKey> {
  const { store, during } = interruptible();
  const key = createTestKey({ store });
  await registerDiscoverable(key, 'grace');
  during[when] = () => {
    delete during[when];
    key.machine.powerCycle();
  };
  return key;
}

describe.each(COMMANDS)('a power cut in the middle of %s', (_, run) => {
  it('before its change leaves everything as it was', async () => {
    const key = await keyToCut('before');
    const before = await everything(key);
    expect(await run(key)).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await everything(key)).toEqual(before);
    expect(key.failures).toEqual([]);
    expect(await run(key)).toBe('CTAP1_ERR_SUCCESS');
  });

  it('after its change leaves the change, and only the answer is lost', async () => {
    const key = await keyToCut('after');
    const before = await everything(key);
    expect(await run(key)).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await everything(key)).not.toEqual(before);
    expect(key.failures).toEqual([]);
  });
});

describe('a power cut', () => {
  it('between two changes of a command leaves the first', async () => {
    const { store, during } = interruptible();
    const key = await createKeyWithPin({ store });
    // The retry is taken away, and the key pulled out before the PIN is compared.
    during.after = () => {
      delete during.after;
      key.machine.powerCycle();
    };
    expect((await pinToken(key)).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await key.store.read((reader) => reader.pin()?.pinRetries)).toBe(7);
    expect((await pinToken(key)).status).toBe('CTAP1_ERR_SUCCESS');
    expect(await key.store.read((reader) => reader.pin()?.pinRetries)).toBe(8);
  });

  it('in the middle of an attempt at verification has used the attempt up', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed', touch: { kind: 'never' } });
    const asked = makeCredential(key, { options: { uv: true } });
    await untilWaiting(key);
    key.machine.powerCycle();
    expect((await asked).status).toBe('CTAP2_ERR_KEEPALIVE_CANCEL');
    expect(await key.store.read((reader) => reader.pin()?.uvRetries)).toBe(4);
    expect(key.failures).toEqual([]);
  });

  it('does not hide that the store is broken', async () => {
    const { store, during } = interruptible();
    const key = createTestKey({ store });
    await getInfo(key);
    during.before = () => {
      key.machine.powerCycle();
      throw new TypeError('disk full');
    };
    const message = encodeRequest('authenticatorReset');
    expect(readAnswer(await key.send(message)).status).toBe('CTAP1_ERR_OTHER');
    expect(key.failures).toEqual([expect.objectContaining({ message: 'disk full' })]);
  });
});
