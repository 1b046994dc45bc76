/** Command lines in the documentation: in shell blocks, in workflows, and in running text. */
import { parse } from 'yaml';
import type { ExitCode, Io, Output } from '../../src/cli/io.js';
import { main } from '../../src/cli/program.js';
import { examples } from './examples.js';
import { allPages, type Found } from './markdown.js';

/** One command line, as words. */
export interface CommandLine {
  readonly where: string;
  readonly words: readonly string[];
}

/** Every line of every shell block and workflow. */
export function shellCommands(): readonly CommandLine[] {
  const blocks = allPages()
    .flatMap((page) => page.blocks)
    .filter(({ language }) => language === 'sh');
  const workflows = examples
    .filter(({ kind }) => kind === 'workflow')
    .flatMap(({ where, text }) => runLines(parse(text)).map((line) => ({ where, text: line })));
  return [...blocks, ...workflows].flatMap(({ where, text }) =>
    text.split('\n').flatMap((line) => commandsOf(line, where)),
  );
}

/** The commands of one line. */
export function commandsOf(line: string, where: string): readonly CommandLine[] {
  return partsOf(line).map((words) => ({ where, words }));
}

/** Every mention of a keyrig command in running text; it need not be whole. */
export function mentionedCommands(): readonly CommandLine[] {
  const mentions: readonly Found[] = allPages().flatMap((page) => page.code);
  return mentions
    .filter(({ text }) => /^keyrig( |$)/.test(text))
    .map(({ where, text }) => ({ where, words: text.split(' ') }));
}

/** What follows `keyrig` in a command line, or `undefined` when it is another program's. */
export function keyrigWords({ words }: CommandLine): readonly string[] | undefined {
  const own = words[0] === 'npx' ? words.slice(1) : words;
  return own[0] === 'keyrig' ? own.slice(1) : undefined;
}

/** Every `run` of a workflow, with its expressions filled in by something. */
function runLines(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'run' && typeof inner === 'string' ? [inner.replaceAll(/\$\{\{.*?\}\}/g, '1')] : runLines(inner),
  );
}

/** The commands of one line, without comments and redirections. No page needs quotes with spaces in them. */
function partsOf(line: string): readonly (readonly string[])[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .split(/\s(?:&&|\||;)\s/)
    .map((part) =>
      part
        .replace(/\s>\s*\S+/g, '')
        .trim()
        .split(/\s+/)
        .map((word) => word.replaceAll(/["']/g, '')),
    )
    .filter(([first = '']) => first !== '');
}

/** What a command line of keyrig said and how it ended. */
export interface Ran {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs keyrig in this process. */
export async function keyrig(words: readonly string[], cwd: string): Promise<Ran> {
  const stdout = memory();
  const stderr = memory();
  const io: Io = { stdout, stderr, env: {}, cwd, signal: new AbortController().signal };
  const code = await main(words, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function memory(): Output & { text(): string } {
  const pieces: string[] = [];
  return {
    write: (piece) => void pieces.push(piece),
    isTTY: false,
    columns: 120,
    text: () => pieces.join(''),
  };
}
