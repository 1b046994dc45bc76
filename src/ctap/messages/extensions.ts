/**
 * Extension inputs that are structures (CTAP 2.1 §12). Plain ones are read with `bool`, `uint` and `bytes` of `shape.ts`.
 */
import { bool, bytes, map, optional, required, shape, text, uint, type Value } from './shape.js';

/** Extension identifiers, as authenticators know them. */
export const EXTENSIONS = {
  /** §12.1. */
  credProtect: 'credProtect',
  /** §12.2. */
  credBlob: 'credBlob',
  /** §12.3. */
  largeBlobKey: 'largeBlobKey',
  /** §12.4. */
  minPinLength: 'minPinLength',
  /** §12.5. */
  hmacSecret: 'hmac-secret',
  /** CTAP 2.2 §12: blobs that the authenticator keeps by credential. */
  largeBlob: 'largeBlob',
  /** CTAP 2.2 §12. */
  thirdPartyPayment: 'thirdPartyPayment',
  /** CTAP 2.2 §12: hmac-secret evaluated as the credential is made. */
  hmacSecretMc: 'hmac-secret-mc',
  /** CTAP 2.2 §12. */
  pinComplexityPolicy: 'pinComplexityPolicy',
} as const;

/** hmac-secret at GetAssertion (§12.5). */
export const hmacSecretInput = shape({
  /** The platform's key-agreement key, a COSE_Key. */
  keyAgreement: required(0x01, map),
  /** One or two 32-byte salts, encrypted. */
  saltEnc: required(0x02, bytes),
  /** authenticate(shared secret, saltEnc). */
  saltAuth: required(0x03, bytes),
  /** 1 when absent. */
  pinUvAuthProtocol: optional(0x04, uint),
});
export type HmacSecretInput = Value<typeof hmacSecretInput>;

/** largeBlob at MakeCredential (CTAP 2.2 §12). */
export const largeBlobRegistrationInput = shape({
  /** `required` or `preferred`: the platform has chosen by getInfo, so to the authenticator both are one. */
  support: required('support', text),
});
export type LargeBlobRegistrationInput = Value<typeof largeBlobRegistrationInput>;

/** largeBlob's unsigned output of MakeCredential. */
export const largeBlobRegistrationOutput = shape({ supported: required('supported', bool) });

/** largeBlob at GetAssertion: either `read`, or `write` with `originalSize`. */
export const largeBlobAssertionInput = shape({
  read: optional('read', bool),
  /** Compressed with DEFLATE. */
  write: optional('write', bytes),
  /** Bytes before compression. */
  originalSize: optional('originalSize', uint),
});
export type LargeBlobAssertionInput = Value<typeof largeBlobAssertionInput>;

/** largeBlob's unsigned output of GetAssertion: the blob that was read, or whether it was written. */
export const largeBlobAssertionOutput = shape({
  blob: optional('blob', bytes),
  originalSize: optional('originalSize', uint),
  written: optional('written', bool),
});

/** credProtect policies by their WebAuthn names (§12.1). */
export const CRED_PROTECT = {
  userVerificationOptional: 1,
  userVerificationOptionalWithCredentialIDList: 2,
  userVerificationRequired: 3,
} as const;
