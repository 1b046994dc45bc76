/**
 * Extension inputs that are structures (CTAP 2.1 §12). Plain ones are read with `bool`, `uint` and `bytes` of `shape.ts`.
 */
import { bytes, map, optional, required, shape, uint, type Value } from './shape.js';

/** Extension identifiers, as authenticators know them. */
export const EXTENSIONS = {
  /** §12.1. */
  credProtect: 'credProtect',
  /** §12.4. */
  minPinLength: 'minPinLength',
  /** §12.5. */
  hmacSecret: 'hmac-secret',
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

/** credProtect policies by their WebAuthn names (§12.1). */
export const CRED_PROTECT = {
  userVerificationOptional: 1,
  userVerificationOptionalWithCredentialIDList: 2,
  userVerificationRequired: 3,
} as const;
