/**
 * Extension inputs: read at the border, so that a wrong type is refused before anything is done. Identifiers that the key does not
 * offer are strangers, whatever is behind them (CTAP 2.1 §12).
 */
import type { CborValue } from '../../ctap/cbor.js';
import { EXTENSIONS, hmacSecretInput, largeBlobRegistrationInput } from '../../ctap/messages/extensions.js';
import { bool, bytes, optional, type Read, shape, uint, type Value } from '../../ctap/messages/shape.js';
import type { AuthenticatorConfig } from '../config.js';
import { largeBlobWish } from './large-blob.js';

const registrationInputs = shape({
  credProtect: optional(EXTENSIONS.credProtect, uint),
  hmacSecret: optional(EXTENSIONS.hmacSecret, bool),
  hmacSecretMc: optional(EXTENSIONS.hmacSecretMc, hmacSecretInput),
  minPinLength: optional(EXTENSIONS.minPinLength, bool),
  pinComplexityPolicy: optional(EXTENSIONS.pinComplexityPolicy, bool),
  credBlob: optional(EXTENSIONS.credBlob, bytes),
  largeBlobKey: optional(EXTENSIONS.largeBlobKey, bool),
  largeBlob: optional(EXTENSIONS.largeBlob, largeBlobRegistrationInput),
  thirdPartyPayment: optional(EXTENSIONS.thirdPartyPayment, bool),
});
/** What MakeCredential can be asked for. */
export type RegistrationInputs = Value<typeof registrationInputs>;

const assertionInputs = shape({
  hmacSecret: optional(EXTENSIONS.hmacSecret, hmacSecretInput),
  credBlob: optional(EXTENSIONS.credBlob, bool),
  largeBlobKey: optional(EXTENSIONS.largeBlobKey, bool),
  largeBlob: optional(EXTENSIONS.largeBlob, largeBlobWish),
  thirdPartyPayment: optional(EXTENSIONS.thirdPartyPayment, bool),
});
/** What GetAssertion can be asked for. */
export type AssertionInputs = Value<typeof assertionInputs>;

type Inputs = ReadonlyMap<string, CborValue> | undefined;

export function readRegistrationInputs(
  config: AuthenticatorConfig,
  inputs: Inputs,
): Read<RegistrationInputs> {
  return registrationInputs.read(offered(config, inputs));
}

/** `undefined` when nothing was asked for, as in most requests. */
export function readAssertionInputs(
  config: AuthenticatorConfig,
  inputs: Inputs,
): Read<AssertionInputs | undefined> {
  if (inputs === undefined) return { ok: true, value: undefined };
  return assertionInputs.read(offered(config, inputs));
}

function offered(config: AuthenticatorConfig, inputs: Inputs): Map<string, CborValue> {
  return new Map([...(inputs ?? [])].filter(([id]) => config.extensions.includes(id)));
}
