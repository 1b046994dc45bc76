/**
 * The reports of shards as one report, as if nothing had been cut: every result once, in the order of the whole list.
 */
import { KeyrigError } from '../errors.js';
import { countVerdicts, type Result, type RunReport } from '../scenarios/results.js';
import { repeatCommand } from './format.js';

/** A report, and what to call it in messages. */
export interface NamedReport {
  /** E.g. the path of its file. */
  readonly name: string;
  readonly report: RunReport;
}

/** Options that say which part was run and where its report went: nothing that belongs to the whole. */
const OF_ONE_PART = /\s--(?:shard|out)(?:=|\s+)(?:'[^']*'|\\'|[^\s'])+/g;

const SHARD = /\s--shard(?:=|\s+)(\d{1,4})\/(\d{1,4})(?=\s|$)/g;

/** The reports of one command, cut into shards or whole. */
interface Part extends NamedReport {
  /** What was typed, but for `--shard` and `--out`. */
  readonly command: string;
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * Puts reports in the order in which {@link mergeReports} takes them: command by command, each with its shards from the first to the last.
 *
 * @throws KeyrigError `report-invalid` when a shard is missing or there twice, or when the reports have different seeds.
 */
export function inOrder<Report extends NamedReport>(reports: readonly Report[]): readonly Report[] {
  return byCommand(reports).flat();
}

/**
 * One report of several. Interrupted if one of them was.
 *
 * @throws KeyrigError `report-invalid` as {@link inOrder}, and when two reports hold the same result.
 */
export function mergeReports(reports: readonly NamedReport[]): RunReport {
  const groups = byCommand(reports);
  const all = groups.flat().map(({ report }) => report);
  refuseTwice(groups.flat());
  const results = groups.flatMap((group) => interleaved(group.map(({ report }) => report.results)));
  return {
    schema: 'keyrig-report/1',
    tool: {
      name: 'keyrig',
      version: distinct(all.map(({ tool }) => tool.version)).join(', '),
      node: distinct(all.map(({ tool }) => tool.node)).join(', '),
    },
    // ISO 8601 in UTC sorts as text.
    startedAt: all.map(({ startedAt }) => startedAt).toSorted()[0] ?? '',
    endedAt:
      all
        .map(({ endedAt }) => endedAt)
        .toSorted()
        .at(-1) ?? '',
    seed: all[0]?.seed ?? '',
    command: commandOf(groups),
    interrupted: all.some(({ interrupted }) => interrupted),
    results,
    totals: countVerdicts(results),
  };
}

function byCommand<Report extends NamedReport>(
  reports: readonly Report[],
): readonly (readonly (Report & Part)[])[] {
  refuseSeeds(reports);
  const groups = new Map<string, (Report & Part)[]>();
  for (const report of reports) {
    const part = { ...report, ...partOf(report.report.command) };
    groups.set(part.command, [...(groups.get(part.command) ?? []), part]);
  }
  const sorted = [...groups.values()].map((group) => group.toSorted((one, two) => one.index - two.index));
  for (const group of sorted) refuseGaps(group);
  return sorted;
}

function partOf(typed: string): Pick<Part, 'command' | 'index' | 'count'> {
  // Of an option that is given twice the last one counts.
  const [, index = '1', count = '1'] = [...typed.matchAll(SHARD)].at(-1) ?? [];
  return { command: typed.replaceAll(OF_ONE_PART, ''), index: Number(index), count: Number(count) };
}

/** A shard that crashed before its report must not look like one that passed. */
function refuseGaps(group: readonly Part[]): void {
  const { count = 1, command } = group[0] ?? {};
  for (let index = 1; index <= count; index++) {
    const found = group.filter((part) => part.index === index && part.count === count);
    if (found.length === 1) continue;
    const fault = found.length === 0 ? 'is missing' : `is there ${found.length} times`;
    const what = count === 1 ? 'the report' : `shard ${index} of ${count}`;
    throw unmergeable(`${what} of "${command}" ${fault}`, found, 'give the report of every shard once');
  }
  const other = group.find((part) => part.count !== count);
  if (other !== undefined)
    throw unmergeable(`"${command}" was cut into ${count} and into ${other.count}`, group);
}

function refuseSeeds(reports: readonly NamedReport[]): void {
  const seeds = distinct(reports.map(({ report }) => report.seed));
  if (seeds.length < 2) return;
  throw unmergeable(
    `the reports have different seeds: ${seeds.join(', ')}`,
    reports,
    'give every shard the same --seed',
  );
}

/** One result twice would be counted twice. */
function refuseTwice(reports: readonly NamedReport[]): void {
  const seen = new Map<string, NamedReport>();
  for (const here of reports) {
    const keys = distinct(here.report.results.map(keyOf));
    for (const key of keys) {
      const before = seen.get(key);
      if (before !== undefined) {
        const { id } = here.report.results.find((result) => keyOf(result) === key) ?? { id: key };
        throw unmergeable(`the result ${id} is in both reports`, [before, here]);
      }
      seen.set(key, here);
    }
  }
}

function keyOf({ id, target, platform, devices }: Result): string {
  return JSON.stringify([id, target, platform, devices]);
}

function unmergeable(message: string, reports: readonly NamedReport[], hint?: string): KeyrigError {
  const names = reports.map(({ name }) => name);
  return new KeyrigError('report-invalid', message, {
    ...(names.length === 0 ? {} : { where: names.join(', ') }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Shards take turns in the list: the first has the first result of all, the second the next. */
function interleaved(shards: readonly (readonly Result[])[]): readonly Result[] {
  const longest = Math.max(0, ...shards.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => shards.flatMap((shard) => shard[at] ?? [])).flat();
}

/** What repeats the whole. */
function commandOf(groups: readonly (readonly Part[])[]): string {
  const commands = groups.flatMap(([first]) => (first === undefined ? [] : [first]));
  const [only, ...others] = commands;
  if (only === undefined || others.length === 0) return only?.command ?? '';
  return commands.map(({ command, report }) => repeatCommand({ command, seed: report.seed })).join(' && ');
}

function distinct<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}
