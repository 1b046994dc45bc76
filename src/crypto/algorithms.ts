/**
 * Which implementation of the Crypto port serves which algorithm.
 *
 * To serve is to generate keys, sign and verify; no algorithm is served by halves. What an algorithm *is* stands in `ctap/cose.ts`.
 */
import {
  COSE_ALGORITHMS,
  type CoseAlgorithmId,
  type CoseAlgorithmName,
  type CoseKey,
  coseAlgorithm,
} from '../ctap/cose.js';
import { KeyrigError } from '../errors.js';

/** The implementations by name. */
export type CryptoName = 'node' | 'noble';

const BOTH: readonly CryptoName[] = ['node', 'noble'];
/** Its signatures are salted inside of OpenSSL, where no seed reaches. */
const NODE_ONLY: readonly CryptoName[] = ['node'];
/** It would need an OpenSSL that still signs SHA-1. */
const NOBODY: readonly CryptoName[] = [];

/** Every algorithm by name, with who serves it. */
export const SERVED_BY: Readonly<Record<CoseAlgorithmName, readonly CryptoName[]>> = {
  ES256: BOTH,
  EdDSA: BOTH,
  ESP256: BOTH,
  Ed25519: BOTH,
  ES384: BOTH,
  ES512: BOTH,
  PS256: NODE_ONLY,
  ES256K: BOTH,
  'ML-DSA-44': BOTH,
  'ML-DSA-65': BOTH,
  'ML-DSA-87': BOTH,
  ESP384: BOTH,
  ESP512: BOTH,
  Ed448: BOTH,
  RS256: BOTH,
  RS384: BOTH,
  RS512: BOTH,
  RS1: NOBODY,
};

/** The names of those that every implementation serves, so that a seed makes no difference to what a device can be. */
export const SERVED_BY_ALL: readonly CoseAlgorithmName[] = Object.values(COSE_ALGORITHMS)
  .map(({ name }) => name)
  .filter((name) => BOTH.every((implementation) => SERVED_BY[name].includes(implementation)));

/** A row of the COSE table that somebody serves. */
export type ServedAlgorithm = Exclude<(typeof COSE_ALGORITHMS)[CoseAlgorithmName], { readonly name: 'RS1' }>;

/** The row of this number if `implementation` serves it. */
export function servedAlgorithm(implementation: CryptoName, id: number): ServedAlgorithm | undefined {
  const algorithm = coseAlgorithm(id);
  if (algorithm === undefined || !SERVED_BY[algorithm.name].includes(implementation)) return undefined;
  return algorithm.name === 'RS1' ? undefined : algorithm;
}

/** The row of this number. @throws KeyrigError `crypto-unsupported` when `implementation` does not serve it */
export function requireAlgorithm(implementation: CryptoName, id: number): ServedAlgorithm {
  const algorithm = servedAlgorithm(implementation, id);
  if (algorithm !== undefined) return algorithm;
  const name = coseAlgorithm(id)?.name ?? `COSE algorithm ${id}`;
  throw new KeyrigError('crypto-unsupported', `the ${implementation} implementation does not serve ${name}`, {
    facts: { algorithm: id, implementation },
  });
}

/** Whether a key has the type, and the curve or length, that its algorithm demands (WebAuthn L3 §5.8.5). */
export function keyFits(algorithm: ServedAlgorithm, key: CoseKey): boolean {
  if (algorithm.kind === 'ecdsa') return key.kty === 'EC2' && key.crv === algorithm.curve;
  if (algorithm.kind === 'eddsa') return key.kty === 'OKP' && key.crv === algorithm.curve;
  if (algorithm.kind === 'rsa') return key.kty === 'RSA';
  return key.kty === 'AKP' && key.pub.length === algorithm.publicKeyBytes;
}

/** Like {@link keyFits}, for keys of our own. @throws KeyrigError `crypto-invalid-key` */
export function assertKeyFits(algorithm: ServedAlgorithm, key: CoseKey): void {
  if (keyFits(algorithm, key)) return;
  throw new KeyrigError('crypto-invalid-key', `the key pair is not one of ${algorithm.name}`, {
    facts: { algorithm: algorithm.id, kty: key.kty },
  });
}

/** The numbers of all algorithms that `implementation` serves. */
export function algorithmsOf(implementation: CryptoName): readonly CoseAlgorithmId[] {
  return Object.values(COSE_ALGORITHMS)
    .map((algorithm) => algorithm.id)
    .filter((id) => servedAlgorithm(implementation, id) !== undefined);
}
