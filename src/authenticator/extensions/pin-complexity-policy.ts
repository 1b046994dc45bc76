/**
 * pinComplexityPolicy: tells relying parties whether PINs have to be hard to guess (CTAP 2.2 §12).
 */
import type { AuthenticatorState } from '../ports.js';
import type { Quirks } from '../quirks.js';

/** The output; `undefined` when there is none, which is no error either. */
export function pinComplexityPolicyOutput(
  input: boolean | undefined,
  rpId: string,
  state: AuthenticatorState,
  quirks: Quirks,
): boolean | undefined {
  const told = quirks.pinComplexityAudience === 'everybody' || state.minPinLengthRpIds.includes(rpId);
  return input === true && told ? state.pinComplexityPolicy : undefined;
}
