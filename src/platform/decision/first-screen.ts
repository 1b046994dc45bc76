/**
 * Which screen Chromium shows first: the rules that get and create share, and the dispatch between them.
 */
import { firstCreateScreen } from './create.js';
import type { DecisionInput, FirstScreen, Mechanism } from './decision.js';
import { firstGetScreen } from './get.js';
import { runMechanism } from './run-mechanism.js';

/**
 * The first rule that applies.
 *
 * @param mechanisms The list that `listMechanisms` made of the same input.
 */
export function firstScreen(input: DecisionInput, mechanisms: readonly Mechanism[]): FirstScreen {
  const [only, ...others] = mechanisms;
  if (only === undefined)
    return { rule: 'R1', outcome: input.allowed.has('internal') ? 'no-passkeys' : 'no-transports' };
  if (mechanisms.some(({ kind }) => kind === 'sign-in-again')) return { rule: 'R2', outcome: 'list' };
  if (others.length === 0) return runMechanism(only, input, 'R3');
  return input.operation === 'get' ? firstGetScreen(input, mechanisms) : firstCreateScreen(input, mechanisms);
}
