/**
 * What every implementation of the Crypto port must do. OpenSSL, through node:crypto's own API and not through ours, is the judge
 * of keys and signatures; hash functions, MACs and ciphers are held against published vectors.
 */
import { constants, createHash, createPublicKey, verify as opensslVerify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COSE_CURVES, type CoseAlgorithmId, type CoseKey, coseAlgorithm } from '../ctap/cose.js';
import { concat, fromHex, toHex, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { type Random, systemRandom } from '../ports.js';
import { algorithmsOf, type CryptoName } from './algorithms.js';
import type { Crypto, KeyPair } from './crypto.js';
import { verifyMlDsa } from './ml-dsa.js';
import { opensslKnowsMlDsa } from './node-keys.js';
import { drawTestPrimes } from './rsa-test-pool.js';
import { spkiFromCoseKey } from './spki.js';

const message = utf8('what is signed');

/** Bytes of a hex literal. */
export function hex(text: string): Uint8Array {
  const out = fromHex(text);
  expect(out).toBeDefined();
  return out ?? new Uint8Array(0);
}

/** Code of the KeyrigError that a call ends with. */
export async function codeOf(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
  } catch (error) {
    return error instanceof KeyrigError ? error.code : 'not a KeyrigError';
  }
  return undefined;
}

/**
 * OpenSSL's opinion of a signature in WebAuthn's wire form, reached through the key's SPKI alone. Of ML-DSA it has one from version 3.5
 * on; before that it is noble's, which published vectors vouch for (`ml-dsa.fuzz.test.ts`).
 */
export function opensslAccepts(key: CoseKey, signed: Uint8Array, signature: Uint8Array): boolean {
  const spki = spkiFromCoseKey(key);
  if (spki === undefined) return false;
  const algorithm = coseAlgorithm(key.alg);
  if (algorithm?.kind === 'ml-dsa' && key.kty === 'AKP' && !opensslKnowsMlDsa())
    return verifyMlDsa(algorithm, key.pub, signed, signature);
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const hash = algorithm !== undefined && 'hash' in algorithm ? algorithm.hash.replace('-', '') : null;
  if (algorithm?.kind !== 'rsa' || algorithm.padding === 'pkcs1')
    return opensslVerify(hash, signed, publicKey, signature);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return opensslVerify(hash, signed, { key: publicKey, padding, saltLength: 32 }, signature);
}

/** The bytes with one bit changed. */
export function withBitFlipped(bytes: Uint8Array, bit: number): Uint8Array {
  const out = bytes.slice();
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return out;
}

function privateLength(algorithm: CoseAlgorithmId): number {
  const row = coseAlgorithm(algorithm);
  if (row?.kind === 'ml-dsa') return 32;
  return row !== undefined && 'curve' in row ? COSE_CURVES[row.curve].bytes : 256;
}

