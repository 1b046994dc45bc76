/**
 * authenticatorConfig (CTAP 2.1 §6.11; CTAP 2.2 and 2.3 for enableLongTouchForReset and pinComplexityPolicy).
 */
import {
  type ConfigRequest,
  configProofMessage,
  type SetMinPinLengthParams,
  setMinPinLengthParams,
} from '../../ctap/messages/config.js';
import { configSubcommand, type OfferedSubcommandName } from '../config-subcommands.js';
import type { CommandContext } from '../context.js';
import { isProtected } from '../options.js';
import { type CommandResult, done, type Result, refuse, SUCCESS } from '../result.js';
import { requireState } from '../state.js';
import { readStanding } from './authorization.js';
import { readManagementProof, verifyManagementProof } from './management-proof.js';
import { setMinPinLength } from './set-min-pin-length.js';
import { unknownSubcommand } from './subcommand.js';

/** Changes the key's configuration. Nobody is asked for a touch. */
export async function authenticatorConfig(
  context: CommandContext,
  request: ConfigRequest,
): Promise<CommandResult> {
  // Step 2: the sub-command, and the types of its parameters
  const subCommand = configSubcommand(context.config, request.subCommand);
  if (subCommand === undefined) return unknownSubcommand(context.quirks);
  const params = readParams(subCommand, request);
  if (!params.ok) return params;
  // Steps 3 and 4
  const authorised = await authorise(context, subCommand, request);
  if (!authorised.ok) return authorised;
  switch (subCommand) {
    case 'enableEnterpriseAttestation':
      return switchOn(context, 'enterpriseAttestation');
    case 'toggleAlwaysUv':
      return toggleAlwaysUv(context);
    case 'setMinPINLength':
      return setMinPinLength(context, params.value);
    case 'enableLongTouchForReset':
      return switchOn(context, 'longTouchForReset');
  }
}

function readParams(
  subCommand: OfferedSubcommandName,
  { subCommandParams = new Map() }: ConfigRequest,
): Result<SetMinPinLengthParams> {
  if (subCommand !== 'setMinPINLength') return done({});
  const read = setMinPinLengthParams.read(subCommandParams);
  return read.ok ? done(read.value) : { ok: false, status: read.status };
}

/** A key that nothing protects takes changes from anybody; that of a key that nothing can be verified with is the way out of alwaysUv. */
async function authorise(
  context: CommandContext,
  subCommand: OfferedSubcommandName,
  request: ConfigRequest,
): Promise<Result<void>> {
  const { options } = await readStanding(context);
  const alwaysUv = options.alwaysUv === true;
  // Step 3
  if (!isProtected(options) && alwaysUv && subCommand === 'toggleAlwaysUv') return done(undefined);
  // Step 4
  if (!isProtected(options) && !alwaysUv) return done(undefined);
  const proof = readManagementProof(context.config, request);
  if (!proof.ok) return proof;
  const message = configProofMessage(request.subCommand, request.subCommandParams);
  return verifyManagementProof(context, proof.value, message, 'acfg');
}

/** Only a reset switches these off again. */
async function switchOn(
  { store }: CommandContext,
  member: 'enterpriseAttestation' | 'longTouchForReset',
): Promise<CommandResult> {
  await store.write((writer) => writer.setState({ ...requireState(writer), [member]: true }));
  return SUCCESS;
}

async function toggleAlwaysUv({ store, config }: CommandContext): Promise<CommandResult> {
  return store.write((writer) => {
    const state = requireState(writer);
    if (state.alwaysUv && config.alwaysUvFixed === true) return refuse('CTAP2_ERR_OPERATION_DENIED');
    writer.setState({ ...state, alwaysUv: !state.alwaysUv });
    return SUCCESS;
  });
}
