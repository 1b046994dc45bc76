/**
 * authenticatorGetNextAssertion (CTAP 2.1 §6.3): the other accounts, one by one, on the terms of the GetAssertion before.
 */
import type { CommandContext } from '../context.js';
import { type CommandResult, refuse } from '../result.js';
import { assertion } from './assertion.js';
import { NEXT_ASSERTION_LIMIT } from './pending-assertions.js';

/** Signs the next assertion, or NOT_ALLOWED when nothing is remembered. */
export async function getNextAssertion(context: CommandContext): Promise<CommandResult> {
  const { session, clock } = context;
  const pending = session.pendingAssertions;
  session.pendingAssertions = undefined;
  // Nothing remembered, or nothing left
  const [credential, ...rest] = pending?.credentials ?? [];
  if (pending === undefined || credential === undefined) return refuse('CTAP2_ERR_NOT_ALLOWED');
  // Too late
  if (clock.now() - pending.since > NEXT_ASSERTION_LIMIT) return refuse('CTAP2_ERR_NOT_ALLOWED');
  // CTAP 2.3: what a token began ends with it
  if (pending.token !== undefined && pending.token !== session.tokens.identity) {
    return refuse('CTAP2_ERR_NOT_ALLOWED');
  }
  // The same terms for the next credential, and the timer starts again
  const answer = await assertion(context, pending.terms, credential);
  if (answer.ok && rest.length > 0)
    session.pendingAssertions = { ...pending, credentials: rest, since: clock.now() };
  return answer;
}
