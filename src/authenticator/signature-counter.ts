/**
 * The signature counter of assertions (WebAuthn L3 §6.1.1): one for all credentials of a key and for both protocols.
 */
import type { CommandContext } from './context.js';

/** The count of the next signature, durable before it is used. */
export async function nextSignCount({ config, store, sabotage }: CommandContext): Promise<number> {
  const wrong = sabotage === undefined ? undefined : await sabotage.signCount(store);
  if (wrong !== undefined) return wrong;
  return config.counter === 'zero' ? 0 : store.write((writer) => writer.advanceCounter(1));
}
