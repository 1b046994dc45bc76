/**
 * credProtect: how visible a credential is without user verification (CTAP 2.1 §12.1).
 */
import { CRED_PROTECT, EXTENSIONS } from '../../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from '../config.js';
import type { Quirks } from '../quirks.js';
import { done, type Result, refuse } from '../result.js';

/** A level, in the order of `CRED_PROTECT`. */
export type CredProtectLevel = (typeof CRED_PROTECT)[keyof typeof CRED_PROTECT];

export function isCredProtectLevel(level: number): level is CredProtectLevel {
  return Object.values(CRED_PROTECT).some((known) => known === level);
}

/** The level of a new credential; `undefined` when none was asked for, so that there is nothing to answer. */
export function requestedLevel(
  input: number | undefined,
  quirks: Quirks,
): Result<CredProtectLevel | undefined> {
  if (input === undefined || isCredProtectLevel(input)) return done(input);
  if (quirks.credProtectOutOfRange === 'ignore') return done(undefined);
  return quirks.credProtectOutOfRange === 'invalid-option'
    ? refuse('CTAP2_ERR_INVALID_OPTION')
    : refuse('CTAP1_ERR_INVALID_PARAMETER');
}

const LEVELS = {
  optional: CRED_PROTECT.userVerificationOptional,
  'optional-with-list': CRED_PROTECT.userVerificationOptionalWithCredentialIDList,
  required: CRED_PROTECT.userVerificationRequired,
} as const;

/** The level that a new credential gets: what was asked for, unless the product knows better. */
export function givenLevel(
  asked: CredProtectLevel | undefined,
  { config, quirks }: { readonly config: AuthenticatorConfig; readonly quirks: Quirks },
): CredProtectLevel {
  if (!config.extensions.includes(EXTENSIONS.credProtect)) return CRED_PROTECT.userVerificationOptional;
  if (quirks.forcedCredProtect !== 'as-asked') return LEVELS[quirks.forcedCredProtect];
  return asked ?? LEVELS[quirks.defaultCredProtect];
}

/** How a credential was found: named in a list, or by relying party alone. */
export type Discovery = 'listed' | 'discovered';

/** Whether GetAssertion may use a credential (CTAP 2.1 §6.2.2 step 7). */
export function isVisible(level: CredProtectLevel, discovery: Discovery, userVerified: boolean): boolean {
  if (userVerified || level === CRED_PROTECT.userVerificationOptional) return true;
  return level === CRED_PROTECT.userVerificationOptionalWithCredentialIDList && discovery === 'listed';
}
