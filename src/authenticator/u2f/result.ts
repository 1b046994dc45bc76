/**
 * How U2F commands end: with a status word, and with data where that is success.
 */
import { writeResponseApdu } from '../../ctap/apdu.js';
import { U2F_STATUS, type U2fStatusName } from '../../ctap/u2f.js';

/** An answer before it is written. */
export interface U2fResult {
  readonly status: U2fStatusName;
  readonly data?: Uint8Array;
}

/** Success with this data. */
export function u2fDone(data: Uint8Array): U2fResult {
  return { status: 'SW_NO_ERROR', data };
}

/** Ends the command with this status word. */
export function u2fRefuse(status: U2fStatusName): U2fResult {
  return { status };
}

/** The answer's bytes. */
export function writeU2fResult({ status, data }: U2fResult): Uint8Array {
  return writeResponseApdu(U2F_STATUS[status], data);
}
