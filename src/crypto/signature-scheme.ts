/**
 * What node:crypto has to be told about a signature algorithm, and whether a key belongs to it.
 */
import { constants } from 'node:crypto';
import type { CoseKey, HashName } from '../ctap/cose.js';
import { KeyrigError } from '../errors.js';
import type { ServedAlgorithm } from './algorithms.js';

/** Node's names of the hash functions. */
const HASHES: Readonly<Record<HashName, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** What `sign` and `verify` of node:crypto want besides the key. */
export interface SignatureScheme {
  /** `null` where the algorithm hashes by itself. */
  readonly hash: string | null;
  readonly padding?: { readonly padding: number; readonly saltLength: number };
}

/** The scheme of an algorithm. ECDSA comes out in DER, as WebAuthn wants it, without being asked. */
export function signatureScheme(algorithm: ServedAlgorithm): SignatureScheme {
  if (algorithm.kind === 'eddsa') return { hash: null };
  const hash = HASHES[algorithm.hash];
  if (algorithm.kind === 'ecdsa' || algorithm.padding === 'pkcs1') return { hash };
  // RFC 8230 §2: MGF1 with the same hash and a salt as long as the hash.
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return { hash, padding };
}

/** Whether a key has the type and the curve that its algorithm demands (WebAuthn L3 §5.8.5). */
export function keyFits(algorithm: ServedAlgorithm, key: CoseKey): boolean {
  if (algorithm.kind === 'ecdsa') return key.kty === 'EC2' && key.crv === algorithm.curve;
  if (algorithm.kind === 'eddsa') return key.kty === 'OKP' && key.crv === algorithm.curve;
  return key.kty === 'RSA';
}

/** Like {@link keyFits}, for keys of our own. @throws KeyrigError `crypto-invalid-key` */
export function assertKeyFits(algorithm: ServedAlgorithm, key: CoseKey): void {
  if (keyFits(algorithm, key)) return;
  throw new KeyrigError('crypto-invalid-key', `the key pair is not one of ${algorithm.name}`, {
    facts: { algorithm: algorithm.id, kty: key.kty },
  });
}
