/**
 * Command lines as text that a shell takes back: a report says with which one its run can be repeated.
 */
import { basename, isAbsolute, relative, resolve } from 'node:path';

/** What needs no quotes in any POSIX shell. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word as a shell would read it again (POSIX.1-2017, Shell Command Language §2.2.2). */
export function quoteWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Words as one command line.
 *
 * @example
 * ```ts
 * commandLine(['keyrig', 'run', 'my scenario.yaml']); // keyrig run 'my scenario.yaml'
 * ```
 */
export function commandLine(words: readonly string[]): string {
  return words.map(quoteWord).join(' ');
}

/** Where a process was started from. */
export interface Caller {
  /** The script as the process knows it: `process.argv[1]`. */
  readonly script: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * The words with which keyrig was called: `keyrig` where the command is on the path, `npx keyrig`, or `node dist/cli/main.js`.
 *
 * npm (7 and later) tells what it runs in `npm_lifecycle_event`, and a link in `node_modules/.bin` keeps its own name as the script.
 */
export function calledAs({ script, env, cwd }: Caller): string {
  if (env.npm_command === 'exec' && env.npm_lifecycle_event === 'npx') return 'npx keyrig';
  if (script === undefined || /^keyrig(\.cmd|\.ps1)?$/.test(basename(script))) return 'keyrig';
  return commandLine(['node', pathFrom(cwd, script)]);
}

/** A path below `cwd` relative to it, any other as it is. */
export function pathFrom(cwd: string, path: string): string {
  const below = relative(cwd, resolve(cwd, path));
  const outside = below === '' || below === '..' || /^\.\.[/\\]/.test(below) || isAbsolute(below);
  return outside ? path : below;
}
