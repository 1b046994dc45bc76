/**
 * What a relying party's server sends, the same for everybody.
 */
import { randomBytes } from 'node:crypto';
import { RP_ID } from './key.mjs';

const text = (length) => randomBytes(length).toString('base64url');

/** Options for `create()`, of a new account. */
export function creationOptions() {
  return {
    rp: { id: RP_ID, name: 'Example' },
    user: { id: text(16), name: 'ada@example.org', displayName: 'Ada Lovelace' },
    challenge: text(32),
    pubKeyCredParams: [
      { type: 'public-key', alg: -7 },
      { type: 'public-key', alg: -257 },
    ],
    timeout: 60_000,
    excludeCredentials: [],
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'preferred',
    },
    attestation: 'none',
  };
}

const CHALLENGE = text(32);

/** Options for `get()` with this credential. */
export function requestOptions(id) {
  return {
    challenge: CHALLENGE,
    rpId: RP_ID,
    allowCredentials: [{ type: 'public-key', id }],
    userVerification: 'preferred',
    timeout: 60_000,
  };
}
