/**
 * A page and what it asks for, all of it right: tests change one thing.
 */
import type {
  PublicKeyCredentialCreationOptions,
  PublicKeyCredentialDescriptor,
  PublicKeyCredentialRequestOptions,
} from '../webauthn/types.js';

export const PAGE = { origin: 'https://login.example.org' };
export const RP_ID = 'example.org';

export const CREATION: PublicKeyCredentialCreationOptions = {
  rp: { id: RP_ID, name: 'Example' },
  user: { id: Uint8Array.of(1, 2, 3), name: 'ada', displayName: 'Ada' },
  challenge: Uint8Array.of(9, 9, 9),
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
};

export const REQUEST: PublicKeyCredentialRequestOptions = { challenge: Uint8Array.of(9, 9, 9), rpId: RP_ID };

/** Descriptors of credentials, or of IDs. */
export function descriptors(
  ...credentials: readonly (Uint8Array | { readonly id: Uint8Array })[]
): readonly PublicKeyCredentialDescriptor[] {
  return credentials.map((one) => ({ type: 'public-key', id: one instanceof Uint8Array ? one : one.id }));
}

/** A credential ID that nobody has. */
export function strangeId(seed: number, length = 16): Uint8Array {
  return new Uint8Array(length).fill(seed);
}
