/**
 * What every attestation format is made from and gives, and who makes it.
 */
import type { Signer } from '../crypto/crypto.js';
import type { CborMap } from '../ctap/cbor.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';

/** What a statement is about, and what it may be signed with. */
export interface AttestationInput {
  /** As it goes out, attested credential data included. */
  readonly authData: Uint8Array;
  /** 32 bytes. */
  readonly clientDataHash: Uint8Array;
  /** The new credential, for formats that it vouches for itself in. */
  readonly credential: { readonly algorithm: CoseAlgorithmId; readonly sign: Signer };
}

/** A statement of any format but `compound`. */
export interface SingleStatement {
  readonly fmt: string;
  readonly attStmt: CborMap;
}

/** Several statements about the same registration (WebAuthn L3 §8.9): maps with the members `fmt` and `attStmt`. */
export interface CompoundStatement {
  readonly fmt: 'compound';
  readonly attStmt: readonly CborMap[];
}

/** An attestation statement with the name of its format (WebAuthn L3 §6.5.2). */
export type AttestationStatement = SingleStatement | CompoundStatement;

/** Attestation statement formats that are made here (IANA WebAuthn registry), each with its clause. */
export const ATTESTATION_FORMATS = {
  /** Self, basic and enterprise attestation. */
  packed: 'WebAuthn L3 §8.2',
  /** A TPM certifies the credential's key. */
  tpm: 'WebAuthn L3 §8.3',
  /** The credential's key has a certificate that says how Android keeps it. */
  'android-key': 'WebAuthn L3 §8.4',
  /** As U2F registrations are signed. */
  'fido-u2f': 'WebAuthn L3 §8.6',
  /** Nobody vouches. */
  none: 'WebAuthn L3 §8.7',
  /** The credential's key has a certificate of an anonymization CA. */
  apple: 'WebAuthn L3 §8.8',
  /** Several of the others. */
  compound: 'WebAuthn L3 §8.9',
} as const;

/** The name of a format that is made here. */
export type AttestationFormatName = keyof typeof ATTESTATION_FORMATS;

/**
 * Who signs (WebAuthn L3 §6.5.3): nobody, the credential's own key, a key that all devices of a model share, a key that a CA knows to be a
 * TPM's, or a CA that sees each credential. `compound` is whatever its parts are.
 */
export type AttestationType = 'none' | 'self' | 'basic' | 'attca' | 'anonca' | 'compound';

/** What is known of a format before there are keys: what it can vouch for, and how long its statements get. */
export interface FormatVoucher {
  /** The format of its statements, for getInfo's `attestationFormats`. */
  readonly format: AttestationFormatName;
  /** Whether it can vouch for a credential of this algorithm; absent, it can for all. */
  readonly vouchesFor?: (algorithm: CoseAlgorithmId) => boolean;
  /** A statement as long as any for an input of these lengths, with nothing in it; absent, nobody can say. */
  readonly longest?: (input: AttestationInput) => AttestationStatement;
}

/** The same for all that a device attests with; the members of its own are those of its default. */
export interface Voucher extends FormatVoucher {
  /** What the same device attests with when it is asked for another format, most preferred first. */
  readonly others?: readonly FormatVoucher[];
  /** Vouches for this one device, where a relying party may know it (CTAP 2.1 §7.1). */
  readonly enterprise?: FormatVoucher;
}

/** Makes the attestation statements of one device: by itself, or when asked, by `others` and `enterprise`. */
export interface Attester extends FormatVoucher {
  readonly type: AttestationType;
  /** The AAGUID that authenticator data must have next to its statements; absent, the device's. */
  readonly aaguid?: Uint8Array;
  readonly others?: readonly Attester[];
  readonly enterprise?: Attester;
  /** The statement for one new credential. Everything random is drawn when called. */
  attest(input: AttestationInput): AttestationStatement | Promise<AttestationStatement>;
}
