/**
 * Files with credentials: which shape they have, what is wrong with them, and how they are written.
 */
import { z } from 'zod';
import type { StoredCredential } from '../../authenticator/ports.js';
import { checkSchema, formatPath } from '../../data/schema-problems.js';
import { KeyrigError } from '../../errors.js';
import type { Random } from '../../ports.js';
import { chromiumCredential, fromChromium, type KeyFacts, toChromium } from './chromium-shape.js';
import { fromKeyrig, keyrigCredential, toKeyrig } from './keyrig-shape.js';
import { fitsPlaywright, fromPlaywright, playwrightCredential, toPlaywright } from './playwright-shape.js';
import { type PortableCredential, ShapeFault } from './portable.js';

/** The shapes. */
export const FILE_FORMATS = ['keyrig', 'chromium', 'playwright'] as const;

/** One of {@link FILE_FORMATS}. */
export type FileFormat = (typeof FILE_FORMATS)[number];

/** What every file of ours says of itself. */
export const NOTICE = 'PRIVATE KEYS, for tests only: whoever has this file can sign in with them';

/** The name of our own shape, with its version. */
const KEYRIG_FORMAT = 'keyrig-credentials-1';

/** Why a file can't be read. */
function fault(source: string, path: readonly PropertyKey[], expected: string): KeyrigError {
  return new KeyrigError('credentials-invalid', expected, {
    where: `${source}: ${formatPath(path)}`,
    facts: { path: formatPath(path) },
  });
}

/**
 * Reads a file.
 *
 * @param source Its name, for people.
 * @param format By default seen from its members.
 * @throws KeyrigError `credentials-invalid` with the JSON path and what was expected there
 */
export function parseCredentials(
  text: string,
  source: string,
  { format, random }: { readonly format?: FileFormat | undefined; readonly random: Random },
): readonly PortableCredential[] {
  const { entries, root } = entriesOf(parseJson(text, source));
  const shape = format ?? shapeOf(root, entries[0]?.value);
  if (shape === undefined)
    throw fault(source, entries[0]?.path ?? [], `expected credentials of ${FILE_FORMATS.join(', ')}`);
  const counter = shape === 'keyrig' ? counterOf(root, source) : undefined;
  const credentials = entries.map(({ value, path }) => readEntry(shape, value, path, { source, random }));
  refuseTwins(credentials, entries, source);
  return counter === undefined
    ? credentials
    : credentials.map(({ credential }) => ({ credential, signCount: counter }));
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeyrigError('credentials-invalid', `expected JSON: ${reason}`, { where: source, cause });
  }
}

/** One credential in the file, and where it stands. */
interface Entry {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}

/** A list, `{ credentials: [...] }`, `{ credential: {...} }`, or one credential by itself. */
function entriesOf(root: unknown): { readonly root: object; readonly entries: readonly Entry[] } {
  const listed = (list: readonly unknown[], ...path: PropertyKey[]) =>
    list.map((value, index) => ({ value, path: [...path, index] }));
  if (Array.isArray(root)) return { root, entries: listed(root) };
  if (typeof root !== 'object' || root === null) return { root: {}, entries: [{ value: root, path: [] }] };
  if ('credentials' in root && Array.isArray(root.credentials))
    return { root, entries: listed(root.credentials, 'credentials') };
  // A storage state that was saved without them.
  if ('cookies' in root && Array.isArray(root.cookies)) return { root, entries: [] };
  if ('credential' in root) return { root, entries: [{ value: root.credential, path: ['credential'] }] };
  return { root, entries: [{ value: root, path: [] }] };
}

function shapeOf(root: object, first: unknown): FileFormat | undefined {
  if ('format' in root && root.format === KEYRIG_FORMAT) return 'keyrig';
  const sample = typeof first === 'object' && first !== null ? first : {};
  if ('credentialId' in sample) return 'chromium';
  if ('credRandomWithUv' in sample) return 'keyrig';
  if ('userHandle' in sample && 'publicKey' in sample) return 'playwright';
  // A file without credentials: a storage state, or what a browser without any answers.
  if (first === undefined) return 'cookies' in root ? 'playwright' : 'chromium';
  return undefined;
}

const keyrigFile = z.looseObject({ counter: z.int().min(0).max(0xffff_ffff).optional() });

function counterOf(root: object, source: string): number | undefined {
  const verdict = checkSchema(keyrigFile, Array.isArray(root) ? {} : root);
  if (verdict.ok) return verdict.value.counter;
  const [{ path, message }] = verdict.problems;
  throw fault(source, path, message);
}

interface Reading {
  readonly source: string;
  readonly random: Random;
}

function readEntry(
  shape: FileFormat,
  value: unknown,
  path: readonly PropertyKey[],
  reading: Reading,
): PortableCredential {
  try {
    if (shape === 'keyrig') return fromKeyrig(checked(keyrigCredential, value));
    if (shape === 'chromium') return fromChromium(checked(chromiumCredential, value), reading.random);
    return fromPlaywright(checked(playwrightCredential, value), reading.random);
  } catch (error) {
    if (error instanceof ShapeFault) throw fault(reading.source, [...path, ...error.path], error.message);
    throw error;
  }
}

/** @throws ShapeFault for the first problem */
function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const verdict = checkSchema(schema, value);
  if (verdict.ok) return verdict.value;
  const [{ path, message }] = verdict.problems;
  throw new ShapeFault(path, message);
}

/** Two credentials of one ID can't both be stored. */
function refuseTwins(
  credentials: readonly PortableCredential[],
  entries: readonly Entry[],
  source: string,
): void {
  const seen = new Set<string>();
  for (const [index, { credential }] of credentials.entries()) {
    const id = Buffer.from(credential.id).toString('hex');
    if (seen.has(id))
      throw fault(source, entries[index]?.path ?? [], 'expected another ID: one before has it already');
    seen.add(id);
  }
}

/** A file's text, and how many credentials had to stay out of it. */
export interface WrittenCredentials {
  readonly text: string;
  readonly written: number;
  readonly leftOut: number;
}

/** Writes credentials in a shape. */
export function formatCredentials(
  format: FileFormat,
  credentials: readonly StoredCredential[],
  key: KeyFacts,
): WrittenCredentials {
  const fitting = format === 'playwright' ? credentials.filter(fitsPlaywright) : credentials;
  const root = FILES[format](fitting, key);
  return {
    text: `${JSON.stringify(root, null, 2)}\n`,
    written: fitting.length,
    leftOut: credentials.length - fitting.length,
  };
}

const FILES: Readonly<Record<FileFormat, (list: readonly StoredCredential[], key: KeyFacts) => object>> = {
  keyrig: (list, { signCount }) => ({
    format: KEYRIG_FORMAT,
    notice: NOTICE,
    counter: signCount,
    credentials: list.map(toKeyrig),
  }),
  chromium: (list, key) => ({ notice: NOTICE, credentials: list.map((one) => toChromium(one, key)) }),
  // A storage state that browsers take as it is: there is no room for a notice.
  playwright: (list, { signCount }) => ({
    cookies: [],
    origins: [],
    credentials: list.map((one) => toPlaywright(one, signCount)),
  }),
};
