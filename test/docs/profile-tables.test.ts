/** The tables of docs/devices.md and docs/platforms.md say what the profiles say, and what a run measures. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allSchemas } from '../../src/cli/schemas.js';
import { deviceProfileSchema } from '../../src/rig/device-profile.js';
import { listProfiles, loadDeviceProfile, loadPlatformProfile } from '../../src/rig/profiles.js';
import type { DeviceTrait } from '../../src/scenarios/engine-ports.js';
import { type Result, reportSchema } from '../../src/scenarios/results.js';
import { keyrig } from './commands.js';
import { column, nameIn, namesIn, namesOf, readPage, sorted } from './markdown.js';
import { membersAt, valuesAt } from './schema.js';

const { device } = allSchemas();
const devices = readPage('docs/devices.md');
const platforms = readPage('docs/platforms.md');
const folder = await mkdtemp(join(tmpdir(), 'keyrig-docs-'));
afterAll(() => rm(folder, { recursive: true }));

async function namesOfProfiles(kind: 'device' | 'platform'): Promise<readonly string[]> {
  return (await listProfiles(kind)).map(({ name }) => name);
}

describe('docs/devices.md', () => {
  it('lists the profiles as they are', async () => {
    const rows = devices.table('Devices').map((row) => row.slice(0, 4).map(nameIn));
    const profiles = await Promise.all((await namesOfProfiles('device')).map(loadDeviceProfile));
    expect(rows).toEqual(
      profiles.map(({ id, kind, transport, authenticator }) => [id, kind, transport, authenticator.backup]),
    );
  });

  it('lists the fields', () => {
    expect(sorted(column(devices.table('Fields')))).toEqual(membersAt(device));
    expect(sorted(column(devices.table('The authenticator')))).toEqual(membersAt(device, 'authenticator'));
    const code = new Set(devices.code.map(({ text }) => text));
    for (const group of ['pin', 'userVerification', 'limits'])
      for (const name of membersAt(device, 'authenticator', group)) expect(code).toContain(name);
  });

  it.each([
    ['Fields', 'kind', ['kind']],
    ['Fields', 'transport', ['transport']],
    ['The authenticator', 'versions', ['authenticator', 'versions', '[]']],
    ['The authenticator', 'algorithms', ['authenticator', 'algorithms', '[]']],
    ['The authenticator', 'extensions', ['authenticator', 'extensions', '[]']],
    ['The authenticator', 'attestation', ['authenticator', 'attestation']],
    ['The authenticator', 'backup', ['authenticator', 'backup']],
    ['The authenticator', 'signatureCounter', ['authenticator', 'signatureCounter']],
  ])('lists under "%s" the values of %s', (heading, name, path) => {
    const row = devices.table(heading).find(([cell]) => nameIn(cell) === name);
    expect(namesIn(row?.[1])).toEqual(valuesAt(device, ...path));
  });

  it('says what is filled in', () => {
    const { authenticator } = deviceProfileSchema.parse(LEAST);
    for (const [name, , value] of devices
      .table('The authenticator')
      .filter(([, , cell]) => cell?.includes('`')))
      expect([name, said(Reflect.get(authenticator, nameIn(name)))]).toEqual([name, nameIn(value)]);
  });

  it('lists the traits', () => {
    const traits = namesOf<DeviceTrait>({
      pin: true,
      discoverable: true,
      'device-bound': true,
      synced: true,
    });
    expect(column(devices.table('How a scenario picks'))).toEqual(traits);
  });
});

/** A device that says only what must be said. */
const LEAST = {
  ...{ id: 'least', title: 'Least', summary: 'Least', kind: 'security-key', label: 'Key', transport: 'usb' },
  sources: {},
  authenticator: {
    aaguid: '00000000-0000-0000-0000-000000000000',
    ...{ versions: ['FIDO_2_0'], transports: ['usb'], algorithms: ['ES256'], extensions: [] },
    ...{ attestation: 'none', discoverable: false, pinUvAuthToken: false },
  },
};

function said(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

describe('docs/platforms.md', () => {
  it('lists the profiles and their browsers', async () => {
    const rows = platforms.table('Profiles').map(([name, browsers]) => [nameIn(name), namesIn(browsers)]);
    const profiles = await Promise.all((await namesOfProfiles('platform')).map(loadPlatformProfile));
    expect(rows).toEqual(profiles.map(({ id, browsers }) => [id, browsers.map((browser) => browser.id)]));
  });

  it('lists the environment of each profile, its default first', async () => {
    const columns = ['win11-23h2', 'win-legacy-docs', 'chromium-linux'];
    expect(sorted(columns)).toEqual(await namesOfProfiles('platform'));
    for (const [at, id] of columns.entries()) {
      const { linkedPhones: _, ...inputs } = (await loadPlatformProfile(id)).environment;
      const rows = platforms
        .table('Environment')
        .map((row) => [nameIn(row[0]), namesIn(row[at + 1])] as const);
      const expected = Object.entries(inputs).map(([name, { default: first, allowed }]) => {
        const others = [...allowed].filter((value) => value !== first);
        return [name, [first, ...others].map(String)] as const;
      });
      expect([id, Object.fromEntries(rows)]).toEqual([id, Object.fromEntries(expected)]);
    }
  });

  it('has an observation exactly where it says so', async () => {
    const observed = await Promise.all(
      (await namesOfProfiles('platform')).map(async (id) => {
        const { observations = [] } = await loadPlatformProfile(id);
        return observations.map(({ browser, version, os, date }) => ({ id, browser, version, os, date }));
      }),
    );
    expect(observed.flat()).toEqual([
      { id: 'chromium-linux', browser: 'Chromium', version: '156', os: 'Debian 12', date: '2026-11' },
    ]);
  });

  it.each(platforms.table('Mitigations, measured'))('measured %s on %s', async (...row) => {
    const [scenario, platform, first, clicks] = row.map(nameIn);
    const { stdout } = await keyrig(['run', `${scenario}`, '--platform', `${platform}`, '--json'], folder);
    const { results } = reportSchema.parse(JSON.parse(stdout));
    expect(results.map(({ verdict }) => verdict)).not.toContain('FAIL');
    for (const result of results)
      expect([observed(result, 'defaultChoice'), observed(result, 'clicksToSecurityKey')]).toEqual([
        first,
        clicks,
      ]);
  });
});

function observed({ observations }: Result, name: string): string {
  return String(observations.find((one) => one.name === name)?.value);
}
