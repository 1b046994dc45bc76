import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encode } from '../../ctap/cbor.js';
import { toHex, utf8 } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import { openDurableStore } from './lmdb.js';
import { KEYS, seal } from './lmdb-layout.js';
import { loadLmdb } from './lmdb-library.js';
import { describeCredentialStore, sampleCredential, snapshot } from './store.suite.js';

const root = mkdtempSync(join(tmpdir(), 'keyrig-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
const newFolder = () => join(root, String(folders++));
const folderOf = new WeakMap<object, string>();

async function openAt(folder: string) {
  const store = await openDurableStore(folder);
  folderOf.set(store, folder);
  return store;
}

describeCredentialStore('the durable store', {
  open: () => openAt(newFolder()),
  reopen: async (store) => {
    await store.close();
    return openAt(folderOf.get(store) ?? '');
  },
});

/** A closed store with this many credentials and a large blob that takes several pages. */
async function filledStore(credentials: number): Promise<string> {
  const folder = newFolder();
  const store = await openDurableStore(folder);
  await store.write((writer) => {
    for (let at = 0; at < credentials; at++)
      writer.putCredential(sampleCredential(`id-${at}`, `rp-${at % 9}.example`));
    writer.setLargeBlobs(new Uint8Array(20_000).fill(7));
    writer.advanceCounter(41);
  });
  // Some pages are free, and some free ones are on record.
  for (let at = 0; at < credentials; at += 3)
    await store.write((writer) => writer.deleteCredential(utf8(`id-${at}`)));
  await store.close();
  return folder;
}

const dataOf = (folder: string) => readFileSync(join(folder, 'data.mdb'));

/** The same store with other data; without the lock file, which LMDB makes anew. */
function copyWith(data: Uint8Array): string {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, 'data.mdb'), data, { mode: 0o600 });
  return folder;
}

async function contents(folder: string) {
  const store = await openDurableStore(folder);
  try {
    return await store.read(snapshot);
  } finally {
    await store.close();
  }
}

/** The same as text, which is compared many times as fast. */
async function contentsAsText(folder: string): Promise<string> {
  const asHex = (_: string, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value);
  return JSON.stringify(await contents(folder), asHex);
}

const refused = (reason: string) =>
  expect.objectContaining({ code: 'store-invalid', facts: expect.objectContaining({ reason }) });

describe('a folder that has no whole store of this version', () => {
  it.each([
    ['text', utf8('dear diary'.repeat(1_000)), 'foreign'],
    ['nothing in its file', new Uint8Array(0), 'foreign'],
    ['zeros', new Uint8Array(16_384), 'foreign'],
  ])('with %s is refused, and left as it is', async (_, data, reason) => {
    const folder = copyWith(data);
    await expect(openDurableStore(folder)).rejects.toThrow(refused(reason));
    expect(readdirSync(folder)).toEqual(['data.mdb']);
    expect(dataOf(folder)).toEqual(Buffer.from(data));
  });

  it('is refused when it has files of somebody else', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'diary.txt'), 'dear diary');
    await expect(openDurableStore(folder)).rejects.toThrow(refused('foreign'));
    expect(readdirSync(folder)).toEqual(['diary.txt']);
  });

  it.each([
    ['another program', { key: Uint8Array.of(9), value: utf8('theirs') }, 'foreign'],
    [
      'a newer keyrig',
      { key: KEYS.format, value: seal(KEYS.format, encode(new Map([['format', 2]]))) },
      'newer',
    ],
  ])('of %s is refused, and left as it is', async (_, { key, value }, reason) => {
    const folder = newFolder();
    const { open } = await loadLmdb();
    const database = open(folder);
    database.putSync(key, value);
    await database.close();
    const before = dataOf(folder);
    await expect(openDurableStore(folder)).rejects.toThrow(refused(reason));
    expect(dataOf(folder)).toEqual(before);
  });

  it('says in one line what to do', async () => {
    const folder = copyWith(utf8('dear diary'));
    const error = await openDurableStore(folder).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(KeyrigError);
    expect(error).toMatchObject({ where: folder, hint: 'nothing was changed: use another state directory' });
  });

  it('is made anew after somebody was killed while making it, and of that nothing is left', async () => {
    const folder = join(newFolder(), 'key');
    mkdirSync(join(dirname(folder), '.new-key-Zq81ab'), { recursive: true });
    mkdirSync(join(dirname(folder), '.new-key-nano-Zq81ab'));
    await (await openDurableStore(folder)).close();
    expect(readdirSync(dirname(folder)).sort()).toEqual(['.new-key-nano-Zq81ab', 'key']);
  });

  it('is made when it is empty, or not there yet', async () => {
    const folder = join(newFolder(), 'deep', 'down');
    mkdirSync(folder, { recursive: true });
    await (await openDurableStore(folder)).close();
    expect(readdirSync(dirname(folder))).toEqual(['down']);
  });
});

