/**
 * An answer as bytes that are wrong: as CBOR, or in their length.
 */
import type { CborMap } from '../../ctap/cbor.js';
import { encodeResponse } from '../../ctap/messages/message.js';
import { STATUS, type Status } from '../../ctap/status.js';
import { concat } from '../../data/bytes.js';
import type { CommandResult } from '../result.js';
import { badCbor } from './bad-cbor.js';
import type { FaultsAtHand, FaultValue } from './faults-at-hand.js';

/** A member of no answer, behind all those that there are. */
const UNKNOWN_MEMBER = 0xff;

/** Success with these members, but not as it should be; `undefined` when nothing is wrong. */
export function badAnswer(
  members: CborMap,
  maxMsgSize: number,
  faults: FaultsAtHand,
): Uint8Array | undefined {
  const kind = faults.value('cbor');
  const body = kind === undefined ? undefined : badCbor(members, kind);
  if (body !== undefined) {
    faults.strike('cbor');
    return concat(Uint8Array.of(STATUS.CTAP1_ERR_SUCCESS), body);
  }
  const beyond = faults.value('oversized');
  if (beyond === undefined) return undefined;
  faults.strike('oversized');
  return padded(members, maxMsgSize + beyond);
}

/** Good CBOR of this many bytes, a byte more where no padding comes to exactly that. */
function padded(members: CborMap, length: number): Uint8Array {
  const withPadding = (padding: number) =>
    encodeResponse(
      STATUS.CTAP1_ERR_SUCCESS,
      new Map([...members, [UNKNOWN_MEMBER, new Uint8Array(padding)]]),
    );
  const excess = withPadding(length).length - length;
  const answer = withPadding(length - excess);
  return answer.length < length ? withPadding(length - excess + 1) : answer;
}

/** Bytes missing at the end, and bytes that follow it. */
export function resized(answer: Uint8Array, faults: FaultsAtHand): Uint8Array {
  const missing = faults.value('truncated') ?? 0;
  const more = faults.value('trailing') ?? 0;
  if (missing > 0) faults.strike('truncated');
  if (more > 0) faults.strike('trailing');
  return concat(answer.subarray(0, Math.max(0, answer.length - missing)), new Uint8Array(more));
}

/** A status as the result of a command. A byte that is no known status is sent like one. */
export function resultOf(status: FaultValue<'status'>): CommandResult {
  const byte = typeof status === 'number' ? status : STATUS[status];
  // Sent as it is: to send what no authenticator sends is what the fault is for.
  return byte === STATUS.CTAP1_ERR_SUCCESS ? { ok: true } : { ok: false, status: byte as Status };
}
