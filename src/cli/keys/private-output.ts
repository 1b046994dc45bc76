/**
 * Where private keys go: to stdout, or into a file that is its owner's alone.
 */
import { closeSync, fchmodSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { KeyrigError } from '../../errors.js';
import type { Io } from '../io.js';

/** Only its owner may read it (rw-------). */
const PRIVATE_FILE = 0o600;
/** The largest file that is read: some hundred thousand credentials. */
const LARGEST_FILE = 512 * 1024 * 1024;

/** Writes text with private keys. @throws KeyrigError `report-write` */
export function writePrivate(text: string, out: string | undefined, io: Io): void {
  if (out === undefined) {
    io.stdout.write(text);
    return;
  }
  const path = resolve(io.cwd, out);
  try {
    // Nobody may have had it open before, or read it between two calls: a file that is there is emptied after its mode is set.
    const file = openSync(path, 'a', PRIVATE_FILE);
    try {
      fchmodSync(file, PRIVATE_FILE);
    } finally {
      closeSync(file);
    }
    writeFileSync(path, text, { mode: PRIVATE_FILE });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeyrigError('report-write', `the file could not be written: ${reason}`, { where: out, cause });
  }
}

/** Reads a file that a user named. @throws KeyrigError `option-invalid` */
export function readNamedFile(name: string, io: Io): string {
  const path = resolve(io.cwd, name);
  try {
    const { size } = statSync(path);
    if (size <= LARGEST_FILE) return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeyrigError('option-invalid', `the file can not be read: ${reason}`, { where: name, cause });
  }
  throw new KeyrigError('option-invalid', `the file has more than ${LARGEST_FILE} bytes`, {
    where: name,
    hint: 'import it in parts',
  });
}
