/**
 * The "packed" attestation statement (WebAuthn L3 §8.2), signed by the credential itself or by an attestation key.
 */
import type { Crypto } from '../crypto/crypto.js';
import type { CborValue } from '../ctap/cbor.js';
import { concat } from '../data/bytes.js';
import { type AttestationKey, attestationKey, CERTIFICATE_BYTES, longestKey } from './attestation-key.js';
import { type CertificateSubject, type CertifiedKey, type LeafOptions, mintLeaf } from './certificates.js';
import type { AttestationInput, Attester, FormatVoucher, SingleStatement } from './statement.js';
import { TEST_LEAF } from './test-root.js';

/** Self attestation: the credential's key signs, there is no certificate, and `alg` is the credential's (§8.2, verification step 3). */
export function packedSelfStatement(input: AttestationInput): SingleStatement {
  const { algorithm, sign } = input.credential;
  return packed(algorithm, sign(signedBytes(input)), []);
}

/** Basic or enterprise attestation: another key signs, and its certificates come along. */
export function packedStatement(input: AttestationInput, key: AttestationKey): SingleStatement {
  return packed(key.algorithm, key.sign(signedBytes(input)), key.x5c);
}

/** `authData || clientDataHash`. */
function signedBytes(input: AttestationInput): Uint8Array {
  return concat(input.authData, input.clientDataHash);
}

function packed(alg: number, sig: Uint8Array, x5c: readonly Uint8Array[]): SingleStatement {
  const attStmt = new Map<string, CborValue>([
    ['alg', alg],
    ['sig', sig],
  ]);
  if (x5c.length > 0) attStmt.set('x5c', x5c);
  return { fmt: 'packed', attStmt };
}

/** Each credential vouches for itself. */
export const selfAttester: Attester = {
  type: 'self',
  format: 'packed',
  attest: packedSelfStatement,
  longest: packedSelfStatement,
};

/** An attester with a certificate of its own, which U2F registrations carry as well. */
export interface BasicAttester extends Attester {
  readonly type: 'basic';
  readonly key: CertifiedKey;
}

/** What a basic attester is made from. */
export interface BasicAttesterOptions extends Omit<LeafOptions, 'subject' | 'serialNumber'> {
  readonly crypto: Crypto;
  readonly aaguid: Uint8Array;
  readonly subject?: CertificateSubject;
}

/**
 * A device's batch key with a fresh certificate under `root`. Minted here, once; every statement after that costs one signature.
 *
 * @throws KeyrigError `attestation-failed` for a subject or an AAGUID that no certificate can have
 */
export async function createBasicAttester(options: BasicAttesterOptions): Promise<BasicAttester> {
  const { crypto, subject = TEST_LEAF, ...rest } = options;
  return basicAttester(crypto, await mintLeaf(crypto, { ...rest, subject }));
}

/** A device's attester over the batch key that it was given before. */
export function basicAttester(crypto: Crypto, key: CertifiedKey): BasicAttester {
  const signing = attestationKey(crypto, key);
  return {
    type: 'basic',
    format: 'packed',
    key,
    attest: (input) => packedStatement(input, signing),
    longest: (input) => packedStatement(input, longestKey(key.certificate.length)),
  };
}

/** What an enterprise attester is made from. */
export interface EnterpriseAttesterOptions extends BasicAttesterOptions {
  /** What tells this one device from all others of its model. */
  readonly serialNumber: string;
}

/**
 * Enterprise attestation: a key that only this device has, with a certificate that says which device it is (WebAuthn L3 §8.2.2). When it may
 * be used is for MakeCredential to say.
 *
 * @throws KeyrigError `attestation-failed` for a subject or an AAGUID that no certificate can have
 */
export async function createEnterpriseAttester(options: EnterpriseAttesterOptions): Promise<BasicAttester> {
  const { crypto, subject = TEST_LEAF, ...rest } = options;
  return basicAttester(crypto, await mintLeaf(crypto, { ...rest, subject }));
}

/** How long basic attestation gets, before there are keys. */
export const basicVoucher: FormatVoucher = {
  format: 'packed',
  longest: (input) => packedStatement(input, longestKey(CERTIFICATE_BYTES.leaf)),
};

/** How long enterprise attestation gets, before there are keys. */
export const enterpriseVoucher: FormatVoucher = {
  format: 'packed',
  longest: (input) => packedStatement(input, longestKey(CERTIFICATE_BYTES.enterprise)),
};
