/**
 * Which requests need user verification, and how they may get it: the rules of MakeCredential and GetAssertion before anybody is
 * bothered (CTAP 2.1 §6.1.2 steps 5 to 8 and 10, §6.2.2 steps 4 and 5). Pure.
 */
import type { RequestOptions } from '../ctap/messages/entities.js';
import { isProtected, type OptionValues, pinCouldServe, pinServes } from './options.js';
import type { Quirks } from './quirks.js';
import { done, type Refusal, type Result, refuse } from './result.js';

/** What the request brings. */
export interface AskedOptions {
  readonly options: RequestOptions;
  /** Whether it has a pinUvAuthParam. */
  readonly proven: boolean;
}

/** The options after the rules: absent ones have their defaults. */
export interface EffectiveOptions {
  readonly rk: boolean;
  readonly up: boolean;
  /** Whether to perform built-in verification. */
  readonly uv: boolean;
}

/** A PIN, if the key has one to offer, would help; otherwise nothing does. */
function needsPin(helps: boolean): Refusal {
  return helps ? refuse('CTAP2_ERR_PUAT_REQUIRED') : refuse('CTAP2_ERR_OPERATION_DENIED');
}

/** Step 5.1 of MakeCredential and 4.1 of GetAssertion: a parameter goes before built-in verification. */
function readUv(key: OptionValues, asked: AskedOptions): Result<boolean> {
  const uv = !asked.proven && asked.options.uv === true;
  return uv && key.uv !== true ? refuse('CTAP2_ERR_INVALID_OPTION') : done(uv);
}

/** MakeCredential, steps 5 to 8 of CTAP 2.1 §6.1.2. */
export function registrationOptions(key: OptionValues, asked: AskedOptions): Result<EffectiveOptions> {
  const { rk, up } = asked.options;
  // Step 5.1: uv
  const uv = readUv(key, asked);
  if (!uv.ok) return uv;
  // Step 5.2: rk, which a key without that option does not know in either value
  if (rk !== undefined && key.rk === undefined) return refuse('CTAP2_ERR_UNSUPPORTED_OPTION');
  if (rk === true && key.rk === false) return refuse('CTAP2_ERR_UNSUPPORTED_OPTION');
  // Step 5.3: up, which can't be switched off
  if (up === false) return refuse('CTAP2_ERR_INVALID_OPTION');
  const effective = { rk: rk === true, up: true, uv: uv.value };
  // Step 6: alwaysUv
  if (key.alwaysUv === true) return alwaysVerified(key, asked, effective);
  // Steps 7 and 8: without it, makeCredUvNotRqd frees server-side credentials (step 10)
  const needed = key.makeCredUvNotRqd !== true || effective.rk;
  const bare = isProtected(key) && !effective.uv && !asked.proven;
  return needed && bare ? needsPin(pinServes(key)) : done(effective);
}

/** GetAssertion, steps 4 and 5 of CTAP 2.1 §6.2.2. */
export function assertionOptions(
  key: OptionValues,
  asked: AskedOptions,
  quirks: Quirks,
): Result<EffectiveOptions> {
  // Step 4.1: uv
  const uv = readUv(key, asked);
  if (!uv.ok) return uv;
  // Step 4.2: rk makes no sense here
  if (asked.options.rk !== undefined) {
    return quirks.rkInGetAssertion === 'invalid-option'
      ? refuse('CTAP2_ERR_INVALID_OPTION')
      : refuse('CTAP2_ERR_UNSUPPORTED_OPTION');
  }
  // Step 4.3: up
  const effective = { rk: false, up: asked.options.up !== false, uv: uv.value };
  if (!effective.up && quirks.silentAssertion === 'unsupported-option') {
    return refuse('CTAP2_ERR_UNSUPPORTED_OPTION');
  }
  // Step 5: alwaysUv, which lets silent requests pass
  const held = effective.up || quirks.silentAlwaysUv === 'verified';
  return key.alwaysUv === true && held ? alwaysVerified(key, asked, effective) : done(effective);
}

/** Step 6 of MakeCredential, step 5 of GetAssertion. */
function alwaysVerified(
  key: OptionValues,
  asked: AskedOptions,
  effective: EffectiveOptions,
): Result<EffectiveOptions> {
  // Step 6.2: nothing to verify with is set up
  if (!isProtected(key)) return needsPin(pinCouldServe(key));
  if (asked.proven || effective.uv) return done(effective);
  // Step 6.3: built-in verification is used unasked
  if (key.uv === true) return done({ ...effective, uv: true });
  // Step 6.4
  return needsPin(pinCouldServe(key));
}
