/**
 * Devices that take their time: a command waits before it is carried out, and says so meanwhile, as CTAPHID has it (CTAP 2.1 §11.2.9.1.7).
 */
import { type CommandName, commandOf } from '../ctap/commands.js';
import { STATUS } from '../ctap/status.js';
import type { Clock } from '../ports.js';
import type { MessageHandler } from '../transport/transport.js';
import type { Latency } from './profile-parts.js';

/** Milliseconds between two keep-alives: "at least every 100 ms" (CTAP 2.1 §11.2.9.1.7). */
export const KEEP_ALIVE_INTERVAL = 100;

/** Commands in the words of a profile; their previews take as long. */
const WORDS: Readonly<Record<CommandName, keyof Latency>> = {
  authenticatorMakeCredential: 'makeCredential',
  authenticatorGetAssertion: 'getAssertion',
  authenticatorGetInfo: 'getInfo',
  authenticatorClientPIN: 'clientPin',
  authenticatorReset: 'reset',
  authenticatorGetNextAssertion: 'getNextAssertion',
  authenticatorBioEnrollment: 'bioEnrollment',
  authenticatorCredentialManagement: 'credentialManagement',
  authenticatorSelection: 'selection',
  authenticatorLargeBlobs: 'largeBlobs',
  authenticatorConfig: 'config',
  authenticatorBioEnrollmentPreview: 'bioEnrollment',
  authenticatorCredentialManagementPreview: 'credentialManagement',
};

/**
 * The same device, slower. A cancel while it works ends the command with CTAP2_ERR_KEEPALIVE_CANCEL, and nothing has happened.
 *
 * @example
 * ```ts
 * const slow = withLatency(authenticator.handle, { makeCredential: 900 }, clock);
 * ```
 */
export function withLatency(
  handle: MessageHandler,
  latency: Latency | undefined,
  clock: Clock,
): MessageHandler {
  if (latency === undefined) return handle;
  return async (message, exchange) => {
    const command = commandOf(message[0] ?? 0);
    let left = command === undefined ? 0 : (latency[WORDS[command]] ?? 0);
    while (left > 0) {
      const step = Math.min(left, KEEP_ALIVE_INTERVAL);
      await clock.sleep(step, exchange.signal);
      if (exchange.signal.aborted) return Uint8Array.of(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      left -= step;
      if (left > 0) exchange.keepAlive('processing');
    }
    return handle(message, exchange);
  };
}
