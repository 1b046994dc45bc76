/**
 * U2F (CTAP1): APDU in, APDU out (FIDO U2F Raw Message Formats 1.2).
 *
 * A command that can't be is answered with a status word in this order: class, instruction, length of the APDU,
 * whether the key verifies its user always, lengths of its parts, parameters.
 */
import { type CommandApdu, readCommandApdu } from '../../ctap/apdu.js';
import { U2F_INSTRUCTIONS, U2F_VERSION_RESPONSE } from '../../ctap/u2f.js';
import { readStanding } from '../commands/authorization.js';
import type { CommandContext } from '../context.js';
import type { OptionValues } from '../options.js';
import { u2fAuthenticate } from './authenticate.js';
import { speaksU2f, u2fIsAllowed } from './availability.js';
import { u2fRegister } from './register.js';
import { type U2fResult, u2fDone, u2fRefuse } from './result.js';

/** The one class of U2F commands (§3.1.1). */
const CLA = 0x00;

type Handler = (
  context: CommandContext,
  command: CommandApdu,
  options: OptionValues,
) => Promise<U2fResult> | U2fResult;

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [U2F_INSTRUCTIONS.register, unlessForbidden(u2fRegister)],
  [U2F_INSTRUCTIONS.authenticate, unlessForbidden(u2fAuthenticate)],
  [U2F_INSTRUCTIONS.version, version],
]);

/** Runs one message. Never refuses by throwing: that would be a fault of ours. */
export async function runU2f(context: CommandContext, message: Uint8Array): Promise<U2fResult> {
  // A command that is too short to be one has no class either, unless it shows a wrong one.
  const [cla = CLA, ins] = message;
  if (cla !== CLA) return u2fRefuse('SW_CLA_NOT_SUPPORTED');
  const handler = ins === undefined ? undefined : HANDLERS.get(ins);
  if (ins !== undefined && (handler === undefined || !speaksU2f(context.config)))
    return u2fRefuse('SW_INS_NOT_SUPPORTED');
  const command = readCommandApdu(message);
  if (handler === undefined || command === undefined) return u2fRefuse('SW_WRONG_LENGTH');
  const { options } = await readStanding(context);
  return handler(context, command, options);
}

/** Where every use needs verification, presence is not enough, and without means of verification nothing is (CTAP 2.1 §7.2). */
function unlessForbidden(
  run: (context: CommandContext, command: CommandApdu, verify: boolean) => Promise<U2fResult>,
): Handler {
  return (context, command, options) =>
    u2fIsAllowed(options)
      ? run(context, command, options.alwaysUv === true)
      : u2fRefuse('SW_COMMAND_NOT_ALLOWED');
}

/** §6: a command without data. */
function version(_context: CommandContext, { data }: CommandApdu): U2fResult {
  return data.length === 0 ? u2fDone(U2F_VERSION_RESPONSE) : u2fRefuse('SW_WRONG_LENGTH');
}
