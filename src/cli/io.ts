/**
 * What the command line touches of the process, so that tests can run commands without being one.
 */

import type { Watchdog } from './watchdog.js';

/** A place to write text. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters per line. */
  readonly columns: number;
}

/** The process around a command. */
export interface Io {
  /** Machine output. */
  readonly stdout: Output;
  /** People's output and logs. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The words with which keyrig was called; by default `keyrig`. */
  readonly program?: string;
  /** Guards this thread; not in tests, whose thread isn't theirs alone. */
  readonly startWatchdog?: () => Watchdog;
}

/** Exit codes, for every command. */
export const EXIT = {
  ok: 0,
  /** A rule was broken. */
  broken: 1,
  /** keyrig or its input failed. */
  failed: 2,
  /** Interrupted by a signal; what there was until then is written. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Colours only on a terminal, and never against NO_COLOR (no-color.org). */
export function wantsColour(io: Pick<Io, 'env' | 'stderr'>): boolean {
  if (io.env.NO_COLOR !== undefined && io.env.NO_COLOR !== '') return false;
  if (io.env.FORCE_COLOR !== undefined && io.env.FORCE_COLOR !== '0') return true;
  return io.stderr.isTTY && io.env.TERM !== 'dumb';
}
