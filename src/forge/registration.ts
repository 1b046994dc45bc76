/**
 * Registration responses, right in everything but the one thing that a change says (WebAuthn L3 §5.1.3, §6.5).
 *
 * Stages build on each other: whatever a change does to one, all later stages are computed from it again.
 */

import type { Crypto } from '../crypto/crypto.js';
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { type CborMap, type CborValue, encode } from '../ctap/cbor.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import { type CollectedClientData, serializeClientData } from '../webauthn/client-data.js';
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '../webauthn/types.js';
import type { Passkey } from './passkey.js';

/** What to do differently, at any one stage. */
export interface RegistrationChange {
  readonly clientData?: (good: CollectedClientData) => CollectedClientData;
  readonly clientDataJSON?: (good: Uint8Array) => Uint8Array;
  readonly authenticatorData?: (good: AuthenticatorData) => AuthenticatorData;
  readonly authenticatorDataBytes?: (good: Uint8Array) => Uint8Array;
  /** Members of the attestation object by name: `fmt`, `attStmt`, `authData`. */
  readonly attestationObject?: (good: CborMap) => CborMap;
  readonly response?: (good: RegistrationResponseJSON) => RegistrationResponseJSON;
}

/** Where and with what a ceremony takes place. */
export interface CeremonySetting {
  readonly crypto: Crypto;
  /** Of the page, e.g. `https://login.example.org`. */
  readonly origin: string;
  /** When the options name none. */
  readonly rpId: string;
}

const same = <T>(good: T): T => good;

/** A response to `options` by `passkey` with attestation `none`. Without a change it is one that must be accepted. */
export function forgeRegistration(
  setting: CeremonySetting,
  options: PublicKeyCredentialCreationOptionsJSON,
  passkey: Passkey,
  change: RegistrationChange = {},
): RegistrationResponseJSON {
  const { clientData = same, clientDataJSON = same, attestationObject = same, response = same } = change;
  const client = {
    type: 'webauthn.create',
    challenge: options.challenge,
    origin: setting.origin,
    crossOrigin: false,
  };
  const clientBytes = clientDataJSON(serializeClientData(clientData(client)));
  const authData = authenticatorDataOf(setting, options.rp.id ?? setting.rpId, passkey, change);
  const object = new Map<string, CborValue>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  const id = toBase64url(passkey.id);
  return response({
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'cross-platform',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64url(clientBytes),
      attestationObject: toBase64url(encode(attestationObject(object))),
      transports: ['usb'],
    },
  });
}

function authenticatorDataOf(
  setting: CeremonySetting,
  rpId: string,
  passkey: Passkey,
  change: RegistrationChange,
): Uint8Array {
  const { authenticatorData = same, authenticatorDataBytes = same } = change;
  const data = authenticatorData({
    rpIdHash: setting.crypto.sha256(utf8(rpId)),
    flags: FLAGS.UP | FLAGS.UV,
    signCount: passkey.nextSignCount(),
    attestedCredential: {
      aaguid: passkey.aaguid,
      credentialId: passkey.id,
      publicKey: passkey.keyPair.publicKey,
    },
  });
  return authenticatorDataBytes(encodeAuthenticatorData(data));
}
