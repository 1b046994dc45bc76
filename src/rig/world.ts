/**
 * What the person at the screens can do away from them, connected to the devices of a rig.
 */
import { KeyrigError } from '../errors.js';
import type { World } from '../platform/ports.js';
import type { Clock } from '../ports.js';
import type { EmulatedDevice } from './emulated-device.js';

/** The world of one rig. */
export function worldOf(devices: readonly EmulatedDevice[], clock: Clock): World {
  const find = (id: string): EmulatedDevice => deviceIn(devices, id);
  return {
    keyFacts: (device) => find(device).facts,
    insert: async (device) => {
      await turn(clock);
      find(device).powerCycle();
    },
    touch: (device) => find(device).reach(),
    scan: async (device) => {
      await turn(clock);
      find(device).plug();
    },
    verify: (device) => find(device).reach(),
    pin: async ({ device }) => find(device).knownPin,
    // Nothing here can be listed without asking a device: no rig has a platform authenticator of its own yet.
    localCredentials: async () => [],
  };
}

/**
 * A turn of the event loop, during which time stands still: somebody who inserts a broken key again and again keeps neither deadlines nor
 * a Ctrl-C from being heard.
 */
async function turn(clock: Clock): Promise<void> {
  const release = clock.hold();
  await new Promise((resolve) => setImmediate(resolve));
  release();
}

/** @throws KeyrigError `option-invalid` when the rig has no such device */
export function deviceIn<D extends { readonly id: string }>(devices: readonly D[], id: string): D {
  const found = devices.find((device) => device.id === id);
  if (found !== undefined) return found;
  const names = devices.map((device) => device.id).join(', ');
  throw new KeyrigError('option-invalid', `this rig has no device "${id}"`, {
    hint: `it has: ${names || 'none'}`,
  });
}
