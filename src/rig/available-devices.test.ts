import { describe, expect, it } from 'vitest';
import { availableDevice } from './available-devices.js';

describe('a device that a run may use', () => {
  it.each([
    ['yubikey-5', 'security-key', ['device-bound', 'discoverable', 'pin']],
    ['phone-device-bound', 'phone', ['device-bound', 'discoverable']],
    ['phone-synced', 'phone', ['discoverable', 'synced']],
  ])('%s is a %s with the traits %j', async (profile, kind, traits) => {
    const device = await availableDevice(profile);
    expect({ ...device, traits: [...device.traits].sort() }).toEqual({ profile, kind, traits });
  });

  it('keeps the path that it was named by', async () => {
    const path = new URL('../../profiles/devices/yubikey-5.yaml', import.meta.url).pathname;
    expect((await availableDevice(path)).profile).toBe(path);
  });

  it('is missed with the nearest name', async () => {
    await expect(availableDevice('phone-sinced')).rejects.toThrow(
      expect.objectContaining({ code: 'profile-not-found', hint: 'did you mean "phone-synced"?' }),
    );
  });
});
