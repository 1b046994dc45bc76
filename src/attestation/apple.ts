/**
 * The "apple" attestation statement (WebAuthn L3 §8.8): an anonymization CA certifies the credential's key, and nobody signs anything else.
 */
import type { Crypto } from '../crypto/crypto.js';
import { derContext, derOctetString, derSequence } from '../crypto/der.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import { CERTIFICATE_BYTES } from './attestation-key.js';
import { attestedCredential, only, p256Key } from './attested-credential.js';
import { type CertificateOrder, type CertifiedKey, certify } from './certificate-issuer.js';
import { noAuthority, plainExtension } from './certificates.js';
import type { AttestationInput, Attester, FormatVoucher, SingleStatement } from './statement.js';
import { TEST_ORGANIZATION } from './test-root.js';

/** The extension with the nonce: SEQUENCE { [1] EXPLICIT OCTET STRING }. */
export const NONCE = '1.2.840.113635.100.8.2';
const NONCE_TAG = 1;

/** Apple's certificates of credentials last for days; these for a year and more, so that a year's runs agree. */
const VALIDITY_YEARS = 2;

function appleStatement(x5c: readonly Uint8Array[]): SingleStatement {
  return { fmt: 'apple', attStmt: new Map([['x5c', x5c]]) };
}

/** The nonce binds the certificate to this registration: SHA-256(authData || clientDataHash). */
function orderOf(
  crypto: Crypto,
  { authData, clientDataHash }: AttestationInput,
  now: number,
): CertificateOrder {
  const nonce = derOctetString(crypto.sha256(authData, clientDataHash));
  return {
    subject: [{ O: [{ utf8String: TEST_ORGANIZATION }] }, { CN: [{ utf8String: 'keyrig test passkey' }] }],
    now,
    years: VALIDITY_YEARS,
    extensions: (x509) => [
      noAuthority(x509),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      plainExtension(x509, NONCE, derSequence(derContext(NONCE_TAG, nonce))),
    ],
  };
}

/** What an anonymizing attester is made from. */
export interface AppleAttesterOptions {
  readonly crypto: Crypto;
  /** Signs a certificate for each credential. */
  readonly root: CertifiedKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An anonymization CA whose root is `root`. */
export function createAppleAttester({ crypto, root, now }: AppleAttesterOptions): Attester {
  return {
    ...appleVoucher,
    type: 'anonca',
    attest: async (input) => {
      const publicKey = p256Key('apple', attestedCredential(input));
      return appleStatement([await certify(crypto, root, orderOf(crypto, input, now), publicKey)]);
    },
  };
}

/** What is known before there are keys. The root doesn't travel, so the keys change nothing. */
export const appleVoucher: FormatVoucher = {
  format: 'apple',
  vouchesFor: only('ES256'),
  longest: (input) => {
    const keyBytes = spkiFromCoseKey(attestedCredential(input).publicKey)?.length ?? 0;
    return appleStatement([new Uint8Array(CERTIFICATE_BYTES.apple + keyBytes)]);
  },
};
