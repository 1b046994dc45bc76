/**
 * U2F through a device's port, with its owner's hand.
 */
import { describe, expect, it } from 'vitest';
import { createTestRoot } from '../attestation/attestation.js';
import { createNodeCrypto } from '../crypto/node.js';
import { readResponseApdu } from '../ctap/apdu.js';
import { U2F_STATUS, U2F_VERSION_RESPONSE, u2fRegisterCommand, u2fVersionCommand } from '../ctap/u2f.js';
import { VirtualClock } from '../ports.js';
import { createEmulatedDevice } from './emulated-device.js';
import { loadDeviceProfile } from './profiles.js';

const crypto = createNodeCrypto();

async function pluggedIn(name: string) {
  const clock = new VirtualClock();
  const root = await createTestRoot(crypto, clock.now());
  const trace = { emit: () => {} };
  const profile = await loadDeviceProfile(name);
  const device = await createEmulatedDevice({ id: 'key', profile, crypto, clock, trace, root });
  const wire = await device.client.connect();
  const send = async (message: Uint8Array) => {
    const answer = await wire.sendU2f?.(message);
    return answer === undefined ? undefined : readResponseApdu(answer);
  };
  return { device, wire, send };
}

const registration = u2fRegisterCommand({
  challenge: new Uint8Array(32).fill(1),
  application: new Uint8Array(32).fill(2),
});

describe('a device', () => {
  it('that speaks U2F does so through its port', async () => {
    const { device, send } = await pluggedIn('yubikey-5');
    expect(await send(u2fVersionCommand())).toEqual({
      status: U2F_STATUS.SW_NO_ERROR,
      data: U2F_VERSION_RESPONSE,
    });
    await device.close();
  });

  it('registers once its owner has reached for it', async () => {
    const { device, send } = await pluggedIn('yubikey-5');
    expect(await send(registration)).toMatchObject({ status: U2F_STATUS.SW_CONDITIONS_NOT_SATISFIED });
    device.reach();
    expect(await send(registration)).toMatchObject({ status: U2F_STATUS.SW_NO_ERROR });
    await device.close();
  });

  it('that does not speak U2F has no way in for it', async () => {
    const { device, wire } = await pluggedIn('phone-synced');
    expect(wire.sendU2f).toBeUndefined();
    await device.close();
  });
});
