/**
 * The key that a device signs statements with, and what its signatures and certificates are at their longest.
 */
import type { Crypto, Signer } from '../crypto/crypto.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import { CERTIFICATE_ALGORITHM, type CertifiedKey } from './certificate-issuer.js';

/** An attestation key, ready to sign. */
export interface AttestationKey {
  readonly algorithm: CoseAlgorithmId;
  readonly sign: Signer;
  /** Certificates in DER, the attestation key's own first; the root is left out. */
  readonly x5c: readonly Uint8Array[];
}

/** Imports the key once. @throws KeyrigError `crypto-invalid-key` */
export function attestationKey(crypto: Crypto, { keyPair, certificate }: CertifiedKey): AttestationKey {
  return { algorithm: keyPair.algorithm, sign: crypto.prepareSigner(keyPair), x5c: [certificate] };
}

/** SEQUENCE { INTEGER, INTEGER } with two numbers of 33 bytes: an ES256 signature at its longest. */
const LONGEST_SIGNATURE = 72;

/** Bytes of certificates made here at their longest, with the subjects and names that devices get when nobody says otherwise. */
export const CERTIFICATE_BYTES = {
  /** The root, which travels with `android-key`. */
  root: 412,
  /** Of `packed` and `fido-u2f`, with all transports. */
  leaf: 496,
  /** As `leaf`, with a serial number of 32 characters. */
  enterprise: 549,
  /** Of `tpm`. */
  aik: 492,
  /** Of `android-key`, without the public key of the credential. */
  androidKey: 436,
  /** Of `apple`, without the public key of the credential. */
  apple: 374,
} as const;

/** A stand-in for a key that signs with ES256, as long as such a key gets; nothing that it signs verifies. */
export function longestKey(...certificateBytes: readonly number[]): AttestationKey {
  return {
    algorithm: CERTIFICATE_ALGORITHM,
    sign: () => new Uint8Array(LONGEST_SIGNATURE),
    x5c: certificateBytes.map((length) => new Uint8Array(length)),
  };
}
