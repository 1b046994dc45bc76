/**
 * Key pairs over node:crypto: made, imported for signing, imported for verifying. One recipe per key type.
 *
 * No `KeyObject` is ever exported as a JWK: on Node 20 that can deadlock when the key came out of `generateKeyPair` (the export
 * holds the key's mutex while garbage collection waits for it). JWK is for *import* only, where it is the fastest form of an EC key.
 */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  type ECDH,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { type AkpKey, COSE_CURVES, type CoseKey, type EcCurve, type OkpCurve } from '../ctap/cose.js';
import { concat, fromHex, toBase64url } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Random } from '../ports.js';
import type { ServedAlgorithm } from './algorithms.js';
import type { KeyPair } from './crypto.js';
import { assertScalar, EC_CURVES, randomScalar } from './curves.js';
import { assertMlDsaSeed, ML_DSA_SEED, type MlDsaAlgorithm, mlDsaPublicKey } from './ml-dsa.js';
import { generateRsaPrimes, rsaJwk, rsaPublicParts } from './rsa.js';
import { spkiFromCoseKey } from './spki.js';

/** PKCS#8 in front of a seed (RFC 8410 §7): all of it but the seed itself is fixed. */
const OKP_PKCS8_PREFIX: Readonly<Record<OkpCurve, Uint8Array>> = {
  Ed25519: hex('302e020100300506032b657004220420'),
  Ed448: hex('3047020100300506032b6571043b0439'),
};

/** The same for ML-DSA (RFC 9881 §6): the seed alone, which is element [0] of a CHOICE. */
const ML_DSA_PKCS8_PREFIX: Readonly<Record<MlDsaAlgorithm['name'], Uint8Array>> = {
  'ML-DSA-44': hex('3034020100300b0609608648016503040311 04228020'),
  'ML-DSA-65': hex('3034020100300b0609608648016503040312 04228020'),
  'ML-DSA-87': hex('3034020100300b0609608648016503040313 04228020'),
};

function hex(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array(0);
}

/** A fresh private key in compact form. It follows from `random`; only RSA primes are OpenSSL's own. */
export async function generatePrivateKey(algorithm: ServedAlgorithm, random: Random): Promise<Uint8Array> {
  if (algorithm.kind === 'ecdsa') return randomScalar(algorithm.curve, random);
  if (algorithm.kind === 'eddsa') return random.bytes(COSE_CURVES[algorithm.curve].bytes);
  return algorithm.kind === 'ml-dsa' ? random.bytes(ML_DSA_SEED) : generateRsaPrimes();
}

/** The pair of a private key. @throws KeyrigError `crypto-invalid-key` */
export function nodeKeyPair(algorithm: ServedAlgorithm, privateKey: Uint8Array): KeyPair {
  const publicKey = publicKeyOf(algorithm, privateKey);
  return { algorithm: algorithm.id, privateKey: privateKey.slice(), publicKey };
}

function publicKeyOf(algorithm: ServedAlgorithm, privateKey: Uint8Array): CoseKey {
  const alg = algorithm.id;
  if (algorithm.kind === 'ecdsa') {
    return { kty: 'EC2', alg, crv: algorithm.curve, ...publicPoint(algorithm.curve, privateKey) };
  }
  if (algorithm.kind === 'eddsa') {
    return { kty: 'OKP', alg, crv: algorithm.curve, x: okpPublic(algorithm.curve, privateKey) };
  }
  if (algorithm.kind === 'ml-dsa') return { kty: 'AKP', alg, pub: akpPublic(algorithm, privateKey) };
  return { kty: 'RSA', alg, ...rsaPublicParts(privateKey) };
}

function publicPoint(curve: EcCurve, scalar: Uint8Array): { x: Uint8Array; y: Uint8Array } {
  assertScalar(curve, scalar);
  const ecdh = multiplier(curve);
  ecdh.setPrivateKey(scalar);
  const point = new Uint8Array(ecdh.getPublicKey());
  const { bytes } = COSE_CURVES[curve];
  return { x: point.slice(1, 1 + bytes), y: point.slice(1 + bytes) };
}

const multipliers = new Map<EcCurve, ECDH>();

