/**
 * Finding credentials, whether the key stores them or their ID carries them, and using either kind alike.
 */

import type { Crypto, Signer } from '../crypto/crypto.js';
import type { CredentialDescriptor } from '../ctap/messages/entities.js';
import { PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import type { CommandContext, Key } from './context.js';
import type { StoredCredential, StoreReader } from './ports.js';
import type { RelyingParty } from './relying-parties.js';
import { done, type Result, refuse } from './result.js';
import { requireState } from './state.js';
import { unwrapCredential, type WrappedCredential, wrappedCredRandom } from './wrapped-credential.js';

/** A credential of this key. */
export type Credential = StoredCredential | WrappedCredential;

export function isStored(credential: Credential): credential is StoredCredential {
  return !('kind' in credential);
}

/** The credential with this ID, if it is this key's and bound to this relying party. */
export function findCredential(
  key: Key,
  reader: StoreReader,
  rp: RelyingParty,
  id: Uint8Array,
): Credential | undefined {
  const stored = reader.credential(id);
  if (stored !== undefined) return stored.rpId === rp.id ? stored : undefined;
  return unwrapCredential(key.crypto, requireState(reader).wrappingKey, rp.hash, id);
}

/**
 * The usable entries of an exclude or allow list: types other than "public-key" are skipped, and no ID is ours that is longer than ours
 * are. Longer lists than the key said it takes are refused (CTAP 2.1 §6.1.2, §6.2.2, maxCredentialCountInList).
 */
export function readList(key: Key, list: readonly CredentialDescriptor[]): Result<readonly Uint8Array[]> {
  const { maxCredentialCountInList = Number.POSITIVE_INFINITY, maxCredentialIdLength } = key.config.limits;
  if (list.length > maxCredentialCountInList) return refuse('CTAP2_ERR_LIMIT_EXCEEDED');
  const ids = list.filter((entry) => entry.type === PUBLIC_KEY_TYPE).map((entry) => entry.id);
  if (maxCredentialIdLength === undefined) return done(ids);
  const fitting = ids.filter((id) => id.length <= maxCredentialIdLength);
  const refused = fitting.length < ids.length && key.quirks.longCredentialId === 'limit-exceeded';
  return refused ? refuse('CTAP2_ERR_LIMIT_EXCEEDED') : done(fitting);
}

/** What has CredRandoms: a credential, new or not. */
export type WithCredRandom =
  | WrappedCredential
  | Pick<StoredCredential, 'credRandomWithUv' | 'credRandomWithoutUv'>;

/** One of the two CredRandoms of hmac-secret. */
export function credRandom(crypto: Crypto, credential: WithCredRandom, withUv: boolean): Uint8Array {
  if ('kind' in credential) return wrappedCredRandom(crypto, credential, withUv);
  return withUv ? credential.credRandomWithUv : credential.credRandomWithoutUv;
}

/** Signs assertions with a credential's key, prepared once. */
export function signerOf(context: CommandContext, credential: Credential): Signer {
  const sign = goodSignerOf(context, credential);
  return context.sabotage === undefined ? sign : context.sabotage.signer(sign);
}

function goodSignerOf(key: Key, credential: Credential): Signer {
  const { crypto, signers } = key;
  if (isStored(credential)) {
    const { keyPair } = credential;
    return signers.signer(credential.id, keyPair.privateKey, () => keyPair);
  }
  const { algorithm, privateKey } = credential;
  return signers.signer(credential.id, privateKey, () => crypto.importKeyPair(algorithm, privateKey));
}
