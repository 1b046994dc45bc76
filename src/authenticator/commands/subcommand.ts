/**
 * Sub-commands of ClientPIN as functions of the parameters that each of them demands (CTAP 2.1 §6.5.5, the parameter table).
 */

import type { PinUvAuthProtocol, PinUvAuthProtocolVersion } from '../../crypto/pin-uv-auth-protocol.js';
import type { CborMap } from '../../ctap/cbor.js';
import {
  type ClientPinResponse,
  clientPinRequest,
  clientPinResponse,
} from '../../ctap/messages/client-pin.js';
import { type Member, type ShapeValue, shape } from '../../ctap/messages/shape.js';
import type { CommandContext } from '../context.js';
import type { Quirks } from '../quirks.js';
import { type CommandResult, done, type Refusal, type Result, refuse } from '../result.js';

/** Runs with the parameters as they came. */
export type Subcommand = (context: CommandContext, parameters: CborMap) => Promise<CommandResult>;

/** The parameters of all sub-commands, all optional. */
export const PIN_MEMBERS = clientPinRequest.members;

/** The same parameter where it is mandatory. */
export function must<T>(member: Member<T, boolean>): Member<T, true> {
  return { ...member, required: true };
}

/** Parameters that a protocol exchange always has. */
export const EXCHANGE = {
  pinUvAuthProtocol: must(PIN_MEMBERS.pinUvAuthProtocol),
  keyAgreement: must(PIN_MEMBERS.keyAgreement),
} as const;

// biome-ignore lint/suspicious/noExplicitAny: the constraint of `shape`, whose members are invariant.
type Table = Readonly<Record<string, Member<any, boolean>>>;

/** A sub-command over its own table of parameters: a missing mandatory one is MISSING_PARAMETER. */
export function subcommand<const M extends Table>(
  members: M,
  run: (context: CommandContext, parameters: ShapeValue<M>) => Promise<CommandResult>,
): Subcommand {
  const codec = shape(members);
  return async (context, parameters) => {
    const read = codec.read(parameters);
    return read.ok ? run(context, read.value) : { ok: false, status: read.status };
  };
}

/** What a number that stands for nothing here is answered with. */
export function unknownSubcommand(quirks: Quirks): Refusal {
  return quirks.unknownSubcommand === 'invalid-parameter'
    ? refuse('CTAP1_ERR_INVALID_PARAMETER')
    : refuse('CTAP2_ERR_INVALID_SUBCOMMAND');
}

/** Success with these members. */
export function answer(members: ClientPinResponse): CommandResult {
  return { ok: true, members: clientPinResponse.write(members) };
}

/** A protocol and the secret that is shared with the platform by it. */
export interface SharedSecret {
  readonly protocol: PinUvAuthProtocol;
  readonly secret: Uint8Array;
}

/** decapsulate: INVALID_PARAMETER for a key that is no point of P-256. */
export function openExchange(
  context: CommandContext,
  version: PinUvAuthProtocolVersion,
  keyAgreement: CborMap,
): Result<SharedSecret> {
  const { tokens } = context.session;
  const secret = tokens.agreement(version).decapsulate(keyAgreement);
  if (secret === undefined) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  return done({ protocol: tokens.protocol(version), secret });
}
