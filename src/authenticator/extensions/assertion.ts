/**
 * Extensions of an assertion, together (CTAP 2.1 §6.2.2 step 10), and what they add to each answer.
 */
import type { CborMap, CborValue } from '../../ctap/cbor.js';
import { EXTENSIONS } from '../../ctap/messages/extensions.js';
import type { CommandContext } from '../context.js';
import { type Credential, credRandom } from '../credentials.js';
import { done, type Result } from '../result.js';
import { credBlobOutput } from './cred-blob.js';
import { type HmacSecretSalts, hmacSecretOutput, openSalts } from './hmac-secret.js';
import type { AssertionInputs } from './inputs.js';
import { type LargeBlobWish, readOutput } from './large-blob.js';
import { asksForLargeBlobKey, largeBlobKeyOf } from './large-blob-key.js';

/** What was asked for, the same for all assertions of one request. */
export interface AssertionExtensions {
  readonly hmacSecret: HmacSecretSalts | undefined;
  readonly credBlob: boolean;
  readonly largeBlobKey: boolean;
  readonly largeBlob: LargeBlobWish | undefined;
  readonly thirdPartyPayment: boolean;
}

/** Nothing, as in most requests. */
const NONE: AssertionExtensions = {
  hmacSecret: undefined,
  credBlob: false,
  largeBlobKey: false,
  largeBlob: undefined,
  thirdPartyPayment: false,
};

/** Settles all inputs, or says which status an input ends the command with. `up` is the option of the request. */
export function settleAssertion(
  context: CommandContext,
  inputs: AssertionInputs | undefined,
  up: boolean,
): Result<AssertionExtensions> {
  if (inputs === undefined) return done(NONE);
  const hmacSecret =
    inputs.hmacSecret === undefined ? done(undefined) : openSalts(context, inputs.hmacSecret, up);
  if (!hmacSecret.ok) return hmacSecret;
  const largeBlobKey = asksForLargeBlobKey(inputs.largeBlobKey);
  if (!largeBlobKey.ok) return largeBlobKey;
  return done({
    hmacSecret: hmacSecret.value,
    credBlob: inputs.credBlob === true,
    largeBlobKey: largeBlobKey.value,
    largeBlob: inputs.largeBlob,
    thirdPartyPayment: inputs.thirdPartyPayment === true,
  });
}

/** What the extensions add to the authenticator data, where it is signed. */
export function signedOutputs(
  context: CommandContext,
  asked: AssertionExtensions,
  credential: Credential,
  userVerified: boolean,
): { readonly extensions?: CborMap } {
  if (asked === NONE) return {};
  const outputs = new Map<string, CborValue>();
  if (asked.credBlob) outputs.set(EXTENSIONS.credBlob, credBlobOutput(credential));
  // A credential that was made without the extension has no output, whatever is asked (CTAP 2.1 §12.5).
  if (asked.hmacSecret !== undefined && credential.hmacSecret) {
    const secret = credRandom(context.crypto, credential, userVerified);
    outputs.set(EXTENSIONS.hmacSecret, hmacSecretOutput(context.crypto, asked.hmacSecret, secret));
  }
  if (asked.thirdPartyPayment) {
    outputs.set(EXTENSIONS.thirdPartyPayment, credential.thirdPartyPayment === true);
  }
  return { extensions: outputs };
}

/** What the extensions add to the answer beside it; what was written is for the writer to say. */
export function besideOutputs(
  asked: AssertionExtensions,
  credential: Credential,
): { readonly largeBlobKey?: Uint8Array; readonly unsignedExtensionOutputs?: CborMap } {
  if (asked === NONE) return {};
  const read = asked.largeBlob?.kind === 'read' ? readOutput(credential) : undefined;
  return {
    ...(asked.largeBlobKey ? largeBlobKeyOf(credential) : {}),
    ...(read === undefined ? {} : { unsignedExtensionOutputs: read }),
  };
}
