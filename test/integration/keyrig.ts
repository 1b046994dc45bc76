/** The built command, spawned as users do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RunReport, reportSchema } from '../../src/scenarios/results.js';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The script behind the command. */
export const MAIN = join(ROOT, 'dist/cli/main.js');

/** How a process ended, and what it said. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process is started. */
export interface SpawnOptions {
  readonly cwd: string;
  /** Beside `PATH` and `HOME`; nothing else of this process's environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process and each whole line on its stderr. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
}

/** The environment of a shell that was just opened. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
}

/** Runs a program to its end. */
export async function run(
  program: string,
  argv: readonly string[],
  { cwd, env = {}, onLine }: SpawnOptions,
): Promise<Ended> {
  const child = spawn(program, argv, { cwd, env: plainEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let shown = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (let end = stderr.indexOf('\n', shown); end >= 0; end = stderr.indexOf('\n', shown)) {
      onLine?.(stderr.slice(shown, end), child);
      shown = end + 1;
    }
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs keyrig to its end. */
export function keyrig(argv: readonly string[], options: SpawnOptions): Promise<Ended> {
  return run(process.execPath, [MAIN, ...argv], options);
}

/** What `--json` printed: a report and nothing else. */
export function reportIn({ stdout }: Pick<Ended, 'stdout'>): RunReport {
  return reportSchema.parse(JSON.parse(stdout));
}

/** `register: PASS`, with the code of the failure where there is one. */
export function verdicts({ results }: RunReport): readonly string[] {
  return results.map(
    ({ id, verdict, error }) => `${id}: ${verdict}${error === undefined ? '' : ` ${error.code}`}`,
  );
}
