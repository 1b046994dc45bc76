/**
 * Sequences: commands that go on with what the one before them began (CTAP 2.1 §6, "stateful commands"). A key remembers one at most.
 *
 * Any command but the next step ends a sequence, whatever comes of that command; so do half a minute without a step, a power cycle, and
 * the end of the token that began it.
 */
import type { PendingCredentials, PendingRelyingParties } from './commands/credential-listing.js';
import type { PendingEnrolment } from './commands/enrolment.js';
import type { PendingBlobs } from './commands/large-blobs.js';
import type { PendingAssertions } from './commands/pending-assertions.js';
import type { CommandContext } from './context.js';
import type { TokenIdentity } from './pin-uv-auth-token.js';

/** How long each answer can be the last one, in milliseconds. */
export const SEQUENCE_LIMIT = 30_000;

/** What all sequences have. */
export interface SequenceStep {
  /** The command byte of the next step. A command with sub-commands ends what its sub-command does not go on with by itself. */
  readonly next: number;
  /** When the last answer was given. */
  readonly since: number;
  /** The token that began it: what it authorised ends with it. `undefined` when it took none. */
  readonly token: TokenIdentity | undefined;
}

/** Every sequence that there is. */
export type Sequence =
  | PendingAssertions
  | PendingBlobs
  | PendingCredentials
  | PendingRelyingParties
  | PendingEnrolment;

/** What a step goes on with, `undefined` when that is not there any more. The step says itself what is left for the one after it. */
export function pendingSequence<K extends Sequence['kind']>(
  { session, clock }: CommandContext,
  kind: K,
  limit: number = SEQUENCE_LIMIT,
): Extract<Sequence, { readonly kind: K }> | undefined {
  const pending = session.sequence;
  if (pending === undefined || !isOfKind(pending, kind)) return undefined;
  const late = clock.now() - pending.since > limit;
  const expired = pending.token !== undefined && pending.token !== session.tokens.identity;
  return late || expired ? undefined : pending;
}

function isOfKind<K extends Sequence['kind']>(
  sequence: Sequence,
  kind: K,
): sequence is Extract<Sequence, { readonly kind: K }> {
  return sequence.kind === kind;
}
