/**
 * The real process around a command: its streams, its signals, failures that nobody caught, and its end.
 */
import { formatError, KeyrigError } from '../errors.js';
import { calledAs } from './command-line.js';
import { EXIT, type ExitCode, type Io, type Output } from './io.js';
import { packageFile } from './package-files.js';

/** Characters per line where nobody says. */
const DEFAULT_COLUMNS = 80;

/** The process, and how it ends. */
export interface CommandProcess {
  readonly io: Io;
  /**
   * Ends the process as soon as everything written has been handed over, whatever an abandoned scenario still waits for.
   * Success becomes a failure when something failed that nobody caught.
   */
  end(code: ExitCode): Promise<void>;
}

/** Takes hold of the process. A second signal ends it at once. */
export function commandProcess(): CommandProcess {
  let strays = 0;
  const stray = (error: unknown): void => {
    strays += 1;
    process.stderr.write(`${describeStray(error)}\n`);
  };
  // Rejections that nobody handles arrive here too.
  process.on('uncaughtException', stray);
  const io = ioOf(stray);
  return {
    io,
    end: async (code) => {
      await Promise.all([drained(process.stdout), drained(process.stderr)]);
      process.exit(code === EXIT.ok && strays > 0 ? EXIT.failed : code);
    },
  };
}

function ioOf(onFailure: (error: unknown) => void): Io {
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const { env, argv } = process;
  const cwd = process.cwd();
  return {
    stdout: outputOf(process.stdout, 'the output', onFailure),
    stderr: outputOf(process.stderr, 'the messages', onFailure),
    env,
    cwd,
    signal: interrupted.signal,
    program: calledAs({ script: argv[1], env, cwd }),
  };
}

function outputOf(stream: NodeJS.WriteStream, what: string, onFailure: (error: unknown) => void): Output {
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`keyrig run --list | head -1`) is no failure.
    if (cause.code === 'EPIPE') return;
    onFailure(new KeyrigError('report-write', `${what} could not be written: ${cause.code}`, { cause }));
  });
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    columns: stream.columns ?? DEFAULT_COLUMNS,
  };
}

/** Resolves when everything written before has left this process, or can't. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** One line for a failure in somebody's scenario; our own faults with everything that helps to find them. */
function describeStray(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const place = /^ +at (?:.*\()?((?!node:).*:\d+:\d+)\)?$/m.exec(stack)?.[1];
  const ours = !(error instanceof KeyrigError) && place?.includes(packageFile('dist')) === true;
  if (ours) return `keyrig: an internal fault: ${stack}\nplease report this`;
  const at = place === undefined || error instanceof KeyrigError ? '' : `, at ${place}`;
  return `keyrig: a failure that nothing waited for: ${formatError(error)}${at}`;
}
