import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openDurableStore } from './lmdb.js';
import { describeCredentialStore } from './store.suite.js';

const root = mkdtempSync(join(tmpdir(), 'keyrig-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let stores = 0;
const folders = new WeakMap<object, string>();

async function openAt(folder: string) {
  const store = await openDurableStore(folder);
  folders.set(store, folder);
  return store;
}

describeCredentialStore('the durable store', {
  open: () => openAt(join(root, String(stores++))),
  reopen: async (store) => {
    await store.close();
    return openAt(folders.get(store) ?? '');
  },
});
