/**
 * The envelope: command byte and parameters one way, status byte and answer the other (CTAP 2.1 §6).
 */
import { KeyrigError } from '../../errors.js';
import { type CborMap, decode, encodeMessage } from '../cbor.js';
import { COMMANDS, type CommandName, commandName } from '../commands.js';
import { STATUS, statusName } from '../status.js';
import type { Codec } from './shape.js';

/** A request: the command byte, then its parameters as canonical CBOR if it has any. */
export function encodeRequest(command: CommandName, parameters?: CborMap): Uint8Array {
  return parameters === undefined
    ? Uint8Array.of(COMMANDS[command])
    : encodeMessage(COMMANDS[command], parameters);
}

/**
 * Levels of arrays and maps in an answer to MakeCredential: the certificates of a compound statement (WebAuthn L3 §8.9) are on the fifth, one
 * more than CTAP 2.1 §8 allows for everything else.
 */
const ATTESTATION_DEPTH = 5;

/** An answer: the status byte, then the answer's members if there are any. An error has none. */
export function encodeResponse(status: number, members?: CborMap): Uint8Array {
  if (members === undefined || status !== STATUS.CTAP1_ERR_SUCCESS) return Uint8Array.of(status);
  return encodeMessage(status, members, { maxDepth: ATTESTATION_DEPTH });
}

/** An answer as a client sees it. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number };

/**
 * Reads an answer. Statuses are values; only bytes that are no answer to this command at all are a failure.
 *
 * @throws KeyrigError `message-malformed` for an empty message, CBOR that is not canonical, or a wrong shape
 */
export function decodeResponse<T>(command: CommandName, message: Uint8Array, codec: Codec<T>): Answer<T> {
  const status = message[0];
  if (status === undefined) throw malformed(command, 'the answer is empty');
  if (status !== STATUS.CTAP1_ERR_SUCCESS) return { ok: false, status };
  const body = message.length === 1 ? new Map() : decodeBody(command, message.subarray(1));
  const read = codec.read(body);
  if (!read.ok) throw malformed(command, `${read.path} should be ${read.expected}`);
  return { ok: true, value: read.value };
}

function decodeBody(command: CommandName, body: Uint8Array) {
  try {
    return command === 'authenticatorMakeCredential'
      ? decode(body, { maxDepth: ATTESTATION_DEPTH })
      : decode(body);
  } catch (cause) {
    throw malformed(command, 'the answer is not canonical CBOR', cause);
  }
}

function malformed(command: CommandName, what: string, cause?: unknown): KeyrigError {
  return new KeyrigError('message-malformed', `${command}: ${what}`, {
    hint: 'the authenticator breaks CTAP here; its trace shows the bytes',
    facts: { command },
    cause,
  });
}

/** The names of both halves of an exchange, for messages to people. */
export function exchangeName(request: Uint8Array, response: Uint8Array): string {
  return `${commandName(request[0] ?? 0)}: ${statusName(response[0] ?? 0)}`;
}
