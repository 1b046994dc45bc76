/** The import table, read from docs/architecture.md so that page and test can't disagree. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './source.js';

export interface Row {
  readonly mayImport: ReadonlySet<string>;
  readonly never: ReadonlySet<string>;
}

export interface ImportTable {
  readonly rooms: ReadonlyMap<string, Row>;
  readonly typesOnly: ReadonlySet<string>;
  /** Package to the only room or file that may import it. */
  readonly packages: ReadonlyMap<string, string>;
}

function section(page: string, title: string): string {
  const start = page.indexOf(`## ${title}`);
  const end = page.indexOf('\n## ', start + 1);
  return page.slice(start, end === -1 ? undefined : end);
}

/** Cells of all body rows of the first table. */
function rows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const list = (cell: string | undefined): ReadonlySet<string> =>
  new Set(
    (cell ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );

export function readImportTable(): ImportTable {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const rooms = rows(section(page, 'Rooms and what they may import')).map(
    ([room, , may, never]) => [room ?? '', { mayImport: list(may), never: list(never) }] as const,
  );
  const types = section(page, 'Types that everybody may import').matchAll(/^- `([^`]+)`/gm);
  const packages = rows(section(page, 'npm packages')).map(
    ([name, room]) => [name ?? '', room ?? ''] as const,
  );
  return {
    rooms: new Map(rooms),
    typesOnly: new Set([...types].map((match) => match[1] ?? '')),
    packages: new Map(packages),
  };
}
