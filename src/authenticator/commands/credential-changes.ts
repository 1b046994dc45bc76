/**
 * CredentialManagement that changes something (CTAP 2.1 §6.8.5, §6.8.6). Finding out and changing are one transaction.
 */
import type { CredentialManagementParams } from '../../ctap/messages/credential-management.js';
import { type CredentialDescriptor, PUBLIC_KEY_TYPE, type UserEntity } from '../../ctap/messages/entities.js';
import { sameBytes } from '../../data/bytes.js';
import type { CommandContext } from '../context.js';
import { shortened } from '../lengths.js';
import { renewCredStoreState } from '../persistent-token.js';
import type { StoredCredential, StoreReader } from '../ports.js';
import { type CommandResult, done, type Result, refuse, SUCCESS } from '../result.js';
import type { Manager } from './credential-management.js';

/** §6.8.5. Its large-blob key goes with it; the entry in the array is for platforms to clear away. */
export async function deleteCredential(
  { store, crypto }: CommandContext,
  manager: Manager,
  { credentialID }: CredentialManagementParams,
): Promise<CommandResult> {
  return store.write((writer) => {
    const found = manageable(writer, manager, credentialID);
    if (!found.ok) return found;
    writer.deleteCredential(found.value.id);
    renewCredStoreState(crypto, writer);
    return SUCCESS;
  });
}

/** §6.8.6. What is left out or empty is taken away; who the user is can't be changed. */
export async function updateUserInformation(
  { store, crypto }: CommandContext,
  manager: Manager,
  { credentialID, user }: CredentialManagementParams,
): Promise<CommandResult> {
  return store.write((writer) => {
    const found = manageable(writer, manager, credentialID);
    if (!found.ok) return found;
    if (user === undefined || !sameBytes(user.id, found.value.userId)) {
      return refuse('CTAP1_ERR_INVALID_PARAMETER');
    }
    writer.replaceCredential(withNames(found.value, user));
    renewCredStoreState(crypto, writer);
    return SUCCESS;
  });
}

/** The stored credential of this ID, if the token is good for it. A token of another relying party does not learn whether there is one. */
function manageable(
  reader: StoreReader,
  { boundTo }: Manager,
  descriptor: CredentialDescriptor | undefined,
): Result<StoredCredential> {
  const found = descriptor?.type === PUBLIC_KEY_TYPE ? reader.credential(descriptor.id) : undefined;
  if (boundTo !== undefined && found?.rpId !== boundTo) return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  return found === undefined ? refuse('CTAP2_ERR_NO_CREDENTIALS') : done(found);
}

function withNames(credential: StoredCredential, { name, displayName }: UserEntity): StoredCredential {
  const { userName: _name, userDisplayName: _displayName, ...rest } = credential;
  return {
    ...rest,
    ...(name === undefined || name === '' ? {} : { userName: shortened(name) }),
    ...(displayName === undefined || displayName === '' ? {} : { userDisplayName: shortened(displayName) }),
  };
}
