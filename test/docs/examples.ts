/**
 * The examples of the documentation, told by their first line: `# adapter: shop.yaml`, `// scenario: mine.ts`, or for a piece of another
 * example `# shop.yaml, at signIn.password`.
 */
import { fail } from 'node:assert';
import { allPages, type Block } from './markdown.js';

/** What a whole example is. */
export const EXAMPLE_KINDS = ['adapter', 'scenario', 'device', 'workflow', 'test', 'module'] as const;

export type ExampleKind = (typeof EXAMPLE_KINDS)[number];

/** A whole file that a page shows. */
export interface Example extends Block {
  readonly kind: ExampleKind;
  readonly name: string;
}

/** A part of an example, shown otherwise than there. */
export interface Piece extends Block {
  /** Name of the example that it belongs to. */
  readonly of: string;
  /** Where it goes, from the top of the file. */
  readonly path: readonly string[];
}

const WHOLE = new RegExp(`^(?:#|//) (${EXAMPLE_KINDS.join('|')}): (\\S+)\n`);
const PIECE = /^# (\S+\.yaml), at (\S+)\n/;

const blocks: readonly Block[] = allPages().flatMap((page) => page.blocks);

/** Every whole example. */
export const examples: readonly Example[] = blocks.flatMap((block) => {
  const [, kind, name] = WHOLE.exec(block.text) ?? [];
  const known = EXAMPLE_KINDS.find((one) => one === kind);
  if (known !== undefined && name !== undefined) return [{ ...block, kind: known, name }];
  return isOnFrontPage(block)
    ? [{ ...block, kind: 'module', name: `readme-${block.where.split(':')[1]}.mts` }]
    : [];
});

/** The front page shows code without a first line about it. */
function isOnFrontPage({ where, language }: Block): boolean {
  return where.startsWith('README.md:') && language === 'ts';
}

/** Every piece. */
export const pieces: readonly Piece[] = blocks.flatMap((block) => {
  const [, of, path] = PIECE.exec(block.text) ?? [];
  return of === undefined || path === undefined ? [] : [{ ...block, of, path: path.split('.') }];
});

/** Blocks in a language that is checked, without a first line that says what they are. */
export const unmarked: readonly Block[] = blocks.filter(
  (block) =>
    ['yaml', 'ts'].includes(block.language) &&
    !WHOLE.test(block.text) &&
    !PIECE.test(block.text) &&
    !isOnFrontPage(block),
);

/** An example by the name of its file. */
export function exampleNamed(name: string): Example {
  return examples.find((example) => example.name === name) ?? fail(`no example is named ${name}`);
}
