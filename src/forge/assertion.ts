/**
 * Authentication responses, right in everything but the one thing that a change says (WebAuthn L3 §5.1.4, §6.3.3).
 *
 * Stages build on each other: whatever a change does to one, all later stages are computed from it again, the signature included.
 */
import { concat, toBase64url } from '../data/bytes.js';
import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '../webauthn/types.js';
import {
  type CeremonyChange,
  type CeremonySetting,
  forgeAuthenticatorData,
  forgeClientData,
  unchanged,
} from './ceremony.js';
import type { Passkey } from './passkey.js';

/** What to do differently, at any one stage. */
export interface AssertionChange extends CeremonyChange {
  readonly signature?: (good: Uint8Array) => Uint8Array;
  readonly response?: (good: AuthenticationResponseJSON) => AuthenticationResponseJSON;
}

/**
 * A response to `options` by `passkey`. Without a change it is one that must be accepted.
 *
 * @param userHandle What the authenticator says of its user; left out, it says nothing.
 */
export function forgeAssertion(
  setting: CeremonySetting,
  options: PublicKeyCredentialRequestOptionsJSON,
  passkey: Passkey,
  userHandle: string | undefined,
  change: AssertionChange = {},
): AuthenticationResponseJSON {
  const { signature = unchanged, response = unchanged } = change;
  const clientData = forgeClientData(setting, 'webauthn.get', options.challenge, change);
  const authData = forgeAuthenticatorData(setting, options.rpId ?? setting.rpId, passkey, {}, change);
  const id = toBase64url(passkey.id);
  return response({
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'cross-platform',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64url(clientData),
      authenticatorData: toBase64url(authData),
      signature: toBase64url(signature(passkey.sign(concat(authData, setting.crypto.sha256(clientData))))),
      ...(userHandle === undefined ? {} : { userHandle }),
    },
  });
}
