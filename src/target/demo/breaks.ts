/**
 * The demo's switches for being wrong: each breaks exactly one rule, so that a conformance check can be shown to fail where it must.
 *
 * A broken demo still takes every good answer. The rule that a switch breaks is named where it is kept, in `passkeys.ts` and `ceremonies.ts`.
 */

/** Every switch, with what is accepted once it is thrown. */
export const DEMO_BREAKS = {
  'accept-any-challenge': 'a challenge that this server never issued (WebAuthn L3 §7.1 step 8, §7.2 step 11)',
  'accept-replay': 'an assertion that was accepted before, again and from any session (WebAuthn L3 §13.4.3)',
  'accept-any-origin': 'client data made for another origin (§7.1 step 9, §7.2 step 12)',
  'accept-any-rp-id-hash': 'authenticator data made for another RP ID (§7.1 step 14, §7.2 step 15)',
  'skip-signature': 'an assertion whose signature does not verify (§7.2 step 21)',
  'skip-user-verification':
    'a response without user verification, although it is required (§7.1 step 16, §7.2 step 17)',
  'accept-other-users-credential':
    "another account's own passkey for the account that was typed (§7.2 step 6)",
  'trust-user-handle': 'the account that the user handle names, whosever passkey it is (§7.2 step 6)',
  'cross-ceremony-challenge': "a registration's challenge in a sign-in, and the reverse",
  'overwrite-credential': 'a credential id that is registered already: it changes hands (§7.1 step 26)',
} as const;

/** The name of a switch. */
export type DemoBreak = keyof typeof DEMO_BREAKS;

/** Every switch's name. */
export const DEMO_BREAK_NAMES = Object.keys(DEMO_BREAKS) as readonly DemoBreak[];
