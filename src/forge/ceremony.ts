/**
 * What registrations and assertions have in common: the setting, and the two stages that both are built on.
 */
import type { Crypto } from '../crypto/crypto.js';
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { utf8 } from '../data/bytes.js';
import { type CollectedClientData, serializeClientData } from '../webauthn/client-data.js';
import type { Passkey } from './passkey.js';

/** Where and with what a ceremony takes place. */
export interface CeremonySetting {
  readonly crypto: Crypto;
  /** Of the page, e.g. `https://login.example.org`. */
  readonly origin: string;
  /** When the options name none. */
  readonly rpId: string;
}

/** What to do differently in the stages that every response has; each gets what would have been good. */
export interface CeremonyChange {
  readonly clientData?: (good: CollectedClientData) => CollectedClientData;
  readonly clientDataJSON?: (good: Uint8Array) => Uint8Array;
  readonly authenticatorData?: (good: AuthenticatorData) => AuthenticatorData;
  readonly authenticatorDataBytes?: (good: Uint8Array) => Uint8Array;
}

/** Leaves a stage as it is. */
export const unchanged = <T>(good: T): T => good;

/** The clientDataJSON of this page (WebAuthn L3 §5.8.1). */
export function forgeClientData(
  setting: CeremonySetting,
  type: 'webauthn.create' | 'webauthn.get',
  challenge: string,
  { clientData = unchanged, clientDataJSON = unchanged }: CeremonyChange,
): Uint8Array {
  const good = { type, challenge, origin: setting.origin, crossOrigin: false };
  return clientDataJSON(serializeClientData(clientData(good)));
}

/** The authenticator data of a user who was there and was verified, the counter one further (WebAuthn L3 §6.1). */
export function forgeAuthenticatorData(
  setting: CeremonySetting,
  rpId: string,
  passkey: Passkey,
  attested: Pick<AuthenticatorData, 'attestedCredential'>,
  { authenticatorData = unchanged, authenticatorDataBytes = unchanged }: CeremonyChange,
): Uint8Array {
  const good = {
    rpIdHash: setting.crypto.sha256(utf8(rpId)),
    flags: FLAGS.UP | FLAGS.UV,
    signCount: passkey.nextSignCount(),
    ...attested,
  };
  return authenticatorDataBytes(encodeAuthenticatorData(authenticatorData(good)));
}
