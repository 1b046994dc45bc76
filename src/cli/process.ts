/**
 * The real process around a command: its streams, its signals, failures that nobody caught, and its end.
 */
import { formatError, KeyrigError } from '../errors.js';
import { calledAs } from './command-line.js';
import { EXIT, type ExitCode, type Io, type Output } from './io.js';
import { packageFile } from './package-files.js';
import { startWatchdog } from './watchdog.js';

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
  let failures = 0;
  const fail = (message: string): void => {
    failures += 1;
    process.stderr.write(`keyrig: ${message}\n`);
  };
  // Rejections that nobody handles arrive here too.
  process.on('uncaughtException', (error) => fail(describeStray(error)));
  const io = ioOf(fail);
  return {
    io,
    end: async (code) => {
      await Promise.all([drained(process.stdout), drained(process.stderr)]);
      process.exit(code === EXIT.ok && failures > 0 ? EXIT.failed : code);
    },
  };
}

function ioOf(fail: (message: string) => void): Io {
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
    stdout: outputOf(process.stdout, fail),
    stderr: outputOf(process.stderr, fail),
    env,
    cwd,
    signal: interrupted.signal,
    program: calledAs({ script: argv[1], env, cwd }),
    startWatchdog,
  };
}

function outputOf(stream: NodeJS.WriteStream, fail: (message: string) => void): Output {
  let works = true;
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`keyrig run --list | head -1`) is no failure, and every other one is told once.
    if (works && code !== 'EPIPE') fail(`the output could not be written: ${code} [report-write]`);
    works = false;
  });
  return {
    write: (text) => {
      if (works) stream.write(text);
    },
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
  if (ours) return `an internal fault [internal]\n${stack}\nplease report this`;
  const at = place === undefined || error instanceof KeyrigError ? '' : `, at ${place}`;
  return `a failure that nothing waited for: ${formatError(error)}${at}`;
}
