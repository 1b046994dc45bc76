/**
 * authenticatorGetNextAssertion (CTAP 2.1 §6.3): the other accounts, one by one, on the terms of the GetAssertion before.
 */
import type { CommandContext } from '../context.js';
import { type CommandResult, refuse } from '../result.js';
import { pendingSequence } from '../sequence.js';
import { assertion } from './assertion.js';

/** Signs the next assertion, or NOT_ALLOWED when nothing is remembered. */
export async function getNextAssertion(context: CommandContext): Promise<CommandResult> {
  const { session, clock } = context;
  const pending = pendingSequence(context, 'assertions');
  session.sequence = undefined;
  // Nothing remembered, nothing left, or too late
  const [credential, ...rest] = pending?.credentials ?? [];
  if (pending === undefined || credential === undefined) return refuse('CTAP2_ERR_NOT_ALLOWED');
  // The same terms for the next credential, and the timer starts again
  const answer = await assertion(context, pending.terms, credential);
  if (answer.ok && rest.length > 0) session.sequence = { ...pending, credentials: rest, since: clock.now() };
  return answer;
}
