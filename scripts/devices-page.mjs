// Writes docs/devices-217.md from the build.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const load = (file) => import(pathToFileURL(join(root, 'dist', file)).href);
const { knownDevices } = await load('rig/known-devices.js');
const { knownDevicesPage } = await load('rig/known-devices-page.js');
writeFileSync(join(root, 'docs/devices-217.md'), knownDevicesPage(await knownDevices()));
