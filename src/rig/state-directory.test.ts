import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BenchChanges, benchWith, CREATION, REQUEST } from './rig.suite.js';
import { storedDevices, storeOf } from './state-directory.js';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'keyrig-state-'));
});
afterEach(() => rmSync(state, { recursive: true, force: true }));

/** One run with devices that keep what they know. */
async function inRun<T>(
  use: (rig: Awaited<ReturnType<typeof benchWith>>['rig']) => Promise<T>,
  changes: BenchChanges = {},
): Promise<T> {
  const { rig } = await benchWith({ state, ...changes });
  rig.person.wants('security-key');
  try {
    return await use(rig);
  } finally {
    await rig.close();
  }
}

const withPin = (pin: string) => ({ devices: [{ id: 'key', profile: 'yubikey-5', pin }] });

describe('devices with a state directory', () => {
  it('sign in with what they registered in an earlier run', async () => {
    const made = await inRun((rig) => rig.browser().create(CREATION));
    const used = await inRun((rig) => rig.browser().get(REQUEST));
    expect(used.id).toBe(made.id);
  });

  it('know nothing of other devices, of the same id with another profile neither', async () => {
    await inRun((rig) => rig.browser().create(CREATION));
    for (const device of [
      { id: 'other', profile: 'yubikey-5' },
      { id: 'key', profile: 'phone-synced' },
    ]) {
      const attempt = inRun((rig) => rig.browser().get(REQUEST), { devices: [device] });
      await expect(attempt, device.id).rejects.toMatchObject({ name: 'NotAllowedError' });
    }
    const names = (await storedDevices(state)).map(({ name }) => name);
    expect(names).toEqual(['key.phone-synced', 'key.yubikey-5', 'other.yubikey-5']);
  });

  it('keep their PIN, which may be asked for again but not changed that way', async () => {
    await inRun(async () => {}, withPin('246810'));
    await inRun(async (rig) => {
      await rig.device('key').initialisePin('246810');
      expect(await rig.browser().create(CREATION)).toMatchObject({ type: 'public-key' });
    }, withPin('246810'));
    await expect(inRun(async () => {}, withPin('135790'))).rejects.toMatchObject({
      code: 'option-invalid',
      message: 'key has another PIN, from an earlier run',
    });
  });

  it('show from the start that they have a PIN', async () => {
    await inRun(async () => {}, withPin('246810'));
    const { rig } = await benchWith({ state });
    expect(rig.devices[0]).toMatchObject({ facts: { pinSet: true } });
    await rig.close();
  });

  it('leave a store alone that is none, and say where', async () => {
    const { folder } = storeOf(state, 'key', 'yubikey-5');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data.mdb'), 'not a database');
    await expect(inRun(async () => {})).rejects.toMatchObject({ code: 'store-invalid', where: folder });
    expect(readdirSync(folder)).toEqual(['data.mdb']);
  });

  it('keep it for their owner alone', async () => {
    const inside = join(state, 'new');
    await inRun(async () => {}, { state: inside });
    for (const folder of [inside, join(inside, 'stores'), join(inside, 'stores', 'key.yubikey-5')])
      expect(statSync(folder).mode & 0o777, folder).toBe(0o700);
  });
});

describe('the folder of a device', () => {
  it.each([
    ['key', 'key.yubikey-5'],
    ['Key', '%4bey.yubikey-5'],
    ['../../etc', '%2e%2e%2f%2e%2e%2fetc.yubikey-5'],
    ['a.b', 'a%2eb.yubikey-5'],
    ['schlüssel', 'schl%c3%bcssel.yubikey-5'],
  ])('of %j is %s', (id, name) => {
    expect(storeOf('state', id, 'yubikey-5')).toEqual({ name, folder: join('state', 'stores', name) });
  });

  it('is not there without a state directory', async () => {
    expect(await storedDevices(join(state, 'nowhere'))).toEqual([]);
  });
});