/** Multiplies the curve's generator. One for each curve, because setting up a curve takes as long as multiplying on it. */
function multiplier(curve: EcCurve): ECDH {
  const known = multipliers.get(curve);
  if (known !== undefined) return known;
  const made = createECDH(EC_CURVES[curve].openssl);
  multipliers.set(curve, made);
  return made;
}

function okpPublic(curve: OkpCurve, seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(okpPrivate(curve, seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-COSE_CURVES[curve].bytes));
}

function okpPrivate(curve: OkpCurve, seed: Uint8Array): KeyObject {
  if (seed.length !== COSE_CURVES[curve].bytes) {
    throw new KeyrigError('crypto-invalid-key', `the private key is not a seed of ${curve}`, {
      facts: { curve, length: seed.length },
    });
  }
  const key = Buffer.from(concat(OKP_PKCS8_PREFIX[curve], seed));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

let mlDsa: boolean | undefined;

/** Whether OpenSSL is new enough for ML-DSA: 3.5, which comes with Node 24. Found out by trying, once. */
export function opensslKnowsMlDsa(): boolean {
  mlDsa ??= isImportable(concat(ML_DSA_PKCS8_PREFIX['ML-DSA-44'], new Uint8Array(ML_DSA_SEED)));
  return mlDsa;
}

function isImportable(pkcs8: Uint8Array): boolean {
  try {
    createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    return true;
  } catch {
    return false;
  }
}

function akpPublic(algorithm: MlDsaAlgorithm, seed: Uint8Array): Uint8Array {
  if (!opensslKnowsMlDsa()) return mlDsaPublicKey(algorithm, seed);
  const spki = createPublicKey(mlDsaPrivate(algorithm, seed)).export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-algorithm.publicKeyBytes));
}

/** Imports a seed into an OpenSSL that knows ML-DSA. @throws KeyrigError `crypto-invalid-key` */
export function mlDsaPrivate(algorithm: MlDsaAlgorithm, seed: Uint8Array): KeyObject {
  assertMlDsaSeed(algorithm, seed);
  const key = Buffer.from(concat(ML_DSA_PKCS8_PREFIX[algorithm.name], seed));
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** Imports the private half for signing: the costly step. @throws KeyrigError `crypto-invalid-key` */
export function importPrivateKey(algorithm: ServedAlgorithm, pair: KeyPair): KeyObject {
  const { publicKey, privateKey } = pair;
  if (algorithm.kind === 'ml-dsa') return mlDsaPrivate(algorithm, privateKey);
  if (publicKey.kty === 'RSA') return privateFromJwk(rsaJwk(privateKey));
  // OpenSSL imports any number as a scalar without looking at it.
  if (publicKey.kty === 'EC2') assertScalar(publicKey.crv, privateKey);
  if (publicKey.kty === 'AKP')
    throw new KeyrigError('crypto-invalid-key', `an AKP key is none of ${algorithm.name}`);
  return privateFromJwk({ ...publicJwk(publicKey), d: toBase64url(privateKey) });
}

function privateFromJwk(key: JsonWebKey): KeyObject {
  try {
    return createPrivateKey({ key, format: 'jwk' });
  } catch (cause) {
    throw new KeyrigError('crypto-invalid-key', 'OpenSSL does not accept the private key', { cause });
  }
}

/** Imports a public key for verifying; `undefined` when it is off its curve or otherwise unusable. */
export function importPublicKey(publicKey: CoseKey): KeyObject | undefined {
  try {
    if (publicKey.kty === 'AKP') return publicFromSpki(publicKey);
    return createPublicKey({ key: publicJwk(publicKey), format: 'jwk' });
  } catch {
    return undefined;
  }
}

/** Node's JWKs know ML-DSA later than its OpenSSL does. */
function publicFromSpki(publicKey: AkpKey): KeyObject {
  const key = Buffer.from(spkiFromCoseKey(publicKey) ?? []);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function publicJwk(key: Exclude<CoseKey, AkpKey>): JsonWebKey {
  if (key.kty === 'RSA') return { kty: 'RSA', n: toBase64url(key.n), e: toBase64url(key.e) };
  if (key.kty === 'OKP') return { kty: 'OKP', crv: key.crv, x: toBase64url(key.x) };
  return { kty: 'EC', crv: key.crv, x: toBase64url(key.x), y: toBase64url(key.y) };
}