/** Describes the port's contract; `make` builds the implementation over a Random. */
export function cryptoSuite(name: CryptoName, make: (random: Random) => Crypto): void {
  const crypto = make(systemRandom);

  describe.each(algorithmsOf(name).map((id) => [coseAlgorithm(id)?.name, id] as const))(
    '%s',
    (_label, id) => {
      // RSA keys take up to a second to find: one pair serves all tests of its algorithm.
      let made: Promise<KeyPair> | undefined;
      const pair = () => {
        made ??= crypto.generateKeyPair(id);
        return made;
      };

      it('is announced', () => {
        expect(crypto.supports(id)).toBe(true);
      });

      it('makes a key in the compact form', async () => {
        const { algorithm, privateKey, publicKey } = await pair();
        expect(algorithm).toBe(id);
        expect(publicKey.alg).toBe(id);
        expect(privateKey).toHaveLength(privateLength(id));
        expect(Object.getPrototypeOf(privateKey)).toBe(Uint8Array.prototype);
      });

      it('signs what itself and OpenSSL verify', async () => {
        const { publicKey } = await pair();
        const signature = crypto.prepareSigner(await pair())(message);
        expect(Object.getPrototypeOf(signature)).toBe(Uint8Array.prototype);
        expect(crypto.verify(publicKey, message, signature)).toBe(true);
        expect(opensslAccepts(publicKey, message, signature)).toBe(true);
      });

      it('signs the empty message', async () => {
        const { publicKey } = await pair();
        const signature = crypto.prepareSigner(await pair())(new Uint8Array(0));
        expect(crypto.verify(publicKey, new Uint8Array(0), signature)).toBe(true);
        expect(opensslAccepts(publicKey, new Uint8Array(0), signature)).toBe(true);
      });

      it('refuses another message, another key and a changed signature', async () => {
        const { publicKey } = await pair();
        const signature = crypto.prepareSigner(await pair())(message);
        const other = await crypto.generateKeyPair(id);
        expect(crypto.verify(publicKey, utf8('what was signed'), signature)).toBe(false);
        expect(crypto.verify(other.publicKey, message, signature)).toBe(false);
        expect(crypto.verify(publicKey, message, new Uint8Array(0))).toBe(false);
        expect(crypto.verify(publicKey, message, signature.slice(0, -1))).toBe(false);
        expect(crypto.verify(publicKey, message, concat(signature, Uint8Array.of(0)))).toBe(false);
        // A prime's steps through what is short, fifty spots of what is long.
        const step = Math.max(37, Math.floor((signature.length * 8) / 50));
        for (let bit = 0; bit < signature.length * 8; bit += step)
          expect(crypto.verify(publicKey, message, withBitFlipped(signature, bit))).toBe(false);
      });

      it('never throws at a signature', async () => {
        const { publicKey } = await pair();
        fc.assert(
          fc.property(fc.uint8Array({ maxLength: 300 }), (signature) => {
            expect(crypto.verify(publicKey, message, signature)).toBe(false);
          }),
          { numRuns: 20 },
        );
      });

      it('finds the public half of a private key', async () => {
        const { privateKey } = await pair();
        const imported = crypto.importKeyPair(id, privateKey);
        expect(imported).toEqual(await pair());
        expect(imported.privateKey).not.toBe(privateKey);
      });

      it('keeps signing with the key it was given, whatever becomes of the bytes', async () => {
        const given = crypto.importKeyPair(id, (await pair()).privateKey);
        const sign = crypto.prepareSigner(given);
        given.privateKey.fill(0xaa);
        expect(opensslAccepts((await pair()).publicKey, message, sign(message))).toBe(true);
      });

      it('refuses private keys of another length', async () => {
        const { privateKey, publicKey } = await pair();
        for (const bad of [new Uint8Array(0), privateKey.slice(1), concat(privateKey, Uint8Array.of(1))]) {
          expect(await codeOf(() => crypto.importKeyPair(id, bad))).toBe('crypto-invalid-key');
          const broken: KeyPair = { algorithm: id, privateKey: bad, publicKey };
          expect(await codeOf(() => crypto.prepareSigner(broken))).toBe('crypto-invalid-key');
        }
      });

      it('refuses a public half of another kind', async () => {
        const bytes = new Uint8Array(32);
        const foreign: CoseKey =
          (await pair()).publicKey.kty === 'AKP'
            ? { kty: 'OKP', alg: id, crv: 'Ed25519', x: bytes }
            : { kty: 'AKP', alg: id, pub: bytes };
        const broken: KeyPair = { ...(await pair()), publicKey: foreign };
        expect(await codeOf(() => crypto.prepareSigner(broken))).toBe('crypto-invalid-key');
        expect(crypto.verify(foreign, message, new Uint8Array(64))).toBe(false);
      });
    },
  );

  describe('algorithms that nobody serves', () => {
    it.each([-65535] as const)('%i', async (id) => {
      expect(crypto.supports(id)).toBe(false);
      expect(await codeOf(() => crypto.generateKeyPair(id))).toBe('crypto-unsupported');
      expect(await codeOf(() => crypto.importKeyPair(id, new Uint8Array(32)))).toBe('crypto-unsupported');
    });
  });

  describe('ECDSA keys', () => {
    const order = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

    it.each([
      ['zero', new Uint8Array(32)],
      ['the order', order],
      ['more than the order', new Uint8Array(32).fill(0xff)],
    ])('%s is no private scalar', async (_what, scalar) => {
      expect(await codeOf(() => crypto.importKeyPair(-7, scalar))).toBe('crypto-invalid-key');
      expect(await codeOf(() => crypto.createAgreementKey(scalar))).toBe('crypto-invalid-key');
    });

    it('both ends of the range are private scalars', () => {
      const one = new Uint8Array(32);
      one[31] = 1;
      const last = order.slice();
      last[31] = 0x50;
      // 1·G and (n - 1)·G = -G have the same x coordinate.
      const [first, second] = [crypto.importKeyPair(-7, one), crypto.importKeyPair(-7, last)];
      expect(first.publicKey).toMatchObject({ x: 'x' in second.publicKey ? second.publicKey.x : undefined });
    });

    it('a key off its curve verifies nothing', async () => {
      const pair = await crypto.generateKeyPair(-7);
      const signature = crypto.prepareSigner(pair)(message);
      const bad = { ...pair.publicKey, y: new Uint8Array(32).fill(7) };
      expect(crypto.verify(bad, message, signature)).toBe(false);
    });

    it('a key on a curve that its algorithm does not allow verifies nothing (WebAuthn L3 §5.8.5)', async () => {
      const pair = await crypto.generateKeyPair(-47);
      const signature = crypto.prepareSigner(pair)(message);
      expect(crypto.verify(pair.publicKey, message, signature)).toBe(true);
      expect(crypto.verify({ ...pair.publicKey, alg: -7 }, message, signature)).toBe(false);
    });

    it('signatures come with high and with low S', async () => {
      const sign = crypto.prepareSigner(await crypto.generateKeyPair(-7));
      const half = order.map((byte, at) => (at < 16 ? byte : 0));
      half[0] = 0x7f;
      const high = Array.from({ length: 64 }, (_, at) => sign(Uint8Array.of(at))).filter(
        (der) => toHex(sOf(der)) > toHex(half),
      );
      expect(high.length).toBeGreaterThan(8);
      expect(high.length).toBeLessThan(56);
    });
  });

  describe('RSA keys', () => {
    it.each<[string, (p: Uint8Array, q: Uint8Array) => readonly Uint8Array[]]>([
      ['the same prime twice', (p) => [p, p]],
      ['an even number', (p, q) => [p, q.map((byte, at) => (at === q.length - 1 ? byte & 0xfe : byte))]],
      ['zero', (p) => [new Uint8Array(p.length), p]],
    ])('are not made of %s', async (_what, change) => {
      const primes = drawTestPrimes(systemRandom);
      expect(crypto.importKeyPair(-257, primes).privateKey).toEqual(primes);
      const bad = concat(...change(primes.slice(0, 128), primes.slice(128)));
      expect(await codeOf(() => crypto.importKeyPair(-257, bad))).toBe('crypto-invalid-key');
    });

    it('have a modulus of 2048 bits and the usual exponent', async () => {
      const { publicKey } = await crypto.generateKeyPair(-257);
      if (publicKey.kty !== 'RSA') expect.unreachable('not an RSA key');
      expect(publicKey.n).toHaveLength(256);
      expect(publicKey.n[0]).toBeGreaterThanOrEqual(0x80);
      expect(toHex(publicKey.e)).toBe('010001');
    });
  });

  describe('hashes and MACs', () => {
    it('SHA-256 (FIPS 180-4 examples)', () => {
      const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
      expect(toHex(crypto.sha256(utf8('abc')))).toBe(abc);
      expect(toHex(crypto.sha256(utf8('a'), utf8(''), utf8('bc')))).toBe(abc);
      const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
      expect(toHex(crypto.sha256())).toBe(empty);
      expect(toHex(crypto.sha256(new Uint8Array(0)))).toBe(empty);
    });

    it('SHA-256 of any parts is that of their concatenation', () => {
      const part = fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc.uint8Array({ minLength: 3000, maxLength: 3000 }),
      );
      fc.assert(
        fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
          const expected = createHash('sha256')
            .update(concat(...parts))
            .digest('hex');
          expect(toHex(crypto.sha256(...parts))).toBe(expected);
        }),
        { numRuns: 50 },
      );
    });

    it('HMAC-SHA-256 (RFC 4231 cases 1, 2 and 6)', () => {
      const case1 = 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7';
      expect(toHex(crypto.hmacSha256(new Uint8Array(20).fill(0x0b), utf8('Hi There')))).toBe(case1);
      const case2 = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
      const parts = [utf8('what do ya want '), utf8('for nothing?')];
      expect(toHex(crypto.hmacSha256(utf8('Jefe'), ...parts))).toBe(case2);
      const case6 = '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54';
      const text = utf8('Test Using Larger Than Block-Size Key - Hash Key First');
      expect(toHex(crypto.hmacSha256(new Uint8Array(131).fill(0xaa), text))).toBe(case6);
    });

    it('HKDF-SHA-256 (RFC 5869 cases 1 and 3)', () => {
      const ikm = new Uint8Array(22).fill(0x0b);
      const salt = hex('000102030405060708090a0b0c');
      const info = hex('f0f1f2f3f4f5f6f7f8f9');
      expect(toHex(crypto.hkdfSha256(ikm, salt, info, 42))).toBe(
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
      );
      const none = new Uint8Array(0);
      expect(toHex(crypto.hkdfSha256(ikm, none, none, 42))).toBe(
        '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
      );
      expect(crypto.hkdfSha256(ikm, salt, info, 255 * 32)).toHaveLength(255 * 32);
    });

    it('HKDF can give no more than 255 blocks', async () => {
      const call = () => crypto.hkdfSha256(message, message, message, 255 * 32 + 1);
      expect(await codeOf(call)).toBe('internal');
    });
  });

  describe('AES-128', () => {
    it('CBC (NIST SP 800-38A F.2.1 and F.2.2)', () => {
      const key = hex('2b7e151628aed2a6abf7158809cf4f3c');
      const iv = hex('000102030405060708090a0b0c0d0e0f');
      const plaintext = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
      const ciphertext = '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2';
      expect(toHex(crypto.aes128CbcEncrypt(key, iv, plaintext))).toBe(ciphertext);
      expect(crypto.aes128CbcDecrypt(key, iv, hex(ciphertext))).toEqual(plaintext);
    });
  });

  describe('AES-256', () => {
    it('CBC without padding (NIST SP 800-38A §F.2.5)', () => {
      const key = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
      const iv = hex('000102030405060708090a0b0c0d0e0f');
      const plaintext = hex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
      const ciphertext = 'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d';
      expect(toHex(crypto.aes256CbcEncrypt(key, iv, plaintext))).toBe(ciphertext);
      expect(crypto.aes256CbcDecrypt(key, iv, hex(ciphertext))).toEqual(plaintext);
      expect(crypto.aes256CbcEncrypt(key, iv, new Uint8Array(0))).toEqual(new Uint8Array(0));
    });

    // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
    const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const nonce = hex('cafebabefacedbaddecaf888');
    const aad = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const plaintext = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const sealed = hex(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );

    it('GCM seals and opens', () => {
      expect(crypto.aes256GcmSeal(key, nonce, plaintext, aad)).toEqual(sealed);
      expect(crypto.aes256GcmOpen(key, nonce, sealed, aad)).toEqual(plaintext);
    });

    it('GCM opens nothing that was changed', () => {
      for (let bit = 0; bit < sealed.length * 8; bit += 7)
        expect(crypto.aes256GcmOpen(key, nonce, withBitFlipped(sealed, bit), aad)).toBeUndefined();
      expect(crypto.aes256GcmOpen(withBitFlipped(key, 0), nonce, sealed, aad)).toBeUndefined();
      expect(crypto.aes256GcmOpen(key, withBitFlipped(nonce, 0), sealed, aad)).toBeUndefined();
      expect(crypto.aes256GcmOpen(key, nonce, sealed, withBitFlipped(aad, 0))).toBeUndefined();
    });

    it.each([0, 1, 15, 16])('GCM opens nothing of %i bytes', (length) => {
      expect(crypto.aes256GcmOpen(key, nonce, sealed.slice(0, length), aad)).toBeUndefined();
    });
  });

  describe('key agreement', () => {
    // NIST CAVS ECC CDH P-256, count 0.
    const scalar = hex('7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534');
    const peer = {
      x: hex('700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287'),
      y: hex('db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac'),
    };

    it('agrees on the x coordinate', () => {
      const key = crypto.createAgreementKey(scalar);
      expect(toHex(key.x)).toBe('ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230');
      expect(toHex(key.y)).toBe('28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141');
      const z = '46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b';
      expect(toHex(key.agree(peer) ?? new Uint8Array(0))).toBe(z);
    });

    it('keeps leading zeros of the result', () => {
      // Found by search: 5541·G is the first multiple whose result begins with two zero bytes.
      const other = new Uint8Array(32);
      new DataView(other.buffer).setUint32(28, 5541);
      const [one, two] = [crypto.createAgreementKey(scalar), crypto.createAgreementKey(other)];
      const z = '00008e2d41dd00e10d563afe6e39a385e5cfad5fa0e47d857f42fbe7c0eaf313';
      expect(toHex(one.agree(two) ?? new Uint8Array(0))).toBe(z);
      expect(toHex(two.agree(one) ?? new Uint8Array(0))).toBe(z);
    });

    it('keeps agreeing with the scalar it was given, whatever becomes of the bytes', () => {
      const given = scalar.slice();
      const key = crypto.createAgreementKey(given);
      given.fill(1);
      expect(key.agree(peer)).toEqual(crypto.createAgreementKey(scalar).agree(peer));
    });

    it.each([
      ['off the curve', { x: peer.x, y: withBitFlipped(peer.y, 0) }],
      ['at the origin', { x: new Uint8Array(32), y: new Uint8Array(32) }],
      ['beyond the field', { x: new Uint8Array(32).fill(0xff), y: peer.y }],
      ['with a short coordinate', { x: peer.x.slice(1), y: peer.y }],
      ['with a long coordinate', { x: peer.x, y: concat(Uint8Array.of(0), peer.y) }],
      ['that is good, cut at another place', { x: peer.x.slice(0, 31), y: concat(peer.x.slice(31), peer.y) }],
    ])('refuses a point %s', (_what, bad) => {
      expect(crypto.createAgreementKey().agree(bad)).toBeUndefined();
    });

    it('makes another key each time', () => {
      expect(crypto.createAgreementKey().x).not.toEqual(crypto.createAgreementKey().x);
    });
  });

  describe('randomness', () => {
    const counted = () => {
      let drawn = 0;
      const random: Random = {
        bytes: (length) => {
          drawn += length;
          return systemRandom.bytes(length);
        },
      };
      return { random, drawn: () => drawn };
    };

    it.each([-7, -8, -35, -36, -47, -48, -49, -53] as const)(
      'the key of algorithm %i comes from the port',
      async (id) => {
        const { random, drawn } = counted();
        await make(random).generateKeyPair(id);
        expect(drawn()).toBeGreaterThanOrEqual(privateLength(id));
      },
    );

    it('agreement keys come from the port', () => {
      const { random, drawn } = counted();
      make(random).createAgreementKey();
      expect(drawn()).toBeGreaterThanOrEqual(32);
    });

    it('a draw that is no scalar is thrown away', () => {
      const draws = [new Uint8Array(32).fill(0xff), new Uint8Array(32), new Uint8Array(32).fill(0x11)];
      const key = make({ bytes: () => draws.shift() ?? new Uint8Array(0) }).createAgreementKey();
      expect(key.x).toEqual(crypto.createAgreementKey(new Uint8Array(32).fill(0x11)).x);
      expect(draws).toEqual([]);
    });
  });

  it('equal compares all bytes and the length', () => {
    const a = hex('00112233');
    expect(crypto.equal(a, a.slice())).toBe(true);
    expect(crypto.equal(new Uint8Array(0), new Uint8Array(0))).toBe(true);
    expect(crypto.equal(a, a.slice(0, 3))).toBe(false);
    expect(crypto.equal(a, concat(a, Uint8Array.of(0)))).toBe(false);
    for (let bit = 0; bit < 32; bit++) expect(crypto.equal(a, withBitFlipped(a, bit))).toBe(false);
  });
}

/** S of a P-256 signature in DER, padded to 32 bytes. */
function sOf(der: Uint8Array): Uint8Array {
  const rLength = der[3] ?? 0;
  const s = der.slice(4 + rLength + 2);
  const out = new Uint8Array(33);
  out.set(s, 33 - s.length);
  return out.slice(1);
}
