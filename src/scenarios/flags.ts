/**
 * The flags of authenticator data, as scenarios expect and report them.
 */
import { decodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { fromBase64url, toBase64url } from '../data/bytes.js';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../webauthn/types.js';
import type { ScenarioContext } from './context.js';

/** A flag by its name in WebAuthn L3 §6.1. */
export type FlagName = keyof typeof FLAGS;

/** The flags that are set in a response's authenticator data, in the order of their bits; they are observed as `flags`. */
export function observeFlags(
  context: ScenarioContext,
  response: RegistrationResponseJSON | AuthenticationResponseJSON,
): ReadonlySet<FlagName> {
  const bytes = fromBase64url(response.response.authenticatorData ?? '');
  if (bytes === undefined || bytes.length === 0)
    return context.inconclusive('the browser gave no authenticator data to read');
  const { flags } = decodeAuthenticatorData(bytes);
  const names = FLAG_NAMES.filter((name) => (flags & FLAGS[name]) !== 0);
  context.observe('flags', names);
  return new Set(names);
}

/** Every flag, in the order of their bits. */
export const FLAG_NAMES = ['UP', 'UV', 'BE', 'BS', 'AT', 'ED'] as const satisfies readonly FlagName[];

/** The user was there, and was verified if the relying party requires that (WebAuthn L3 §7.1 and §7.2: UP, UV). */
export function expectUser(
  context: ScenarioContext,
  flags: ReadonlySet<FlagName>,
  userVerification: string | undefined,
): void {
  const seen = `flags: ${[...flags].join(', ') || 'none'}`;
  context.expectThat('the user was there (UP)', flags.has('UP'), seen);
  if (userVerification === 'required')
    context.expectThat('the user was verified (UV), as required', flags.has('UV'), seen);
}

/** Whether a credential is bound to its device or backed up, from BE and BS (WebAuthn L3 §6.1.3). */
export function expectBackup(
  context: ScenarioContext,
  title: string,
  flags: ReadonlySet<FlagName>,
  expected: 'device-bound' | 'synced',
): void {
  const seen = BACKUP_FLAGS.filter((name) => flags.has(name));
  context.expectEqual(title, seen, expected === 'synced' ? BACKUP_FLAGS : []);
}

const BACKUP_FLAGS: readonly FlagName[] = ['BE', 'BS'];

/** The new credential in the authenticator data is the one that the response is about. */
export function expectNewCredential(context: ScenarioContext, response: RegistrationResponseJSON): void {
  const bytes = fromBase64url(response.response.authenticatorData ?? '') ?? new Uint8Array(0);
  const { attestedCredential } = decodeAuthenticatorData(bytes);
  const id = attestedCredential === undefined ? undefined : toBase64url(attestedCredential.credentialId);
  context.expectEqual('the authenticator data holds the new credential', id, response.id);
}
