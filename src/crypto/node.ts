/**
 * The fast implementation of the Crypto port: node:crypto, which is OpenSSL.
 */
import { createECDH, createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';
import { concat } from '../data/bytes.js';
import { type Random, systemRandom } from '../ports.js';
import { aes } from './aes.js';
import { requireAlgorithm, servedAlgorithm } from './algorithms.js';
import type { AgreementKey, Crypto } from './crypto.js';
import { assertScalar, EC_CURVES, randomScalar } from './curves.js';
import { hkdf } from './hkdf.js';
import { generatePrivateKey, nodeKeyPair } from './node-keys.js';
import { prepareNodeSigner, verifyWithNode } from './node-signatures.js';
import { pooledRandom } from './pooled-random.js';
import { uncompressedPoint } from './spki.js';

/** Bytes of a P-256 coordinate. */
const COORDINATE = 32;
/** Up to here joining the parts and hashing them at once is cheaper than a hash object. */
const ONE_SHOT_LIMIT = 4096;

/**
 * Cryptography over node:crypto.
 *
 * `random` feeds EC and Edwards keys, agreement keys, IVs and salts. ECDSA nonces, RSA primes and PSS salts are OpenSSL's own,
 * so for runs that must repeat take {@link createNobleCrypto}.
 *
 * @example
 * ```ts
 * const crypto = createNodeCrypto();
 * const sign = crypto.prepareSigner(await crypto.generateKeyPair(-7));
 * ```
 */
export function createNodeCrypto(options: { readonly random?: Random } = {}): Crypto {
  const random = options.random ?? pooledRandom(systemRandom);
  return {
    name: 'node',
    random,
    supports: (algorithm) => servedAlgorithm('node', algorithm) !== undefined,
    generateKeyPair: async (algorithm) => {
      const row = requireAlgorithm('node', algorithm);
      return nodeKeyPair(row, await generatePrivateKey(row, random));
    },
    importKeyPair: (algorithm, privateKey) => nodeKeyPair(requireAlgorithm('node', algorithm), privateKey),
    prepareSigner: prepareNodeSigner,
    verify: verifyWithNode,
    sha256,
    hmacSha256,
    hkdfSha256: (ikm, salt, info, length) => hkdf(hmacSha256, ikm, salt, info, length),
    ...aes,
    createAgreementKey: (privateKey) => createAgreementKey(privateKey ?? randomScalar('P-256', random)),
    equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  };
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = parts;
  if (first !== undefined && rest.length === 0) return new Uint8Array(hash('sha256', first, 'buffer'));
  const total = parts.reduce((length, part) => length + part.length, 0);
  if (total <= ONE_SHOT_LIMIT) return new Uint8Array(hash('sha256', concat(...parts), 'buffer'));
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return new Uint8Array(mac.digest());
}

function createAgreementKey(privateKey: Uint8Array): AgreementKey {
  assertScalar('P-256', privateKey);
  const ecdh = createECDH(EC_CURVES['P-256'].openssl);
  ecdh.setPrivateKey(privateKey);
  const own = new Uint8Array(ecdh.getPublicKey());
  return {
    x: own.slice(1, 1 + COORDINATE),
    y: own.slice(1 + COORDINATE),
    agree: ({ x, y }) => {
      if (x.length !== COORDINATE || y.length !== COORDINATE) return undefined;
      try {
        return new Uint8Array(ecdh.computeSecret(uncompressedPoint({ x, y })));
      } catch {
        // With lengths and our scalar known to be good, only the point is left to be refused.
        return undefined;
      }
    },
  };
}
