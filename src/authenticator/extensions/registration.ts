/**
 * Extensions of a new credential, together (CTAP 2.1 §6.1.2 step 15).
 */
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { CRED_PROTECT, EXTENSIONS } from '../../ctap/messages/extensions.js';
import type { AuthenticatorState } from '../ports.js';
import type { Quirks } from '../quirks.js';
import { done, type Result } from '../result.js';
import { type CredProtectLevel, requestedLevel } from './cred-protect.js';
import type { RegistrationInputs } from './inputs.js';
import { minPinLengthOutput } from './min-pin-length.js';

/** What the extensions make of a new credential. */
export interface RegistrationExtensions {
  readonly credProtect: CredProtectLevel;
  readonly hmacSecret: boolean;
  /** Outputs by identifier: only of extensions that were asked for. */
  readonly outputs: CborMap;
}

/** Settles all inputs, or says which status an input ends the command with. */
export function settleRegistration(
  inputs: RegistrationInputs,
  rpId: string,
  key: { readonly state: AuthenticatorState; readonly quirks: Quirks },
): Result<RegistrationExtensions> {
  const level = requestedLevel(inputs.credProtect, key.quirks);
  if (!level.ok) return level;
  const minPinLength = minPinLengthOutput(inputs.minPinLength, rpId, key.state, key.quirks);
  if (!minPinLength.ok) return minPinLength;
  const hmacSecret = inputs.hmacSecret === true;
  const outputs = new Map<string, CborValue>();
  if (level.value !== undefined) outputs.set(EXTENSIONS.credProtect, level.value);
  if (hmacSecret) outputs.set(EXTENSIONS.hmacSecret, true);
  if (minPinLength.value !== undefined) outputs.set(EXTENSIONS.minPinLength, minPinLength.value);
  return done({ credProtect: level.value ?? CRED_PROTECT.userVerificationOptional, hmacSecret, outputs });
}
