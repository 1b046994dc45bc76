import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CborMap } from '../ctap/cbor.js';
import { agreementKeyToCbor } from '../ctap/cose.js';
import { concat, fromHex, toHex, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { type Random, systemRandom } from '../ports.js';
import type { Crypto } from './crypto.js';
import { createNobleCrypto } from './noble.js';
import { createNodeCrypto } from './node.js';
import {
  createPinUvAuthProtocol,
  isPinUvAuthProtocol,
  KeyAgreement,
  PIN_UV_AUTH_PROTOCOLS,
} from './pin-uv-auth-protocol.js';

/** Numbers of IVs in the PRF vectors are suffixes of their common seed; whole IVs are 16 bytes. */
interface HmacSecretVector {
  readonly salts: 1 | 2;
  readonly saltIv: string;
  readonly saltEnc: string;
  readonly saltAuth: string;
  readonly outputIv: string;
  readonly output: string;
}

interface Vectors {
  readonly keys: Readonly<Record<string, string>>;
  readonly prf: Readonly<Record<string, string>>;
  readonly pin: { readonly text: string; readonly hash: string };
  readonly token: string;
  readonly clientDataHash: string;
  readonly protocols: readonly {
    readonly version: 1 | 2;
    readonly sharedSecret: string;
    readonly hmacSecret: readonly HmacSecretVector[];
    readonly pin: Readonly<Record<'iv' | 'newPinEnc' | 'setPinParam' | 'pinHashEnc', string>> & {
      readonly changePinParam?: string;
    };
    readonly tokenParam: string;
  }[];
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/pin-uv-auth-protocol.json', import.meta.url), 'utf8'),
);

function bytes(hex: string | undefined): Uint8Array {
  const out = hex === undefined ? undefined : fromHex(hex);
  expect(out).toBeDefined();
  return out ?? new Uint8Array(0);
}

/** A Random that gives exactly these bytes, once each, and fails when they run out. */
function fixedRandom(...draws: readonly Uint8Array[]): Random {
  const rest = [...draws];
  return {
    bytes: (length) => {
      const draw = rest.shift();
      expect(draw?.length).toBe(length);
      return draw ?? new Uint8Array(length);
    },
  };
}

const implementations: readonly [string, (random: Random) => Crypto][] = [
  ['node', (random) => createNodeCrypto({ random })],
  ['noble', (random) => createNobleCrypto({ random })],
];

const { keys, prf } = vectors;
const platformPoint: CborMap = agreementKeyToCbor({ x: bytes(keys.platformX), y: bytes(keys.platformY) });
const authenticatorPoint: CborMap = agreementKeyToCbor({
  x: bytes(keys.authenticatorX),
  y: bytes(keys.authenticatorY),
});

describe.each(implementations)('the published vectors over %s', (_name, make) => {
  describe.each(vectors.protocols)('protocol $version', (vector) => {
    const shared = bytes(vector.sharedSecret);
    const over = (...draws: readonly Uint8Array[]) =>
      createPinUvAuthProtocol(make(fixedRandom(...draws)), vector.version);
    const ivs = (iv: string): Uint8Array[] => (iv === '' ? [] : [bytes(iv)]);
    const prfIvs = (suffix: string): Uint8Array[] =>
      suffix === ''
        ? []
        : [
            make(systemRandom)
              .sha256(utf8(prf.seed ?? ''), bytes(suffix))
              .slice(0, 16),
          ];

    it('derives the shared secret of Z', () => {
      expect(toHex(over().sharedSecret(bytes(keys.z)))).toBe(vector.sharedSecret);
    });

    it('the platform encapsulates', () => {
      const result = over().encapsulate(authenticatorPoint, bytes(keys.platformPrivate));
      expect(result).toEqual({ keyAgreement: platformPoint, sharedSecret: shared });
    });

    it('the authenticator decapsulates', () => {
      const crypto = make(fixedRandom());
      const agreement = new KeyAgreement(crypto, over(), bytes(keys.authenticatorPrivate));
      expect(agreement.publicKey).toEqual(authenticatorPoint);
      expect(agreement.decapsulate(platformPoint)).toEqual(shared);
    });

    it.each(vector.hmacSecret)('hmac-secret with $salts salt(s)', (row) => {
      const salts = concat(bytes(prf.salt1), row.salts === 2 ? bytes(prf.salt2) : new Uint8Array(0));
      expect(toHex(over(...prfIvs(row.saltIv)).encrypt(shared, salts))).toBe(row.saltEnc);
      expect(over().decrypt(shared, bytes(row.saltEnc))).toEqual(salts);
      expect(toHex(over().authenticate(shared, bytes(row.saltEnc)))).toBe(row.saltAuth);
      expect(over().verify(shared, bytes(row.saltAuth), bytes(row.saltEnc))).toBe(true);
      const outputs = [prf.salt1, prf.salt2]
        .slice(0, row.salts)
        .map((salt) => make(systemRandom).hmacSha256(bytes(prf.credRandom), bytes(salt)));
      expect(outputs.map(toHex)).toEqual([prf.output1, prf.output2].slice(0, row.salts));
      expect(toHex(over(...prfIvs(row.outputIv)).encrypt(shared, concat(...outputs)))).toBe(row.output);
    });

    it('PIN messages', () => {
      const { pin } = vector;
      const padded = new Uint8Array(64);
      padded.set(utf8(vectors.pin.text));
      expect(toHex(over(...ivs(pin.iv)).encrypt(shared, padded))).toBe(pin.newPinEnc);
      expect(over().decrypt(shared, bytes(pin.newPinEnc))).toEqual(padded);
      expect(toHex(over().authenticate(shared, bytes(pin.newPinEnc)))).toBe(pin.setPinParam);
      const hash = make(systemRandom).sha256(utf8(vectors.pin.text)).slice(0, 16);
      expect(toHex(hash)).toBe(vectors.pin.hash);
      expect(toHex(over(...ivs(pin.iv)).encrypt(shared, hash))).toBe(pin.pinHashEnc);
      if (pin.changePinParam !== undefined) {
        const parts = [bytes(pin.newPinEnc), bytes(pin.pinHashEnc)];
        expect(toHex(over().authenticate(shared, ...parts))).toBe(pin.changePinParam);
      }
    });

    it('pinUvAuthParam over a client data hash', () => {
      const hash = bytes(vectors.clientDataHash);
      expect(toHex(over().authenticate(bytes(vectors.token), hash))).toBe(vector.tokenParam);
      expect(over().verify(bytes(vectors.token), bytes(vector.tokenParam), hash)).toBe(true);
    });
  });
});

describe.each([1, 2] as const)('protocol %i', (version) => {
  const crypto = createNodeCrypto();
  const protocol = createPinUvAuthProtocol(crypto, version);
  const shared = crypto.random.bytes(PIN_UV_AUTH_PROTOCOLS[version].sharedSecretLength);
  const message = utf8('a message');
  const tag = protocol.authenticate(shared, message);

  it('has the lengths of its table', () => {
    const { tagLength, ivLength, sharedSecretLength } = PIN_UV_AUTH_PROTOCOLS[version];
    expect(tag).toHaveLength(tagLength);
    expect(protocol.encrypt(shared, new Uint8Array(32))).toHaveLength(32 + ivLength);
    expect(protocol.sharedSecret(new Uint8Array(32))).toHaveLength(sharedSecretLength);
  });

  it('both halves share a secret, until the authenticator regenerates', () => {
    const authenticator = new KeyAgreement(crypto, protocol);
    const platform = protocol.encapsulate(authenticator.publicKey);
    const keyAgreement = platform?.keyAgreement ?? new Map();
    expect(authenticator.decapsulate(keyAgreement)).toEqual(platform?.sharedSecret);
    const before = authenticator.publicKey;
    authenticator.regenerate();
    expect(authenticator.publicKey).not.toEqual(before);
    expect(authenticator.decapsulate(keyAgreement)).not.toEqual(platform?.sharedSecret);
  });

  it('decrypts what it encrypted, whatever the number of blocks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), (raw) => {
        const plaintext = raw.slice(0, raw.length - (raw.length % 16));
        expect(protocol.decrypt(shared, protocol.encrypt(shared, plaintext))).toEqual(plaintext);
      }),
    );
  });

  it('refuses ciphertexts of a length that it never produces', () => {
    const good = protocol.encrypt(shared, new Uint8Array(32));
    const lengths = Array.from({ length: good.length + 1 }, (_, length) => length);
    const taken = lengths.filter((length) => protocol.decrypt(shared, good.slice(0, length)) !== undefined);
    expect(taken).toEqual(version === 1 ? [0, 16, 32] : [16, 32, 48]);
  });

  it.each([1, 15, 17, 63])('does not encrypt %i bytes', (length) => {
    expect(() => protocol.encrypt(shared, new Uint8Array(length))).toThrow(KeyrigError);
  });

  it('authenticates the concatenation of the parts', () => {
    expect(protocol.authenticate(shared, utf8('a mes'), utf8('sage'))).toEqual(tag);
    expect(protocol.verify(shared, tag, utf8('a'), utf8(' message'))).toBe(true);
  });

  it('takes a tag of exactly its own length', () => {
    const whole = crypto.hmacSha256(shared.subarray(0, 32), message);
    const lengths = Array.from({ length: 33 }, (_, length) => length);
    const taken = lengths.filter((length) => protocol.verify(shared, whole.slice(0, length), message));
    expect(taken).toEqual([PIN_UV_AUTH_PROTOCOLS[version].tagLength]);
  });

  it('refuses a tag with any bit changed', () => {
    for (let bit = 0; bit < tag.length * 8; bit++) {
      const changed = tag.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(protocol.verify(shared, changed, message)).toBe(false);
    }
  });

  describe('a key-agreement key', () => {
    const good = agreementKeyToCbor(crypto.createAgreementKey());
    const KTY = 1;
    const ALG = 3;
    const CRV = -1;
    const X = -2;
    const Y = -3;

    it.each([
      ['another key type', new Map([...good, [KTY, 1]])],
      ['another algorithm', new Map([...good, [ALG, -7]])],
      ['another curve', new Map([...good, [CRV, 2]])],
      ['no x', new Map([...good].filter(([label]) => label !== X))],
      ['no y', new Map([...good].filter(([label]) => label !== Y))],
      ['a short x', new Map([...good, [X, new Uint8Array(31)]])],
      ['a long y', new Map([...good, [Y, new Uint8Array(33)]])],
      ['a point off the curve', new Map([...good, [Y, new Uint8Array(32).fill(7)]])],
      ['the origin', new Map([...good, [X, new Uint8Array(32)], [Y, new Uint8Array(32)]])],
    ])('with %s is refused by both halves', (_what, bad: CborMap) => {
      expect(protocol.encapsulate(good)).toBeDefined();
      expect(protocol.encapsulate(bad)).toBeUndefined();
      const authenticator = new KeyAgreement(crypto, protocol);
      expect(authenticator.decapsulate(good)).toBeDefined();
      expect(authenticator.decapsulate(bad)).toBeUndefined();
    });
  });
});

it('protocol 2 never repeats an IV', () => {
  const protocol = createPinUvAuthProtocol(createNodeCrypto(), 2);
  const ivs = Array.from({ length: 100 }, () =>
    toHex(protocol.encrypt(new Uint8Array(64), new Uint8Array(16)).slice(0, 16)),
  );
  expect(new Set(ivs).size).toBe(ivs.length);
});

it.each([
  [0, false],
  [1, true],
  [2, true],
  [3, false],
])('whether protocol %i is implemented: %s', (version, implemented) => {
  expect(isPinUvAuthProtocol(version)).toBe(implemented);
});
