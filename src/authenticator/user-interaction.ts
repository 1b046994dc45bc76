/**
 * Waiting for the person at the key: bounded by the clock, ended by a cancel or by the power (CTAP 2.1 §6, §11.2.9.1.5).
 */
import type { CommandContext } from './context.js';
import type { PresenceReason, PresenceRequest } from './ports.js';

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
  const outcome = await waitFor(context, why, (request) => context.user.verification(request));
  const result = outcome === 'given-up' ? 'denied' : outcome;
  if (result === 'timeout') context.note('timeout', why);
  else if (result !== 'cancelled') context.note('verify', { ...why, result });
  return result;
}

/** `cancelled` from a user who wasn't told to stop. */
type GivenUp = 'given-up';

async function waitFor<Act extends string>(
  context: CommandContext,
  why: Reason,
  act: (request: PresenceRequest) => Promise<Act | 'cancelled'>,
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
    const outcome = early ?? (await decide(context, acted, waiting.signal));
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
function decide<T extends string>(
  context: CommandContext,
  acted: Promise<T>,
  over: AbortSignal,
): Promise<T | Unanswered> {
  const cancelled = new Promise<'cancelled'>((resolve) => {
    for (const source of [context.exchange.signal, context.session.ended]) {
      if (source.aborted) resolve('cancelled');
      source.addEventListener('abort', () => resolve('cancelled'), { once: true, signal: over });
    }
  });
  const timeout = context.clock.sleep(USER_TIMEOUT, over).then(() => 'timeout' as const);
  return Promise.race([acted, cancelled, timeout]);
}

/** What the user is told. The signal is made when somebody looks at it: making one costs microseconds. */
class Waiting implements PresenceRequest {
  readonly reason: PresenceReason;
  readonly rpId?: string;
  #stop: AbortController | undefined;

  constructor(why: Reason) {
    this.reason = why.reason;
    if (why.rpId !== undefined) this.rpId = why.rpId;
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
