/** Reads src/ as text: which files there are, and what they import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SRC = join(ROOT, 'src');

/** One source file. */
export interface SourceFile {
  /** Below src/, with forward slashes: `ctap/cbor.ts`. */
  readonly path: string;
  readonly text: string;
}

/** One import or re-export. */
export interface Import {
  /** As written: `./cbor.js`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** For relative ones, the file below src/: `ctap/cbor.ts`. */
  readonly file?: string;
  readonly typeOnly: boolean;
}

export function sourceFiles(): readonly SourceFile[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: name.replaceAll('\\', '/'), text: readFileSync(join(SRC, name), 'utf8') }));
}

const STATIC = /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*['"`]([^'"`]+)['"`]/g;
/** An import whose target can't be read off: the table could not be held against it. */
export const OPAQUE_IMPORT =
  /\bimport\(\s*[^'"`\s]|\bimport\(\s*`[^`]*\$\{|\b(createRequire|getBuiltinModule)\(/;

export function importsOf(source: SourceFile): readonly Import[] {
  const found: Import[] = [];
  for (const match of source.text.matchAll(STATIC))
    found.push(toImport(source, match[2] ?? '', match[1] !== undefined));
  for (const match of source.text.matchAll(BARE)) found.push(toImport(source, match[1] ?? '', false));
  for (const match of source.text.matchAll(DYNAMIC)) found.push(toImport(source, match[1] ?? '', false));
  return found;
}

function toImport(source: SourceFile, specifier: string, typeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { specifier, typeOnly };
  const target = posix.normalize(posix.join(posix.dirname(source.path), specifier)).replace(/\.js$/, '.ts');
  return { specifier, file: target, typeOnly };
}

/** The first path segment, or the file itself at the top: `ctap`, `index.ts`. */
export function roomOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** All tracked-looking files of the repository that people read, as text. */
export function documents(): readonly SourceFile[] {
  const names = readdirSync(ROOT, { encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const paths = [...names.map((name) => join(ROOT, name)), ...docs.map((name) => join(ROOT, 'docs', name))];
  return paths.map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, 'utf8') }));
}
