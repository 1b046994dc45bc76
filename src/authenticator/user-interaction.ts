/**
 * Waiting for the person at the key: bounded by the clock, ended by a cancel or by the power (CTAP 2.1 §6, §11.2.9.1.5).
 */
import type { CommandContext } from './context.js';
import type { FingerSample, PresenceReason, PresenceRequest, VerificationOutcome } from './ports.js';

/** How long the user is waited for. At least 10 seconds are demanded (CTAP 2.1 §6); 30 are usual. */
export const USER_TIMEOUT = 30_000;

/** Ends of waiting that are not the user's doing. */
export type Unanswered = 'timeout' | 'cancelled';

/** What asking for a touch comes to. */
export type PresenceResult = 'touched' | 'denied' | Unanswered;

/** What one attempt at built-in verification comes to. */
export type VerificationResult = 'verified' | 'failed' | 'denied' | Unanswered;

/** Why the user is asked. A type alias, so that a trace event takes it as it is. */
export type Reason = {
  readonly reason: PresenceReason;
  readonly rpId?: string;
  /** Milliseconds of a long touch. */
  readonly hold?: number;
};

/** Asks for a touch. */
export async function askForPresence(context: CommandContext, why: Reason): Promise<PresenceResult> {
  context.note('wait', why);
  const outcome = await waitFor(context, why, (request) => context.user.presence(request));
  // A user who takes the hand away is not a platform that cancels.
  const result = outcome === 'given-up' ? 'denied' : outcome;
  if (result !== 'cancelled') context.note(PRESENCE_EVENTS[result], why);
  return result;
}

const PRESENCE_EVENTS = { touched: 'touch', denied: 'deny', timeout: 'timeout' } as const;

/** Asks for one attempt at built-in verification. */
export async function askForVerification(context: CommandContext, why: Reason): Promise<VerificationResult> {
  context.note('wait', why);
  const outcome = await waitFor(context, why, (request) => attempt(context, request));
  const result = outcome === 'given-up' ? 'denied' : outcome;
  if (result === 'timeout') context.note('timeout', why);
  else if (result !== 'cancelled') context.note('verify', { ...why, result });
  return result;
}

/** Asks for a finger on the sensor, for no longer than `patience` milliseconds. */
export async function askForFinger(
  context: CommandContext,
  why: Reason,
  patience: number,
): Promise<FingerSample | 'denied' | Unanswered> {
  context.note('wait', why);
  const outcome = await waitFor(context, why, (request) => context.user.finger(request), patience);
  const result = outcome === 'given-up' ? 'denied' : outcome;
  if (typeof result === 'object') context.note('touch', { ...why, ...result });
  else if (result !== 'cancelled') context.note(PRESENCE_EVENTS[result], why);
  return result;
}

/** One attempt with whatever the key has: an enrolled finger, or what its user has set up elsewhere. */
async function attempt(context: CommandContext, request: PresenceRequest): Promise<VerificationOutcome> {
  const { config, user, store } = context;
  if (config.bio === undefined) return user.verification(request);
  const sample = await user.finger(request);
  if (sample === 'cancelled' || sample.quality !== 'good') return sample === 'cancelled' ? sample : 'failed';
  const known = await store.read((reader) =>
    reader.templates().some(({ finger }) => finger === sample.finger),
  );
  return known ? 'verified' : 'failed';
}

/** `cancelled` from a user who wasn't told to stop. */
type GivenUp = 'given-up';

async function waitFor<Act>(
  context: CommandContext,
  why: Reason,
  act: (request: PresenceRequest) => Promise<Act | 'cancelled'>,
  patience: number = USER_TIMEOUT,
): Promise<Act | Unanswered | GivenUp> {
  if (isOver(context)) return 'cancelled';
  const waiting = new Waiting(why);
  context.pause();
  context.exchange.keepAlive('user-presence-needed');
  try {
    let early: Act | 'cancelled' | undefined;
    const acted = act(waiting).then((outcome) => {
      early = outcome;
      return outcome;
    });
    // Most users of a test act at once. Then no timer and no listeners are needed, which would cost as much as the signature.
    await undefined;
    const outcome = early ?? (await decide(context, acted, patience, waiting.signal));
    if (outcome !== 'cancelled') return outcome;
    return isOver(context) ? 'cancelled' : 'given-up';
  } finally {
    waiting.end();
    context.resume();
    context.exchange.keepAlive('processing');
  }
}

function isOver(context: CommandContext): boolean {
  return context.exchange.signal.aborted || context.session.ended.aborted;
}

/** Whatever comes first: the user, a cancel, the power going, or the end of patience. */
function decide<T>(
  context: CommandContext,
  acted: Promise<T>,
  patience: number,
  over: AbortSignal,
): Promise<T | Unanswered> {
  const cancelled = new Promise<'cancelled'>((resolve) => {
    for (const source of [context.exchange.signal, context.session.ended]) {
      if (source.aborted) resolve('cancelled');
      source.addEventListener('abort', () => resolve('cancelled'), { once: true, signal: over });
    }
  });
  const timeout = context.clock.sleep(patience, over).then(() => 'timeout' as const);
  return Promise.race([acted, cancelled, timeout]);
}

/** What the user is told. The signal is made when somebody looks at it: making one costs microseconds. */
class Waiting implements PresenceRequest {
  readonly reason: PresenceReason;
  readonly rpId?: string;
  readonly hold?: number;
  #stop: AbortController | undefined;

  constructor(why: Reason) {
    this.reason = why.reason;
    if (why.rpId !== undefined) this.rpId = why.rpId;
    if (why.hold !== undefined) this.hold = why.hold;
  }

  get signal(): AbortSignal {
    this.#stop ??= new AbortController();
    return this.#stop.signal;
  }

  end(): void {
    // With a reason of its own, because the default one is an exception with a stack trace.
    this.#stop?.abort('over');
  }
}
