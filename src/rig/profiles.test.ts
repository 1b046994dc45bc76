import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { formatError } from '../errors.js';
import { PROFILE_KINDS } from './profile-kinds.js';
import {
  checkAllProfiles,
  checkProfileFile,
  findProfile,
  listProfiles,
  loadDeviceProfile,
  loadPlatformProfile,
} from './profiles.js';

const SHIPPED = fileURLToPath(new URL('../../profiles', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'keyrig-profiles-'));
afterAll(() => rm(folder, { recursive: true }));

/** A copy of everything that comes with keyrig, with one file changed or added. */
async function copyWith(path: string, change: (text: string) => string): Promise<string> {
  const root = await mkdtemp(join(folder, 'copy-'));
  await cp(SHIPPED, root, { recursive: true });
  const file = join(root, path);
  await writeFile(file, change(await readFile(file, 'utf8').catch(() => '')));
  return root;
}

async function fileWith(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** How something fails, as people see it. */
async function failure(action: Promise<unknown>): Promise<string> {
  return action.then(
    () => 'it did not fail',
    (error: unknown) => formatError(error),
  );
}

describe('profiles that come with keyrig', () => {
  it('are listed by kind and name, each with a title', async () => {
    const all = await listProfiles();
    expect(all.map(({ kind }) => kind)).toEqual(
      all.map(({ kind }) => kind).toSorted((a, b) => PROFILE_KINDS.indexOf(a) - PROFILE_KINDS.indexOf(b)),
    );
    expect(all.filter(({ title }) => title === '')).toEqual([]);
    expect(all).toContainEqual(expect.objectContaining({ kind: 'device', name: 'yubikey-5' }));
  });

  it('can be listed by kind', async () => {
    expect(new Set((await listProfiles('platform')).map(({ kind }) => kind))).toEqual(new Set(['platform']));
  });

  it('are valid, every one', async () => {
    const { good, faults } = await checkAllProfiles();
    expect(faults).toEqual([]);
    expect(good).toEqual((await listProfiles()).map(({ kind, name }) => `${kind} ${name}`));
  });

  it('are found by name', async () => {
    expect(await findProfile('win11-23h2')).toMatchObject({ kind: 'platform', title: 'Windows 11 23H2' });
    expect(await loadDeviceProfile('yubikey-5')).toMatchObject({ id: 'yubikey-5' });
    expect(await loadPlatformProfile('win11-23h2')).toMatchObject({ id: 'win11-23h2' });
  });

  it.each([
    ['the nearest name', 'yubikey5', undefined, 'no profile is named "yubikey5" (did you mean "yubikey-5"?)'],
    [
      'the nearest name of its kind',
      'win11-23h',
      'platform',
      'no platform profile is named "win11-23h" (did you mean "win11-23h2"?)',
    ],
    [
      'all names when none is near',
      'solo',
      'relying-party',
      'no relying-party profile is named "solo" (there are: better-auth, demo)',
    ],
    [
      'nothing of another kind',
      'yubikey-5',
      'platform',
      'no platform profile is named "yubikey-5" (there are: chromium-linux, win-legacy-docs, win11-23h2)',
    ],
  ] as const)('are missed with %s', async (_, name, kind, message) => {
    expect(await failure(findProfile(name, kind))).toBe(message);
  });
});

describe('a check of all profiles', () => {
  it('wants ids to be the names of their files', async () => {
    const root = await copyWith('devices/yubikey-5.yaml', (text) =>
      text.replace('id: yubikey-5', 'id: yubikey-6'),
    );
    const { good, faults } = await checkAllProfiles({ root });
    expect(faults.map(({ error }) => formatError(error))).toEqual([
      `${join(root, 'devices/yubikey-5.yaml')}:3:5: id: expected "yubikey-5", the name of its file, got "yubikey-6"`,
    ]);
    expect(good).not.toContain('device yubikey-5');
  });

  it('goes on after a file that is no YAML', async () => {
    const root = await copyWith('platforms/aaa.yaml', () => 'id: [');
    const { good, faults } = await checkAllProfiles({ root });
    expect(faults.map(({ file }) => file)).toEqual([join(root, 'platforms/aaa.yaml')]);
    expect(good).toContain('platform win11-23h2');
  });

  it('can be one of a kind', async () => {
    const { good } = await checkAllProfiles({ kind: 'device' });
    expect(good.every((name) => name.startsWith('device '))).toBe(true);
  });

  it('passes over what is no YAML by its name', async () => {
    const root = await copyWith('devices/README.md', () => 'notes');
    expect((await checkAllProfiles({ root })).faults).toEqual([]);
  });
});

describe('a file of one’s own', () => {
  it.each([
    ['device', 'devices/phone-synced.yaml'],
    ['platform', 'platforms/win11-23h2.yaml'],
    ['relying-party', 'relying-parties/demo.yaml'],
    ['relying-party', 'relying-parties/better-auth.yaml'],
  ] as const)('is seen to describe a %s (%s)', async (kind, path) => {
    expect(await checkProfileFile(join(SHIPPED, path))).toBe(kind);
  });

  it.each([
    [
      'devices/yubikey-5.yaml',
      'authenticator:',
      'authenticatr:',
      /:11:1: authenticatr: .*did you mean "authenticator"/,
    ],
    ['platforms/win11-23h2.yaml', '\nbrowsers:', '\nbrowser:', /: browser: .*did you mean "browsers"/],
    ['relying-parties/demo.yaml', 'whoami:', 'whomai:', /: whomai: .*did you mean "whoami"/],
  ])('is seen for what it is with its first word misspelt (%s)', async (path, from, to, expected) => {
    const text = (await readFile(join(SHIPPED, path), 'utf8')).replace(from, to);
    expect(await failure(checkProfileFile(await fileWith('misspelt.yaml', text)))).toMatch(expected);
  });

  it.each([
    ['an empty file', ''],
    ['a list', '- a\n- b\n'],
    ['a shopping list', 'milk: 2\nbread: 1\n'],
    ['a scenario', 'id: mine\nuser: alice\ndevices: {}\nsteps: []\n'],
  ])('is not taken for a profile when it is %s', async (_, text) => {
    const file = await fileWith('other.yaml', text);
    expect(await failure(checkProfileFile(file))).toBe(
      `${file}:1:1: this is neither a device nor a platform nor a relying-party profile (if it is meant to be one, say which with --kind)`,
    );
  });

  it('is held to the kind that is said', async () => {
    const file = await fileWith('said.yaml', 'id: mine\n');
    expect(await failure(checkProfileFile(file, 'device'))).toMatch(/said\.yaml:1:1: title: expected string/);
  });

  it('may have another name than its id', async () => {
    const text = await readFile(join(SHIPPED, 'devices/yubikey-5.yaml'), 'utf8');
    expect(await loadDeviceProfile(await fileWith('another-name.yaml', text))).toMatchObject({
      id: 'yubikey-5',
    });
  });

  it('is missed by its path', async () => {
    expect(await failure(loadDeviceProfile('./nowhere.yaml'))).toBe(
      "./nowhere.yaml can't be read (name a YAML file that exists)",
    );
  });
});
