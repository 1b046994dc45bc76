/**
 * Where specification versions, errata and shipped devices disagree: one switch per disputed point, each with a documented default.
 *
 * A switch changes which of the disputed answers is given, never whether a rule is kept.
 */

/** The switches. Every value names what the key does. */
export interface Quirks {
  /** The user did nothing during MakeCredential or GetAssertion: CTAP 2.1 §6 in general, or the steps §6.1.2 14 and §6.2.2 9. */
  readonly presenceTimeout: 'user-action-timeout' | 'operation-denied';
  /** Built-in verification failed in MakeCredential while a PIN could be used instead (CTAP 2.1 errata of June 2022, §6.1.2 step 11.2). */
  readonly failedUvAtRegistration: 'puat-required' | 'operation-denied';
  /** A sub-command that nobody knows (CTAP 2.1 §8.2, or the older pseudo-code). */
  readonly unknownSubcommand: 'invalid-subcommand' | 'invalid-parameter';
  /** A clientDataHash that is not 32 bytes long. */
  readonly clientDataHashLength: 'invalid-length' | 'invalid-parameter';
  /** A mandatory member of a nested structure is missing, e.g. `rp.id`. */
  readonly missingNestedMember: 'missing-parameter' | 'unexpected-type' | 'invalid-cbor';
  /** An empty allow list, which clients must not send: take it for absent, or let it allow nothing. */
  readonly emptyAllowList: 'as-absent' | 'no-credentials';
  /** A credential ID in a list that is longer than maxCredentialIdLength. */
  readonly longCredentialId: 'no-match' | 'limit-exceeded';
  /** GetAssertion finds nothing: CTAP 2.1 says so at once, CTAP 2.0 and several products only after a touch. */
  readonly noCredentials: 'at-once' | 'after-touch';
  /** The option `rk` in GetAssertion (CTAP 2.1 §6.2.2 step 4, or tools of the CTAP 2.0 era). */
  readonly rkInGetAssertion: 'unsupported-option' | 'invalid-option';
  /** A credProtect level other than 1, 2 and 3. */
  readonly credProtectOutOfRange: 'invalid-parameter' | 'invalid-option' | 'ignore';
  /** The extension minPinLength asked for with `false`. */
  readonly minPinLengthFalse: 'ignore' | 'invalid-option';
  /** Who gets an answer to the extension pinComplexityPolicy: those that may ask with minPinLength, or all. */
  readonly pinComplexityAudience: 'listed' | 'everybody';
  /** How long a finger has to stay on the key for a long touch: 5 seconds, or 10 as other sources have it. */
  readonly longTouch: 'five-seconds' | 'ten-seconds';
  /** An enterprise attestation that was asked for and not given: nothing is said of it, or `epAtt: false` (CTAP 2.1 §6.1.2 step 9). */
  readonly withheldEnterpriseAttestation: 'unsaid' | 'ep-att-false';
  /** hmac-secret together with `up: false`. */
  readonly hmacSecretWithoutPresence: 'unsupported-option' | 'up-required';
  /** enumerateCredentialsBegin with a token that is bound to the very relying party (CTAP 2.1 §6.8.4, or CTAP 2.3). */
  readonly boundTokenEnumeration: 'same-rp' | 'refuse';
  /** RP IDs that credential management tells of: whole, or as keys with little room keep them (CTAP 2.1 §6.8.7). */
  readonly rpIdsInManagement: 'full' | 'shortened';
  /** A write of the large-blob array that nobody goes on with for half a minute: CTAP 2.1 §6 in general, or §6.10, which has no such rule. */
  readonly largeBlobWriteTimeout: 'thirty-seconds' | 'never';
  /** setPIN while a PIN is set (CTAP 2.1 §6.5.5.5, or CTAP 2.0). */
  readonly setPinWhenSet: 'pin-auth-invalid' | 'not-allowed';
  /** A new PIN that does not decrypt to exactly 64 bytes. */
  readonly newPinBlockLength: 'invalid-parameter' | 'pin-policy-violation';
  /** A new PIN that is not UTF-8: refuse it, or count its lead bytes as code points. */
  readonly malformedPin: 'pin-policy-violation' | 'count-leniently';
  /** A control byte of U2F_AUTHENTICATE that is not defined. */
  readonly u2fControlByte: 'wrong-data' | 'conditions-not-satisfied';
}

/** What the key does unless its profile says otherwise: CTAP 2.1 with errata, strictly read. */
export const DEFAULT_QUIRKS: Quirks = {
  presenceTimeout: 'user-action-timeout',
  failedUvAtRegistration: 'puat-required',
  unknownSubcommand: 'invalid-subcommand',
  clientDataHashLength: 'invalid-length',
  missingNestedMember: 'missing-parameter',
  emptyAllowList: 'as-absent',
  longCredentialId: 'no-match',
  noCredentials: 'at-once',
  rkInGetAssertion: 'unsupported-option',
  credProtectOutOfRange: 'invalid-parameter',
  minPinLengthFalse: 'ignore',
  pinComplexityAudience: 'listed',
  longTouch: 'five-seconds',
  withheldEnterpriseAttestation: 'unsaid',
  hmacSecretWithoutPresence: 'unsupported-option',
  boundTokenEnumeration: 'same-rp',
  rpIdsInManagement: 'full',
  largeBlobWriteTimeout: 'thirty-seconds',
  setPinWhenSet: 'pin-auth-invalid',
  newPinBlockLength: 'invalid-parameter',
  malformedPin: 'pin-policy-violation',
  u2fControlByte: 'wrong-data',
};
