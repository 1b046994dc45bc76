/**
 * credBlob: a few bytes of the relying party's, kept with a discoverable credential (CTAP 2.1 §12.2).
 */
import type { AuthenticatorConfig } from '../config.js';
import { type Credential, isStored } from '../credentials.js';

/** The least that every key with the extension keeps (CTAP 2.1 §6.4, maxCredBlobLength). */
export const LEAST_CRED_BLOB = 32;

/** What is kept of the input: all of it or nothing. A credential without its blob is a credential all the same. */
export function keptBlob(
  input: Uint8Array | undefined,
  discoverable: boolean,
  { limits }: AuthenticatorConfig,
): Uint8Array | undefined {
  const fits = input !== undefined && input.length <= (limits.maxCredBlobLength ?? 0);
  return discoverable && fits ? input : undefined;
}

/** The output of GetAssertion: no blob is an empty one. */
export function credBlobOutput(credential: Credential): Uint8Array {
  return (isStored(credential) ? credential.credBlob : undefined) ?? new Uint8Array(0);
}
