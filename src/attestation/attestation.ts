/**
 * Who vouches for a new credential: what an authenticator holds in order to attest, and the formats that there are.
 *
 * Everything here is made for tests. No key, name or certificate of a real vendor occurs, and nothing chains up to one.
 */
import type { Crypto } from '../crypto/crypto.js';
import {
  type CertificateSubject,
  type CertifiedKey,
  type LeafOptions,
  mintLeaf,
  mintRoot,
} from './certificates.js';
import { noneStatement } from './none.js';
import { packedSelfStatement, packedStatement } from './packed.js';
import type { AttestationInput, AttestationStatement } from './statement.js';

/** Attestation statement formats that are made here (IANA WebAuthn registry), each with its clause. */
export const ATTESTATION_FORMATS = {
  /** Self and basic attestation. */
  packed: 'WebAuthn L3 §8.2',
  /** Nobody vouches. */
  none: 'WebAuthn L3 §8.7',
} as const;

/** The name of a format that is made here. */
export type AttestationFormatName = keyof typeof ATTESTATION_FORMATS;

/** Who signs (WebAuthn L3 §6.5.3): nobody, the credential's own key, or a key that all devices of a model share. */
export type AttestationType = 'none' | 'self' | 'basic';

/** Makes the attestation statements of one device. */
export interface Attester {
  readonly type: AttestationType;
  /** The format of its statements, for getInfo's `attestationFormats`. */
  readonly format: AttestationFormatName;
  /** The statement for one new credential. */
  attest(input: AttestationInput): AttestationStatement;
}

/** An attester with a certificate of its own, which U2F registrations carry as well. */
export interface BasicAttester extends Attester {
  readonly type: 'basic';
  readonly key: CertifiedKey;
}

/** Nobody vouches. */
export const noneAttester: Attester = { type: 'none', format: 'none', attest: noneStatement };

/** Each credential vouches for itself. */
export const selfAttester: Attester = { type: 'self', format: 'packed', attest: packedSelfStatement };

/** The subject of test roots. */
const TEST_ROOT: CertificateSubject = {
  country: 'XX',
  organization: 'keyrig test',
  commonName: 'keyrig test attestation root',
};
/** The subject of leaves when a profile names none. */
export const TEST_LEAF: CertificateSubject = { ...TEST_ROOT, commonName: 'keyrig test authenticator' };

/**
 * A new root that no relying party trusts until it is told to; one per state directory.
 *
 * @param now Milliseconds since the epoch, around which the certificate is valid
 *
 * @example
 * ```ts
 * const root = await createTestRoot(crypto, clock.now());
 * const stored = exportCertifiedKey(root);
 * ```
 */
export function createTestRoot(crypto: Crypto, now: number): Promise<CertifiedKey> {
  return mintRoot(crypto, TEST_ROOT, now);
}

/** What a basic attester is made from. */
export interface BasicAttesterOptions extends Omit<LeafOptions, 'subject'> {
  readonly crypto: Crypto;
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
  const { algorithm } = key.keyPair;
  const attestationKey = { algorithm, sign: crypto.prepareSigner(key.keyPair), x5c: [key.certificate] };
  return {
    type: 'basic',
    format: 'packed',
    key,
    attest: (input) => packedStatement(input, attestationKey),
  };
}
