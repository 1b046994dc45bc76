/**
 * authenticatorSelection (CTAP 2.1 §6.9): of several keys, the user touches the one to use.
 */
import type { CommandContext } from '../context.js';
import { type CommandResult, type Refusal, refuse, SUCCESS } from '../result.js';
import { askForPresence, type PresenceResult } from '../user-interaction.js';

/** Waits for a touch and says nothing more than that it came. */
export async function selection(context: CommandContext): Promise<CommandResult> {
  const outcome = await askForPresence(context, { reason: 'selection' });
  return outcome === 'touched' ? SUCCESS : untouched(outcome);
}

/** The statuses of §6.6 and §6.9, which unlike those of §6.1 and §6.2 nobody disputes. */
export function untouched(outcome: Exclude<PresenceResult, 'touched'>): Refusal {
  if (outcome === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  return outcome === 'timeout'
    ? refuse('CTAP2_ERR_USER_ACTION_TIMEOUT')
    : refuse('CTAP2_ERR_OPERATION_DENIED');
}
