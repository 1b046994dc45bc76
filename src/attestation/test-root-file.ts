/**
 * The test root of a state directory: made once, and then the same for every device, so that a relying party has to be told only once.
 */
import { X509Certificate } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Crypto } from '../crypto/crypto.js';
import { fromBase64url, toBase64url } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { CERTIFICATE_ALGORITHM, type CertifiedKey } from './certificates.js';
import { exportCertifiedKey, importCertifiedKey } from './certified-key.js';
import { createTestRoot } from './test-root.js';

/** Its name in a state directory. */
export const TEST_ROOT_FILE = 'attestation-root.json';

/** Only for their owner (rwx------, rw-------). */
const PRIVATE = { folder: 0o700, file: 0o600 } as const;
/** Permissions of everybody else. */
const OTHERS = 0o077;
/** Roots that are being made. */
const UNFINISHED = '.new-root-';
const VERSION = 1;
const WHAT = 'keyrig test attestation root; has a private key, for tests only';

/** What every version says first. */
const header = z.object({ what: z.literal(WHAT), version: z.int() });

const bytes = z.string().transform((text, context) => {
  const value = fromBase64url(text);
  if (value !== undefined) return value;
  context.issues.push({ code: 'custom', input: text, message: 'expected base64url' });
  return z.NEVER;
});

const fileShape = z.strictObject({
  what: z.literal(WHAT),
  version: z.literal(VERSION),
  algorithm: z.literal(CERTIFICATE_ALGORITHM),
  privateKey: bytes,
  certificate: bytes,
});

/** What a new root is made from. */
export interface TestRootOptions {
  readonly crypto: Crypto;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The test root of a state directory, which is made when it isn't there. Two processes that begin at once get the same.
 *
 * @throws KeyrigError `store-invalid` for a file that is damaged, foreign or of a newer version, which stays as it is; `store-unavailable`
 * when the file system refuses
 *
 * @example
 * ```ts
 * const root = await loadOrCreateTestRoot('./state', { crypto, now: clock.now() });
 * ```
 */
export async function loadOrCreateTestRoot(
  directory: string,
  options: TestRootOptions,
): Promise<CertifiedKey> {
  const file = join(directory, TEST_ROOT_FILE);
  try {
    return (await loadTestRoot(file, options.crypto)) ?? (await makeTestRoot(directory, file, options));
  } catch (cause) {
    if (cause instanceof KeyrigError) throw cause;
    throw new KeyrigError('store-unavailable', `the attestation root can not be used: ${messageOf(cause)}`, {
      where: file,
      hint: 'look whether the folder is yours to write and its disk has room, or use another state directory',
      cause,
    });
  }
}

async function loadTestRoot(file: string, crypto: Crypto): Promise<CertifiedKey | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const root = readTestRoot(file, text, crypto);
  // Checked first: what isn't ours stays as it is, its permissions too.
  if (((await stat(file)).mode & OTHERS) !== 0) await chmod(file, PRIVATE.file);
  return root;
}

function readTestRoot(file: string, text: string, crypto: Crypto): CertifiedKey {
  const json = parsed(file, text);
  const first = header.safeParse(json);
  if (!first.success) throw refusal(file, 'it is not an attestation root of keyrig');
  if (first.data.version > VERSION)
    throw refusal(file, `a newer keyrig wrote it (version ${first.data.version})`);
  const content = fileShape.safeParse(json);
  if (!content.success) throw refusal(file, 'it is damaged', content.error);
  try {
    const root = importCertifiedKey(crypto, content.data);
    // Signed by itself: every byte of the certificate is covered.
    const certificate = new X509Certificate(root.certificate);
    if (certificate.verify(certificate.publicKey)) return root;
  } catch (cause) {
    throw refusal(file, 'it is damaged', cause);
  }
  throw refusal(file, 'it is damaged: its certificate is not signed with its key');
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refusal(file, 'it is damaged, or not an attestation root of keyrig', cause);
  }
}

/** Written beside its place, then linked there: whoever comes across it finds it whole, and who comes second doesn't replace it. */
async function makeTestRoot(
  directory: string,
  file: string,
  { crypto, now }: TestRootOptions,
): Promise<CertifiedKey> {
  const root = await createTestRoot(crypto, now);
  await mkdir(directory, { recursive: true, mode: PRIVATE.folder });
  const folder = await mkdtemp(join(directory, UNFINISHED));
  try {
    const made = join(folder, TEST_ROOT_FILE);
    await writeDurably(made, textOf(root));
    await moveIntoPlace(made, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await syncFolder(directory);
  // Ours, or that of a process that was faster.
  return (await loadTestRoot(file, crypto)) ?? root;
}

function textOf(root: CertifiedKey): string {
  const { algorithm, privateKey, certificate } = exportCertifiedKey(root);
  const content = {
    what: WHAT,
    version: VERSION,
    algorithm,
    privateKey: toBase64url(privateKey),
    certificate: toBase64url(certificate),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', PRIVATE.file);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How file systems say that they have no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'];

async function moveIntoPlace(made: string, file: string): Promise<void> {
  try {
    await link(made, file);
  } catch (error) {
    if (NO_LINKS.includes(codeOf(error))) await rename(made, file);
    else if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** How systems refuse to open a folder that need not be told to keep its names. */
const NOT_FOR_FOLDERS = ['EISDIR', 'EPERM', 'EACCES', 'EINVAL'];

async function syncFolder(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!NOT_FOR_FOLDERS.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refusal(file: string, why: string, cause?: unknown): KeyrigError {
  return new KeyrigError('store-invalid', `the attestation root can not be used: ${why}`, {
    where: file,
    hint: 'restore it from a copy, or move it away: then a new root is made, which relying parties have to trust anew',
    ...(cause === undefined ? {} : { cause }),
  });
}
