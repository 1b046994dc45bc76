/**
 * The commands of the key: how each is read from bytes and which keys have it. Anything else is INVALID_COMMAND.
 */
import { type CborMap, tryDecode } from '../../ctap/cbor.js';
import { COMMANDS, type CommandName } from '../../ctap/commands.js';
import { bioEnrollmentRequest } from '../../ctap/messages/bio-enrollment.js';
import { clientPinRequest } from '../../ctap/messages/client-pin.js';
import { configRequest } from '../../ctap/messages/config.js';
import { credentialManagementRequest } from '../../ctap/messages/credential-management.js';
import { getAssertionRequest } from '../../ctap/messages/get-assertion.js';
import { largeBlobsRequest } from '../../ctap/messages/large-blobs.js';
import { makeCredentialRequest } from '../../ctap/messages/make-credential.js';
import type { Codec, Read } from '../../ctap/messages/shape.js';
import { STATUS, type Status } from '../../ctap/status.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { readAssertionInputs, readRegistrationInputs } from '../extensions/inputs.js';
import { type CommandResult, refuse } from '../result.js';
import { bioEnrollment } from './bio-enrollment.js';
import { clientPin, offersClientPin } from './client-pin.js';
import { authenticatorConfig } from './config.js';
import { credentialManagement } from './credential-management.js';
import { getAssertion } from './get-assertion.js';
import { getInfo } from './get-info.js';
import { getNextAssertion } from './get-next-assertion.js';
import { largeBlobs } from './large-blobs.js';
import { makeCredential } from './make-credential.js';
import { assertionProbe, type Probe, registrationProbe } from './pin-probe.js';
import { reset } from './reset.js';
import { selection } from './selection.js';
import { structural } from './structural.js';

/** A command over the bytes behind its command byte. */
type Handler = (context: CommandContext, body: Uint8Array) => Promise<CommandResult> | CommandResult;

interface Command {
  readonly run: Handler;
  readonly offered: (config: AuthenticatorConfig) => boolean;
}

const always = () => true;

/** A command without parameters takes none: more than the command byte is too long. */
function bare(run: (context: CommandContext) => Promise<CommandResult>): Handler {
  return (context, body) => (body.length === 0 ? run(context) : refuse('CTAP1_ERR_INVALID_LENGTH'));
}

/**
 * A command with parameters: canonical CBOR first, the types of all known members second, mandatory members third. A probe
 * needs one member only and comes before the second.
 */
function withParameters<T>(
  codec: Codec<T>,
  run: (context: CommandContext, request: T, parameters: CborMap) => Promise<CommandResult> | CommandResult,
  probe?: Probe,
): Handler {
  return (context, body) => {
    const parameters = tryDecode(body);
    if (parameters === undefined) return refuse('CTAP2_ERR_INVALID_CBOR');
    if (!(parameters instanceof Map)) return refuse('CTAP2_ERR_CBOR_UNEXPECTED_TYPE');
    const probed = probe?.(context, parameters);
    if (probed !== undefined) return probed;
    const request = codec.read(parameters);
    return request.ok ? run(context, request.value, parameters) : structural(context, request);
  };
}

/** Extension inputs belong to the types of known members, so they are read before the command begins. */
function withInputs<I>(
  context: CommandContext,
  inputs: Read<I>,
  run: (inputs: I) => Promise<CommandResult>,
): Promise<CommandResult> | CommandResult {
  return inputs.ok ? run(inputs.value) : structural(context, inputs);
}

const TABLE: Partial<Readonly<Record<CommandName, Command>>> = {
  authenticatorMakeCredential: {
    offered: always,
    run: withParameters(
      makeCredentialRequest,
      (context, request) =>
        withInputs(context, readRegistrationInputs(context.config, request.extensions), (inputs) =>
          makeCredential(context, request, inputs),
        ),
      registrationProbe,
    ),
  },
  authenticatorGetAssertion: {
    offered: always,
    run: withParameters(
      getAssertionRequest,
      (context, request) =>
        withInputs(context, readAssertionInputs(context.config, request.extensions), (inputs) =>
          getAssertion(context, request, inputs),
        ),
      assertionProbe,
    ),
  },
  authenticatorGetNextAssertion: { offered: always, run: bare(getNextAssertion) },
  authenticatorGetInfo: { offered: always, run: bare(getInfo) },
  authenticatorClientPIN: { offered: offersClientPin, run: withParameters(clientPinRequest, clientPin) },
  authenticatorBioEnrollment: {
    offered: ({ options }) => options.bioEnroll === true,
    run: withParameters(bioEnrollmentRequest, (context, request) =>
      bioEnrollment(context, request, { byte: COMMANDS.authenticatorBioEnrollment, preview: false }),
    ),
  },
  authenticatorBioEnrollmentPreview: {
    offered: ({ options }) => options.userVerificationMgmtPreview === true,
    run: withParameters(bioEnrollmentRequest, (context, request) =>
      bioEnrollment(context, request, { byte: COMMANDS.authenticatorBioEnrollmentPreview, preview: true }),
    ),
  },
  authenticatorConfig: {
    offered: ({ options }) => options.authnrCfg === true,
    run: withParameters(configRequest, authenticatorConfig),
  },
  authenticatorCredentialManagement: {
    offered: ({ options }) => options.credMgmt === true,
    run: withParameters(
      credentialManagementRequest,
      credentialManagement('authenticatorCredentialManagement'),
    ),
  },
  authenticatorCredentialManagementPreview: {
    offered: ({ options }) => options.credentialMgmtPreview === true,
    run: withParameters(
      credentialManagementRequest,
      credentialManagement('authenticatorCredentialManagementPreview'),
    ),
  },
  authenticatorLargeBlobs: {
    offered: ({ options }) => options.largeBlobs === true,
    run: withParameters(largeBlobsRequest, largeBlobs),
  },
  authenticatorReset: { offered: always, run: bare(reset) },
  authenticatorSelection: { offered: always, run: bare(selection) },
};

/** Every command that a key can have. */
export const COMMANDS_OF_THE_KEY = Object.keys(TABLE) as readonly CommandName[];

const BY_BYTE: ReadonlyMap<number, Command> = new Map(
  Object.entries(TABLE).map(([name, command]) => [COMMANDS[name as CommandName], command]),
);

/** Runs one message. Never refuses by throwing: that would be a fault of ours. */
export function runCommand(
  context: CommandContext,
  message: Uint8Array,
): Promise<CommandResult> | CommandResult {
  const { config, session } = context;
  const [byte] = message;
  // Any command but the next one ends the sequence, whatever comes of it (CTAP 2.1 §6, "stateful commands")
  if (byte !== session.sequence?.next) session.sequence = undefined;
  if (byte === undefined) return refuse('CTAP1_ERR_INVALID_LENGTH');
  if (message.length > config.limits.maxMsgSize) return refuse('CTAP2_ERR_REQUEST_TOO_LARGE');
  const command = BY_BYTE.get(byte);
  if (command?.offered(config) !== true) return refuse('CTAP1_ERR_INVALID_COMMAND');
  return command.run(context, message.subarray(1));
}

/** The status byte of a result. */
export function statusOf(result: CommandResult): Status {
  return result.ok ? STATUS.CTAP1_ERR_SUCCESS : result.status;
}
