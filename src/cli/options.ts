/**
 * Options that several commands share, parsed once.
 */
import { InvalidArgumentError, Option } from 'commander';
import { formatError } from '../errors.js';
import { parseShard, type Shard } from '../scenarios/plan.js';
import { LOG_LEVELS } from './logger.js';

/** `2/5`: the second of five parts. A mistake is told in commander's own way. */
function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw new InvalidArgumentError(formatError(error));
  }
}

/** Whole seconds, at least one. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('expected whole seconds from 1 to 86400.');
}

/** Repeated options as one list. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** What every run takes. */
export const runOptions = {
  out: () => new Option('--out <dir>', 'where the report goes').default('reports', 'reports/'),
  seed: () => new Option('--seed <text>', 'the same seed makes the same keys, names and signatures again'),
  shard: () => new Option('--shard <i/n>', 'run only this part of the list').argParser(shard),
  deadline: () =>
    new Option('--deadline <seconds>', 'how long one scenario or check may take')
      .default(60)
      .argParser(parseSeconds),
  own: () => new Option('--i-own-this-target', 'test a relying party that is not on this machine'),
  json: () => new Option('--json', 'print the report as JSON on stdout'),
  list: () => new Option('--list', 'print what would run, and stop'),
  logLevel: () => new Option('--log-level <level>', 'logs on stderr').choices(LOG_LEVELS).default('silent'),
} as const;
