import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CoseAlgorithmId, coseAlgorithm } from '../ctap/cose.js';
import { concat, toHex, utf8 } from '../data/bytes.js';
import { systemRandom } from '../ports.js';
import { algorithmsOf } from './algorithms.js';
import { codeOf, cryptoSuite, hex, opensslAccepts } from './crypto.suite.js';
import { createNobleCrypto } from './noble.js';
import { createNodeCrypto } from './node.js';
import { createSeededRandom } from './seeded-random.js';

describe('the node implementation', () => cryptoSuite('node', (random) => createNodeCrypto({ random })));
describe('the noble implementation', () => cryptoSuite('noble', (random) => createNobleCrypto({ random })));

const node = createNodeCrypto();
const noble = createNobleCrypto({ random: systemRandom });
const message = utf8('sample');
const named = (ids: readonly CoseAlgorithmId[]) => ids.map((id) => [coseAlgorithm(id)?.name, id] as const);

describe('one against the other', () => {
  describe.each(named(algorithmsOf('noble')))('%s', (_name, id) => {
    it('what noble signs, node verifies', async () => {
      const pair = await noble.generateKeyPair(id);
      expect(node.verify(pair.publicKey, message, noble.prepareSigner(pair)(message))).toBe(true);
    });

    it('what node signs, noble verifies, every time', async () => {
      // Low S alone would fail for half of them.
      const pair = await noble.generateKeyPair(id);
      const sign = node.prepareSigner(pair);
      for (let at = 0; at < 12; at++) expect(noble.verify(pair.publicKey, message, sign(message))).toBe(true);
    });

    it('a private key has the same public half in both', async () => {
      const { privateKey, publicKey } = await noble.generateKeyPair(id);
      expect(node.importKeyPair(id, privateKey).publicKey).toEqual(publicKey);
    });
  });

  it('both agree on the same secret, or on refusing the point', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (raw, valid) => {
        const scalar = raw.map((byte, at) => (at === 0 ? 0x5a : byte));
        const peer = valid ? node.createAgreementKey() : { x: raw, y: raw };
        const [one, other] = [node, noble].map((crypto) => crypto.createAgreementKey(scalar).agree(peer));
        expect(one).toEqual(other);
        expect(one !== undefined).toBe(valid);
      }),
      { numRuns: 25 },
    );
  });
});

it('an algorithm that one does not serve is refused by name', async () => {
  const PS256 = -37;
  expect(noble.supports(PS256)).toBe(false);
  expect(await codeOf(() => noble.generateKeyPair(PS256))).toBe('crypto-unsupported');
  const pair = await node.generateKeyPair(PS256);
  expect(await codeOf(() => noble.prepareSigner(pair))).toBe('crypto-unsupported');
  expect(noble.verify(pair.publicKey, message, node.prepareSigner(pair)(message))).toBe(false);
});

describe('deterministic signatures', () => {
  // RFC 6979 §A.2.5 to §A.2.7, message "sample" with the curve's own hash.
  it.each([
    [
      -7,
      'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
      '00efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
      '00f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    ],
    [
      -35,
      '6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5',
      '0094edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46',
      '0099ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
    ],
    [
      -36,
      '00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538',
      '00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa',
      '617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a',
    ],
  ] as const)('ECDSA %i', (id, scalar, r, s) => {
    const signature = noble.prepareSigner(noble.importKeyPair(id, hex(scalar)))(message);
    const integer = (digits: string) => concat(Uint8Array.of(0x02, digits.length / 2), hex(digits));
    const content = concat(integer(r), integer(s));
    const head = content.length < 0x80 ? [0x30, content.length] : [0x30, 0x81, content.length];
    expect(toHex(signature)).toBe(toHex(concat(Uint8Array.from(head), content)));
  });

  // RFC 8032 §7.1 test 2, §7.4 "1 octet".
  it.each([
    [
      -8,
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      -53,
      'c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e',
      '03',
      '26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00',
    ],
  ] as const)('EdDSA %i in both', (id, seed, text, expected) => {
    for (const crypto of [node, noble]) {
      const sign = crypto.prepareSigner(crypto.importKeyPair(id, hex(seed)));
      expect(toHex(sign(hex(text)))).toBe(expected);
    }
  });
});

describe('seeded runs', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Everything that an authenticator asks for, as text. */
  async function transcript(seed: string): Promise<readonly string[]> {
    const crypto = createNobleCrypto({ random: createSeededRandom(seed) });
    const lines = [toHex(crypto.random.bytes(7))];
    for (const id of algorithmsOf('noble')) {
      const pair = await crypto.generateKeyPair(id);
      lines.push(toHex(pair.privateKey), toHex(crypto.prepareSigner(pair)(message)));
    }
    const agreement = crypto.createAgreementKey();
    lines.push(toHex(agreement.x), toHex(agreement.agree(crypto.createAgreementKey()) ?? message));
    return lines;
  }

  it('the same seed gives the same keys and signatures of every algorithm', async () => {
    expect(await transcript('one')).toEqual(await transcript('one'));
  });

  it('another seed gives others', async () => {
    const [one, other] = [await transcript('one'), await transcript('other')];
    expect(one.filter((line, at) => line === other[at])).toEqual([]);
  });

  it('do not depend on what the machine calls random', async () => {
    // noble blinds scalars with it, which cancels out; nothing else may ask, and nothing may come through.
    vi.spyOn(Math, 'random').mockImplementation(() => expect.unreachable('Math.random was called'));
    const draws = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const filledWith = (byte: number) => async () => {
      draws.mockImplementation((array) => {
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(byte);
        return array;
      });
      return transcript('one');
    };
    const [first, second] = [await filledWith(0x00)(), await filledWith(0xa5)()];
    expect(first).toHaveLength(3 + 2 * algorithmsOf('noble').length);
    expect(second).toEqual(first);
  });

  it('node draws the same EC, Edwards and ML-DSA keys from the same seed', async () => {
    const [one, other] = [
      createNodeCrypto({ random: createSeededRandom('seed') }),
      createNobleCrypto({ random: createSeededRandom('seed') }),
    ];
    for (const id of [-7, -8, -35, -36, -47, -48, -49, -53] as const)
      expect(await one.generateKeyPair(id)).toEqual(await other.generateKeyPair(id));
  });
});

it('making an RSA key leaves the event loop free', async () => {
  let turns = 0;
  let done = false;
  const made = node.generateKeyPair(-257).finally(() => {
    done = true;
  });
  while (!done) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const pair = await made;
  expect(turns).toBeGreaterThan(10);
  expect(opensslAccepts(pair.publicKey, message, node.prepareSigner(pair)(message))).toBe(true);
});
