/**
 * The structures that several messages share (CTAP 2.1 §6.1, WebAuthn §5.4, §5.8).
 */
import { STATUS } from '../status.js';
import { arrayOf, bool, bytes, int, optional, required, shape, text, type Value } from './shape.js';

/** PublicKeyCredentialRpEntity. The obsolete `icon` is ignored. */
export const rpEntity = shape({
  /** The RP ID. */
  id: required('id', text),
  name: optional('name', text),
});
export type RpEntity = Value<typeof rpEntity>;

/** PublicKeyCredentialUserEntity. The obsolete `icon` is ignored. */
export const userEntity = shape({
  /** The user handle: 1 to 64 bytes from a WebAuthn client. */
  id: required('id', bytes),
  name: optional('name', text),
  displayName: optional('displayName', text),
});
export type UserEntity = Value<typeof userEntity>;

/** PublicKeyCredentialDescriptor. */
export const credentialDescriptor = shape({
  id: required('id', bytes),
  type: required('type', text),
  transports: optional('transports', arrayOf(text)),
});
export type CredentialDescriptor = Value<typeof credentialDescriptor>;

/** PublicKeyCredentialParameters. A missing member counts as malformed CBOR (CTAP 2.1 §6.1.2 step 3). */
export const credentialParameters = shape({
  alg: required('alg', int, STATUS.CTAP2_ERR_INVALID_CBOR),
  type: required('type', text, STATUS.CTAP2_ERR_INVALID_CBOR),
});
export type CredentialParameters = Value<typeof credentialParameters>;

/** The options of MakeCredential and GetAssertion; unknown ones are ignored. */
export const requestOptions = shape({
  /** Store a discoverable credential. */
  rk: optional('rk', bool),
  /** Ask for user presence. */
  up: optional('up', bool),
  /** Ask for built-in user verification. */
  uv: optional('uv', bool),
});
export type RequestOptions = Value<typeof requestOptions>;

/** The only credential type there is. */
export const PUBLIC_KEY_TYPE = 'public-key';
