/**
 * Extensions of a new credential, together (CTAP 2.1 §6.1.2 step 15).
 */
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { EXTENSIONS } from '../../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from '../config.js';
import type { AuthenticatorState } from '../ports.js';
import type { Quirks } from '../quirks.js';
import { done, type Result } from '../result.js';
import { keptBlob } from './cred-blob.js';
import { type CredProtectLevel, givenLevel, requestedLevel } from './cred-protect.js';
import type { RegistrationInputs } from './inputs.js';
import { largeBlobSupport } from './large-blob.js';
import { wantsLargeBlobKey } from './large-blob-key.js';
import { minPinLengthOutput } from './min-pin-length.js';
import { pinComplexityPolicyOutput } from './pin-complexity-policy.js';

/** What the extensions make of a new credential. */
export interface RegistrationExtensions {
  readonly credProtect: CredProtectLevel;
  readonly hmacSecret: boolean;
  /** What credBlob keeps with it. */
  readonly credBlob: Uint8Array | undefined;
  /** Whether it gets a key for the large-blob array. */
  readonly largeBlobKey: boolean;
  readonly thirdPartyPayment: boolean;
  /** Outputs by identifier: only of extensions that were asked for. */
  readonly outputs: CborMap;
  /** Outputs that stand beside what is signed (CTAP 2.2 §6.1.2). */
  readonly unsignedOutputs: CborMap | undefined;
}

/** Settles all inputs, or says which status an input ends the command with. */
export function settleRegistration(
  inputs: RegistrationInputs,
  rpId: string,
  key: {
    readonly config: AuthenticatorConfig;
    readonly state: AuthenticatorState;
    readonly quirks: Quirks;
    /** Whether the key keeps the credential: some extensions keep something with it. */
    readonly discoverable: boolean;
  },
): Result<RegistrationExtensions> {
  const level = requestedLevel(inputs.credProtect, key.quirks);
  if (!level.ok) return level;
  const minPinLength = minPinLengthOutput(inputs.minPinLength, rpId, key.state, key.quirks);
  if (!minPinLength.ok) return minPinLength;
  const largeBlobKey = wantsLargeBlobKey(inputs.largeBlobKey, key.discoverable);
  if (!largeBlobKey.ok) return largeBlobKey;
  const credBlob = keptBlob(inputs.credBlob, key.discoverable, key.config);
  const hmacSecret = inputs.hmacSecret === true;
  const policy = pinComplexityPolicyOutput(inputs.pinComplexityPolicy, rpId, key.state, key.quirks);
  const outputs = new Map<string, CborValue>();
  const credProtect = givenLevel(level.value, key);
  if (level.value !== undefined) outputs.set(EXTENSIONS.credProtect, credProtect);
  if (hmacSecret) outputs.set(EXTENSIONS.hmacSecret, true);
  if (minPinLength.value !== undefined) outputs.set(EXTENSIONS.minPinLength, minPinLength.value);
  if (policy !== undefined) outputs.set(EXTENSIONS.pinComplexityPolicy, policy);
  if (inputs.credBlob !== undefined) outputs.set(EXTENSIONS.credBlob, credBlob !== undefined);
  return done({
    credProtect,
    hmacSecret,
    credBlob,
    largeBlobKey: largeBlobKey.value,
    thirdPartyPayment: inputs.thirdPartyPayment === true,
    outputs,
    unsignedOutputs: largeBlobSupport(
      inputs.largeBlob,
      key.discoverable && key.quirks.largeBlobAtRegistration === 'supported',
    ),
  });
}
