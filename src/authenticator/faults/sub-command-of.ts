/**
 * Which sub-command a message asks for, found before anybody reads the message for good.
 */
import { tryDecode } from '../../ctap/cbor.js';
import { COMMANDS } from '../../ctap/commands.js';

/** Where the sub-command stands: ClientPIN has its protocol first (CTAP 2.1 §6.5.5). */
const FIRST = 0x01;
const SECOND = 0x02;

/** Its number; `undefined` for a message that has none, or that can't be read. */
export function subCommandOf(message: Uint8Array): number | undefined {
  const parameters = tryDecode(message.subarray(1));
  if (!(parameters instanceof Map)) return undefined;
  const number = parameters.get(message[0] === COMMANDS.authenticatorClientPIN ? SECOND : FIRST);
  return typeof number === 'number' ? number : undefined;
}
