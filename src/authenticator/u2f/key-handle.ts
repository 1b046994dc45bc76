/**
 * Key handles are credential IDs, and either protocol can use what the other made (CTAP 2.1 §10).
 */
import { COSE_ALGORITHMS } from '../../ctap/cose.js';
import { CRED_PROTECT } from '../../ctap/messages/extensions.js';
import { sameBytes } from '../../data/bytes.js';
import type { Key } from '../context.js';
import type { Credential } from '../credentials.js';
import type { StoreReader } from '../ports.js';
import { requireState } from '../state.js';
import { unwrapCredential } from '../wrapped-credential.js';

/**
 * The credential behind a key handle, if it is this key's and of this application: an RP ID's hash for what CTAP2 made. U2F knows ES256
 * only, and it can't verify anybody, so it doesn't see what credProtect shows to verified users alone (CTAP 2.1 §12.1).
 */
export function findKeyHandle(
  key: Key,
  reader: StoreReader,
  application: Uint8Array,
  keyHandle: Uint8Array,
): Credential | undefined {
  const found = ownCredential(key, reader, application, keyHandle);
  if (found?.algorithm !== COSE_ALGORITHMS.ES256.id) return undefined;
  return found.credProtect === CRED_PROTECT.userVerificationRequired ? undefined : found;
}

/** What U2F's credentials are bound to: CTAP2 looks for the application's own hash, and some products keep the two apart. */
export function bindingOf({ crypto, quirks }: Key, application: Uint8Array): Uint8Array {
  return quirks.u2fCredentials === 'apart' ? crypto.sha256(application) : application;
}

function ownCredential(
  key: Key,
  reader: StoreReader,
  application: Uint8Array,
  keyHandle: Uint8Array,
): Credential | undefined {
  const { crypto, relyingParties } = key;
  const stored = reader.credential(keyHandle);
  if (stored === undefined) {
    const { wrappingKey } = requireState(reader);
    const unwrap = (binding: Uint8Array) => unwrapCredential(crypto, wrappingKey, binding, keyHandle);
    return unwrap(bindingOf(key, application)) ?? unwrap(application);
  }
  return sameBytes(relyingParties.of(stored.rpId).hash, application) ? stored : undefined;
}