describe('a damaged store', () => {
  const refusedAsDamaged = refused('damaged');

  it('that was cut off is refused at any length, and left as it is', async () => {
    const whole = dataOf(await filledStore(60));
    for (let length = 4_096; length < whole.length; length += 4_096) {
      const folder = copyWith(whole.subarray(0, length));
      const outcome = await contents(folder).catch((error: unknown) => error);
      expect(outcome, `${length} bytes`).toEqual(refusedAsDamaged);
      expect(readdirSync(folder)).toEqual(['data.mdb']);
      expect(dataOf(folder).length).toBe(length);
    }
  });

  it('never crashes, and never passes for another one, whatever page is erased', async () => {
    const original = await filledStore(30);
    const expected = await contentsAsText(original);
    const whole = dataOf(original);
    let noticed = 0;
    for (let page = 2; page < whole.length / 4_096; page++) {
      const data = Uint8Array.from(whole).fill(0, page * 4_096, (page + 1) * 4_096);
      const outcome = await contentsAsText(copyWith(data)).catch((error: unknown) => error);
      if (outcome !== expected) expect(outcome, `page ${page}`).toEqual(refusedAsDamaged);
      if (outcome !== expected) noticed += 1;
    }
    expect(noticed).toBeGreaterThan(5);
  });

  it('never crashes, and never passes for another one, whatever byte is changed', async () => {
    const original = await filledStore(30);
    const expected = await contentsAsText(original);
    const whole = dataOf(original);
    let noticed = 0;
    for (let at = 17; at < whole.length; at += 307) {
      const data = Uint8Array.from(whole);
      data[at] = (data[at] ?? 0) ^ 0x5a;
      const outcome = await contentsAsText(copyWith(data)).catch((error: unknown) => error);
      if (outcome !== expected) expect(outcome, `byte ${at}`).toMatchObject({ code: 'store-invalid' });
      if (outcome !== expected) noticed += 1;
    }
    expect(noticed).toBeGreaterThan(20);
  });
});

describe('a durable store', () => {
  it('is for its owner alone, also after somebody opened it up', async () => {
    const folder = await filledStore(1);
    const modes = () =>
      [folder, ...['data.mdb', 'lock.mdb'].map((name) => join(folder, name))].map(
        (path) => statSync(path).mode & 0o777,
      );
    expect(modes()).toEqual([0o700, 0o600, 0o600]);
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'data.mdb'), 0o644);
    await (await openDurableStore(folder)).close();
    expect(modes()).toEqual([0o700, 0o600, 0o600]);
  });

  it('is one store, however often a process opens it', async () => {
    const folder = newFolder();
    const [one, other] = await Promise.all([openDurableStore(folder), openDurableStore(folder)]);
    await one.write((writer) => writer.putCredential(sampleCredential('a')));
    expect(await other.read((reader) => reader.credentialCount())).toBe(1);
    await one.close();
    await one.close();
    expect(await other.write((writer) => writer.advanceCounter(1))).toBe(1);
    await other.close();
    expect((await contents(folder)).counter).toBe(1);
  });

  it('refuses a transaction inside of another one, of the same store opened twice too', async () => {
    const folder = newFolder();
    const [one, other] = [await openDurableStore(folder), await openDurableStore(folder)];
    const nested = await one.write((writer) => {
      writer.advanceCounter(5);
      return { inner: other.read((reader) => reader.counter()).catch(String) };
    });
    expect(await nested.inner).toContain('inside of another one');
    expect(await other.read((reader) => reader.counter())).toBe(5);
    await Promise.all([one.close(), other.close()]);
  });

  it('ends a transaction with its body, whatever that promises to do later', async () => {
    const store = await openDurableStore(newFolder());
    const later = await store.write((writer) => {
      writer.advanceCounter(1);
      return { when: new Promise(() => {}) };
    });
    expect(later.when).toBeInstanceOf(Promise);
    expect(await store.read((reader) => reader.counter())).toBe(1);
    await store.close();
  });

  it('keeps credentials with IDs of up to 1023 bytes, and no longer ones', async () => {
    const store = await openDurableStore(newFolder());
    const long = { ...sampleCredential('a'), id: new Uint8Array(1_023).fill(1) };
    await store.write((writer) => writer.putCredential(long));
    expect(await store.read((reader) => reader.credential(long.id))).toMatchObject(long);
    const longer = { ...long, id: new Uint8Array(1_024) };
    const attempt = store.write((writer) => writer.putCredential(longer));
    await expect(attempt).rejects.toMatchObject({ code: 'option-invalid' });
    expect(await store.read((reader) => reader.credential(longer.id))).toBeUndefined();
    expect(await store.write((writer) => writer.deleteCredential(longer.id))).toBe(false);
    await store.close();
  });

  it('is a copy of itself when its files are copied while nobody writes', async () => {
    const folder = await filledStore(20);
    const copy = newFolder();
    cpSync(folder, copy, { recursive: true });
    expect(await contents(copy)).toEqual(await contents(folder));
  });

  it('passes by every credential once', async () => {
    const store = await openDurableStore(await filledStore(20));
    const seen: string[] = [];
    await store.forEachCredential(({ rpId, id }) => seen.push(`${rpId} ${new TextDecoder().decode(id)}`));
    const { credentials } = await store.read(snapshot);
    expect(seen.sort()).toEqual(
      credentials.map(({ rpId, id }) => `${rpId} ${new TextDecoder().decode(id)}`).sort(),
    );
    await store.close();
  });
});

describe('the package lmdb', () => {
  it('says what to do when it can not be loaded', async () => {
    const missing = () => Promise.reject(new TypeError('No native build was found for platform=linux'));
    await expect(loadLmdb(missing)).rejects.toMatchObject({
      code: 'store-unavailable',
      hint: expect.stringContaining('--omit=optional'),
      facts: { reason: expect.stringContaining('No native build') },
    });
  });
});
