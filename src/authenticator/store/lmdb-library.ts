/**
 * The package `lmdb`, loaded when the first durable store is opened: most runs never need its binary.
 */
import type { RootDatabase } from 'lmdb';
import { KeyrigError } from '../../errors.js';

/** An open environment: bytes under bytes. */
export type Database = RootDatabase<Uint8Array, Uint8Array>;

/** What of the package is used here. */
export interface LmdbLibrary {
  open(folder: string): Database;
}

/** Only its owner may read a store (rw-------). */
const PRIVATE_FILE = 0o600;

/** Bytes of address space, which LMDB reserves so that it need not map the file anew while it grows; beyond, it does. */
const MAP_SIZE = 2 ** 30;

/** Processes and threads that may read at the same time. */
const READERS = 512;

/**
 * Loads it.
 *
 * @param load For tests, which can't take the package away.
 * @throws KeyrigError `store-unavailable` with what to do when it is missing, or has no binary for this machine
 */
export async function loadLmdb(load = () => import('lmdb')): Promise<LmdbLibrary> {
  try {
    const { open } = await load();
    return { open: (path) => open<Uint8Array, Uint8Array>({ path, ...OPTIONS }) };
  } catch (cause) {
    throw new KeyrigError(
      'store-unavailable',
      'the package lmdb, which durable stores need, can not be loaded',
      {
        hint: 'install again without --omit=optional, which leaves its binary out, or keep state in memory: no --state',
        facts: { reason: cause instanceof Error ? cause.message : String(cause) },
        cause,
      },
    );
  }
}

/** Plain LMDB: a commit returns when it is on the disk, and the one database is the environment's own. */
const OPTIONS = {
  noSubdir: false,
  encoding: 'binary',
  keyEncoding: 'binary',
  // By default lmdb-js resolves commits before they are on the disk.
  overlappingSync: false,
  mapSize: MAP_SIZE,
  maxReaders: READERS,
  maxDbs: 1,
  permissionsMode: PRIVATE_FILE,
} as const;
