import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { concat, toHex } from '../data/bytes.js';
import { derOctetString, derSequence, readSequence } from './der.js';
import { createNodeCrypto } from './node.js';
import { pkcs8FromKeyPair, readPkcs8 } from './pkcs8.js';
import { spkiFromCoseKey } from './spki.js';

const crypto = createNodeCrypto();

/** Every type of key, by the algorithm that it usually has. */
const TYPES = [
  ['ES256', 'ec', { namedCurve: 'P-256' }],
  ['ES384', 'ec', { namedCurve: 'P-384' }],
  ['ES512', 'ec', { namedCurve: 'P-521' }],
  ['ES256K', 'ec', { namedCurve: 'secp256k1' }],
  ['EdDSA', 'ed25519', {}],
  ['Ed448', 'ed448', {}],
  ['RS256', 'rsa', { modulusLength: 2048 }],
] as const;

/** A key that OpenSSL made and wrote. */
function fromOpenSsl(type: string, options: object): Uint8Array {
  const encoding = {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  };
  const generate = generateKeyPairSync as (
    type: string,
    options: object,
  ) => { readonly privateKey: Uint8Array };
  return new Uint8Array(generate(type, { ...options, ...encoding }).privateKey);
}

function publicHalf(pkcs8: Uint8Array): Buffer {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}

describe.each(TYPES)('a private key of %s', (name, type, options) => {
  const { id } = COSE_ALGORITHMS[name];

  it('is read from what OpenSSL wrote', () => {
    const der = fromOpenSsl(type, options);
    const read = readPkcs8(der) ?? expect.fail('not read');
    expect(read.algorithm).toBe(id);
    const pair = crypto.importKeyPair(id, read.privateKey);
    expect(spkiFromCoseKey(pair.publicKey)).toEqual(new Uint8Array(publicHalf(der)));
  });

  it('is written as OpenSSL reads it, and read again', async () => {
    const pair = await crypto.generateKeyPair(id);
    const der = pkcs8FromKeyPair(pair) ?? expect.fail('not written');
    expect(new Uint8Array(publicHalf(der))).toEqual(spkiFromCoseKey(pair.publicKey));
    expect(readPkcs8(der)).toEqual({ algorithm: id, privateKey: pair.privateKey });
  });

  it('is none when it is cut off or longer', () => {
    const der = fromOpenSsl(type, options);
    for (let length = 0; length < der.length; length += 7)
      expect(readPkcs8(der.subarray(0, length))).toBeUndefined();
    expect(readPkcs8(Uint8Array.of(...der, 0))).toBeUndefined();
  });
});

// Of the private exponents of an RSA key OpenSSL takes another one (RFC 8017 §3.2: any that is equivalent).
it.each(TYPES.filter(([name]) => name !== 'RS256'))(
  '%s is written as OpenSSL writes it',
  (name, type, options) => {
    const der = fromOpenSsl(type, options);
    const pair = crypto.importKeyPair(
      COSE_ALGORITHMS[name].id,
      readPkcs8(der)?.privateKey ?? new Uint8Array(0),
    );
    expect(pkcs8FromKeyPair(pair)).toEqual(der);
  },
);

describe.each(['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const)('a private key of %s', (name) => {
  const { id } = COSE_ALGORITHMS[name];
  const seed = Uint8Array.from({ length: 32 }, (_, at) => at);
  const written = () => pkcs8FromKeyPair(crypto.importKeyPair(id, seed)) ?? expect.fail('not written');

  it('is its seed, as in the examples of RFC 9881', () => {
    // Appendix C.1.2.1: the seed-only form of 54 bytes; of the identifier only the last arc differs.
    const arc = { 'ML-DSA-44': '11', 'ML-DSA-65': '12', 'ML-DSA-87': '13' }[name];
    const head = `3034020100300b06096086480165030403${arc}04228020`;
    expect(toHex(written())).toBe(head + toHex(seed));
    expect(readPkcs8(written())).toEqual({ algorithm: id, privateKey: seed });
  });

  it('is read with the expanded key behind the seed, and not without the seed', () => {
    const [version, identifier] = readSequence(written()) ?? [];
    const inner = (...parts: readonly Uint8Array[]) =>
      derSequence(version?.raw ?? seed, identifier?.raw ?? seed, derOctetString(concat(...parts)));
    const expanded = derOctetString(new Uint8Array(2_560));
    expect(readPkcs8(inner(derSequence(derOctetString(seed), expanded)))).toEqual({
      algorithm: id,
      privateKey: seed,
    });
    expect(readPkcs8(inner(expanded))).toBeUndefined();
  });
});

describe('readPkcs8', () => {
  it('refuses RSA keys with another public exponent, which the compact form has no room for', () => {
    expect(readPkcs8(fromOpenSsl('rsa', { modulusLength: 2048, publicExponent: 3 }))).toBeUndefined();
  });

  it('refuses keys of other types', () => {
    expect(readPkcs8(fromOpenSsl('x25519', {}))).toBeUndefined();
  });

  it('reads any bytes without failing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readPkcs8(bytes)));
  });
});
