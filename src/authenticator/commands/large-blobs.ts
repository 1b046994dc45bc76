/**
 * authenticatorLargeBlobs (CTAP 2.1 §6.10): one array for all credentials, read by everybody and written in fragments.
 *
 * The key checks that an array arrived whole, and nothing of what is in it.
 */
import { COMMANDS } from '../../ctap/commands.js';
import {
  EMPTY_LARGE_BLOB_ARRAY,
  LARGE_BLOB_CHECKSUM,
  type LargeBlobsRequest,
  largeBlobsProofMessage,
  largeBlobsResponse,
  maxFragmentLength,
} from '../../ctap/messages/large-blobs.js';
import { concat, sameBytes } from '../../data/bytes.js';
import type { CommandContext } from '../context.js';
import { isProtected } from '../options.js';
import type { Quirks } from '../quirks.js';
import { type CommandResult, done, type Result, refuse, SUCCESS } from '../result.js';
import { pendingSequence, SEQUENCE_LIMIT, type SequenceStep } from '../sequence.js';
import { readStanding } from './authorization.js';
import { readManagementProof, verifyManagementProof } from './management-proof.js';

/** An array that is being written. */
export interface PendingBlobs extends SequenceStep {
  readonly kind: 'large-blobs';
  /** What came so far. */
  readonly received: Uint8Array;
  /** Bytes of the whole. */
  readonly expectedLength: number;
}

/** Reads or writes a fragment. */
export async function largeBlobs(
  context: CommandContext,
  request: LargeBlobsRequest,
): Promise<CommandResult> {
  const { get, set, offset } = request;
  // A write is gone on with by the next fragment and by nothing else
  if (set === undefined || offset === undefined || offset === 0) context.session.sequence = undefined;
  // Step 1: where, and one of the two
  if (offset === undefined) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  if ((get === undefined) === (set === undefined)) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  return set === undefined
    ? read(context, request, { get: get ?? 0, offset })
    : write(context, request, { set, offset });
}

/** Step 2. Nobody is asked for anything: without keys the array says nothing. */
async function read(
  { config, store }: CommandContext,
  { length, pinUvAuthParam, pinUvAuthProtocol }: LargeBlobsRequest,
  { get, offset }: { readonly get: number; readonly offset: number },
): Promise<CommandResult> {
  if (length !== undefined || pinUvAuthParam !== undefined || pinUvAuthProtocol !== undefined) {
    return refuse('CTAP1_ERR_INVALID_PARAMETER');
  }
  if (get > maxFragmentLength(config.limits.maxMsgSize)) return refuse('CTAP1_ERR_INVALID_LENGTH');
  const array = (await store.read((reader) => reader.largeBlobs())) ?? EMPTY_LARGE_BLOB_ARRAY;
  if (offset > array.length) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  return { ok: true, members: largeBlobsResponse.write({ config: array.slice(offset, offset + get) }) };
}

/** A fragment and its place. */
interface Fragment {
  readonly set: Uint8Array;
  readonly offset: number;
}

/** Step 3. */
async function write(
  context: CommandContext,
  request: LargeBlobsRequest,
  { set, offset }: Fragment,
): Promise<CommandResult> {
  const { config } = context;
  if (set.length > maxFragmentLength(config.limits.maxMsgSize)) return refuse('CTAP1_ERR_INVALID_LENGTH');
  const begun = offset === 0 ? begin(context, request.length) : goOn(context, request.length, offset);
  if (!begun.ok) return begun;
  const authorised = await authorise(context, request, { set, offset });
  if (!authorised.ok) return authorised;
  const received = concat(begun.value.received, set);
  const { expectedLength } = begun.value;
  if (received.length > expectedLength) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  if (received.length === expectedLength) return commit(context, received);
  context.session.sequence = {
    kind: 'large-blobs',
    next: COMMANDS.authenticatorLargeBlobs,
    // Half a minute may pass between any two fragments
    since: context.clock.now(),
    token: context.session.tokens.identity,
    received,
    expectedLength,
  };
  return SUCCESS;
}

type Begun = Pick<PendingBlobs, 'received' | 'expectedLength'>;

/** The first fragment says how long all of them are. */
function begin({ config }: CommandContext, length: number | undefined): Result<Begun> {
  if (length === undefined) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  // Every key with the command has room for the least of all capacities, so what is shorter fits
  if (length > (config.limits.maxSerializedLargeBlobArray ?? 0)) {
    return refuse('CTAP2_ERR_LARGE_BLOB_STORAGE_FULL');
  }
  if (length < EMPTY_LARGE_BLOB_ARRAY.length) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  return done({ received: new Uint8Array(0), expectedLength: length });
}

/** Milliseconds between two fragments. */
const LIMITS: Readonly<Record<Quirks['largeBlobWriteTimeout'], number>> = {
  'thirty-seconds': SEQUENCE_LIMIT,
  never: Number.POSITIVE_INFINITY,
};

/** Later fragments stand where the one before them ended. */
function goOn(context: CommandContext, length: number | undefined, offset: number): Result<Begun> {
  if (length !== undefined) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  const pending = pendingSequence(context, 'large-blobs', LIMITS[context.quirks.largeBlobWriteTimeout]);
  if (pending === undefined || pending.received.length !== offset) return refuse('CTAP1_ERR_INVALID_SEQ');
  return done(pending);
}

/** A key that nothing protects takes an array from anybody. Each fragment has a proof of its own. */
async function authorise(
  context: CommandContext,
  request: LargeBlobsRequest,
  { set, offset }: Fragment,
): Promise<Result<void>> {
  const { options } = await readStanding(context);
  if (!isProtected(options) && options.alwaysUv !== true) return done(undefined);
  const proof = readManagementProof(context.config, request);
  if (!proof.ok) return proof;
  const message = largeBlobsProofMessage(offset, context.crypto.sha256(set));
  return verifyManagementProof(context, proof.value, message, 'lbw');
}

/** The whole array or, when it did not arrive whole, the one before. */
async function commit({ session, crypto, store }: CommandContext, array: Uint8Array): Promise<CommandResult> {
  session.sequence = undefined;
  const end = array.length - LARGE_BLOB_CHECKSUM;
  const checksum = crypto.sha256(array.subarray(0, end)).subarray(0, LARGE_BLOB_CHECKSUM);
  if (!sameBytes(checksum, array.subarray(end))) return refuse('CTAP2_ERR_INTEGRITY_FAILURE');
  await store.write((writer) => writer.setLargeBlobs(array));
  return SUCCESS;
}
