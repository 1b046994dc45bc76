/**
 * authenticatorGetAssertion and authenticatorGetNextAssertion (CTAP 2.1 §6.2, §6.3).
 */
import { credentialDescriptor, requestOptions, userEntity } from './entities.js';
import {
  anything,
  arrayOf,
  bool,
  bytes,
  map,
  optional,
  required,
  shape,
  text,
  textMapOf,
  uint,
  type Value,
} from './shape.js';

/** What the platform asks. The pinUvAuthParam has another key than in MakeCredential. */
export const getAssertionRequest = shape({
  rpId: required(0x01, text),
  /** SHA-256 of the client data: 32 bytes. */
  clientDataHash: required(0x02, bytes),
  allowList: optional(0x03, arrayOf(credentialDescriptor)),
  /** Inputs by extension identifier. */
  extensions: optional(0x04, textMapOf(anything)),
  options: optional(0x05, requestOptions),
  /** authenticate(pinUvAuthToken, clientDataHash); empty to ask for a touch only. */
  pinUvAuthParam: optional(0x06, bytes),
  pinUvAuthProtocol: optional(0x07, uint),
});
export type GetAssertionRequest = Value<typeof getAssertionRequest>;

/** What the authenticator answers, to GetNextAssertion too (then without numberOfCredentials). */
export const getAssertionResponse = shape({
  /** CTAP 2.0 lets it be absent after an allow list of one. */
  credential: optional(0x01, credentialDescriptor),
  authData: required(0x02, bytes),
  signature: required(0x03, bytes),
  /** With name and displayName only after user verification. */
  user: optional(0x04, userEntity),
  /** Only in the first answer, without an allow list, when there is more than one. */
  numberOfCredentials: optional(0x05, uint),
  /** The user picked the account on the authenticator. */
  userSelected: optional(0x06, bool),
  /** 32 bytes. */
  largeBlobKey: optional(0x07, bytes),
  unsignedExtensionOutputs: optional(0x08, map),
});
export type GetAssertionResponse = Value<typeof getAssertionResponse>;
