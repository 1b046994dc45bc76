/**
 * The "fido-u2f" attestation statement (WebAuthn L3 §8.6): what a U2F key signs when it registers, carried over.
 */
import type { Crypto } from '../crypto/crypto.js';
import { uncompressedPoint } from '../crypto/spki.js';
import type { CborValue } from '../ctap/cbor.js';
import type { Ec2Key } from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import { type AttestationKey, attestationKey, CERTIFICATE_BYTES, longestKey } from './attestation-key.js';
import { attestedCredential, only, p256Key } from './attested-credential.js';
import { type CertificateSubject, type CertifiedKey, type LeafOptions, mintLeaf } from './certificates.js';
import type { BasicAttester } from './packed.js';
import type { AttestationInput, FormatVoucher, SingleStatement } from './statement.js';
import { TEST_LEAF } from './test-root.js';

/** U2F has no AAGUIDs (WebAuthn L3 §8.6: whoever translates a U2F registration puts zeros there). */
const NO_AAGUID = new Uint8Array(16);
/** In front of what is signed (FIDO U2F Raw Message Formats §4.3). */
const RESERVED = 0x00;

/** What a U2F registration is about. */
export interface U2fRegistration {
  /** SHA-256 of the AppID or RP ID: 32 bytes. */
  readonly rpIdHash: Uint8Array;
  /** U2F's challenge parameter: 32 bytes. */
  readonly clientDataHash: Uint8Array;
  /** U2F's key handle. */
  readonly credentialId: Uint8Array;
  /** On P-256. */
  readonly publicKey: Pick<Ec2Key, 'x' | 'y'>;
}

/** What a U2F attestation key signs (FIDO U2F Raw Message Formats §4.3). */
export function u2fSignedBytes(registration: U2fRegistration): Uint8Array {
  const { rpIdHash, clientDataHash, credentialId, publicKey } = registration;
  return concat(
    Uint8Array.of(RESERVED),
    rpIdHash,
    clientDataHash,
    credentialId,
    uncompressedPoint(publicKey),
  );
}

/** The statement: exactly one certificate, and no `alg`, which is always ES256. @throws KeyrigError `attestation-failed` */
export function fidoU2fStatement(input: AttestationInput, key: AttestationKey): SingleStatement {
  const credential = attestedCredential(input);
  const signed = u2fSignedBytes({
    ...credential,
    clientDataHash: input.clientDataHash,
    publicKey: p256Key('fido-u2f', credential),
  });
  const attStmt = new Map<string, CborValue>([
    ['sig', key.sign(signed)],
    ['x5c', key.x5c.slice(0, 1)],
  ]);
  return { fmt: 'fido-u2f', attStmt };
}

/** What a U2F attester is made from. */
export interface FidoU2fAttesterOptions extends Omit<LeafOptions, 'subject' | 'aaguid' | 'serialNumber'> {
  readonly crypto: Crypto;
  readonly subject?: CertificateSubject;
}

/** A device's batch key with a fresh certificate under `root`. @throws KeyrigError `attestation-failed` for an impossible subject */
export async function createFidoU2fAttester(options: FidoU2fAttesterOptions): Promise<BasicAttester> {
  const { crypto, subject = TEST_LEAF, ...rest } = options;
  return fidoU2fAttester(crypto, await mintLeaf(crypto, { ...rest, subject }));
}

/** A device's attester over the batch key that it was given before. */
export function fidoU2fAttester(crypto: Crypto, key: CertifiedKey): BasicAttester {
  const signing = attestationKey(crypto, key);
  return {
    ...fidoU2fVoucher,
    type: 'basic',
    aaguid: NO_AAGUID,
    key,
    attest: (input) => fidoU2fStatement(input, signing),
    longest: (input) => fidoU2fStatement(input, longestKey(key.certificate.length)),
  };
}

/** What is known before there are keys. */
export const fidoU2fVoucher: FormatVoucher = {
  format: 'fido-u2f',
  vouchesFor: only('ES256'),
  longest: (input) => fidoU2fStatement(input, longestKey(CERTIFICATE_BYTES.leaf)),
};
