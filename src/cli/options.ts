/**
 * Options that several commands share, parsed once.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearestName } from '../data/nearest-name.js';
import { formatError } from '../errors.js';
import { parseShard, type Shard } from '../scenarios/plan.js';

/** The levels of `--log-level`, quiet to loud. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What every run is told, as commander gives it. */
export interface RunOptions {
  readonly out: string;
  /** Drawn when left out. */
  readonly seed?: string;
  readonly shard?: Shard;
  /** Seconds that one result may take. */
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

/** An option with a few values, and the nearest of them for a wrong one. */
export function choices(option: Option, values: readonly string[]): Option {
  return option.choices(values).argParser((text: string) => {
    if (values.includes(text)) return text;
    const near = nearestName(text, values);
    const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
    throw new InvalidArgumentError(`Allowed choices are ${values.join(', ')}.${hint}`);
  });
}

/** Where reports go: of every command that writes one. */
export function outOption(): Option {
  return new Option('--out <dir>', 'where the report goes').default('reports', 'reports/').argParser(filled);
}

/** Gives a command what every run takes, behind the options of its own. */
export function addRunOptions(command: Command): Command {
  const seed = new Option('--seed <text>', 'the same seed makes the same keys, names and signatures again');
  const deadline = new Option('--deadline <seconds>', 'how long one scenario or check may take');
  const logLevel = new Option('--log-level <level>', 'JSON lines on stderr');
  return command
    .addOption(seed.argParser(filled))
    .addOption(outOption())
    .addOption(new Option('--shard <i/n>', 'run only this part of the list').argParser(shard))
    .addOption(deadline.default(60).argParser(seconds))
    .addOption(new Option('--list', 'print what would run, and stop'))
    .addOption(new Option('--json', 'print the report, or the list, as JSON on stdout'))
    .addOption(new Option('--i-own-this-target', 'test a relying party that is not on this machine'))
    .addOption(choices(logLevel, LOG_LEVELS).default('silent'));
}
