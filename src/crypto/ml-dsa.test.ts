/**
 * What is particular to ML-DSA; what it has in common with other algorithms is in `crypto.suite.ts`, the published vectors are in
 * `ml-dsa.fuzz.test.ts`.
 */
import { createPublicKey, verify as opensslVerify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { utf8 } from '../data/bytes.js';
import { systemRandom } from '../ports.js';
import { codeOf } from './crypto.suite.js';
import { mlDsaPublicKey, prepareMlDsaSigner, verifyMlDsa } from './ml-dsa.js';
import { createNobleCrypto } from './noble.js';
import { createNodeCrypto } from './node.js';
import { opensslKnowsMlDsa } from './node-keys.js';
import { spkiFromCoseKey } from './spki.js';

const message = utf8('what is signed');
const ALGORITHMS = [
  COSE_ALGORITHMS['ML-DSA-44'],
  COSE_ALGORITHMS['ML-DSA-65'],
  COSE_ALGORITHMS['ML-DSA-87'],
] as const;

describe.each(ALGORITHMS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  it('has keys and signatures as long as the table says', async () => {
    const crypto = createNobleCrypto({ random: systemRandom });
    const pair = await crypto.generateKeyPair(row.id);
    expect(pair.publicKey).toMatchObject({ kty: 'AKP', alg: row.id });
    expect(pair.publicKey.kty === 'AKP' && pair.publicKey.pub.length).toBe(row.publicKeyBytes);
    expect(crypto.prepareSigner(pair)(message)).toHaveLength(row.signatureBytes);
  });

  it('verifies nothing with a key of another length, and never throws', async () => {
    const crypto = createNodeCrypto();
    const pair = await crypto.generateKeyPair(row.id);
    const signature = crypto.prepareSigner(pair)(message);
    for (const length of [0, 1, row.publicKeyBytes - 1, row.publicKeyBytes + 1]) {
      const pub = new Uint8Array(length);
      expect(verifyMlDsa(row, pub, message, signature)).toBe(false);
      expect(crypto.verify({ kty: 'AKP', alg: row.id, pub }, message, signature)).toBe(false);
    }
  });

  it('takes no seed of another length', async () => {
    for (const length of [0, 31, 33, 64]) {
      expect(await codeOf(() => mlDsaPublicKey(row, new Uint8Array(length)))).toBe('crypto-invalid-key');
      expect(await codeOf(() => prepareMlDsaSigner(row, new Uint8Array(length)))).toBe('crypto-invalid-key');
    }
  });

  it('is verified by OpenSSL where that is 3.5 or newer, as with Node 24', async () => {
    if (!opensslKnowsMlDsa())
      return console.info('this OpenSSL knows no ML-DSA: published vectors alone judge it here');
    const noble = createNobleCrypto({ random: systemRandom });
    const pair = await noble.generateKeyPair(row.id);
    const key = createPublicKey({
      key: Buffer.from(spkiFromCoseKey(pair.publicKey) ?? []),
      format: 'der',
      type: 'spki',
    });
    expect(opensslVerify(null, message, key, noble.prepareSigner(pair)(message))).toBe(true);
  });
});
