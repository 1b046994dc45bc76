/**
 * Enrolling a finger, sample by sample (CTAP 2.1 §6.7.4): a sequence of commands that ends with a template, or with nothing.
 */
import {
  type BioEnrollmentParams,
  type BioEnrollmentResponse,
  SAMPLE_STATUS,
  type SampleStatusName,
} from '../../ctap/messages/bio-enrollment.js';
import { sameBytes } from '../../data/bytes.js';
import type { BioSensor } from '../config.js';
import type { CommandContext } from '../context.js';
import { LENGTHS } from '../lengths.js';
import type { StoredTemplate } from '../ports.js';
import { done, type Result, refuse } from '../result.js';
import { pendingSequence, type SequenceStep } from '../sequence.js';
import { askForFinger, USER_TIMEOUT } from '../user-interaction.js';

/** What an enrolment under way remembers. */
export interface PendingEnrolment extends SequenceStep {
  readonly kind: 'enrolment';
  readonly templateId: Uint8Array;
  /** The finger of the samples so far, once there is a good one. */
  readonly finger: string | undefined;
  /** Good samples still to come, at least one. */
  readonly remaining: number;
}

/** Starts with the first sample. What another enrolment had gathered is gone already. */
export async function beginEnrolment(
  context: CommandContext,
  sensor: BioSensor,
  next: number,
  params: BioEnrollmentParams,
): Promise<Result<BioEnrollmentResponse>> {
  const { crypto, clock, session } = context;
  if (await isFull(context, sensor)) return refuse('CTAP2_ERR_FP_DATABASE_FULL');
  return takeSample(
    context,
    sensor,
    {
      kind: 'enrolment',
      next,
      since: clock.now(),
      token: session.tokens.identity,
      templateId: crypto.random.bytes(LENGTHS.templateId),
      finger: undefined,
      remaining: sensor.samples,
    },
    params,
  );
}

/** Goes on with another sample; INVALID_OPTION where there is nothing, or something else, to go on with. */
export async function continueEnrolment(
  context: CommandContext,
  sensor: BioSensor,
  params: BioEnrollmentParams,
): Promise<Result<BioEnrollmentResponse>> {
  const { templateId = new Uint8Array(0) } = params;
  const pending = pendingSequence(context, 'enrolment');
  if (pending === undefined || !sameBytes(pending.templateId, templateId)) {
    return refuse('CTAP2_ERR_INVALID_OPTION');
  }
  const sampled = await takeSample(context, sensor, pending, params);
  if (!sampled.ok) return sampled;
  // The ID is told once, at the beginning
  const { templateId: _, ...feedback } = sampled.value;
  return done(feedback);
}

/** One finger on the sensor. Only a cancel and a full sensor are statuses of the command; everything else is feedback. */
async function takeSample(
  context: CommandContext,
  sensor: BioSensor,
  pending: PendingEnrolment,
  { timeoutMilliseconds = USER_TIMEOUT }: BioEnrollmentParams,
): Promise<Result<BioEnrollmentResponse>> {
  const { session, clock } = context;
  session.sequence = undefined;
  // No platform makes the key wait longer than it waits by itself
  const outcome = await askForFinger(
    context,
    { reason: 'bio-enrollment' },
    Math.min(timeoutMilliseconds, USER_TIMEOUT),
  );
  if (outcome === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  const finger = typeof outcome === 'object' ? outcome.finger : undefined;
  const seen = typeof outcome === 'object' ? outcome.quality : 'noUserActivity';
  const status = seen === 'good' ? await judge(context, pending, finger) : seen;
  const remaining = pending.remaining - (status === 'good' ? 1 : 0);
  const after = { ...pending, remaining, finger: status === 'good' ? finger : pending.finger };
  if (remaining > 0) session.sequence = { ...after, since: clock.now() };
  else if (!(await keep(context, sensor, after))) return refuse('CTAP2_ERR_FP_DATABASE_FULL');
  return done({
    templateId: pending.templateId,
    lastEnrollSampleStatus: SAMPLE_STATUS[status],
    remainingSamples: remaining,
  });
}

/** A clear picture can still be the wrong one. */
async function judge(
  { store }: CommandContext,
  pending: PendingEnrolment,
  finger: string | undefined,
): Promise<SampleStatusName> {
  if (pending.finger !== undefined && pending.finger !== finger) return 'mergeFailure';
  const known = await store.read((reader) => reader.templates().some((one) => one.finger === finger));
  return known ? 'exists' : 'good';
}

async function isFull({ store }: CommandContext, sensor: BioSensor): Promise<boolean> {
  return (await store.read((reader) => reader.templates().length)) >= sensor.templates;
}

/** The template exists from here on; false when somebody else took the last place meanwhile. */
async function keep(
  { store }: CommandContext,
  sensor: BioSensor,
  { templateId: id, finger = '' }: PendingEnrolment,
): Promise<boolean> {
  const template: StoredTemplate = { id, finger };
  return store.write((writer) => {
    if (writer.templates().length >= sensor.templates) return false;
    writer.putTemplate(template);
    return true;
  });
}
