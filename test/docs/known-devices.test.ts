/** docs/devices-217.md says what becomes of the devices. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { knownDevices } from '../../src/rig/known-devices.js';
import { knownDevicesPage } from '../../src/rig/known-devices-page.js';

it('docs/devices-217.md is what `node scripts/devices-page.mjs` writes', async () => {
  expect(await readFile('docs/devices-217.md', 'utf8')).toBe(knownDevicesPage(await knownDevices()));
});
