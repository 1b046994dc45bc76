/**
 * authenticatorBioEnrollment (CTAP 2.1 §6.7): fingers are enrolled, listed, named and removed. The preview of FIDO_2_1_PRE is the same under
 * another command byte.
 */
import {
  BIO_ENROLLMENT_SUBCOMMANDS,
  BIO_MODALITIES,
  type BioEnrollmentParams,
  type BioEnrollmentRequest,
  type BioEnrollmentResponse,
  type BioEnrollmentSubcommandName,
  bioEnrollmentParams,
  bioEnrollmentProofMessage,
  bioEnrollmentResponse,
  FINGERPRINT_KINDS,
} from '../../ctap/messages/bio-enrollment.js';
import { sameBytes, utf8 } from '../../data/bytes.js';
import type { BioSensor } from '../config.js';
import type { CommandContext } from '../context.js';
import type { StoredTemplate, StoreWriter } from '../ports.js';
import { type CommandResult, done, type Result, refuse, SUCCESS } from '../result.js';
import { beginEnrolment, continueEnrolment } from './enrolment.js';
import { readManagementProof, verifyManagementProof } from './management-proof.js';
import { unknownSubcommand } from './subcommand.js';

/** Which of the two commands it is. */
export interface BioCommand {
  /** The command byte. */
  readonly byte: number;
  /** Takes tokens of CTAP 2.0, which know no permissions. */
  readonly preview: boolean;
}

/** Manages the sensor's templates. */
export async function bioEnrollment(
  context: CommandContext,
  request: BioEnrollmentRequest,
  command: BioCommand,
): Promise<CommandResult> {
  const { session, config, quirks } = context;
  const name = subcommandOf(request.subCommand);
  // Every sub-command but the next sample ends an enrolment that is under way
  if (name !== 'enrollCaptureNextSample') session.sequence = undefined;
  if (request.getModality === true) return answer({ modality: BIO_MODALITIES.fingerprint });
  if (config.bio === undefined) return refuse('CTAP1_ERR_INVALID_COMMAND');
  if (request.subCommand === undefined) return refuse('CTAP2_ERR_MISSING_PARAMETER');
  if (name === undefined) return unknownSubcommand(quirks);
  const read = bioEnrollmentParams.read(request.subCommandParams ?? new Map());
  if (!read.ok) return { ok: false, status: read.status };
  const authorised = authorise(context, request, { ...command, name, params: read.value });
  if (!authorised.ok) return authorised;
  return run(context, { sensor: config.bio, command, name, params: read.value });
}

function subcommandOf(number: number | undefined): BioEnrollmentSubcommandName | undefined {
  const names = Object.keys(BIO_ENROLLMENT_SUBCOMMANDS) as BioEnrollmentSubcommandName[];
  return names.find((name) => BIO_ENROLLMENT_SUBCOMMANDS[name] === number);
}

/** Success with these members. */
function answer(members: BioEnrollmentResponse): CommandResult {
  return { ok: true, members: bioEnrollmentResponse.write(members) };
}

/** Sub-commands that anybody may use: they tell and change nothing that matters. */
const OPEN: ReadonlySet<BioEnrollmentSubcommandName> = new Set([
  'cancelCurrentEnrollment',
  'getFingerprintSensorInfo',
]);

/** Parameters that a sub-command can't do without. */
const NEEDED: Partial<Readonly<Record<BioEnrollmentSubcommandName, readonly (keyof BioEnrollmentParams)[]>>> =
  {
    enrollCaptureNextSample: ['templateId'],
    setFriendlyName: ['templateId', 'templateFriendlyName'],
    removeEnrollment: ['templateId'],
  };

interface AskedSubcommand extends BioCommand {
  readonly name: BioEnrollmentSubcommandName;
  readonly params: BioEnrollmentParams;
}

/** From "there is a proof" to "it is a good one", in the order of §6.7.4 to §6.7.8. */
function authorise(
  context: CommandContext,
  request: BioEnrollmentRequest,
  { name, params, preview }: AskedSubcommand,
): Result<void> {
  const { modality, subCommand = 0, subCommandParams } = request;
  const open = OPEN.has(name);
  if (!open && request.pinUvAuthParam === undefined) return refuse('CTAP2_ERR_PUAT_REQUIRED');
  if (modality === undefined) return refuse('CTAP2_ERR_MISSING_PARAMETER');
  if (modality !== BIO_MODALITIES.fingerprint) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  if (open) return done(undefined);
  if (NEEDED[name]?.some((needed) => params[needed] === undefined)) {
    return refuse('CTAP2_ERR_MISSING_PARAMETER');
  }
  const proof = readManagementProof(context.config, request);
  if (!proof.ok) return proof;
  const { templateFriendlyName = '' } = params;
  const room = context.config.bio?.friendlyNameBytes ?? 0;
  if (utf8(templateFriendlyName).length > room) return refuse('CTAP1_ERR_INVALID_LENGTH');
  const message = bioEnrollmentProofMessage(modality, subCommand, subCommandParams);
  return verifyManagementProof(context, proof.value, message, 'be', preview ? 'with-legacy' : 'permitted');
}

interface Task {
  readonly sensor: BioSensor;
  readonly command: BioCommand;
  readonly name: BioEnrollmentSubcommandName;
  readonly params: BioEnrollmentParams;
}

async function run(context: CommandContext, { sensor, command, name, params }: Task): Promise<CommandResult> {
  switch (name) {
    case 'enrollBegin':
      return sampled(await beginEnrolment(context, sensor, command.byte, params));
    case 'enrollCaptureNextSample':
      return sampled(await continueEnrolment(context, sensor, params));
    case 'cancelCurrentEnrollment':
      return SUCCESS;
    case 'enumerateEnrollments':
      return enumerate(context);
    case 'setFriendlyName':
      return changeTemplate(context, params, (writer, template) => {
        const { templateFriendlyName: friendlyName } = params;
        writer.putTemplate({ ...template, ...(friendlyName === undefined ? {} : { friendlyName }) });
      });
    case 'removeEnrollment':
      return changeTemplate(context, params, (writer, { id }) => writer.deleteTemplate(id));
    case 'getFingerprintSensorInfo':
      return answer({
        modality: BIO_MODALITIES.fingerprint,
        fingerprintKind: FINGERPRINT_KINDS[sensor.kind],
        maxCaptureSamplesRequiredForEnroll: sensor.samples,
        maxTemplateFriendlyName: sensor.friendlyNameBytes,
      });
  }
}

function sampled(sample: Result<BioEnrollmentResponse>): CommandResult {
  return sample.ok ? answer(sample.value) : sample;
}

async function enumerate({ store }: CommandContext): Promise<CommandResult> {
  const templates = await store.read((reader) => reader.templates());
  if (templates.length === 0) return refuse('CTAP2_ERR_INVALID_OPTION');
  const templateInfos = templates.map(({ id: templateId, friendlyName }) => ({
    templateId,
    ...(friendlyName === undefined ? {} : { templateFriendlyName: friendlyName }),
  }));
  return answer({ templateInfos });
}

/** Changes the template that the parameters name, or says that there is none. */
function changeTemplate(
  { store }: CommandContext,
  { templateId = new Uint8Array(0) }: BioEnrollmentParams,
  change: (writer: StoreWriter, template: StoredTemplate) => void,
): Promise<CommandResult> {
  return store.write((writer) => {
    const template = writer.templates().find(({ id }) => sameBytes(id, templateId));
    if (template === undefined) return refuse('CTAP2_ERR_INVALID_OPTION');
    change(writer, template);
    return SUCCESS;
  });
}
