/**
 * Registration responses, right in everything but the one thing that a change says (WebAuthn L3 §5.1.3, §6.5).
 *
 * Stages build on each other: whatever a change does to one, all later stages are computed from it again.
 */
import { type CborMap, type CborValue, encode } from '../ctap/cbor.js';
import { toBase64url } from '../data/bytes.js';
import type { PublicKeyCredentialCreationOptionsJSON, RegistrationResponseJSON } from '../webauthn/types.js';
import {
  type CeremonyChange,
  type CeremonySetting,
  forgeAuthenticatorData,
  forgeClientData,
  unchanged,
} from './ceremony.js';
import type { Passkey } from './passkey.js';

/** What to do differently, at any one stage. */
export interface RegistrationChange extends CeremonyChange {
  /** Members of the attestation object by name: `fmt`, `attStmt`, `authData`. */
  readonly attestationObject?: (good: CborMap) => CborMap;
  readonly response?: (good: RegistrationResponseJSON) => RegistrationResponseJSON;
}

/** A response to `options` by `passkey` with attestation `none`. Without a change it is one that must be accepted. */
export function forgeRegistration(
  setting: CeremonySetting,
  options: PublicKeyCredentialCreationOptionsJSON,
  passkey: Passkey,
  change: RegistrationChange = {},
): RegistrationResponseJSON {
  const { attestationObject = unchanged, response = unchanged } = change;
  const clientData = forgeClientData(setting, 'webauthn.create', options.challenge, change);
  const { aaguid, id: credentialId, keyPair } = passkey;
  const attested = { attestedCredential: { aaguid, credentialId, publicKey: keyPair.publicKey } };
  const authData = forgeAuthenticatorData(setting, options.rp.id ?? setting.rpId, passkey, attested, change);
  const object = new Map<string, CborValue>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  const id = toBase64url(credentialId);
  return response({
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'cross-platform',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64url(clientData),
      attestationObject: toBase64url(encode(attestationObject(object))),
      transports: ['usb'],
    },
  });
}
