/**
 * Where specification versions, errata and shipped devices disagree: one switch per point, each with a documented default.
 *
 * A switch for a disputed point changes which of the answers is given, never whether a rule is kept. What single products do beyond that, or
 * against it, has switches of its own in `product-quirks.ts`; damage has none, see `faults/`.
 */
import { PRODUCT_QUIRKS } from './product-quirks.js';

/** Disputed points. Every value names what the key does; the first is CTAP 2.1 with errata, strictly read. */
const DISPUTES = {
  /** The user did nothing during MakeCredential or GetAssertion: CTAP 2.1 §6 in general, or the steps §6.1.2 14 and §6.2.2 9. */
  presenceTimeout: ['user-action-timeout', 'operation-denied'],
  /** Built-in verification failed in MakeCredential while a PIN could be used instead (CTAP 2.1 errata of June 2022, §6.1.2 step 11.2). */
  failedUvAtRegistration: ['puat-required', 'operation-denied'],
  /** A sub-command that nobody knows (CTAP 2.1 §8.2, or the older pseudo-code). */
  unknownSubcommand: ['invalid-subcommand', 'invalid-parameter'],
  /** A clientDataHash that is not 32 bytes long. */
  clientDataHashLength: ['invalid-length', 'invalid-parameter'],
  /** A mandatory member of a nested structure is missing, e.g. `rp.id`. */
  missingNestedMember: ['missing-parameter', 'unexpected-type', 'invalid-cbor'],
  /** An empty allow list, which clients must not send: take it for absent, or let it allow nothing. */
  emptyAllowList: ['as-absent', 'no-credentials'],
  /** A credential ID in a list that is longer than maxCredentialIdLength. */
  longCredentialId: ['no-match', 'limit-exceeded'],
  /** GetAssertion finds nothing: CTAP 2.1 says so at once, CTAP 2.0 and several products only after a touch. */
  noCredentials: ['at-once', 'after-touch'],
  /** The option `rk` in GetAssertion (CTAP 2.1 §6.2.2 step 4, or tools of the CTAP 2.0 era). */
  rkInGetAssertion: ['unsupported-option', 'invalid-option'],
  /** A credProtect level other than 1, 2 and 3. */
  credProtectOutOfRange: ['invalid-parameter', 'invalid-option', 'ignore'],
  /** The extension minPinLength asked for with `false`. */
  minPinLengthFalse: ['ignore', 'invalid-option'],
  /** Who gets an answer to the extension pinComplexityPolicy: those that may ask with minPinLength, or all. */
  pinComplexityAudience: ['listed', 'everybody'],
  /** How long a finger has to stay on the key for a long touch: 5 seconds, or 10 as other sources have it. */
  longTouch: ['five-seconds', 'ten-seconds'],
  /** An enterprise attestation that was asked for and not given: nothing is said of it, or `epAtt: false` (CTAP 2.1 §6.1.2 step 9). */
  withheldEnterpriseAttestation: ['unsaid', 'ep-att-false'],
  /** hmac-secret together with `up: false`. */
  hmacSecretWithoutPresence: ['unsupported-option', 'up-required'],
  /** enumerateCredentialsBegin with a token that is bound to the very relying party (CTAP 2.1 §6.8.4, or CTAP 2.3). */
  boundTokenEnumeration: ['same-rp', 'refuse'],
  /** RP IDs that credential management tells of: whole, or as keys with little room keep them (CTAP 2.1 §6.8.7). */
  rpIdsInManagement: ['full', 'shortened'],
  /** A write of the large-blob array that nobody goes on with for half a minute: CTAP 2.1 §6 in general, or §6.10, which has no such rule. */
  largeBlobWriteTimeout: ['thirty-seconds', 'never'],
  /** setPIN while a PIN is set (CTAP 2.1 §6.5.5.5, or CTAP 2.0). */
  setPinWhenSet: ['pin-auth-invalid', 'not-allowed'],
  /** A new PIN that does not decrypt to exactly 64 bytes. */
  newPinBlockLength: ['invalid-parameter', 'pin-policy-violation'],
  /** A new PIN that is not UTF-8: refuse it, or count its lead bytes as code points. */
  malformedPin: ['pin-policy-violation', 'count-leniently'],
  /** A control byte of U2F_AUTHENTICATE that is not defined. */
  u2fControlByte: ['wrong-data', 'conditions-not-satisfied'],
} as const;

/** Every switch with its values, the default first. */
export const QUIRKS = { ...DISPUTES, ...PRODUCT_QUIRKS } as const;

/** The name of a switch. */
export type QuirkName = keyof typeof QUIRKS;

/** A position of every switch. */
export type Quirks = { readonly [N in QuirkName]: (typeof QUIRKS)[N][number] };

/** What the key does unless its profile says otherwise. */
// Each name keeps its own first value.
export const DEFAULT_QUIRKS = Object.fromEntries(
  Object.entries(QUIRKS).map(([name, [usual]]) => [name, usual]),
) as Quirks;
