/**
 * RP IDs as keys with little room keep them (CTAP 2.1 §6.8.7): 32 bytes, of which the protocol and the end are worth most.
 */
import { utf8 } from '../../data/bytes.js';
import type { Quirks } from '../quirks.js';

/** Bytes that every key has room for. */
const KEPT = 32;
const ELLIPSIS = '…';
/** Bytes of an ellipsis in UTF-8. */
const ELLIPSIS_BYTES = 3;

/** What CredentialManagement says an RP ID is. */
export function shownRpId(rpId: string, { rpIdsInManagement }: Quirks): string {
  return rpIdsInManagement === 'full' ? rpId : shortenedRpId(rpId);
}

/**
 * An RP ID cut to 32 bytes.
 *
 * @example
 * ```ts
 * shortenedRpId('otherprotocol://myfidousingwebsite.hostingprovider.net'); // otherprotocol:…ingprovider.net
 * ```
 */
export function shortenedRpId(rpId: string): string {
  const all = utf8(rpId);
  if (all.length <= KEPT) return rpId;
  const protocol = utf8(rpId.slice(0, rpId.indexOf(':') + 1));
  const left = KEPT - protocol.length - ELLIPSIS_BYTES;
  if (left < 0) return start(all);
  return `${new TextDecoder().decode(protocol)}${ELLIPSIS}${end(all, left)}`;
}

/** Whole characters only: a byte 0b10xxxxxx goes on with one. */
const goesOn = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;

function start(bytes: Uint8Array): string {
  let length = KEPT;
  while (goesOn(bytes[length])) length--;
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function end(bytes: Uint8Array, length: number): string {
  let from = bytes.length - length;
  while (goesOn(bytes[from])) from++;
  return new TextDecoder().decode(bytes.subarray(from));
}
