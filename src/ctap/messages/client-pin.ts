/**
 * authenticatorClientPIN (CTAP 2.1 §6.5).
 */
import { bool, bytes, map, optional, required, shape, text, uint, type Value } from './shape.js';

/** Sub-commands by their specification names; 0x08 is unused. */
export const CLIENT_PIN_SUBCOMMANDS = {
  getPINRetries: 0x01,
  getKeyAgreement: 0x02,
  setPIN: 0x03,
  changePIN: 0x04,
  /** The legacy way to a token, without permissions. */
  getPinToken: 0x05,
  getPinUvAuthTokenUsingUvWithPermissions: 0x06,
  getUVRetries: 0x07,
  getPinUvAuthTokenUsingPinWithPermissions: 0x09,
} as const;
export type ClientPinSubcommandName = keyof typeof CLIENT_PIN_SUBCOMMANDS;

/** Permission bits of a pinUvAuthToken (CTAP 2.1 §6.5.5.7). Unknown bits are ignored. */
export const PERMISSIONS = {
  /** MakeCredential; needs an RP ID. */
  mc: 0x01,
  /** GetAssertion; needs an RP ID. */
  ga: 0x02,
  /** Credential management; an RP ID is optional. */
  cm: 0x04,
  /** Bio enrollment. */
  be: 0x08,
  /** Large-blob write. */
  lbw: 0x10,
  /** Authenticator configuration. */
  acfg: 0x20,
  /** Read-only credential management with the persistent token (CTAP 2.2). */
  pcmr: 0x40,
} as const;
export type PermissionName = keyof typeof PERMISSIONS;

/** What the platform asks. */
export const clientPinRequest = shape({
  pinUvAuthProtocol: optional(0x01, uint),
  subCommand: required(0x02, uint),
  /** The platform's key-agreement key, a COSE_Key. */
  keyAgreement: optional(0x03, map),
  pinUvAuthParam: optional(0x04, bytes),
  /** The new PIN, padded to 64 bytes and encrypted. */
  newPinEnc: optional(0x05, bytes),
  /** LEFT(SHA-256(PIN), 16), encrypted. */
  pinHashEnc: optional(0x06, bytes),
  /** Bits of {@link PERMISSIONS}. */
  permissions: optional(0x09, uint),
  rpId: optional(0x0a, text),
});
export type ClientPinRequest = Value<typeof clientPinRequest>;

/** What the authenticator answers; which members depends on the sub-command. */
export const clientPinResponse = shape({
  /** The authenticator's key-agreement key, a COSE_Key. */
  keyAgreement: optional(0x01, map),
  /** The token, encrypted with the shared secret. */
  pinUvAuthToken: optional(0x02, bytes),
  pinRetries: optional(0x03, uint),
  /** True when only a power cycle lets another PIN be tried. */
  powerCycleState: optional(0x04, bool),
  uvRetries: optional(0x05, uint),
});
export type ClientPinResponse = Value<typeof clientPinResponse>;
