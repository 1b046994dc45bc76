/**
 * Attestation keys with their certificates, as state directories keep them.
 */
import { X509Certificate } from 'node:crypto';
import type { Crypto } from '../crypto/crypto.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import { sameBytes } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { CertifiedKey } from './certificates.js';

/** What is stored; the public half follows from the private one. The private key is a secret. */
export interface StoredCertifiedKey {
  readonly algorithm: CoseAlgorithmId;
  /** In the compact form of the Crypto port. */
  readonly privateKey: Uint8Array;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** A copy for storing. */
export function exportCertifiedKey(key: CertifiedKey): StoredCertifiedKey {
  const { algorithm, privateKey } = key.keyPair;
  return { algorithm, privateKey: privateKey.slice(), certificate: key.certificate.slice() };
}

/**
 * A stored key, checked: the certificate is one, and it is for this key.
 *
 * @throws KeyrigError `crypto-unsupported`, `crypto-invalid-key`, `attestation-failed`
 */
export function importCertifiedKey(crypto: Crypto, stored: StoredCertifiedKey): CertifiedKey {
  const keyPair = crypto.importKeyPair(stored.algorithm, stored.privateKey);
  const spki = spkiFromCoseKey(keyPair.publicKey);
  const certified = publicKeyOf(stored.certificate);
  if (spki === undefined || !sameBytes(spki, certified)) {
    throw new KeyrigError('attestation-failed', 'the attestation certificate belongs to another key', {
      hint: 'restore both files of the state directory together, or delete both',
    });
  }
  return { keyPair, certificate: stored.certificate.slice() };
}

function publicKeyOf(certificate: Uint8Array): Uint8Array {
  try {
    return new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' });
  } catch (cause) {
    throw new KeyrigError('attestation-failed', 'the stored attestation certificate is not a certificate', {
      cause,
    });
  }
}
