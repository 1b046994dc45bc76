/**
 * What a relying party's server sends, the same for everybody.
 */
import { RP_ID } from './key.mjs';

/** Bytes that differ from account to account, in base64url. */
const text = (length, number) => Buffer.alloc(length, `account ${number}.`).toString('base64url');

/** Options for `create()`, of the account with this number. */
export function creationOptions(number) {
  return {
    rp: { id: RP_ID, name: 'Example' },
    user: { id: text(16, number), name: `ada${number}@example.org`, displayName: 'Ada Lovelace' },
    challenge: text(32, number),
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

/** Options for `get()` with this credential. */
export function requestOptions(id) {
  return {
    challenge: text(32, 0),
    rpId: RP_ID,
    allowCredentials: [{ type: 'public-key', id }],
    userVerification: 'preferred',
    timeout: 60_000,
  };
}
