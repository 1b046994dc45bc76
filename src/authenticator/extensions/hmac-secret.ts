/**
 * hmac-secret: a credential's symmetric secret, evaluated over the platform's salts (CTAP 2.1 §12.5).
 */

import type { Crypto } from '../../crypto/crypto.js';
import type { PinUvAuthProtocol } from '../../crypto/pin-uv-auth-protocol.js';
import type { HmacSecretInput } from '../../ctap/messages/extensions.js';
import { concat } from '../../data/bytes.js';
import type { CommandContext } from '../context.js';
import { chooseProtocol } from '../protocol-choice.js';
import { done, type Result, refuse } from '../result.js';

/** Bytes of one salt. */
const SALT = 32;

/** The platform's salts, opened, with what is needed to answer them. Remembered for GetNextAssertion. */
export interface HmacSecretSalts {
  readonly protocol: PinUvAuthProtocol;
  readonly sharedSecret: Uint8Array;
  /** One or two, 32 bytes each. */
  readonly salts: readonly Uint8Array[];
}

/** Checks the input and opens the salts. `up` is the option of the request. */
export function openSalts(
  context: CommandContext,
  input: HmacSecretInput,
  up: boolean,
): Result<HmacSecretSalts> {
  const { session, quirks } = context;
  // "If pinUvAuthProtocol is absent, protocol one": an older platform knows no other.
  const version = chooseProtocol(context.config, input.pinUvAuthProtocol ?? 1);
  if (!version.ok) return version;
  if (!up) {
    return quirks.hmacSecretWithoutPresence === 'up-required'
      ? refuse('CTAP2_ERR_UP_REQUIRED')
      : refuse('CTAP2_ERR_UNSUPPORTED_OPTION');
  }
  const protocol = session.tokens.protocol(version.value);
  const sharedSecret = session.tokens.agreement(version.value).decapsulate(input.keyAgreement);
  if (sharedSecret === undefined) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  if (!protocol.verify(sharedSecret, input.saltAuth, input.saltEnc)) {
    return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  }
  const plain = protocol.decrypt(sharedSecret, input.saltEnc);
  if (plain?.length !== SALT && plain?.length !== 2 * SALT) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  const salts = plain.length === SALT ? [plain] : [plain.subarray(0, SALT), plain.subarray(SALT)];
  return done({ protocol, sharedSecret, salts });
}

/** The output for one credential: encrypt(HMAC(CredRandom, salt1) || HMAC(CredRandom, salt2)). */
export function hmacSecretOutput(crypto: Crypto, salts: HmacSecretSalts, credRandom: Uint8Array): Uint8Array {
  const outputs = salts.salts.map((salt) => crypto.hmacSha256(credRandom, salt));
  return salts.protocol.encrypt(salts.sharedSecret, concat(...outputs));
}
