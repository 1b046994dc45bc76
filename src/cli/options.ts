/**
 * Options that several commands share, parsed once.
 */
import { InvalidArgumentError, Option } from 'commander';
import { formatError } from '../errors.js';
import { parseShard, type Shard } from '../scenarios/plan.js';

/** The levels of `--log-level`, quiet to loud. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every run is told, as commander gives it. */
export interface RunOptions {
  readonly out: string;
  readonly seed?: string;
  readonly shard?: Shard;
  readonly deadline: number;
  readonly iOwnThisTarget?: boolean;
  readonly json?: boolean;
  readonly list?: boolean;
  readonly logLevel: LogLevel;
}

/** `2/5`: the second of five parts. A mistake is told in commander's own way. */
export function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw new InvalidArgumentError(formatError(error));
  }
}

/** The longest `--deadline`: a day. */
const MOST_SECONDS = 86_400;

/** Whole seconds, at least one. */
export function seconds(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MOST_SECONDS) return value;
  throw new InvalidArgumentError(`expected whole seconds from 1 to ${MOST_SECONDS}`);
}

/** Text with something in it: an empty value is a variable that somebody forgot to set. */
export function filled(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('expected some text');
}

/** Repeated options as one list. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), filled(value)];
}

/** What every run takes. */
export const runOptions = {
  out: () =>
    new Option('--out <dir>', 'where the report goes').default('reports', 'reports/').argParser(filled),
  seed: () =>
    new Option('--seed <text>', 'the same seed makes the same keys, names and signatures again').argParser(
      filled,
    ),
  shard: () => new Option('--shard <i/n>', 'run only this part of the list').argParser(shard),
  deadline: () =>
    new Option('--deadline <seconds>', 'how long one scenario or check may take')
      .default(60)
      .argParser(seconds),
  own: () => new Option('--i-own-this-target', 'test a relying party that is not on this machine'),
  json: () => new Option('--json', 'print the report, or the list, as JSON on stdout'),
  list: () => new Option('--list', 'print what would run, and stop'),
  logLevel: () =>
    new Option('--log-level <level>', 'JSON lines on stderr').choices(LOG_LEVELS).default('silent'),
} as const;
