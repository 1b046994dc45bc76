/** Every command that a page shows can be typed: it exists, takes these options, and finds the examples that it names. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type CommandLine,
  commandsOf,
  keyrig,
  keyrigWords,
  mentionedCommands,
  shellCommands,
} from './commands.js';
import { seedKeys } from './keys.js';
import { nameIn, ROOT, readPage } from './markdown.js';
import { openProject } from './project.js';

const project = await openProject();
afterAll(project.remove);

/** The report of a run that was cut into one part: what stands for the reports that a page merges. */
const SHARD = 'shard-of-one';
await keyrig(['run', 'sign-in-username', '--shard', '1/1', '--out', SHARD], project.folder);

/** The commands as tests: their text in the name, each once. */
function cases(lines: readonly CommandLine[]): readonly (readonly [string, CommandLine])[] {
  return [...new Map(lines.map((line) => [line.words.join(' '), line]))];
}

/** The front page and `--help` have no room for whole files: what they name stands for an example. */
const STAND_INS: ReadonlyMap<string, string> = new Map([
  ['./my-rp.yaml', 'bookshop.yaml'],
  ['./rp.yaml', 'bookshop.yaml'],
  ['rp.yaml', 'bookshop.yaml'],
  ['./mine.yaml', 'lost-key.yaml'],
  ['./mine.ts', 'backup-key.ts'],
  ['./my-key.yaml', 'staff-card.yaml'],
]);

/** Examples by their places; runs only as far as their list. */
function harmless(words: readonly string[]): readonly string[] {
  const placed = words.map((word) => project.place(STAND_INS.get(word) ?? word));
  const [command] = placed;
  // Of the reports that are named there is none here.
  if (command === 'merge' && !words.includes('--help')) return ['merge', SHARD, ...optionsIn(words)];
  const runs = command === undefined || command === 'run' || command === 'test';
  const whole = command === undefined ? ['run'] : placed;
  return runs && !words.includes('--help') ? [...whole, '--list'] : whole;
}

/** Options with their values, of a command whose options other than `--json` all have one. */
function optionsIn(words: readonly string[]): readonly string[] {
  return words.filter((word, at) => {
    const before = words[at - 1] ?? '';
    return word.startsWith('--') || (before.startsWith('--') && before !== '--json');
  });
}

/** The command lines of a help text, without what stands behind them in a column of its own. */
function examplesIn(help: string): readonly string[] {
  const lines = help.split('\n').filter((line) => /^ {2}(?:npx )?keyrig\b/.test(line));
  const columns = lines.map((line) => /^ {2}\S.*? {2,}(?=\S)/.exec(line)?.[0].length ?? 0);
  const column = Math.max(...columns);
  return lines.map((line) => (line[column - 1] === ' ' ? line.slice(0, column) : line));
}

async function worksAsShown(_: string, line: CommandLine): Promise<string> {
  const words = keyrigWords(line) ?? [];
  if (words[0] === 'keys' && !words.includes('--help')) await seedKeys(project.folder);
  const { code, stdout, stderr } = await keyrig(harmless(words), project.folder);
  expect(code, `${line.where}: ${stderr}`).toBe(0);
  return stdout;
}

const keyrigLines = shellCommands().filter((line) => keyrigWords(line) !== undefined);
const otherLines = shellCommands().filter((line) => keyrigWords(line) === undefined);

/** The help texts of a command and of all below it, by the words that lead there. */
async function allHelps(path: readonly string[] = []): Promise<readonly (readonly [string, string])[]> {
  const help = await helpOf(path);
  const names = [...commandsIn(help).matchAll(/^ {2}([\w-]+)/gm)].map(([, name = '']) => name);
  const below = await Promise.all(
    names.filter((name) => name !== 'help').map((name) => allHelps([...path, name])),
  );
  return [[['keyrig', ...path].join(' '), help], ...below.flat()];
}

describe('commands in --help', async () => {
  const lines = (await allHelps()).flatMap(([command, help]) =>
    examplesIn(help).flatMap((line) => commandsOf(line, `${command} --help`)),
  );

  it('are many', () => {
    expect(lines.length).toBeGreaterThan(10);
  });

  it.each(cases(lines.filter((line) => keyrigWords(line) !== undefined)))('%s', async (name, line) => {
    await worksAsShown(name, line);
  });
});

describe('commands in shell blocks', () => {
  it('are many', () => {
    expect(keyrigLines.length).toBeGreaterThan(20);
  });

  it.each(cases(keyrigLines))('%s', async (name, line) => {
    const listed = (await worksAsShown(name, line)).split('\n');
    expect(listed.length > 1 && listed.slice(0, -1).every((one) => one.includes('  SKIP: '))).toBe(false);
  });

  it.each(cases(otherLines))('%s', async (_, { words }) => {
    const [program, command, script] = words;
    expect(['npm', 'node', 'npx']).toContain(program);
    if (program !== 'npm') return;
    const { scripts, version } = await manifest();
    if (command === 'run') expect(Object.keys(scripts)).toContain(script);
    else expect(['start', 'test', 'ci', 'pack', 'install']).toContain(command);
    for (const word of words.filter((one) => one.endsWith('.tgz')))
      expect(word).toBe(`./keyrig-${version}.tgz`);
  });
});

async function manifest() {
  const shape = z.object({ version: z.string(), scripts: z.record(z.string(), z.string()) });
  return shape.parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
}

describe('commands in running text', () => {
  it.each(cases(mentionedCommands()))('%s', async (_, line) => {
    const { path, help } = await deepestHelp(keyrigWords(line) ?? []);
    const options = line.words.filter((word) => word.startsWith('--'));
    for (const option of options)
      expect(help, `${line.where}: keyrig ${path.join(' ')}`).toContain(` ${option}`);
  });
});

/** The help of the longest command that the words name. */
async function deepestHelp(words: readonly string[]) {
  const path: string[] = [];
  let help = await helpOf(path);
  for (const word of words) {
    if (!new RegExp(`^  ${word}\\b`, 'm').test(commandsIn(help))) break;
    path.push(word);
    help = await helpOf(path);
  }
  // What has sub-commands has no arguments.
  const rest = words[path.length];
  if (commandsIn(help) !== '' && rest !== undefined && !rest.startsWith('-'))
    expect.fail(`there is no command ${['keyrig', ...path, rest].join(' ')}`);
  return { path, help };
}

async function helpOf(path: readonly string[]): Promise<string> {
  return (await keyrig([...path, '--help'], project.folder)).stdout;
}

function commandsIn(help: string): string {
  return /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(help)?.[1] ?? '';
}

describe('the table of commands', () => {
  it('names every command', async () => {
    const named = readPage('docs/getting-started.md')
      .table('Get it')
      .map(([cell]) => nameIn(cell).split(' ')[1]);
    const commands = [...commandsIn(await helpOf([])).matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]);
    expect(named.toSorted()).toEqual(commands.filter((name) => name !== 'help').toSorted());
  });
});
