/**
 * authenticatorMakeCredential (CTAP 2.1 §6.1; attestationFormatsPreference and unsignedExtensionOutputs from CTAP 2.2).
 */
import {
  credentialDescriptor,
  credentialParameters,
  requestOptions,
  rpEntity,
  userEntity,
} from './entities.js';
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

/** What the platform asks. */
export const makeCredentialRequest = shape({
  /** SHA-256 of the client data: 32 bytes. */
  clientDataHash: required(0x01, bytes),
  rp: required(0x02, rpEntity),
  user: required(0x03, userEntity),
  /** Most preferred first. */
  pubKeyCredParams: required(0x04, arrayOf(credentialParameters)),
  excludeList: optional(0x05, arrayOf(credentialDescriptor)),
  /** Inputs by extension identifier. */
  extensions: optional(0x06, textMapOf(anything)),
  options: optional(0x07, requestOptions),
  /** authenticate(pinUvAuthToken, clientDataHash); empty to ask for a touch only. */
  pinUvAuthParam: optional(0x08, bytes),
  pinUvAuthProtocol: optional(0x09, uint),
  /** 1 vendor-facilitated, 2 platform-managed. */
  enterpriseAttestation: optional(0x0a, uint),
  attestationFormatsPreference: optional(0x0b, arrayOf(text)),
});
export type MakeCredentialRequest = Value<typeof makeCredentialRequest>;

/** What the authenticator answers. */
export const makeCredentialResponse = shape({
  fmt: required(0x01, text),
  authData: required(0x02, bytes),
  /** May be left out with `none`. */
  attStmt: optional(0x03, anything),
  epAtt: optional(0x04, bool),
  /** 32 bytes. */
  largeBlobKey: optional(0x05, bytes),
  unsignedExtensionOutputs: optional(0x06, map),
});
export type MakeCredentialResponse = Value<typeof makeCredentialResponse>;
