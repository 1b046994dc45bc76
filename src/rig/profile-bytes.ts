/**
 * What of a profile is written otherwise than the protocol has it.
 */
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { fromHex } from '../data/bytes.js';
import type { DeviceProfile } from './device-profile.js';

/** 16 bytes. */
export function aaguidBytes(profile: DeviceProfile): Uint8Array {
  return fromHex(profile.authenticator.aaguid.replaceAll('-', '')) ?? new Uint8Array(16);
}

/** COSE algorithm numbers, most preferred first. */
export function algorithmIds(profile: DeviceProfile) {
  return profile.authenticator.algorithms.map((name) => COSE_ALGORITHMS[name].id);
}
