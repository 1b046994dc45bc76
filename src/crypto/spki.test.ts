import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CoseKey, coseAlgorithm } from '../ctap/cose.js';
import { toBase64url, toHex, utf8 } from '../data/bytes.js';
import { systemRandom } from '../ports.js';
import { algorithmsOf } from './algorithms.js';
import { derOid, derUnsigned, readUnsignedSequence } from './der.js';
import { createNobleCrypto } from './noble.js';
import { createNodeCrypto } from './node.js';
import { opensslKnowsMlDsa } from './node-keys.js';
import { ec2KeyFromPoint, spkiFromCoseKey, uncompressedPoint } from './spki.js';

const crypto = createNodeCrypto();
const noble = createNobleCrypto({ random: systemRandom });

/** What OpenSSL writes for the same key, made from the JWK and not from our DER. */
function opensslSpki(key: CoseKey): Buffer {
  const b64 = (bytes: Uint8Array) => toBase64url(bytes);
  const jwk =
    key.kty === 'EC2'
      ? { kty: 'EC', crv: key.crv, x: b64(key.x), y: b64(key.y) }
      : key.kty === 'OKP'
        ? { kty: 'OKP', crv: key.crv, x: b64(key.x) }
        : key.kty === 'RSA'
          ? { kty: 'RSA', n: b64(key.n), e: b64(key.e) }
          : { kty: 'AKP', alg: coseAlgorithm(key.alg)?.name, pub: b64(key.pub) };
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
}

describe('SubjectPublicKeyInfo', () => {
  const known = algorithmsOf('node').filter(
    (id) => opensslKnowsMlDsa() || coseAlgorithm(id)?.kind !== 'ml-dsa',
  );

  it.each(known.map((id) => [coseAlgorithm(id)?.name, id] as const))(
    'of %s is what OpenSSL writes',
    async (_name, id) => {
      // RSA keys of the pool are there at once; PS256 is node's alone and has the same SPKI.
      const { publicKey } = await (noble.supports(id) ? noble : crypto).generateKeyPair(id);
      expect(toHex(spkiFromCoseKey(publicKey) ?? new Uint8Array(0))).toBe(toHex(opensslSpki(publicKey)));
    },
  );

  it('does not depend on leading zeros of RSA integers', async () => {
    const key: CoseKey = {
      kty: 'RSA',
      alg: -257,
      n: new Uint8Array(256).fill(0x7f),
      e: Uint8Array.of(1, 0, 1),
    };
    const padded: CoseKey = { ...key, n: new Uint8Array([0, 0, ...key.n]), e: Uint8Array.of(0, 1, 0, 1) };
    expect(spkiFromCoseKey(padded)).toEqual(spkiFromCoseKey(key));
  });

  // Web platform tests, WebCryptoAPI/sign_verify/mldsa_vectors.js: the seed of a PKCS#8 and how the SPKI of its public half begins.
  it.each([
    [
      -48,
      '99155f633096da7cbe087a8948b84f767b10f901c823c240b1dd2bc87005c93e',
      '30820532300b0609608648016503040311038205210' +
        '05598d544c614b154c8bc216824a1c17fe297306b7abf5956bc03f5c7124fa8c0dadadfe3548529bb09b70ede9b89546f',
      1334,
    ],
  ] as const)('of the published key of %i is as published', (id, seed, beginning, length) => {
    for (const each of [crypto, noble]) {
      const { publicKey } = each.importKeyPair(id, Uint8Array.from(Buffer.from(seed, 'hex')));
      const spki = spkiFromCoseKey(publicKey) ?? new Uint8Array(0);
      expect(spki).toHaveLength(length);
      expect(toHex(spki).slice(0, beginning.length)).toBe(beginning);
    }
  });

  it('of an AKP key of an unknown algorithm is not made', () => {
    expect(spkiFromCoseKey({ kty: 'AKP', alg: -7, pub: new Uint8Array(1312) })).toBeUndefined();
    expect(spkiFromCoseKey({ kty: 'AKP', alg: -99, pub: new Uint8Array(1312) })).toBeUndefined();
  });
});

describe('uncompressed points', () => {
  it.each([
    [-7, 'P-256', 65],
    [-35, 'P-384', 97],
    [-36, 'P-521', 133],
    [-47, 'secp256k1', 65],
  ] as const)('of %i go there and back', async (id, curve, length) => {
    const { publicKey } = await crypto.generateKeyPair(id);
    if (publicKey.kty !== 'EC2') expect.unreachable('not an EC key');
    const point = uncompressedPoint(publicKey);
    expect(point).toHaveLength(length);
    expect(ec2KeyFromPoint(id, curve, point)).toEqual(publicKey);
    expect(ec2KeyFromPoint(id, curve, point.slice(1))).toBeUndefined();
    expect(
      ec2KeyFromPoint(
        id,
        curve,
        point.map((byte, at) => (at === 0 ? 2 : byte)),
      ),
    ).toBeUndefined();
  });
});

describe('DER', () => {
  it.each([
    ['', '020100'],
    ['00', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['000080', '02020080'],
    ['0100', '02020100'],
  ])('the unsigned integer %s is %s', (value, der) => {
    expect(toHex(derUnsigned(Uint8Array.from(Buffer.from(value, 'hex'))))).toBe(der);
  });

  it('object identifiers take as many bytes per arc as it needs', () => {
    expect(toHex(derOid('1.2.840.113549.1.1.1'))).toBe('06092a864886f70d010101');
    expect(toHex(derOid('1.3.6.1.4.1.45724.1.1.4'))).toBe('060b2b0601040182e51c010104');
  });

  const rsa = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { format: 'der', type: 'pkcs1' },
    privateKeyEncoding: { format: 'der', type: 'pkcs1' },
  });

  it('reads the nine integers of an RSA private key', () => {
    const integers = readUnsignedSequence(rsa.privateKey);
    expect(integers).toHaveLength(9);
    expect(toHex(integers?.[2] ?? utf8('?'))).toBe('010001');
    expect(readUnsignedSequence(rsa.publicKey)).toEqual(integers?.slice(1, 3));
  });

  it('reads nothing else, and never throws', () => {
    for (let end = 0; end < rsa.privateKey.length; end++)
      expect(readUnsignedSequence(rsa.privateKey.subarray(0, end))).toBeUndefined();
    expect(readUnsignedSequence(Uint8Array.of(0x30, 0x02, 0x05, 0x00))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void readUnsignedSequence(bytes)));
  });
});
