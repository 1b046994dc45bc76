/**
 * authenticatorReset (CTAP 2.1 §6.6): forgets everything but the counter, the AAGUID and the attestation key.
 *
 * That includes wrong PINs in a row, which the text does not name: they were misses of a PIN that is gone now, and all its retries come back
 * too. The soft block is there so that software alone can't use the retries up (§6.5.2.3); a reset is no way around, for it takes a touch
 * within seconds of power-up.
 */
import type { CommandContext } from '../context.js';
import type { Quirks } from '../quirks.js';
import { type CommandResult, refuse, SUCCESS } from '../result.js';
import { newState, requireState } from '../state.js';
import { askForPresence } from '../user-interaction.js';
import { untouched } from './selection.js';

/** How long after power-up a key without a display can be reset, in milliseconds. Nobody's reset surprises somebody at work. */
export const RESET_WINDOW = 10_000;

/** How long a long touch is at least, in milliseconds. */
const LONG_TOUCH: Readonly<Record<Quirks['longTouch'], number>> = {
  'five-seconds': 5_000,
  'ten-seconds': 10_000,
};

/** Whether the request came over a transport that may reset the key. Who does not say how it came was plugged in the usual way: the first. */
function isReachedForReset({ config, exchange }: CommandContext): boolean {
  const allowed = config.reset?.transports;
  if (allowed === undefined) return true;
  const over = exchange.transport ?? config.transports[0];
  return over !== undefined && allowed.includes(over);
}

async function longTouch({ store, quirks }: CommandContext): Promise<{ readonly hold?: number }> {
  const { longTouchForReset } = await store.read(requireState);
  return longTouchForReset ? { hold: LONG_TOUCH[quirks.longTouch] } : {};
}

/** Resets the key; needs a touch, but no PIN. */
export async function reset(context: CommandContext): Promise<CommandResult> {
  const { clock, session, store, config, crypto, signers, user } = context;
  // The window closes with the power-up before, and a reset does not open it again
  const open = config.reset?.window === 'always' || clock.now() - session.poweredUp <= RESET_WINDOW;
  if (!open || !isReachedForReset(context)) return refuse('CTAP2_ERR_NOT_ALLOWED');
  const outcome = await askForPresence(context, { reason: 'reset', ...(await longTouch(context)) });
  if (outcome !== 'touched') return untouched(outcome);
  // One transaction: the new wrapping key is what ends server-side credentials
  await store.write((writer) => {
    writer.reset();
    writer.setState(newState(config, crypto));
  });
  // What a power cut can't stop any more, for the change has been made
  user.forgetVerification();
  signers.clear();
  session.tokens.forgetKeys();
  session.pinMismatches = 0;
  return SUCCESS;
}
