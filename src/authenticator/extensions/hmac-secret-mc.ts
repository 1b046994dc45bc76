/**
 * hmac-secret-mc: hmac-secret evaluated over the platform's salts as the credential is made, so that nobody has to sign in for it
 * (CTAP 2.2 §12).
 */
import type { CborMap } from '../../ctap/cbor.js';
import { EXTENSIONS } from '../../ctap/messages/extensions.js';
import type { CommandContext } from '../context.js';
import { credRandom, type WithCredRandom } from '../credentials.js';
import { done, type Result } from '../result.js';
import { type HmacSecretSalts, hmacSecretOutput, openSalts } from './hmac-secret.js';
import type { RegistrationInputs } from './inputs.js';

/** The salts, opened; `undefined` when there are none, and when hmac-secret itself is not asked for in the same request. */
export function openRegistrationSalts(
  context: CommandContext,
  { hmacSecret, hmacSecretMc }: RegistrationInputs,
): Result<HmacSecretSalts | undefined> {
  if (hmacSecretMc === undefined || hmacSecret !== true) return done(undefined);
  // A registration always has its user there.
  return openSalts(context, hmacSecretMc, true);
}

/** The outputs with that for the new credential, in the light of whether its user was verified. */
export function withSaltOutput(
  { crypto }: CommandContext,
  outputs: CborMap,
  salts: HmacSecretSalts,
  made: { readonly credential: WithCredRandom; readonly userVerified: boolean },
): CborMap {
  const secret = credRandom(crypto, made.credential, made.userVerified);
  return new Map([...outputs, [EXTENSIONS.hmacSecretMc, hmacSecretOutput(crypto, salts, secret)]]);
}
