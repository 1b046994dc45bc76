/** Credentials that a store has from elsewhere: with backup flags of their own, or found by their ID alone. */
import { describe, expect, it } from 'vitest';
import { PUBLIC_KEY_TYPE } from '../../ctap/messages/entities.js';
import { createMemoryStore } from '../store/memory.js';
import { sampleCredential } from '../store/store.suite.js';
import {
  createTestKey,
  flagsOf,
  getAssertion,
  mustSucceed,
  nodeCrypto,
  RP_ID,
} from '../test-platform.suite.js';

/** A key whose store has one credential, brought there by an import. */
async function keyWith(change: object) {
  const store = createMemoryStore();
  const keyPair = await nodeCrypto.generateKeyPair(-7);
  const credential = { ...sampleCredential('imported', RP_ID), keyPair, ...change };
  await store.write((writer) => writer.putCredential(credential));
  return { key: createTestKey({ store }), descriptor: { id: credential.id, type: PUBLIC_KEY_TYPE } };
}

describe('an imported credential', () => {
  it.each([
    [{}, 'UP'],
    [{ backup: { eligible: true, backedUp: false } }, 'UP BE'],
    [{ backup: { eligible: true, backedUp: true } }, 'UP BE BS'],
  ])('with %j signs with the flags %s', async (change, flags) => {
    const { key } = await keyWith(change);
    expect(flagsOf(mustSucceed(await getAssertion(key)))).toBe(flags);
  });

  it('that is not discoverable signs when its ID is listed, and then says nothing of its user', async () => {
    const { key, descriptor } = await keyWith({ discoverable: false });
    const listed = mustSucceed(await getAssertion(key, { allowList: [descriptor] }));
    expect(listed.credential).toEqual(descriptor);
    expect(listed.user).toBeUndefined();
    expect(await getAssertion(key)).toMatchObject({ status: 'CTAP2_ERR_NO_CREDENTIALS' });
  });

  it('that is discoverable says who its user is', async () => {
    const { key, descriptor } = await keyWith({});
    expect(mustSucceed(await getAssertion(key, { allowList: [descriptor] })).user).toBeDefined();
  });
});
