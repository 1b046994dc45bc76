/**
 * Whether a key speaks U2F, and whether it does so now.
 */
import { U2F_VERSION } from '../../ctap/u2f.js';
import type { AuthenticatorConfig } from '../config.js';
import type { OptionValues } from '../options.js';

/** Whether this model speaks U2F at all. */
export function speaksU2f({ versions }: Pick<AuthenticatorConfig, 'versions'>): boolean {
  return versions.includes(U2F_VERSION);
}

/** A key that verifies its user always can't do so for U2F without means of its own (CTAP 2.1 §7.2). */
export function u2fIsAllowed({ alwaysUv, uv }: Pick<OptionValues, 'alwaysUv' | 'uv'>): boolean {
  return alwaysUv !== true || uv === true;
}

/** What getInfo says: U2F_V2 is left out while it is not allowed. */
export function versionsNow({ versions }: AuthenticatorConfig, options: OptionValues): readonly string[] {
  return u2fIsAllowed(options) ? versions : versions.filter((version) => version !== U2F_VERSION);
}
