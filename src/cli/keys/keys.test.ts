import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDurableStore } from '../../authenticator/store/lmdb.js';
import { fromBase64url } from '../../data/bytes.js';
import { createRig } from '../../rig/make-rig.js';
import { storeOf } from '../../rig/state-directory.js';
import { startDemo } from '../../target/demo/demo.js';
import { say } from '../io.suite.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'keyrig-keys-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const keys = (...argv: readonly string[]) => say(['keys', ...argv], { cwd });

/** What a command prints, which must work. */
async function printed(...argv: readonly string[]) {
  const { code, stdout, stderr } = await keys(...argv);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

const mint = async (...argv: readonly string[]) =>
  JSON.parse(await printed('mint', '--rp', 'localhost', '--user', 'ada', ...argv));

describe('keyrig keys mint', () => {
  it('prints both halves of one credential', async () => {
    const { notice, credential, record } = await mint();
    expect(notice).toContain('PRIVATE KEYS');
    expect(credential).toMatchObject({
      rpId: 'localhost',
      userName: 'ada',
      algorithm: 'ES256',
      discoverable: true,
    });
    expect(record).toMatchObject({
      id: credential.id,
      userHandle: credential.userId,
      algorithm: -7,
      signCount: 0,
      transports: ['usb'],
      backupEligible: false,
      backupState: false,
    });
    const key = createPrivateKey({
      key: Buffer.from(credential.privateKey, 'base64url'),
      format: 'der',
      type: 'pkcs8',
    });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    expect(record.publicKeySpki).toBe(Buffer.from(spki).toString('base64url'));
  });

  it('makes the same credential of the same seed, and others of others', async () => {
    expect(await mint('--seed', '7')).toEqual(await mint('--seed', '7'));
    expect(await mint('--seed', '8')).not.toEqual(await mint('--seed', '7'));
    expect(await mint()).not.toEqual(await mint());
  });

  it('makes what it is told', async () => {
    const { credential, record } = await mint(
      ...['--algorithm', 'EdDSA', '--backup', 'synced', '--no-discoverable', '--rp-name', 'Shop'],
      ...['--user-handle', 'AQID', '--user-display-name', 'Ada Lovelace', '--profile', 'phone-synced'],
    );
    expect(credential).toMatchObject({
      algorithm: 'EdDSA',
      discoverable: false,
      rpName: 'Shop',
      userId: 'AQID',
      userDisplayName: 'Ada Lovelace',
    });
    expect(record).toMatchObject({
      algorithm: -8,
      backupEligible: true,
      backupState: true,
      discoverable: false,
    });
    expect(credential.backup).toBeUndefined();
    expect((await mint('--backup', 'eligible')).credential.backup).toBe('eligible');
  });

  it('writes a file for its owner alone, over one that was for all', async () => {
    const file = join(cwd, 'ada.json');
    writeFileSync(file, 'old', { mode: 0o644 });
    expect(await printed('mint', '--rp', 'localhost', '--user', 'ada', '--out', 'ada.json')).toBe('');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8')).record.rpId).toBe('localhost');
  });

  it('puts the credential into a device, too', async () => {
    const { credential } = await mint('--state', 'state');
    const listed = JSON.parse(await printed('list', '--state', 'state', '--json'));
    expect(listed).toEqual([
      {
        device: 'key.yubikey-5',
        id: credential.id,
        rpId: 'localhost',
        userHandle: credential.userId,
        userName: 'ada',
        algorithm: 'ES256',
        discoverable: true,
      },
    ]);
  });

  it.each([
    ['--device without --state', ['--device', 'key'], '--device says which device of a state directory'],
    ['a user handle that is too long', ['--user-handle', 'A'.repeat(100)], 'base64url of 1 to 64 bytes'],
    ['a profile that there is not', ['--profile', 'yubikey-55'], 'no device profile is named'],
    [
      'a device that is not like its profile',
      ['--state', 's', '--device', 'key.phone-synced', '--profile', 'yubikey-5'],
      'key.phone-synced is not a yubikey-5',
    ],
  ])('refuses %s', async (_, argv, message) => {
    const { code, stdout, stderr } = await keys('mint', '--rp', 'localhost', '--user', 'ada', ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('a minted credential', () => {
  it.each([
    ['discoverable, without a username', [], 'usernameless'],
    ['discoverable, with one', [], 'username'],
    ['found by its ID alone', ['--no-discoverable'], 'username'],
    ['synced, of a key that has no such ones itself', ['--backup', 'synced'], 'usernameless'],
    ['of EdDSA', ['--algorithm', 'EdDSA'], 'usernameless'],
  ] as const)('signs in at a relying party that has its record: %s', async (_, argv, flow) => {
    const { record } = await mint('--state', 'state', ...argv);
    const user = {
      name: 'ada',
      displayName: 'Ada',
      email: 'ada@demo.example',
      password: 'notes-on-the-engine',
    };
    const demo = await startDemo({ users: [user], passkeys: [record] });
    const rig = await createRig({
      target: `demo:${demo.origin}`,
      platform: 'chromium-linux',
      state: join(cwd, 'state'),
    });
    try {
      rig.person.wants('security-key');
      const session = rig.target.openSession('a page');
      const options = await session.signInOptions(flow, user);
      // The demo wants its user verified, which takes a PIN.
      await rig.device('key').initialisePin('246810');
      rig.device('key').setKnownPin('246810');
      const assertion = await rig.browser().get(options);
      expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted' });
      expect(await session.whoami()).toBe('ada');
    } finally {
      await rig.close();
      await demo.close();
    }
  });
});

describe('keyrig keys', () => {
  it('lists in columns, of all devices or one, of all relying parties or one', async () => {
    await mint('--state', 's', '--device', 'key');
    await mint('--state', 's', '--device', 'phone.phone-synced', '--rp', 'example.org');
    const rows = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ {2,}/).slice(0, 3));
    expect(rows(await printed('list', '--state', 's'))).toEqual([
      ['key.yubikey-5', 'localhost', 'ada'],
      ['phone.phone-synced', 'example.org', 'ada'],
    ]);
    expect(rows(await printed('list', '--state', 's', '--device', 'phone'))).toHaveLength(1);
    expect(rows(await printed('list', '--state', 's', '--rp', 'localhost'))).toHaveLength(1);
    expect(await printed('list', '--state', 's', '--rp', 'nobody.example')).toBe('');
  });

  it('shows both halves of a stored credential', async () => {
    const minted = await mint('--state', 's');
    expect(JSON.parse(await printed('show', minted.credential.id, '--state', 's'))).toEqual(minted);
  });

  it.each(['keyrig', 'chromium', 'playwright'] as const)(
    'moves credentials in the %s shape',
    async (format) => {
      const { credential } = await mint('--state', 'from');
      await counted('from', 41);
      await printed('export', '--state', 'from', '--format', format, '--out', 'file.json');
      expect(statSync(join(cwd, 'file.json')).mode & 0o777).toBe(0o600);
      await printed('import', 'file.json', '--state', 'to');
      const { credential: moved, record } = JSON.parse(await printed('show', credential.id, '--state', 'to'));
      const { credRandomWithUv, credRandomWithoutUv, hmacSecret, userName, backup, ...lasting } = credential;
      expect(moved).toMatchObject(format === 'keyrig' ? credential : lasting);
      expect(record.signCount).toBe(41);
      expect(readFileSync(join(cwd, 'file.json'), 'utf8')).toContain(
        '"signCount": 41'.replace('signCount', format === 'keyrig' ? 'counter' : 'signCount'),
      );
    },
  );

  async function counted(state: string, by: number): Promise<void> {
    const store = await openDurableStore(storeOf(join(cwd, state), 'key', 'yubikey-5').folder);
    await store.write((writer) => writer.advanceCounter(by));
    await store.close();
  }

  it('never moves a counter back with an import', async () => {
    await mint('--state', 's');
    await counted('s', 5);
    await printed('export', '--state', 's', '--out', 'file.json');
    await counted('s', 5);
    await printed('import', 'file.json', '--state', 's');
    const { record } = JSON.parse(await printed('show', await firstId(), '--state', 's'));
    expect(record.signCount).toBe(10);
  });

  async function firstId(): Promise<string> {
    return JSON.parse(await printed('list', '--state', 's', '--json'))[0].id;
  }

  it('deletes by ID, or all of a relying party, or all', async () => {
    const ids: string[] = [];
    for (const rp of ['a.example', 'a.example', 'b.example', 'c.example']) {
      const { credential } = await mint('--state', 's', '--rp', rp);
      ids.push(credential.id);
    }
    const left = async () => JSON.parse(await printed('list', '--state', 's', '--json')).length;
    const [first = ''] = ids;
    await printed('delete', first, '--state', 's');
    expect(await left()).toBe(3);
    await printed('delete', '--all', '--rp', 'b.example', '--state', 's');
    expect(await left()).toBe(2);
    await printed('delete', '--all', '--state', 's');
    expect(await left()).toBe(0);
  });

  it('deletes none of several when one of them is not there', async () => {
    const { credential } = await mint('--state', 's');
    const { code, stderr } = await keys('delete', credential.id, 'AAAA', '--state', 's');
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no credential "AAAA"')]);
    expect(JSON.parse(await printed('list', '--state', 's', '--json'))).toHaveLength(1);
  });

  it.each([
    ['a state directory without devices', ['list', '--state', 'nowhere'], 'nowhere has no devices'],
    [
      'a misspelt device',
      ['list', '--state', 's', '--device', 'key.yubikey-6'],
      'did you mean "key.yubikey-5"?',
    ],
    ['an ID that is none', ['show', '!!', '--state', 's'], '"!!" is no credential ID'],
    ['an unknown ID', ['show', 'AAAA', '--state', 's'], 'there is no credential "AAAA"'],
    [
      'several devices where one is meant',
      ['export', '--state', 's'],
      's has several devices: key.yubikey-5, other.yubikey-5',
    ],
    ['a deletion of nothing', ['delete', '--state', 's', '--device', 'key'], 'say which credentials'],
    [
      'a deletion of a relying party without --all',
      ['delete', '--rp', 'localhost', '--state', 's', '--device', 'key'],
      'say which credentials',
    ],
    [
      'a file that is not there',
      ['import', 'none.json', '--state', 's', '--device', 'key'],
      'the file can not be read',
    ],
    [
      'a file of something else',
      ['import', 'else.json', '--state', 's', '--device', 'key'],
      'else.json: (root): expected credentials of',
    ],
    [
      'a file in a folder that is not there',
      ['export', '--state', 's', '--device', 'key', '--out', 'no/where.json'],
      'the file could not be written',
    ],
  ])('refuses %s in one line', async (_, argv, message) => {
    await mint('--state', 's');
    await mint('--state', 's', '--device', 'other.yubikey-5');
    writeFileSync(join(cwd, 'else.json'), '{"cookies":7}');
    const { code, stdout, stderr } = await keys(...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('imports all of a file or nothing', async () => {
    await mint('--state', 'from');
    await printed('export', '--state', 'from', '--format', 'chromium', '--out', 'file.json');
    const { credentials } = JSON.parse(readFileSync(join(cwd, 'file.json'), 'utf8'));
    writeFileSync(
      join(cwd, 'half.json'),
      JSON.stringify([...credentials, { ...credentials[0], credentialId: 'AAAA', privateKey: 'AAAA' }]),
    );
    expect((await keys('import', 'half.json', '--state', 'to')).stderr).toContain(
      'half.json: [1].privateKey: expected',
    );
    expect((await keys('list', '--state', 'to')).code).toBe(2);
    expect(fromBase64url('AAAA')).toHaveLength(3);
  });
});
