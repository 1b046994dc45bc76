/**
 * setMinPINLength of authenticatorConfig: PINs get longer, harder to guess, or have to be changed, and relying parties are told
 * (CTAP 2.1 §6.11.4; pinComplexityPolicy from CTAP 2.3).
 */
import type { SetMinPinLengthParams } from '../../ctap/messages/config.js';
import { EXTENSIONS } from '../../ctap/messages/extensions.js';
import { type AuthenticatorConfig, MAX_PIN_LENGTH } from '../config.js';
import type { CommandContext } from '../context.js';
import type { AuthenticatorState, PinState, StoreWriter } from '../ports.js';
import { type CommandResult, done, type Result, refuse, SUCCESS } from '../result.js';
import { pinState, requireState } from '../state.js';

/** Checks everything and changes it in one transaction, so that a refusal leaves all as it was. */
export async function setMinPinLength(
  { config, session, store }: CommandContext,
  params: SetMinPinLengthParams,
): Promise<CommandResult> {
  const changed = await store.write((writer) => change(config, writer, params));
  if (!changed.ok) return changed;
  // What was obtained with a PIN that has to go is worth nothing
  if (changed.value.forcePinChange) session.tokens.resetAll();
  return SUCCESS;
}

function change(
  config: AuthenticatorConfig,
  writer: StoreWriter,
  params: SetMinPinLengthParams,
): Result<AuthenticatorState> {
  const before = requireState(writer);
  const pin = pinState(config, writer);
  // No extension would tell anybody
  if (params.minPinLengthRPIDs !== undefined && !tells(config)) return refuse('CTAP1_ERR_INVALID_PARAMETER');
  const { newMinPINLength: minPinLength = before.minPinLength } = params;
  const longest = config.limits.maxPinLength ?? MAX_PIN_LENGTH;
  if (minPinLength < before.minPinLength || minPinLength > longest) {
    return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  }
  if (params.forceChangePin === true && pin.hash === undefined) return refuse('CTAP2_ERR_PIN_NOT_SET');
  const told = tellable(config, before, params);
  if (!told.ok) return told;
  // A key whose policy is not for the platform to change does not know the parameter, and ignores it
  const enforced = params.pinComplexityPolicy === true && config.pinComplexity?.configurable === true;
  const pinComplexityPolicy = before.pinComplexityPolicy || enforced;
  const after = { ...before, minPinLength, minPinLengthRpIds: told.value, pinComplexityPolicy };
  const forcePinChange = before.forcePinChange || params.forceChangePin === true || isTooWeak(pin, after);
  writer.setState({ ...after, forcePinChange });
  return done({ ...after, forcePinChange });
}

/** Who is told from now on: those from the factory always, and those of the last list that was not empty. */
function tellable(
  config: AuthenticatorConfig,
  { minPinLengthRpIds: before }: AuthenticatorState,
  { minPinLengthRPIDs: asked }: SetMinPinLengthParams,
): Result<readonly string[]> {
  if (asked === undefined || asked.length === 0) return done(before);
  const added = new Set(asked);
  const { minPinLengthRpIds: builtIn = [], limits } = config;
  for (const rpId of builtIn) added.delete(rpId);
  if (added.size > (limits.maxRpIdsForMinPinLength ?? 0)) return refuse('CTAP2_ERR_KEY_STORE_FULL');
  return done([...builtIn, ...added]);
}

function tells({ extensions }: AuthenticatorConfig): boolean {
  return extensions.includes(EXTENSIONS.minPinLength) || extensions.includes(EXTENSIONS.pinComplexityPolicy);
}

/** Whether the PIN that is set is one that the policy would not let in any more. */
function isTooWeak(pin: PinState, policy: AuthenticatorState): boolean {
  if (pin.hash === undefined) return false;
  return pin.codePoints < policy.minPinLength || (policy.pinComplexityPolicy && !pin.complex);
}
