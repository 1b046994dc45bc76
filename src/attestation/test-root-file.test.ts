import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Crypto } from '../crypto/crypto.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { crypto, NOW } from './judge.suite.js';
import { createTestRoot } from './test-root.js';
import { loadOrCreateTestRoot, TEST_ROOT_FILE } from './test-root-file.js';

const folder = mkdtempSync(join(tmpdir(), 'keyrig-root-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
let directory = '';
let file = '';
beforeEach(() => {
  directory = join(folder, String(count++), 'state');
  file = join(directory, TEST_ROOT_FILE);
});

const load = () => loadOrCreateTestRoot(directory, { crypto, now: NOW });
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the test root of a state directory', () => {
  it('is made once, and then always the same', async () => {
    const root = await load();
    expect(await load()).toEqual(root);
    expect(await loadOrCreateTestRoot(directory, { crypto, now: Date.UTC(2031, 0, 1) })).toEqual(root);
  });

  it('differs from that of another directory', async () => {
    const root = await load();
    directory = join(folder, 'another');
    expect((await load()).certificate).not.toEqual(root.certificate);
  });

  it('says that it is a test root of keyrig', async () => {
    const { certificate } = await load();
    expect(new X509Certificate(certificate).subject).toBe('O=keyrig test\nCN=keyrig test root');
    expect(readFileSync(file, 'utf8')).toMatch(/for tests only/);
  });

  it('is for the eyes of its owner only, and nothing else is left', async () => {
    await load();
    expect([modeOf(directory), modeOf(file)]).toEqual([0o700, 0o600]);
    expect(readdirSync(directory)).toEqual([TEST_ROOT_FILE]);
    chmodSync(file, 0o644);
    await load();
    expect(modeOf(file)).toBe(0o600);
  });

  it('is the seed’s when it is made by a seeded run, and drawn as without a directory', async () => {
    const seeded = () => createNobleCrypto({ random: createSeededRandom('one') });
    const root = await loadOrCreateTestRoot(directory, { crypto: seeded(), now: NOW });
    expect(root).toEqual(await createTestRoot(seeded(), NOW));
  });

  it('is one root however many begin at once', async () => {
    const roots = await Promise.all(Array.from({ length: 8 }, load));
    expect(new Set(roots.map(({ certificate }) => certificate.join())).size).toBe(1);
    expect(readdirSync(directory)).toEqual([TEST_ROOT_FILE]);
  });

  it('is that of the process that was faster, which keeps it', async () => {
    const faster = load;
    let other: Awaited<ReturnType<typeof load>> | undefined;
    const slow: Crypto = {
      ...crypto,
      generateKeyPair: async (algorithm) => {
        other = await faster();
        return crypto.generateKeyPair(algorithm);
      },
    };
    const root = await loadOrCreateTestRoot(directory, { crypto: slow, now: NOW });
    expect(root).toEqual(other);
    expect(await load()).toEqual(other);
  });

  /** The good file's members with one changed. */
  const changed = (change: object) =>
    JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...change });

  it.each<[string, (good: string) => string]>([
    ['an empty file', () => ''],
    ['half of it', (good) => good.slice(0, good.length / 2)],
    ['something foreign', () => '{ "some": "thing else" }'],
    ['a list', () => '[]'],
    ['a newer version', () => changed({ version: 2 })],
    ['a member that nobody knows', () => changed({ more: true })],
    ['another algorithm', () => changed({ algorithm: -8 })],
    ['a private key that is no base64url', () => changed({ privateKey: '***' })],
    ['a private key that is none', () => changed({ privateKey: 'AAAA' })],
    ['another private key', () => changed({ privateKey: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE' })],
    ['something that is no certificate', () => changed({ certificate: 'AAAA' })],
    ['one bit of the certificate changed', (good) => withBit(good)],
  ])('is refused when there is %s, which stays as it is', async (_what, damage) => {
    await load();
    const damaged = damage(readFileSync(file, 'utf8'));
    writeFileSync(file, damaged);
    chmodSync(file, 0o640);
    await expect(load()).rejects.toMatchObject({
      code: 'store-invalid',
      where: file,
      hint: expect.stringContaining('move it away'),
    });
    expect(readFileSync(file, 'utf8')).toBe(damaged);
    expect(modeOf(file)).toBe(0o640);
    expect(readdirSync(directory)).toEqual([TEST_ROOT_FILE]);
  });

  it('says so when a newer keyrig wrote it', async () => {
    await load();
    writeFileSync(file, changed({ version: 7, somethingNew: 'in version 7' }));
    await expect(load()).rejects.toThrow(/newer keyrig.*version 7/);
  });

  it('is made anew once the damaged one is moved away', async () => {
    const first = await load();
    rmSync(file);
    expect((await load()).certificate).not.toEqual(first.certificate);
  });

  it('is not available where there is no folder to be had', async () => {
    mkdirSync(join(directory, '..'), { recursive: true });
    writeFileSync(directory, 'a file in its place');
    await expect(load()).rejects.toMatchObject({ code: 'store-unavailable', where: file });
    expect(existsSync(file)).toBe(false);
  });
});

/** Bit 0 of the last byte of the certificate: in its signature. */
function withBit(text: string): string {
  const content = JSON.parse(text);
  const certificate = Buffer.from(content.certificate, 'base64url');
  certificate.writeUInt8((certificate.at(-1) ?? 0) ^ 1, certificate.length - 1);
  return JSON.stringify({ ...content, certificate: certificate.toString('base64url') });
}
