/**
 * Signing and verifying over node:crypto.
 */
import { constants, sign, verify } from 'node:crypto';
import type { CoseKey, HashName } from '../ctap/cose.js';
import {
  assertKeyFits,
  keyFits,
  requireAlgorithm,
  type ServedAlgorithm,
  servedAlgorithm,
} from './algorithms.js';
import type { KeyPair, Signer } from './crypto.js';
import { prepareMlDsaSigner, verifyMlDsa } from './ml-dsa.js';
import { importPrivateKey, importPublicKey, opensslKnowsMlDsa } from './node-keys.js';

/** Node's names of the hash functions. */
const HASHES: Readonly<Record<HashName, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** What `sign` and `verify` of node:crypto want besides the key. */
interface SignatureScheme {
  /** `null` where the algorithm hashes by itself. */
  readonly hash: string | null;
  readonly padding?: { readonly padding: number; readonly saltLength: number };
}

/** ECDSA comes out in DER, as WebAuthn wants it, without being asked. */
function signatureScheme(algorithm: ServedAlgorithm): SignatureScheme {
  if (algorithm.kind === 'eddsa' || algorithm.kind === 'ml-dsa') return { hash: null };
  const hash = HASHES[algorithm.hash];
  if (algorithm.kind === 'ecdsa' || algorithm.padding === 'pkcs1') return { hash };
  // RFC 8230 §2: MGF1 with the same hash and a salt as long as the hash.
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return { hash, padding };
}

/**
 * Imports the key once and returns what signs with it.
 *
 * @throws KeyrigError `crypto-unsupported`, `crypto-invalid-key`
 */
export function prepareNodeSigner(pair: KeyPair): Signer {
  const algorithm = requireAlgorithm('node', pair.algorithm);
  assertKeyFits(algorithm, pair.publicKey);
  if (algorithm.kind === 'ml-dsa' && !opensslKnowsMlDsa())
    return prepareMlDsaSigner(algorithm, pair.privateKey);
  const key = importPrivateKey(algorithm, pair);
  const scheme = signatureScheme(algorithm);
  const how = scheme.padding === undefined ? key : { key, ...scheme.padding };
  return (message) => plain(sign(scheme.hash, message, how));
}

/** A Buffer as the plain array that the port promises; not a copy, because OpenSSL's answer is nobody else's. */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** False for a signature that does not verify and for a key that can't be used. */
export function verifyWithNode(publicKey: CoseKey, message: Uint8Array, signature: Uint8Array): boolean {
  const algorithm = servedAlgorithm('node', publicKey.alg);
  if (algorithm === undefined || !keyFits(algorithm, publicKey)) return false;
  if (algorithm.kind === 'ml-dsa' && publicKey.kty === 'AKP' && !opensslKnowsMlDsa())
    return verifyMlDsa(algorithm, publicKey.pub, message, signature);
  const key = importPublicKey(publicKey);
  if (key === undefined) return false;
  const scheme = signatureScheme(algorithm);
  const how = scheme.padding === undefined ? key : { key, ...scheme.padding };
  return verify(scheme.hash, message, how, signature);
}
