/**
 * largeBlobKey: a credential's key for its entry in the large-blob array (CTAP 2.1 §12.3). The platform encrypts; the key only hands it out.
 */
import type { Crypto } from '../../crypto/crypto.js';
import { type Credential, isStored } from '../credentials.js';
import { done, type Result, refuse } from '../result.js';

/** Bytes of an AES-256 key. */
export const LARGE_BLOB_KEY = 32;

/** Whether a new credential gets one. Asking for anything but `true`, or for a credential that isn't kept, is an error. */
export function wantsLargeBlobKey(input: boolean | undefined, discoverable: boolean): Result<boolean> {
  if (input === undefined) return done(false);
  return input && discoverable ? done(true) : refuse('CTAP2_ERR_INVALID_OPTION');
}

/** The same question at GetAssertion. */
export function asksForLargeBlobKey(input: boolean | undefined): Result<boolean> {
  return input === false ? refuse('CTAP2_ERR_INVALID_OPTION') : done(input === true);
}

export function newLargeBlobKey({ random }: Crypto): Uint8Array {
  return random.bytes(LARGE_BLOB_KEY);
}

/** The response's member: absent for credentials that were made without one. */
export function largeBlobKeyOf(credential: Credential): { readonly largeBlobKey?: Uint8Array } {
  const key = isStored(credential) ? credential.largeBlobKey : undefined;
  return key === undefined ? {} : { largeBlobKey: key };
}
