/**
 * A process for tests: what is written stays in memory.
 */
import type { ExitCode, Io, Output } from './io.js';
import { main } from './program.js';

/** An output that remembers. */
export interface MemoryOutput extends Output {
  text(): string;
}

export function memoryOutput(changes: Partial<Output> = {}): MemoryOutput {
  const pieces: string[] = [];
  return {
    write: (text) => void pieces.push(text),
    isTTY: false,
    columns: 80,
    ...changes,
    text: () => pieces.join(''),
  };
}

/** What a command said, and how it ended. */
export interface Said {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process. */
export async function say(argv: readonly string[], changes: Partial<Io> = {}): Promise<Said> {
  const stdout = memoryOutput();
  const stderr = memoryOutput();
  const signal = new AbortController().signal;
  const code = await main(argv, { stdout, stderr, env: {}, cwd: process.cwd(), signal, ...changes });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
