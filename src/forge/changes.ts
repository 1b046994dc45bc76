/**
 * Single faults, by name: each breaks exactly one step of the relying party's verification (WebAuthn L3 §7.1, §7.2).
 */

import type { Crypto } from '../crypto/crypto.js';
import { FLAGS } from '../ctap/authenticator-data.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import type { AssertionChange } from './assertion.js';

/** Bytes of an ordinary challenge. */
const CHALLENGE_LENGTH = 32;

/** Another challenge than the one asked for, fresh, well-formed and signed (§7.2 step 11). */
export function freshChallenge(crypto: Crypto): Pick<AssertionChange, 'clientData'> {
  const challenge = toBase64url(crypto.random.bytes(CHALLENGE_LENGTH));
  return { clientData: (good) => ({ ...good, challenge }) };
}

/** The challenge of some other ceremony (§7.2 step 11). */
export function challengeOf(options: { readonly challenge: string }): Pick<AssertionChange, 'clientData'> {
  return { clientData: (good) => ({ ...good, challenge: options.challenge }) };
}

/** A page at another origin (§7.2 step 12). */
export function fromOrigin(origin: string): Pick<AssertionChange, 'clientData'> {
  return { clientData: (good) => ({ ...good, origin }) };
}

/** Authenticator data for another RP ID (§7.2 step 15). */
export function forRpId(crypto: Crypto, rpId: string): Pick<AssertionChange, 'authenticatorData'> {
  return { authenticatorData: (good) => ({ ...good, rpIdHash: crypto.sha256(utf8(rpId)) }) };
}

/** A user who was there but was not verified (§7.2 step 17). */
export const userNotVerified: Pick<AssertionChange, 'authenticatorData'> = {
  authenticatorData: (good) => ({ ...good, flags: good.flags & ~FLAGS.UV }),
};

/** A signature over the right bytes that is not right: its last bit is flipped (§7.2 step 21). DER stays DER. */
export const signatureBitFlipped: Pick<AssertionChange, 'signature'> = {
  signature: (good) => good.with(good.length - 1, (good.at(-1) ?? 0) ^ 1),
};

/** A user handle that is not the credential's owner's (§7.2 step 6). */
export function withUserHandle(userHandle: string): Pick<AssertionChange, 'response'> {
  return { response: (good) => ({ ...good, response: { ...good.response, userHandle } }) };
}
