/**
 * The store that outlives its process: an LMDB environment.
 *
 * A write is one transaction of LMDB, which returns when it is on the disk; killed at any moment, the store has all of it or nothing.
 * LMDB lets one process write at a time and gives each read one snapshot, so that several processes may share a store.
 */
import { realpathSync } from 'node:fs';
import type { CredentialStore, StoredCredential, StoreReader, StoreWriter } from '../ports.js';
import { type Database, type LmdbLibrary, loadLmdb } from './lmdb-library.js';
import { LmdbTransaction } from './lmdb-transaction.js';
import { prepareFolder, unavailable } from './store-folder.js';
import { conflict } from './store-rules.js';

/** A store that outlives its process. */
export interface DurableStore extends CredentialStore {
  /** One pass over all credentials, ordered by ID, without holding them all. What `each` throws ends it. */
  forEachCredential(each: (credential: StoredCredential) => void): Promise<void>;
}

/**
 * Opens the store in a folder, and makes it when there is none. The package `lmdb` is loaded the first time.
 *
 * @throws KeyrigError `store-invalid` for a damaged, foreign or newer store, which stays as it is; `store-unavailable` when the file system
 * refuses or the package can't be loaded
 *
 * @example
 * ```ts
 * const store = await openDurableStore('state/stores/key.yubikey-5');
 * await store.write((writer) => writer.advanceCounter(1)); // on the disk
 * await store.close();
 * ```
 */
export function openDurableStore(folder: string): Promise<DurableStore> {
  const opened = turn.then(() => open(folder));
  turn = opened.catch(() => {});
  return opened;
}

/** Stores are opened and closed one after the other: a file that LMDB has open must not be opened a second time. */
let turn: Promise<unknown> = Promise.resolve();

/** An environment of this process, for all stores on it. */
interface Environment {
  readonly folder: string;
  readonly database: Database;
  users: number;
  running: boolean;
}

const environments = new Map<string, Environment>();

async function open(folder: string): Promise<DurableStore> {
  const library = await loadLmdb();
  const known = environments.get(realPath(folder));
  if (known !== undefined) {
    known.users += 1;
    return new LmdbStore(known);
  }
  await prepareFolder(folder, library);
  const environment = newEnvironment(realPath(folder), library);
  environments.set(environment.folder, environment);
  return new LmdbStore(environment);
}

function newEnvironment(folder: string, library: LmdbLibrary): Environment {
  try {
    return { folder, database: library.open(folder), users: 1, running: false };
  } catch (cause) {
    throw unavailable(folder, cause);
  }
}

/** The folder itself, whatever links lead there; nothing leads to one that there is not. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function leave(environment: Environment): Promise<void> {
  const left = turn.then(async () => {
    environment.users -= 1;
    if (environment.users > 0) return;
    environments.delete(environment.folder);
    await environment.database.close();
  });
  turn = left.catch(() => {});
  return left;
}

class LmdbStore implements DurableStore {
  readonly #environment: Environment;
  #closed = false;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async read<T>(body: (reader: StoreReader) => T): Promise<T> {
    return this.#read(body);
  }

  async write<T>(body: (writer: StoreWriter) => T): Promise<T> {
    return this.#transaction((transaction) => this.#commit(() => body(transaction)));
  }

  async forEachCredential(each: (credential: StoredCredential) => void): Promise<void> {
    this.#read((transaction) => {
      for (const credential of transaction.credentials()) each(credential);
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await leave(this.#environment);
  }

  #read<T>(body: (transaction: LmdbTransaction) => T): T {
    return this.#transaction((transaction) => {
      // What other processes have written until now; LMDB's package keeps a snapshot for as long as it is read from.
      this.#environment.database.resetReadTxn();
      return body(transaction);
    });
  }

  /** On the disk when it returns. */
  #commit<T>(body: () => T): T {
    const { database, folder } = this.#environment;
    const progress = { ended: false };
    try {
      // In a box: LMDB's package would wait for a promise that a body returns.
      const box = database.transactionSync(() => {
        const result = { value: body() };
        progress.ended = true;
        return result;
      });
      return box.value;
    } catch (cause) {
      // What the body threw is the caller's own; after it, only LMDB can fail.
      throw progress.ended ? unavailable(folder, cause) : cause;
    }
  }

  #transaction<T>(run: (transaction: LmdbTransaction) => T): T {
    const environment = this.#environment;
    if (this.#closed) throw conflict('the store is closed');
    if (environment.running) throw conflict('a transaction was started inside of another one');
    const transaction = new LmdbTransaction(environment.database);
    environment.running = true;
    try {
      return run(transaction);
    } finally {
      transaction.end();
      environment.running = false;
    }
  }
}
