/**
 * minPinLength: tells chosen relying parties how long PINs are at least (CTAP 2.1 §12.4).
 */
import type { AuthenticatorState } from '../ports.js';
import type { Quirks } from '../quirks.js';
import { done, type Result, refuse } from '../result.js';

/** The output; `undefined` when there is none, which is no error either. */
export function minPinLengthOutput(
  input: boolean | undefined,
  rpId: string,
  state: AuthenticatorState,
  quirks: Quirks,
): Result<number | undefined> {
  if (input === false && quirks.minPinLengthFalse === 'invalid-option') {
    return refuse('CTAP2_ERR_INVALID_OPTION');
  }
  return done(input === true && state.minPinLengthRpIds.includes(rpId) ? state.minPinLength : undefined);
}
