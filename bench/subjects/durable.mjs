/**
 * The durable store: what durability costs, and whether a full store is slower than an empty one.
 */
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { openDurableStore } from '../../dist/authenticator/store/lmdb.js';
import { fromBase64url } from '../../dist/data/bytes.js';
import { assertionRequest, repeat } from './assertions.mjs';
import { createClient, createKey, crypto, ORIGIN, RP_ID } from './key.mjs';
import { creationOptions } from './options.mjs';

const MANY = 100_000;
const FEW = 10;
/** Credentials per transaction while a store is filled. */
const BATCH = 10_000;

const newFolder = () => mkdtempSync(join(process.env.KEYRIG_BENCH_SCRATCH, 'store-'));

export const assertion = {
  ours: async () => {
    const key = createKey(await openDurableStore(join(newFolder(), 'store')));
    const { id } = await createClient(key).createJson({ origin: ORIGIN }, creationOptions(0));
    return repeat(key, assertionRequest(fromBase64url(id)));
  },
  /** A counter of four bytes: read, changed, written, flushed. */
  theirs: async () => {
    const database = open({
      path: newFolder(),
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      mapSize: 2 ** 30,
    });
    const key = Uint8Array.of(2);
    return async (times) => {
      for (let time = 0; time < times; time++) {
        database.transactionSync(() => {
          const count = database.getBinary(key)?.readUInt32BE(0) ?? 0;
          const next = Buffer.alloc(4);
          next.writeUInt32BE(count + 1);
          database.putSync(key, next);
        });
      }
    };
  },
};

/** A store with this many credentials, each of a relying party of its own; one of them is a key's that can sign. */
async function filledStore(count) {
  const place = join(process.env.KEYRIG_BENCH_SCRATCH, `filled-${count}`);
  if (existsSync(place)) return place;
  const made = join(newFolder(), 'store');
  const store = await openDurableStore(made);
  await createClient(createKey(store)).createJson({ origin: ORIGIN }, creationOptions(0));
  const [sample] = await store.read((reader) => reader.credentialsOf(RP_ID));
  for (let from = 1; from < count; from += BATCH) {
    await store.write((writer) => {
      for (let at = from; at < Math.min(count, from + BATCH); at++)
        writer.putCredential({ ...sample, id: crypto.random.bytes(32), rpId: `rp-${at}.example` });
    });
  }
  await store.close();
  renameSync(made, place);
  return place;
}

const compare = (work) => ({
  ours: async () => work(await filledStore(MANY), MANY),
  theirs: async () => work(await filledStore(FEW), FEW),
});

export const discovered = compare(async (place) => {
  const store = await openDurableStore(place);
  return repeat(createKey(store), assertionRequest(undefined));
});

export const lookup = compare(async (place, count) => {
  const store = await openDurableStore(place);
  let at = 0;
  return async (times) => {
    for (let time = 0; time < times; time++) {
      at = (at + 7_919) % count;
      const rpId = at === 0 ? RP_ID : `rp-${at}.example`;
      const found = await store.read((reader) => reader.credentialsOf(rpId));
      if (found.length !== 1) throw new Error(`${rpId} has ${found.length} credentials`);
    }
  };
});

export const opening = compare(async (place) => async (times) => {
  for (let time = 0; time < times; time++) await (await openDurableStore(place)).close();
});
