/**
 * The devices that the built-in scenarios ask for.
 */
import type { DeviceNeed } from '../scenario.js';

/** A security key that takes a PIN and keeps discoverable credentials. */
export const KEY: DeviceNeed = { id: 'key', kind: 'security-key', traits: ['pin', 'discoverable'] };

/** Any phone: it only has to be there. */
export const PHONE: DeviceNeed = { id: 'phone', kind: 'phone' };

/** A phone whose passkeys never leave it. */
export const DEVICE_BOUND_PHONE: DeviceNeed = { ...PHONE, traits: ['device-bound'] };

/** A phone whose passkeys are backed up. */
export const SYNCED_PHONE: DeviceNeed = { ...PHONE, traits: ['synced'] };
