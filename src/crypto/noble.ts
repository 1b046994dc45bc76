/**
 * The repeatable implementation of the Crypto port: whatever it makes follows from a Random and its inputs.
 *
 * Keys are drawn from the Random, ECDSA nonces are RFC 6979's, ML-DSA signs deterministically, RSA keys come from a committed pool. The library also blinds
 * scalars with the machine's randomness, a defence against side channels that cancels out of every result. It is about a
 * twentieth as fast as `node.ts`, and an independent second opinion on every curve.
 */
import { ed448 } from '@noble/curves/ed448.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { COSE_CURVES, type CoseKey, type EcCurve, type OkpCurve } from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Random } from '../ports.js';
import { aes } from './aes.js';
import {
  assertKeyFits,
  keyFits,
  requireAlgorithm,
  type ServedAlgorithm,
  servedAlgorithm,
} from './algorithms.js';
import type { AgreementKey, Crypto, KeyPair, Signer } from './crypto.js';
import { assertScalar, randomScalar } from './curves.js';
import { hkdf } from './hkdf.js';
import { ML_DSA_SEED, mlDsaPublicKey, prepareMlDsaSigner, verifyMlDsa } from './ml-dsa.js';
import { prepareNodeSigner, verifyWithNode } from './node-signatures.js';
import { rsaPublicParts } from './rsa.js';
import { drawTestPrimes } from './rsa-test-pool.js';
import { uncompressedPoint } from './spki.js';

/** Bytes of a P-256 coordinate. */
const COORDINATE = 32;

/** Each curve hashes with the function that COSE pairs it with, so that `prehash` (the default) is right for all algorithms here. */
const ECDSA: Readonly<Record<EcCurve, typeof p256>> = {
  'P-256': p256,
  'P-384': p384,
  'P-521': p521,
  secp256k1,
};
const EDDSA: Readonly<Record<OkpCurve, typeof ed25519>> = { Ed25519: ed25519, Ed448: ed448 };

/**
 * The library's default for both directions is low-S only, which is a rule of blockchains: half of all authenticators'
 * signatures would not verify, and relying parties would never see a high S of ours.
 */
const EITHER_S = { lowS: false, format: 'der' } as const;
/** RFC 8032's rules for verifying, as OpenSSL has them, in place of the laxer ZIP 215. */
const STRICT = { zip215: false } as const;

/**
 * Cryptography of which every byte follows from `random`: same randomness, same requests, same keys and signatures.
 *
 * @example
 * ```ts
 * const crypto = createNobleCrypto({ random: createSeededRandom('42') });
 * ```
 */
export function createNobleCrypto(options: { readonly random: Random }): Crypto {
  const { random } = options;
  return {
    name: 'noble',
    random,
    supports: (algorithm) => servedAlgorithm('noble', algorithm) !== undefined,
    generateKeyPair: async (algorithm) => {
      const row = requireAlgorithm('noble', algorithm);
      return keyPair(row, drawPrivateKey(row, random));
    },
    importKeyPair: (algorithm, privateKey) => keyPair(requireAlgorithm('noble', algorithm), privateKey),
    prepareSigner,
    verify,
    sha256: (...parts) => nobleSha256(concat(...parts)),
    hmacSha256,
    hkdfSha256: (ikm, salt, info, length) => hkdf(hmacSha256, ikm, salt, info, length),
    ...aes,
    createAgreementKey: (privateKey) => createAgreementKey(privateKey ?? randomScalar('P-256', random)),
    equal,
  };
}

function drawPrivateKey(algorithm: ServedAlgorithm, random: Random): Uint8Array {
  if (algorithm.kind === 'ecdsa') return randomScalar(algorithm.curve, random);
  if (algorithm.kind === 'eddsa') return random.bytes(COSE_CURVES[algorithm.curve].bytes);
  return algorithm.kind === 'ml-dsa' ? random.bytes(ML_DSA_SEED) : drawTestPrimes(random);
}

function keyPair(algorithm: ServedAlgorithm, privateKey: Uint8Array): KeyPair {
  return {
    algorithm: algorithm.id,
    privateKey: privateKey.slice(),
    publicKey: publicKeyOf(algorithm, privateKey),
  };
}

