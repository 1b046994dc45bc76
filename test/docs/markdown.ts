/** Markdown as far as these tests need it: headings, links, fenced blocks, code in the text, tables. */
import { fail } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** A fenced block. */
export interface Block {
  /** `docs/adapters.md:12`, the line of its fence. */
  readonly where: string;
  readonly language: string;
  readonly text: string;
}

/** A piece of text with its place. */
export interface Found {
  readonly where: string;
  readonly text: string;
}

/** One page. */
export interface Page {
  /** From the repository's root, e.g. `docs/adapters.md`. */
  readonly path: string;
  /** What can stand behind `#`. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of links and pictures. */
  readonly links: readonly Found[];
  readonly blocks: readonly Block[];
  /** Code in running text and tables, without its backticks. */
  readonly code: readonly Found[];
  /** Cells of the body rows of the only table under a heading. */
  table(heading: string): readonly (readonly string[])[];
}

/** Pages that stand beside `docs/`. */
const OTHERS = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];

/** Every page that users read. */
export function allPages(): readonly Page[] {
  const top = readdirSync(ROOT).filter((name) => OTHERS.includes(name));
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [...top, ...docs.map((name) => `docs/${name}`)].sort().map(readPage);
}

/** Reads a page by its path from the root. */
export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(ROOT, path), 'utf8'));
}

interface Line extends Found {
  readonly number: number;
}

/** Parses a page. Exported for the tests of this file's own rules. */
export function parsePage(path: string, markdown: string): Page {
  const lines = markdown
    .split('\n')
    .map((text, at): Line => ({ text, number: at + 1, where: `${path}:${at + 1}` }));
  const { blocks, prose } = splitFences(lines);
  return {
    path,
    anchors: anchorsOf(prose),
    links: prose.flatMap(linksOf),
    blocks,
    code: prose.flatMap(codeOf),
    table: (heading) => tableUnder(prose, heading, path),
  };
}

interface OpenFence {
  readonly line: Line;
  readonly indent: string;
  readonly language: string;
  readonly body: string[];
}

function splitFences(lines: readonly Line[]): { readonly blocks: readonly Block[]; readonly prose: Line[] } {
  const blocks: Block[] = [];
  const prose: Line[] = [];
  let open: OpenFence | undefined;
  for (const line of lines) {
    const [, indent = '', language] = /^( *)```(\w*)/.exec(line.text) ?? [];
    if (open === undefined && language === undefined) prose.push(line);
    else if (open === undefined) open = { line, indent, language: language ?? '', body: [] };
    // In a list a block stands in as far as its fence.
    else if (language === undefined) open.body.push(line.text.replace(open.indent, ''));
    else {
      blocks.push({ where: open.line.where, language: open.language, text: `${open.body.join('\n')}\n` });
      open = undefined;
    }
  }
  if (open !== undefined) fail(`${open.line.where}: this fence is never closed`);
  return { blocks, prose };
}

/** GitHub's rule: lower case, no punctuation, hyphens for spaces; the second of the same name gets `-1`. */
function anchorsOf(lines: readonly Line[]): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const { text } of lines) {
    const title = headingOf(text);
    if (title === undefined) continue;
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    anchors.add(before === 0 ? slug : `${slug}-${before}`);
  }
  return anchors;
}

function headingOf(text: string): string | undefined {
  return /^#{1,6} +(.*?)\s*$/.exec(text)?.[1];
}

function linksOf({ text, where }: Line): Found[] {
  const plain = text.replaceAll(/`[^`]*`/g, '');
  return [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ where, text: match[1] ?? '' }));
}

function codeOf({ text, where }: Line): Found[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => ({ where, text: match[1] ?? '' }));
}

function tableUnder(lines: readonly Line[], heading: string, path: string): readonly (readonly string[])[] {
  const start = lines.findIndex(({ text }) => headingOf(text) === heading);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex(({ text }) => headingOf(text) !== undefined);
  const rows = rest.slice(0, end === -1 ? undefined : end).filter(({ text }) => text.startsWith('|'));
  if (start === -1 || rows.length < 3) fail(`${path} has no table under "${heading}"`);
  return rows.slice(2).map(({ text }) => cellsOf(text));
}

/** A bar that belongs to a cell's text is written `\|`. */
function cellsOf(row: string): readonly string[] {
  return row
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** A cell that is one name in backticks, without them. */
export function nameIn(cell: string | undefined): string {
  return (cell ?? '').replaceAll('`', '');
}

/** Every name in backticks in a cell, in order. */
export function namesIn(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** One column of a table, without backticks. */
export function column(rows: readonly (readonly string[])[], at = 0): readonly string[] {
  return rows.map((row) => nameIn(row[at]));
}

/** For lists whose order says nothing. */
export function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted();
}

/** The names of a type: one too many or too few doesn't compile. */
export function namesOf<Name extends string>(names: Readonly<Record<Name, true>>): readonly string[] {
  return Object.keys(names);
}
