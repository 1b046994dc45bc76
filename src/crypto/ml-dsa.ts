/**
 * ML-DSA (FIPS 204), pure and with an empty context, as COSE and WebAuthn use it. Private keys are the 32-byte seeds from which
 * everything else follows.
 *
 * By @noble/post-quantum, whose every byte repeats: signing is the deterministic variant (FIPS 204 §3.4). Loaded when the first key of
 * its kind turns up, so that nobody else waits for it.
 */
import { createRequire } from 'node:module';
import { KeyrigError } from '../errors.js';
import type { ServedAlgorithm } from './algorithms.js';
import type { Signer } from './crypto.js';

/** A row of the COSE table that is a parameter set of ML-DSA. */
export type MlDsaAlgorithm = Extract<ServedAlgorithm, { readonly kind: 'ml-dsa' }>;

/** Bytes of the seed ξ (FIPS 204 §5.1). */
export const ML_DSA_SEED = 32;

type Library = typeof import('@noble/post-quantum/ml-dsa.js');

let loaded: Library | undefined;

function library(): Library {
  loaded ??= load();
  return loaded;
}

/** Requires an ES module, which Node does from 20.19 on: the functions of the port don't wait. */
function load(): Library {
  return createRequire(import.meta.url)('@noble/post-quantum/ml-dsa.js');
}

function parameterSet({ name }: MlDsaAlgorithm) {
  const { ml_dsa44, ml_dsa65, ml_dsa87 } = library();
  return { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 }[name];
}

/** A private key that the caller hands in. @throws KeyrigError `crypto-invalid-key` */
export function assertMlDsaSeed({ name }: MlDsaAlgorithm, seed: Uint8Array): void {
  if (seed.length === ML_DSA_SEED) return;
  throw new KeyrigError('crypto-invalid-key', `the private key is not a seed of ${name}`, {
    facts: { length: seed.length },
  });
}

/** The public half of a seed. @throws KeyrigError `crypto-invalid-key` */
export function mlDsaPublicKey(algorithm: MlDsaAlgorithm, seed: Uint8Array): Uint8Array {
  assertMlDsaSeed(algorithm, seed);
  return parameterSet(algorithm).keygen(seed).publicKey;
}

/** Expands the seed once, which takes as long as signing does. @throws KeyrigError `crypto-invalid-key` */
export function prepareMlDsaSigner(algorithm: MlDsaAlgorithm, seed: Uint8Array): Signer {
  assertMlDsaSeed(algorithm, seed);
  const parameters = parameterSet(algorithm);
  const { secretKey } = parameters.keygen(seed);
  return (message) => parameters.sign(message, secretKey, { extraEntropy: false });
}

/** False for a signature or a key of the wrong length, too. */
export function verifyMlDsa(
  algorithm: MlDsaAlgorithm,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== algorithm.publicKeyBytes || signature.length !== algorithm.signatureBytes)
    return false;
  return parameterSet(algorithm).verify(signature, message, publicKey);
}
