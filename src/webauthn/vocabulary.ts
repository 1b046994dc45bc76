/**
 * The words of WebAuthn's enumerations (§5.4.5 to §5.8.7).
 *
 * The dictionaries hold them as open text: a word that isn't in its list is treated as if the member were absent, so that new words
 * don't break old clients.
 */
import type {
  AttestationConveyancePreference,
  AuthenticatorAttachment,
  CreationExtensions,
  LargeBlobInputs,
  PublicKeyCredentialHint,
  ResidentKeyRequirement,
  UserVerificationRequirement,
} from './types.js';

/** §5.4.5. */
export const ATTACHMENTS: readonly AuthenticatorAttachment[] = ['platform', 'cross-platform'];
/** §5.4.6. */
export const RESIDENT_KEY_REQUIREMENTS: readonly ResidentKeyRequirement[] = [
  'discouraged',
  'preferred',
  'required',
];
/** §5.4.7. */
export const ATTESTATION_PREFERENCES: readonly AttestationConveyancePreference[] = [
  'none',
  'indirect',
  'direct',
  'enterprise',
];
/** §5.8.6. */
export const USER_VERIFICATION_REQUIREMENTS: readonly UserVerificationRequirement[] = [
  'required',
  'preferred',
  'discouraged',
];
/** §5.8.7. */
export const HINTS: readonly PublicKeyCredentialHint[] = ['security-key', 'client-device', 'hybrid'];
/** CTAP 2.1 §12.1. */
export const CREDENTIAL_PROTECTION_POLICIES: readonly NonNullable<
  CreationExtensions['credentialProtectionPolicy']
>[] = [
  'userVerificationOptional',
  'userVerificationOptionalWithCredentialIDList',
  'userVerificationRequired',
];

/** §10.1.5. */
export const LARGE_BLOB_SUPPORT: readonly NonNullable<LargeBlobInputs['support']>[] = [
  'required',
  'preferred',
];

/** The word if it is one of the list, else `undefined`. */
export function knownWord<T extends string>(words: readonly T[], word: string | undefined): T | undefined {
  return words.find((known) => known === word);
}
