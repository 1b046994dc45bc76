/** Several processes on one durable store: no count twice, none lost, whoever makes the store. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openDurableStore } from '../../src/authenticator/store/lmdb.js';
import { ROOT, run } from './keyrig.js';

const WRITER = join(ROOT, 'test/integration/store-writer.mjs');
const TIMES = 250;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyrig-shared-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Every count that one process got, in order. */
async function countsOf(folder: string, name: string): Promise<readonly number[]> {
  const { code, stdout, stderr } = await run(process.execPath, [WRITER, folder, name, String(TIMES)], {
    cwd: root,
  });
  expect([code, stderr]).toEqual([0, '']);
  return z.array(z.number()).parse(JSON.parse(stdout));
}

describe('two processes on one store', () => {
  it('never get the same count, lose none, and keep what both write', async () => {
    const folder = join(root, 'stores', 'key');
    const counts = await Promise.all([countsOf(folder, 'one'), countsOf(folder, 'other')]);
    for (const own of counts) expect(own).toEqual(own.toSorted((a, b) => a - b));
    const all = counts.flat().sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 2 * TIMES }, (_, at) => at + 1));
    const store = await openDurableStore(folder);
    expect(await store.read((reader) => [reader.counter(), reader.credentialCount()])).toEqual([
      2 * TIMES,
      (2 * TIMES) / 5,
    ]);
    const orders = await store.read((reader) =>
      reader.credentialsOf('example.org').map(({ created }) => created),
    );
    expect(new Set(orders).size).toBe((2 * TIMES) / 5);
    await store.close();
  });

  it('that both make it leave nothing but the store', async () => {
    const folder = join(root, 'key');
    await Promise.all(['a', 'b', 'c'].map((name) => countsOf(folder, name)));
    expect(readdirSync(root)).toEqual(['key']);
    expect(readdirSync(folder).sort()).toEqual(['data.mdb', 'lock.mdb']);
  });
});
