/**
 * From what a user names with `--device` to what the engine plans with.
 */
import type { AvailableDevice } from '../scenarios/engine-ports.js';
import { deviceTraits } from './device-config.js';
import { loadDeviceProfile } from './profiles.js';

/**
 * An emulated device of this profile; any number of them can be made.
 *
 * @throws KeyrigError `profile-not-found`, `profile-invalid`
 */
export async function availableDevice(nameOrPath: string): Promise<AvailableDevice> {
  const profile = await loadDeviceProfile(nameOrPath);
  return { profile: nameOrPath, kind: profile.kind, traits: deviceTraits(profile) };
}
