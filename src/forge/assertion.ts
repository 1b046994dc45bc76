/**
 * Authentication responses, right in everything but the one thing that a change says (WebAuthn L3 §5.1.4, §6.3.3).
 *
 * Stages build on each other: whatever a change does to one, all later stages are computed from it again, the signature included.
 */
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import { type CollectedClientData, serializeClientData } from '../webauthn/client-data.js';
import type { AuthenticationResponseJSON, PublicKeyCredentialRequestOptionsJSON } from '../webauthn/types.js';
import type { Passkey } from './passkey.js';
import type { CeremonySetting } from './registration.js';

/** What to do differently, at any one stage. */
export interface AssertionChange {
  readonly clientData?: (good: CollectedClientData) => CollectedClientData;
  readonly clientDataJSON?: (good: Uint8Array) => Uint8Array;
  readonly authenticatorData?: (good: AuthenticatorData) => AuthenticatorData;
  readonly authenticatorDataBytes?: (good: Uint8Array) => Uint8Array;
  readonly signature?: (good: Uint8Array) => Uint8Array;
  readonly response?: (good: AuthenticationResponseJSON) => AuthenticationResponseJSON;
}

const same = <T>(good: T): T => good;

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
  const { clientData = same, clientDataJSON = same, signature = same, response = same } = change;
  const client = {
    type: 'webauthn.get',
    challenge: options.challenge,
    origin: setting.origin,
    crossOrigin: false,
  };
  const clientBytes = clientDataJSON(serializeClientData(clientData(client)));
  const authData = authenticatorDataOf(setting, options.rpId ?? setting.rpId, passkey, change);
  const signed = new Uint8Array([...authData, ...setting.crypto.sha256(clientBytes)]);
  const id = toBase64url(passkey.id);
  return response({
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'cross-platform',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64url(clientBytes),
      authenticatorData: toBase64url(authData),
      signature: toBase64url(signature(passkey.sign(signed))),
      ...(userHandle === undefined ? {} : { userHandle }),
    },
  });
}

function authenticatorDataOf(
  setting: CeremonySetting,
  rpId: string,
  passkey: Passkey,
  change: AssertionChange,
): Uint8Array {
  const { authenticatorData = same, authenticatorDataBytes = same } = change;
  const data = authenticatorData({
    rpIdHash: setting.crypto.sha256(utf8(rpId)),
    flags: FLAGS.UP | FLAGS.UV,
    signCount: passkey.nextSignCount(),
  });
  return authenticatorDataBytes(encodeAuthenticatorData(data));
}
