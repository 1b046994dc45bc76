/**
 * CredentialManagement that tells something: how many credentials there are, of which relying parties, and each of them
 * (CTAP 2.1 §6.8.2 to §6.8.4).
 */
import { coseKeyToCbor } from '../../ctap/cose.js';
import {
  type CredentialManagementParams,
  type CredentialManagementResponse,
  credentialManagementResponse,
} from '../../ctap/messages/credential-management.js';
import { PUBLIC_KEY_TYPE, type UserEntity } from '../../ctap/messages/entities.js';
import { EXTENSIONS } from '../../ctap/messages/extensions.js';
import { sameBytes } from '../../data/bytes.js';
import type { CommandContext } from '../context.js';
import type { StoredCredential, StoreReader } from '../ports.js';
import { type CommandResult, refuse } from '../result.js';
import { pendingSequence, type SequenceStep } from '../sequence.js';
import { type Manager, refuseBound } from './credential-management.js';
import { shownRpId } from './shown-rp-id.js';

/** The relying parties still to be told of. */
export interface PendingRelyingParties extends SequenceStep {
  readonly kind: 'relying-parties';
  /** The one that comes next at the front. Never empty. */
  readonly rpIds: readonly string[];
}

/** The credentials still to be told of. */
export interface PendingCredentials extends SequenceStep {
  readonly kind: 'credentials';
  /** The one that comes next at the front. Never empty. */
  readonly credentials: readonly StoredCredential[];
}

/** §6.8.2. */
export async function getCredsMetadata(context: CommandContext, manager: Manager): Promise<CommandResult> {
  const bound = refuseBound(manager);
  if (bound !== undefined) return bound;
  const existing = await context.store.read((reader) => reader.credentialCount());
  const room = context.config.limits.discoverableCredentials;
  return answer({
    existingResidentCredentialsCount: existing,
    maxPossibleRemainingResidentCredentialsCount: Math.max(0, room - existing),
  });
}

/** §6.8.3, enumerateRPsBegin. */
export async function enumerateRelyingParties(
  context: CommandContext,
  manager: Manager,
): Promise<CommandResult> {
  const bound = refuseBound(manager);
  if (bound !== undefined) return bound;
  const rpIds = await context.store.read((reader) => reader.rpIds());
  const [first, ...rest] = rpIds;
  if (first === undefined) {
    return context.quirks.emptyEnumeration === 'zero'
      ? answer({ totalRPs: 0 })
      : refuse('CTAP2_ERR_NO_CREDENTIALS');
  }
  remember(context, { kind: 'relying-parties', ...step(context, manager), rpIds: rest });
  return answer({ ...(await relyingParty(context, first)), totalRPs: rpIds.length });
}

/** §6.8.3, enumerateRPsGetNextRP. */
export async function nextRelyingParty(context: CommandContext): Promise<CommandResult> {
  const pending = pendingSequence(context, 'relying-parties');
  context.session.sequence = undefined;
  const [rpId, ...rest] = pending?.rpIds ?? [];
  if (pending === undefined || rpId === undefined) return refuse('CTAP2_ERR_NOT_ALLOWED');
  remember(context, { ...pending, rpIds: rest, since: context.clock.now() });
  return answer(await relyingParty(context, rpId));
}

/** §6.8.4, enumerateCredentialsBegin. */
export async function enumerateCredentials(
  context: CommandContext,
  manager: Manager,
  { rpIDHash = new Uint8Array(0) }: CredentialManagementParams,
): Promise<CommandResult> {
  if (!mayEnumerate(context, manager, rpIDHash)) return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  const credentials = await context.store.read((reader) => credentialsOfHash(context, reader, rpIDHash));
  const [first, ...rest] = credentials;
  if (first === undefined) return refuse('CTAP2_ERR_NO_CREDENTIALS');
  remember(context, { kind: 'credentials', ...step(context, manager), credentials: rest });
  return answer({ ...description(context, first), totalCredentials: credentials.length });
}

/** §6.8.4, enumerateCredentialsGetNextCredential. */
export async function nextCredential(context: CommandContext): Promise<CommandResult> {
  const pending = pendingSequence(context, 'credentials');
  context.session.sequence = undefined;
  const [credential, ...rest] = pending?.credentials ?? [];
  if (pending === undefined || credential === undefined) return refuse('CTAP2_ERR_NOT_ALLOWED');
  remember(context, { ...pending, credentials: rest, since: context.clock.now() });
  return answer(description(context, credential));
}

/** Whether the token is good for this relying party: disputed where it is bound to it (CTAP 2.1 lets it, CTAP 2.3 takes unbound ones). */
function mayEnumerate({ relyingParties, quirks }: CommandContext, { boundTo }: Manager, hash: Uint8Array) {
  if (boundTo === undefined) return true;
  return quirks.boundTokenEnumeration === 'same-rp' && sameBytes(relyingParties.of(boundTo).hash, hash);
}

/** Hashes go one way, so all relying parties are tried; newest credential first. */
function credentialsOfHash(
  { relyingParties }: CommandContext,
  reader: StoreReader,
  hash: Uint8Array,
): readonly StoredCredential[] {
  const rpId = reader.rpIds().find((id) => sameBytes(relyingParties.of(id).hash, hash));
  return rpId === undefined ? [] : reader.credentialsOf(rpId);
}

/** A relying party by the name that it gave itself last. */
async function relyingParty(
  { store, relyingParties, quirks }: CommandContext,
  rpId: string,
): Promise<CredentialManagementResponse> {
  const name = await store.read((reader) => reader.credentialsOf(rpId)[0]?.rpName);
  return {
    rp: { id: shownRpId(rpId, quirks), ...(name === undefined ? {} : { name }) },
    rpIDHash: relyingParties.of(rpId).hash,
  };
}

/** Everything that a platform may know; with names, for the user was verified. */
function description({ config }: CommandContext, credential: StoredCredential): CredentialManagementResponse {
  const { id, keyPair, credProtect, largeBlobKey, thirdPartyPayment } = credential;
  return {
    user: userOf(credential),
    credentialID: { id, type: PUBLIC_KEY_TYPE },
    publicKey: coseKeyToCbor(keyPair.publicKey),
    credProtect,
    ...(largeBlobKey === undefined ? {} : { largeBlobKey }),
    ...(config.extensions.includes(EXTENSIONS.thirdPartyPayment)
      ? { thirdPartyPayment: thirdPartyPayment === true }
      : {}),
  };
}

function userOf({ userId: id, userName: name, userDisplayName: displayName }: StoredCredential): UserEntity {
  return {
    id,
    ...(name === undefined ? {} : { name }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}

function step({ clock }: CommandContext, { next, token }: Manager): SequenceStep {
  return { next, token, since: clock.now() };
}

/** Nothing left to tell is nothing to remember. */
function remember({ session }: CommandContext, pending: PendingRelyingParties | PendingCredentials): void {
  const left = pending.kind === 'credentials' ? pending.credentials : pending.rpIds;
  session.sequence = left.length === 0 ? undefined : pending;
}

function answer(members: CredentialManagementResponse): CommandResult {
  return { ok: true, members: credentialManagementResponse.write(members) };
}
