/**
 * authenticatorCredentialManagement (CTAP 2.1 §6.8; read-only tokens from CTAP 2.2): which sub-commands there are and who may use them.
 * What they do is in `credential-listing.ts` and `credential-changes.ts`.
 *
 * Nobody is asked for a touch, and a token stays as good as it was.
 */
import { COMMANDS } from '../../ctap/commands.js';
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  type CredentialManagementParams,
  type CredentialManagementRequest,
  type CredentialManagementSubcommandName,
  credentialManagementParams,
  credentialManagementProofMessage,
} from '../../ctap/messages/credential-management.js';
import type { CommandContext } from '../context.js';
import { verifyPersistentToken } from '../persistent-token.js';
import type { TokenIdentity } from '../pin-uv-auth-token.js';
import { type CommandResult, done, type Refusal, type Result, refuse } from '../result.js';
import type { Sequence } from '../sequence.js';
import { requireState } from '../state.js';
import type { Proof } from './authorization.js';
import { deleteCredential, updateUserInformation } from './credential-changes.js';
import {
  enumerateCredentials,
  enumerateRelyingParties,
  getCredsMetadata,
  nextCredential,
  nextRelyingParty,
} from './credential-listing.js';
import { readManagementProof, verifyManagementProof } from './management-proof.js';
import { structural } from './structural.js';
import { unknownSubcommand } from './subcommand.js';

/** The standard command, or the one that FIDO_2_1_PRE had in its place. */
export type ManagementCommand =
  | 'authenticatorCredentialManagement'
  | 'authenticatorCredentialManagementPreview';

/** Who asks, once it is known that they may. */
export interface Manager {
  /** The token whose end ends what it began; the persistent one has none within a power cycle. */
  readonly token: TokenIdentity | undefined;
  /** The only relying party whose credentials the token is good for, `undefined` for all. */
  readonly boundTo: string | undefined;
  /** The command byte that goes on with an enumeration. */
  readonly next: number;
}

/** A sub-command that takes a proof. */
interface Proven {
  readonly needs: readonly (keyof CredentialManagementParams)[];
  /** Whether it only tells something, so that the persistent token serves too (CTAP 2.2 §6.8). */
  readonly readOnly: boolean;
  readonly run: (
    context: CommandContext,
    manager: Manager,
    params: CredentialManagementParams,
  ) => Promise<CommandResult>;
}

/** A sub-command that goes on with what another one was allowed to begin. */
interface Continued {
  readonly continues: Sequence['kind'];
  readonly run: (context: CommandContext) => Promise<CommandResult>;
}

const SUBCOMMANDS: Readonly<Record<CredentialManagementSubcommandName, Proven | Continued>> = {
  getCredsMetadata: { needs: [], readOnly: true, run: getCredsMetadata },
  enumerateRPsBegin: { needs: [], readOnly: true, run: enumerateRelyingParties },
  enumerateRPsGetNextRP: { continues: 'relying-parties', run: nextRelyingParty },
  enumerateCredentialsBegin: { needs: ['rpIDHash'], readOnly: true, run: enumerateCredentials },
  enumerateCredentialsGetNextCredential: { continues: 'credentials', run: nextCredential },
  deleteCredential: { needs: ['credentialID'], readOnly: false, run: deleteCredential },
  updateUserInformation: { needs: ['credentialID', 'user'], readOnly: false, run: updateUserInformation },
};

const BY_NUMBER: ReadonlyMap<number, Proven | Continued> = new Map(
  Object.entries(CREDENTIAL_MANAGEMENT_SUBCOMMANDS).map(([name, number]) => [
    number,
    SUBCOMMANDS[name as CredentialManagementSubcommandName],
  ]),
);

/** Runs a sub-command of either command. */
export function credentialManagement(command: ManagementCommand) {
  return async (context: CommandContext, request: CredentialManagementRequest): Promise<CommandResult> => {
    const { session, quirks } = context;
    const subcommand = BY_NUMBER.get(request.subCommand);
    // Any sub-command but the one that goes on with it ends an enumeration
    const continues =
      subcommand !== undefined && 'continues' in subcommand ? subcommand.continues : undefined;
    if (session.sequence?.kind !== continues) session.sequence = undefined;
    if (subcommand === undefined) return unknownSubcommand(quirks);
    if ('continues' in subcommand) return subcommand.run(context);
    const asked = readAsked(context, request, subcommand);
    if (!asked.ok) return asked;
    const manager = await authorise(context, request, { ...asked.value, command, subcommand });
    return manager.ok ? subcommand.run(context, manager.value, asked.value.params) : manager;
  };
}

interface Asked {
  readonly proof: Proof;
  readonly params: CredentialManagementParams;
}

/** Types first, then whether there is a proof, then whether everything is there that the sub-command needs. */
function readAsked(
  context: CommandContext,
  request: CredentialManagementRequest,
  { needs }: Proven,
): Result<Asked> {
  const params = credentialManagementParams.read(request.subCommandParams ?? new Map());
  if (!params.ok) return structural(context, params);
  const { value } = params;
  if (request.pinUvAuthParam === undefined) return refuse('CTAP2_ERR_PUAT_REQUIRED');
  if (needs.some((name) => value[name] === undefined)) return refuse('CTAP2_ERR_MISSING_PARAMETER');
  const proof = readManagementProof(context.config, request);
  return proof.ok ? done({ proof: proof.value, params: value }) : proof;
}

/** The persistent token first, where it serves; then the token in use with its permission. What it is bound to is for the sub-command. */
async function authorise(
  context: CommandContext,
  request: CredentialManagementRequest,
  asked: Asked & { readonly command: ManagementCommand; readonly subcommand: Proven },
): Promise<Result<Manager>> {
  const { command, subcommand, proof } = asked;
  const { tokens } = context.session;
  const message = credentialManagementProofMessage(request.subCommand, request.subCommandParams);
  const next = COMMANDS[command];
  if (subcommand.readOnly && (await isPersistent(context, proof, message))) {
    return done({ token: undefined, boundTo: undefined, next });
  }
  const accepted = command === 'authenticatorCredentialManagementPreview' ? 'with-legacy' : 'permitted';
  const verified = verifyManagementProof(context, proof, message, 'cm', accepted);
  if (!verified.ok) return verified;
  // A token without permissions is bound to what it was used with, not to what it is good for
  const boundTo = tokens.has('cm') ? tokens.rpId : undefined;
  return done({ token: tokens.identity, boundTo, next });
}

async function isPersistent(
  { session, store }: CommandContext,
  { version, param }: Proof,
  message: Uint8Array,
): Promise<boolean> {
  const protocol = session.tokens.protocol(version);
  const state = await store.read(requireState);
  return verifyPersistentToken(protocol, state, param, message);
}

/** The sub-commands over all relying parties are not for a token that serves one. */
export function refuseBound({ boundTo }: Manager): Refusal | undefined {
  return boundTo === undefined ? undefined : refuse('CTAP2_ERR_PIN_AUTH_INVALID');
}
