/**
 * authenticatorConfig (CTAP 2.1 §6.11; enableLongTouchForReset and pinComplexityPolicy from CTAP 2.2 and 2.3).
 */
import { concat } from '../../data/bytes.js';
import { type CborMap, encode } from '../cbor.js';
import { COMMANDS } from '../commands.js';
import { arrayOf, bool, bytes, map, optional, required, shape, text, uint, type Value } from './shape.js';

/** Sub-commands by their specification names. */
export const CONFIG_SUBCOMMANDS = {
  enableEnterpriseAttestation: 0x01,
  toggleAlwaysUv: 0x02,
  setMinPINLength: 0x03,
  enableLongTouchForReset: 0x04,
  /** Whatever a vendor makes of it. */
  vendorPrototype: 0xff,
} as const;
export type ConfigSubcommandName = keyof typeof CONFIG_SUBCOMMANDS;

/** Parameters of setMinPINLength. */
export const setMinPinLengthParams = shape({
  /** Code points. */
  newMinPINLength: optional(0x01, uint),
  /** Who may ask for the minimum with the extensions minPinLength and pinComplexityPolicy. */
  minPinLengthRPIDs: optional(0x02, arrayOf(text)),
  /** The PIN has to be changed before it serves again. */
  forceChangePin: optional(0x03, bool),
  /** CTAP 2.3: PINs have to be hard to guess from now on. */
  pinComplexityPolicy: optional(0x04, bool),
});
export type SetMinPinLengthParams = Value<typeof setMinPinLengthParams>;

/** What the platform asks. Success has no members. */
export const configRequest = shape({
  subCommand: required(0x01, uint),
  /** Kept as it came, for the proof is over its bytes; see {@link setMinPinLengthParams}. */
  subCommandParams: optional(0x02, map),
  pinUvAuthProtocol: optional(0x03, uint),
  pinUvAuthParam: optional(0x04, bytes),
});
export type ConfigRequest = Value<typeof configRequest>;

/** Comes before everything else that is authenticated, so that no proof of another command fits (§6.11). */
const PADDING = new Uint8Array(32).fill(0xff);

/** What the pinUvAuthParam of a sub-command is made over: padding, command, sub-command, parameters if there are any (§6.11). */
export function configProofMessage(subCommand: number, params: CborMap | undefined): Uint8Array {
  const head = concat(PADDING, Uint8Array.of(COMMANDS.authenticatorConfig, subCommand));
  return params === undefined ? head : concat(head, encode(params));
}
