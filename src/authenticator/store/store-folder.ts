/**
 * The folder of a durable store: made whole or not at all, looked at before LMDB opens it, and for its owner's eyes only.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sameBytes } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import { inspectLmdbFile, type Refusal } from './lmdb-file.js';
import { isIntact, KEYS, seal, unseal } from './lmdb-layout.js';
import type { LmdbLibrary } from './lmdb-library.js';
import { FORMAT, RECORDS } from './records.js';

/** LMDB's own names. */
const DATA = 'data.mdb';
const LOCK = 'lock.mdb';

/** Only for its owner (rwx------, rw-------). */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;

/** Stores that are being made. */
const UNFINISHED = '.new-';

/** Whether there is a store in this folder, of whatever version and health. */
export function hasStore(folder: string): boolean {
  return existsSync(join(folder, DATA));
}

/**
 * Sees to it that LMDB can open the folder: checks the store that is there, or makes one.
 *
 * @throws KeyrigError `store-invalid` for something else than a whole store of this version, which stays as it is; `store-unavailable`
 * when the file system refuses
 */
export async function prepareFolder(folder: string, library: LmdbLibrary): Promise<void> {
  try {
    if (!hasStore(folder)) await makeStore(folder, library);
    checkStore(folder);
    makePrivate(folder);
  } catch (cause) {
    if (cause instanceof KeyrigError) throw cause;
    throw unavailable(folder, cause);
  }
}

/** What the file system, or LMDB, has against a store. */
export function unavailable(folder: string, cause: unknown): KeyrigError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KeyrigError('store-unavailable', `the store can not be used: ${reason}`, {
    where: folder,
    hint: 'look whether the folder is yours to write and its disk has room, or use another state directory',
    cause,
  });
}

/** Beside its place, then moved there: whoever comes across it finds it whole. */
async function makeStore(folder: string, library: LmdbLibrary): Promise<void> {
  refuseOtherFiles(folder);
  const parent = dirname(folder);
  mkdirSync(parent, { recursive: true, mode: PRIVATE_FOLDER });
  const made = mkdtempSync(join(parent, unfinished(folder)));
  try {
    const database = library.open(made);
    database.putSync(KEYS.format, seal(KEYS.format, RECORDS.format.write({ format: FORMAT })));
    await database.close();
    // Not every system moves a folder over an empty one.
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(made, folder);
    syncFolder(parent);
  } catch (error) {
    // Another process was faster; its store is as good.
    if (!hasStore(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
    removeUnfinished(folder);
  }
}

/** What processes left that were killed while they made this store. Whoever is still at it finds that the store is there. */
function removeUnfinished(folder: string): void {
  if (!hasStore(folder)) return;
  const parent = dirname(folder);
  const prefix = unfinished(folder);
  // `key-nano` is another device: what `mkdtemp` adds has no hyphen in it.
  const isLeftOver = (name: string) => name.startsWith(prefix) && !name.slice(prefix.length).includes('-');
  for (const name of readdirSync(parent).filter(isLeftOver))
    rmSync(join(parent, name), { recursive: true, force: true });
}

function unfinished(folder: string): string {
  return `${UNFINISHED}${basename(folder)}-`;
}

function refuseOtherFiles(folder: string): void {
  const [other] = existsSync(folder) ? readdirSync(folder) : [];
  if (other !== undefined) throw refusal(folder, 'foreign', `the folder has no store, but it has ${other}`);
}

/** How systems refuse to open a folder that need not be told to keep its names. */
const NOT_FOR_FOLDERS = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL'];

/** The new name is on the disk before anything behind it is promised. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    if (!NOT_FOR_FOLDERS.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** @throws KeyrigError `store-invalid` */
function checkStore(folder: string): void {
  let first = true;
  const finding = inspectLmdbFile(join(folder, DATA), (entry, keyLength) => {
    const refused = first ? judgeFormat(entry, keyLength) : undefined;
    first = false;
    if (refused !== undefined || isIntact(entry, keyLength)) return refused;
    return { kind: 'damaged', why: 'a record is not as it was written' };
  });
  if (finding.kind !== 'whole') throw refusal(folder, finding.kind, finding.why);
  // Every store has a first record; whoever writes right now has found it.
  if (first && finding.busy !== true) throw refusal(folder, 'foreign', 'it is an empty LMDB file');
}

/** The first record says what all the others are. */
function judgeFormat(entry: Uint8Array, keyLength: number): Refusal | undefined {
  const format = formatOf(entry.subarray(0, keyLength), entry.subarray(keyLength));
  if (format === undefined) return { kind: 'foreign', why: 'it is an LMDB file of another program' };
  if (format <= FORMAT) return undefined;
  return { kind: 'newer', why: `its format is ${format}, and this keyrig knows ${FORMAT}` };
}

function formatOf(key: Uint8Array, sealed: Uint8Array): number | undefined {
  if (!sameBytes(key, KEYS.format)) return undefined;
  try {
    return unseal(key, sealed, RECORDS.format).format;
  } catch {
    return undefined;
  }
}

/** Why a store is left alone, and what to do. */
const REFUSALS = {
  damaged: {
    what: 'the store is damaged',
    hint: 'nothing was changed: restore the folder from a copy, or use another state directory',
  },
  foreign: {
    what: 'this is no store of keyrig',
    hint: 'nothing was changed: use another state directory',
  },
  newer: {
    what: 'the store was made by a newer keyrig',
    hint: 'nothing was changed: use that keyrig, or another state directory',
  },
} as const;

function refusal(folder: string, reason: keyof typeof REFUSALS, why: string): KeyrigError {
  const { what, hint } = REFUSALS[reason];
  return new KeyrigError('store-invalid', `${what}: ${why}`, { where: folder, hint, facts: { reason } });
}

/** Somebody may have copied it with other modes. */
function makePrivate(folder: string): void {
  restrict(folder, PRIVATE_FOLDER);
  for (const name of [DATA, LOCK]) {
    const file = join(folder, name);
    if (existsSync(file)) restrict(file, PRIVATE_FILE);
  }
}

/** Bits for anybody but the owner. */
const OTHERS = 0o077;

function restrict(path: string, mode: number): void {
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, mode);
}
