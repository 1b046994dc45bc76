import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { KeyrigError } from '../errors.js';
import { describeFinding } from './commands/doctor.js';
import { examine, type Machine, realMachine } from './machine-checks.js';

/** A machine that lacks nothing; tests break one thing. */
const GOOD: Machine = {
  node: '22.1.0',
  openssl: '3.0.0',
  crypto: createNodeCrypto(),
  cwd: '/project',
  checkProfiles: async () => ({ good: ['device a', 'device b'], faults: [] }),
  listen: async () => 4321,
  write: async () => {},
};

describe('the doctor', () => {
  it('finds nothing missing on a machine that has everything', async () => {
    const findings = await examine(GOOD);
    expect(findings.map((finding) => describeFinding(finding, false))).toEqual([
      'ok       Node.js: 22.1.0',
      'ok       cryptography: OpenSSL 3.0.0, ES256 signs and verifies',
      'ok       profiles: 2 are valid',
      'ok       loopback listener: 127.0.0.1:4321 could be opened',
      'ok       reports folder: /project is writable',
    ]);
  });

  const crypto = createNodeCrypto();

  it.each<[string, Partial<Machine>, string]>([
    ['an old Node', { node: '20.18.9' }, 'missing  Node.js: 20.18.9 (install Node 20.19 or newer)'],
    ['a very old Node', { node: '18.20.0' }, 'missing  Node.js: 18.20.0 (install Node 20.19 or newer)'],
    [
      'signatures that don’t verify',
      { crypto: { ...crypto, verify: () => false } },
      'missing  cryptography: OpenSSL 3.0.0, ES256 does not verify (use a Node that is built with OpenSSL 3, such as those from nodejs.org)',
    ],
    [
      'no elliptic curves',
      {
        crypto: {
          ...crypto,
          generateKeyPair: () => Promise.reject(new KeyrigError('crypto-unsupported', 'no P-256 here')),
        },
      },
      'missing  cryptography: no P-256 here (use a Node that is built with OpenSSL 3, such as those from nodejs.org)',
    ],
    [
      'a profile that is broken',
      {
        checkProfiles: async () => ({
          good: [],
          faults: [
            {
              file: 'a.yaml',
              error: new KeyrigError('profile-invalid', 'id: wrong', { where: 'a.yaml:1:1' }),
            },
          ],
        }),
      },
      'missing  profiles: a.yaml:1:1: id: wrong (install the package again)',
    ],
    [
      'no profiles',
      { checkProfiles: () => Promise.reject(new KeyrigError('profile-not-found', 'profiles can’t be read')) },
      'missing  profiles: profiles can’t be read (install the package again)',
    ],
    [
      'no listeners',
      { listen: () => Promise.reject(new KeyrigError('option-invalid', 'EPERM')) },
      'missing  loopback listener: EPERM (allow this user to listen on 127.0.0.1: the demo relying party needs it)',
    ],
    [
      'a folder that can’t be written to',
      { write: () => Promise.reject(new KeyrigError('report-write', 'EACCES: /project')) },
      'missing  reports folder: EACCES: /project (run keyrig elsewhere, or give --out DIR)',
    ],
  ])('sees %s, and nothing else', async (_, broken, line) => {
    const findings = await examine({ ...GOOD, ...broken });
    const missing = findings.filter(({ ok }) => !ok);
    expect(missing.map((finding) => describeFinding(finding, false))).toEqual([line]);
  });

  it('has nothing to mend where nothing is missing', async () => {
    expect((await examine(GOOD)).filter(({ hint }) => hint !== undefined)).toEqual([]);
  });

  it('paints only what it says', () => {
    const finding = { title: 'a', ok: false, detail: 'b', hint: 'c' };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every colour
    expect(describeFinding(finding, true).replaceAll(/\u001b\[\d+m/g, '')).toBe(
      describeFinding(finding, false),
    );
    expect(describeFinding(finding, true)).not.toBe(describeFinding(finding, false));
  });
});

describe('the machine that this runs on', () => {
  const machine = realMachine(process.cwd());

  it('opens a port and gives it back', async () => {
    const port = await machine.listen('127.0.0.1');
    const again = createServer();
    await new Promise<void>((resolve, reject) => {
      again.once('error', reject);
      again.listen(port, '127.0.0.1', () => again.close(() => resolve()));
    });
  });

  it('can’t listen on an address of others', async () => {
    // TEST-NET-1 (RFC 5737) is nobody's.
    await expect(machine.listen('192.0.2.1')).rejects.toThrow();
  });

  it.runIf(process.platform === 'linux')('can’t write where permissions lie', async () => {
    await expect(machine.write('/proc')).rejects.toThrow();
  });

  it('writes where a run does, and leaves nothing behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyrig-doctor-'));
    await machine.write(folder);
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, 'reports'), 'no folder');
    await expect(machine.write(folder)).rejects.toThrow();
    await rm(folder, { recursive: true });
  });

  it('can’t write where there is nothing', async () => {
    await expect(machine.write('/nowhere/at/all')).rejects.toThrow();
  });
});
