import { describe, expect, it } from 'vitest';
import type { Crypto, KeyPair } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import { utf8 } from '../data/bytes.js';
import { SignerCache } from './signers.js';

const node = createNodeCrypto();
const pair = await node.generateKeyPair(-7);

/** A cache and how many keys it has imported. */
function setUp(capacity?: number) {
  const imported: KeyPair[] = [];
  const crypto: Crypto = {
    ...node,
    prepareSigner: (keyPair) => {
      imported.push(keyPair);
      return node.prepareSigner(keyPair);
    },
  };
  const cache = new SignerCache(crypto, capacity);
  const use = (id: string, keyPair = pair) => cache.signer(utf8(id), keyPair.privateKey, () => keyPair);
  return { cache, imported, use };
}

describe('the cache of signers', () => {
  it('imports a key once, however often it signs', () => {
    const { imported, use } = setUp();
    const message = utf8('message');
    for (let at = 0; at < 100; at++) use('a')(message);
    expect(imported).toHaveLength(1);
    expect(node.verify(pair.publicKey, message, use('a')(message))).toBe(true);
  });

  it('imports again when there is another key behind the ID', async () => {
    const { imported, use } = setUp();
    const other = await node.generateKeyPair(-7);
    use('a');
    const signature = use('a', other)(utf8('message'));
    expect(node.verify(other.publicKey, utf8('message'), signature)).toBe(true);
    expect(imported).toEqual([pair, other]);
  });

  it('keeps what is in use and never more than its capacity', () => {
    const { imported, use } = setUp(10);
    for (let at = 0; at < 1_000; at++) {
      use('in use');
      use(`passing ${at}`);
    }
    // Once each: the one in use was never forgotten.
    expect(imported).toHaveLength(1_001);
    for (let at = 0; at < 10; at++) use(`passing ${999 - at}`);
    expect(imported.length).toBeGreaterThan(1_001);
  });

  it('holds exactly its capacity', () => {
    const { imported, use } = setUp(2);
    for (const id of ['a', 'b', 'c']) use(id);
    use('b');
    expect(imported).toHaveLength(3);
    use('a');
    expect(imported).toHaveLength(4);
  });

  it('forgets everything at a reset', () => {
    const { cache, imported, use } = setUp(2);
    for (const id of ['a', 'b']) use(id);
    cache.clear();
    for (const id of ['a', 'b']) use(id);
    expect(imported).toHaveLength(4);
  });
});
