/**
 * The relying-party suite: wrong responses that must be refused, each with its control twin.
 */
import type { Scenario } from '../../scenarios/scenario.js';
import { badSignature } from './auth-20-bad-signature.js';
import { wrongChallenge } from './auth-29-wrong-challenge.js';
import { wrongOrigin } from './auth-34-wrong-origin.js';
import { wrongRpIdHash } from './auth-50-wrong-rp-id-hash.js';
import { userVerificationMissing } from './auth-52-user-not-verified.js';
import { otherUsersCredential } from './auth-90-other-users-credential.js';
import { foreignUserHandle } from './auth-93-foreign-user-handle.js';
import { takenCredentialId } from './reg-80-taken-credential-id.js';
import { replay } from './ses-01-replay.js';
import { crossCeremonyChallenge } from './ses-08-cross-ceremony.js';

/** Every check, in the order in which they run. */
export const relyingPartySuite: readonly Scenario[] = [
  badSignature,
  wrongChallenge,
  wrongOrigin,
  wrongRpIdHash,
  userVerificationMissing,
  otherUsersCredential,
  foreignUserHandle,
  replay,
  crossCeremonyChallenge,
  takenCredentialId,
];
