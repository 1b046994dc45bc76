/**
 * What the relying party gets to see of an attestation (WebAuthn L3 §5.1.3, step on attestationConveyancePreferenceOption).
 */
import type { AuthenticatorData } from '../ctap/authenticator-data.js';
import { type CborValue, encode } from '../ctap/cbor.js';
import type { MakeCredentialResponse } from '../ctap/messages/make-credential.js';
import type { AttestationConveyancePreference } from '../webauthn/types.js';

/** Compound statements hold whole statements (§8.9), which goes deeper than a CTAP message may. */
const DEEPEST = 8;

/**
 * The attestation object. `none` takes the statement away, but for a self attestation without an AAGUID, which says nothing about the
 * device anyway. The AAGUID stays: Level 3 no longer hides it.
 */
export function conveyAttestation(
  preference: AttestationConveyancePreference,
  response: MakeCredentialResponse,
  data: AuthenticatorData,
): Uint8Array {
  const { fmt, attStmt, authData } = response;
  const keep = preference !== 'none' || isAnonymousSelfAttestation(response, data);
  const object = new Map<string, CborValue>([
    ['fmt', keep ? fmt : 'none'],
    ['attStmt', (keep ? attStmt : undefined) ?? new Map()],
    ['authData', authData],
  ]);
  return encode(object, { maxDepth: DEEPEST });
}

function isAnonymousSelfAttestation(
  { fmt, attStmt }: MakeCredentialResponse,
  data: AuthenticatorData,
): boolean {
  const isSelf = fmt === 'packed' && attStmt instanceof Map && !attStmt.has('x5c');
  return isSelf && data.attestedCredential?.aaguid.every((byte) => byte === 0) === true;
}
