/**
 * performBuiltInUv (CTAP 2.1 §6.5.3.1): finger, face or on-device passcode, with retries that survive the power.
 */
import type { CommandContext } from './context.js';
import type { PinState } from './ports.js';
import { pinState } from './state.js';
import { askForVerification, type Reason, type VerificationResult } from './user-interaction.js';

/** How it ended. `blocked`: it failed and no retries are left. */
export type BuiltInUvResult = 'verified' | 'failed' | 'blocked' | 'timeout' | 'cancelled';

/** Verifies the user; with `internalRetry` failing is forgiven as often as the configuration says. */
export async function performBuiltInUv(
  context: CommandContext,
  why: Reason,
  internalRetry: boolean,
): Promise<BuiltInUvResult> {
  const attempts = internalRetry ? (context.config.builtInUv?.internalAttempts ?? 1) : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (!(await takeRetry(context))) return 'blocked';
    const result = await askForVerification(context, why);
    if (result !== 'failed') return settle(context, result);
  }
  return (await retriesLeft(context)) === 0 ? 'blocked' : 'failed';
}

async function settle(
  context: CommandContext,
  result: Exclude<VerificationResult, 'failed'>,
): Promise<BuiltInUvResult> {
  if (result === 'verified') await noteSuccess(context);
  // The platform took it back before anybody tried; refusing and letting time run out are attempts (§6.5.3.1). So is pulling the key
  // out, because without power nothing can be given back.
  // What another owner of the store gave back meanwhile is not added to.
  else if (result === 'cancelled') {
    const most = context.config.builtInUv?.maxRetries ?? 0;
    await setRetries(context, (pin) => Math.min(most, pin.uvRetries + 1));
  }
  return result === 'denied' ? 'failed' : result;
}

/** Takes a retry away before the attempt; false when there is none, or when the PIN is blocked, which blocks this too. */
async function takeRetry(context: CommandContext): Promise<boolean> {
  const { config, store } = context;
  return store.write((writer) => {
    const pin = pinState(config, writer);
    const locked = pin.hash !== undefined && pin.pinRetries === 0;
    const retries = locked ? 0 : pin.uvRetries;
    writer.setPin({ ...pin, uvRetries: Math.max(0, retries - 1) });
    return retries > 0;
  });
}

async function retriesLeft(context: CommandContext): Promise<number> {
  return context.store.read((reader) => pinState(context.config, reader).uvRetries);
}

async function noteSuccess({ config, store }: CommandContext): Promise<void> {
  await store.write((writer) => {
    const pin = pinState(config, writer);
    writer.setPin({ ...pin, uvRetries: config.builtInUv?.maxRetries ?? 0, uvCount: pin.uvCount + 1 });
  });
}

async function setRetries(context: CommandContext, value: (pin: PinState) => number): Promise<void> {
  const { config, store } = context;
  await store.write((writer) => {
    const pin = pinState(config, writer);
    writer.setPin({ ...pin, uvRetries: value(pin) });
  });
}
