/**
 * Passkeys on a phone: device-bound and synced ones differ in two flags that never change (WebAuthn L3 §6.1.3).
 */
import type { ScenarioContext } from '../context.js';
import { expectBackup, expectUser, observeFlags } from '../flags.js';
import type { ScenarioVariant } from '../scenario.js';
import { DEVICE_BOUND_PHONE, SYNCED_PHONE } from './devices.js';

/** The kinds of passkey that a phone makes; also the names of the variants. */
export type PhonePasskey = 'device-bound' | 'synced';

/** One variant per kind of passkey. `needs` is what the scenario needs besides its phone. */
export const PHONE_VARIANTS: readonly (ScenarioVariant & { readonly name: PhonePasskey })[] = [
  { name: 'device-bound', needs: { devices: [DEVICE_BOUND_PHONE] } },
  { name: 'synced', needs: { devices: [SYNCED_PHONE] } },
];

/** The flags say that the user was there, and what kind of passkey it is. */
export function expectPhoneFlags(
  context: ScenarioContext,
  response: Parameters<typeof observeFlags>[1],
  userVerification: string | undefined,
): void {
  const flags = observeFlags(context, response);
  expectUser(context, flags, userVerification);
  const kind: PhonePasskey = context.variant === 'synced' ? 'synced' : 'device-bound';
  expectBackup(context, `the passkey is ${kind}`, flags, kind);
}
