import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImportTable } from './import-table.js';
import { type Import, importsOf, ROOT, roomOf, type SourceFile, sourceFiles } from './source.js';

const table = readImportTable();
const files = sourceFiles();
const FREE = new Set(['errors.ts', 'ports.ts', 'data']);

function isTest(path: string): boolean {
  return /\.(test|suite)\.ts$/.test(path);
}

/** Why this import is not allowed, or undefined. */
function fault(source: SourceFile, used: Import): string | undefined {
  const room = roomOf(source.path);
  const row = table.rooms.get(room);
  if (row === undefined)
    return FREE.has(room) ? undefined : `${room} is not in the table of docs/architecture.md`;
  if (used.file === undefined) return packageFault(source, used, row.never);
  if (isTest(source.path) && used.file.startsWith('../test/')) return undefined;
  const target = roomOf(used.file);
  if (target === room || FREE.has(target) || table.typesOnly.has(used.file)) return undefined;
  if (row.mayImport.has('*') || row.mayImport.has(target) || row.mayImport.has(used.file)) return undefined;
  return `${room} may not import ${used.file}`;
}

function packageFault(source: SourceFile, used: Import, never: ReadonlySet<string>): string | undefined {
  if (isTest(source.path)) return undefined;
  if (used.specifier.startsWith('node:'))
    return never.has('node:*') ? `${used.specifier} in a room without Node` : undefined;
  const name = used.specifier
    .split('/')
    .slice(0, used.specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const owner = table.packages.get(name);
  if (owner === undefined || owner === source.path || owner === roomOf(source.path)) return undefined;
  return `only ${owner} may import ${name}`;
}

describe('the import table of docs/architecture.md', () => {
  it('is read whole', () => {
    expect([...table.rooms.keys()]).toContain('authenticator');
    expect(table.rooms.get('authenticator')?.never).toEqual(new Set(['transport', 'client']));
    expect(table.typesOnly.size).toBeGreaterThan(5);
    expect(table.packages.get('cbor-x')).toBe('ctap/cbor.ts');
  });

  it('has a row for each folder, and a folder for each row', () => {
    const rooms = new Set(
      files.map((file) => roomOf(file.path)).filter((room) => !FREE.has(room) || room === 'data'),
    );
    expect([...table.rooms.keys()].sort()).toEqual([...rooms].sort());
  });

  it('never both allows and forbids', () => {
    const both = [...table.rooms].filter(([, row]) => [...row.never].some((name) => row.mayImport.has(name)));
    expect(both).toEqual([]);
  });

  it('holds for every import', () => {
    const faults = files.flatMap((file) =>
      importsOf(file).flatMap((used) => {
        const why = fault(file, used);
        return why === undefined ? [] : [`${file.path}: ${why}`];
      }),
    );
    expect(faults).toEqual([]);
  });

  it('would catch a forbidden import', () => {
    const sneaky = { path: 'authenticator/x.ts', text: "import { a } from '../client/ctap-client.js';\n" };
    expect(importsOf(sneaky).map((used) => fault(sneaky, used))).toEqual([
      'authenticator may not import client/ctap-client.ts',
    ]);
    const impure = { path: 'ctap/x.ts', text: "import { readFileSync } from 'node:fs';\n" };
    expect(importsOf(impure).map((used) => fault(impure, used))).toEqual(['node:fs in a room without Node']);
  });
});

describe('files that hold types only', () => {
  it.each([...table.typesOnly])('%s compiles to nothing', (path) => {
    expect(existsSync(join(ROOT, 'src', path)), path).toBe(true);
    const text = files.find((file) => file.path === path)?.text ?? '';
    const runtime = text.match(/^(?:export )?(?:const|let|function|class|async)\b.*$|^import (?!type).*$/gm);
    expect(runtime).toBeNull();
  });
});
