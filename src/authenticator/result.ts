/**
 * How steps and commands end. A status is a value of the protocol: it is returned, never thrown.
 */
import type { CborMap } from '../ctap/cbor.js';
import { STATUS, type Status, type StatusName } from '../ctap/status.js';

/** A step that ended the command. */
export interface Refusal {
  readonly ok: false;
  readonly status: Status;
}

/** What a step that can end the command comes to. */
export type Result<T> = { readonly ok: true; readonly value: T } | Refusal;

/** What a command answers: members of the response, if it has any, or a status. */
export type CommandResult = { readonly ok: true; readonly members?: CborMap } | Refusal;

/** Ends the command with this status. */
export function refuse(name: StatusName): Refusal {
  return { ok: false, status: STATUS[name] };
}

/** Goes on with this value. */
export function done<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** Success without a response. */
export const SUCCESS: CommandResult = { ok: true };