function publicKeyOf(algorithm: ServedAlgorithm, privateKey: Uint8Array): CoseKey {
  const alg = algorithm.id;
  if (algorithm.kind === 'ecdsa') {
    assertScalar(algorithm.curve, privateKey);
    const point = ECDSA[algorithm.curve].getPublicKey(privateKey, false);
    const { bytes } = COSE_CURVES[algorithm.curve];
    return { kty: 'EC2', alg, crv: algorithm.curve, x: point.slice(1, 1 + bytes), y: point.slice(1 + bytes) };
  }
  if (algorithm.kind === 'eddsa') {
    assertSeed(algorithm.curve, privateKey);
    return { kty: 'OKP', alg, crv: algorithm.curve, x: EDDSA[algorithm.curve].getPublicKey(privateKey) };
  }
  if (algorithm.kind === 'ml-dsa') return { kty: 'AKP', alg, pub: mlDsaPublicKey(algorithm, privateKey) };
  return { kty: 'RSA', alg, ...rsaPublicParts(privateKey) };
}

function prepareSigner(pair: KeyPair): Signer {
  const algorithm = requireAlgorithm('noble', pair.algorithm);
  assertKeyFits(algorithm, pair.publicKey);
  const privateKey = pair.privateKey.slice();
  if (algorithm.kind === 'ecdsa') {
    assertScalar(algorithm.curve, privateKey);
    return (message) => ECDSA[algorithm.curve].sign(message, privateKey, EITHER_S);
  }
  if (algorithm.kind === 'eddsa') {
    assertSeed(algorithm.curve, privateKey);
    return (message) => EDDSA[algorithm.curve].sign(message, privateKey);
  }
  if (algorithm.kind === 'ml-dsa') return prepareMlDsaSigner(algorithm, privateKey);
  // PKCS#1 v1.5 has no randomness: OpenSSL signs the same bytes each time.
  return prepareNodeSigner(pair);
}

function assertSeed(curve: OkpCurve, seed: Uint8Array): void {
  if (seed.length === COSE_CURVES[curve].bytes) return;
  throw new KeyrigError('crypto-invalid-key', `the private key is not a seed of ${curve}`, {
    facts: { curve, length: seed.length },
  });
}

function verify(publicKey: CoseKey, message: Uint8Array, signature: Uint8Array): boolean {
  const algorithm = servedAlgorithm('noble', publicKey.alg);
  if (algorithm === undefined || !keyFits(algorithm, publicKey)) return false;
  if (algorithm.kind === 'ml-dsa' && publicKey.kty === 'AKP')
    return verifyMlDsa(algorithm, publicKey.pub, message, signature);
  try {
    if (publicKey.kty === 'EC2') {
      const point = uncompressedPoint(publicKey);
      return ECDSA[publicKey.crv].verify(signature, message, point, EITHER_S);
    }
    if (publicKey.kty === 'OKP') return EDDSA[publicKey.crv].verify(signature, message, publicKey.x, STRICT);
  } catch {
    // The library throws for keys off their curve and for encodings of the wrong length.
    return false;
  }
  return verifyWithNode(publicKey, message, signature);
}

function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return hmac(nobleSha256, key, concat(...parts));
}

function createAgreementKey(privateKey: Uint8Array): AgreementKey {
  assertScalar('P-256', privateKey);
  const scalar = privateKey.slice();
  const point = p256.getPublicKey(scalar, false);
  return {
    x: point.slice(1, 1 + COORDINATE),
    y: point.slice(1 + COORDINATE),
    agree: ({ x, y }) => {
      if (x.length !== COORDINATE || y.length !== COORDINATE) return undefined;
      try {
        // The result is a compressed point: one byte of sign, then the x coordinate.
        return p256.getSharedSecret(scalar, uncompressedPoint({ x, y })).slice(1);
      } catch {
        return undefined;
      }
    },
  };
}

/** No early exit: the time depends on the length alone. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [at, byte] of a.entries()) difference |= byte ^ (b[at] ?? 0);
  return difference === 0;
}
