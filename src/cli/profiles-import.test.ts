import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toBase64url, utf8 } from '../data/bytes.js';
import { loadDeviceProfile } from '../rig/profiles.js';
import { say } from './io.suite.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyrig-import-'));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (aaguid: string, description: string, alg = -7) => ({
  aaguid,
  description,
  attestationTypes: ['basic_full'],
  authenticatorGetInfo: { versions: ['FIDO_2_0'], algorithms: [{ type: 'public-key', alg }] },
});
const [ONE, TWO] = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'];
const GOOD = [entry(ONE, 'First key'), entry(TWO, 'Second key')];

async function imports(file: string, text: string, ...argv: readonly string[]) {
  await writeFile(join(folder, file), text);
  return say(['profiles', 'import', file, ...argv], { cwd: folder });
}

describe('keyrig profiles import', () => {
  it('prints the one device that is chosen, and nothing else', async () => {
    const said = await imports('mds.json', JSON.stringify(GOOD), '--aaguid', TWO);
    expect(said).toMatchObject({ code: 0, stderr: '' });
    await writeFile(join(folder, 'second-key.yaml'), said.stdout);
    const profile = await loadDeviceProfile(join(folder, 'second-key.yaml'));
    expect(profile).toMatchObject({ id: 'second-key', authenticator: { aaguid: TWO } });
  });

  it('writes a file for each', async () => {
    const { code, stderr } = await imports('mds.json', JSON.stringify(GOOD), '--output', 'devices');
    expect({ code, files: await readdir(join(folder, 'devices')) }).toEqual({
      code: 0,
      files: ['first-key.yaml', 'second-key.yaml'],
    });
    expect(stderr).toContain('wrote 2 profiles');
  });

  it('says that the signature of a BLOB was not checked', async () => {
    const payload = { no: 1, entries: [{ aaguid: ONE, metadataStatement: GOOD[0] }] };
    const jwt = `e30.${toBase64url(utf8(JSON.stringify(payload)))}.AAAA`;
    const { code, stderr, stdout } = await imports('blob.jwt', jwt, '--name', 'first key');
    expect({ code, title: stdout.includes('title: First key') }).toEqual({ code: 0, title: true });
    expect(stderr).toContain('the signature of blob.jwt was not checked');
  });

  it('leaves a file that exists alone', async () => {
    await writeFile(join(folder, 'first-key.yaml'), 'mine');
    const { code } = await imports('mds.json', JSON.stringify(GOOD), '--name', 'First key', '--output', '.');
    expect(code).toBe(2);
    expect(await readFile(join(folder, 'first-key.yaml'), 'utf8')).toBe('mine');
    expect((await readdir(folder)).sort()).toEqual(['first-key.yaml', 'mds.json']);
  });

  it('writes nothing when one device can not be imported', async () => {
    const text = JSON.stringify([...GOOD, entry('00000000-0000-0000-0000-000000000003', 'Third', -37)]);
    const { code, stderr } = await imports('mds.json', text, '--output', 'devices');
    expect({ code, files: await readdir(folder) }).toEqual({ code: 2, files: ['mds.json'] });
    expect(stderr).toContain('Third has no algorithm that keyrig signs with');
  });

  it.each([
    ['several devices and nowhere to put them', JSON.stringify(GOOD), [], '2 devices are chosen'],
    ['a device that the file does not have', JSON.stringify(GOOD), ['--name', 'x'], 'no device "x"'],
    ['a fault', JSON.stringify([{ ...GOOD[0], aaguid: 7 }]), [], 'mds.json: [0].aaguid: expected'],
  ])('ends with 2 for %s', async (_, text, argv, message) => {
    const { code, stdout, stderr } = await imports('mds.json', text, ...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('keyrig profiles list --known', () => {
  it('shows the devices that have the text, and their AAGUIDs', async () => {
    const { stdout } = await say(['profiles', 'list', '--known', 'titan']);
    expect(stdout).toBe(
      '42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3  google-titan-security-key-v2  Google Titan Security Key v2\n',
    );
  });

  it('shows nothing where there is none', async () => {
    expect(await say(['profiles', 'list', '--known', 'no such key'])).toMatchObject({ code: 0, stdout: '' });
  });

  it('is how the others can be shown', async () => {
    const { stdout } = await say(['profiles', 'show', 'google-titan-security-key-v2', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'google-titan-security-key-v2' });
  });
});
