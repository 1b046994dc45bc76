/**
 * The two tables at the end of a run: which screen came first where, and how many results of each kind ended how.
 */
import Table from 'cli-table3';
import { type Result, type RunReport, VERDICTS, type Verdict } from '../scenarios/results.js';
import { clicksToKey, observed, oneLine, showsFirstScreen } from './format.js';
import type { Paint } from './paints.js';
import { clip, columns, wrap } from './text-width.js';

/** Only horizontal rules: tables are to be read, and to be copied. */
const LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', right: '', middle: ' ', 'left-mid': '', 'right-mid': '', mid: '', 'mid-mid': '' },
};

/** Narrower than this a table is a mess; the lines above it have said it all. */
const NARROWEST_TABLE = 72;

function table(
  head: readonly string[],
  widths: readonly number[],
  rows: readonly (readonly string[])[],
): string {
  const drawn = new Table({
    head: [...head],
    colWidths: [...widths],
    chars: LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  drawn.push(...rows.map((row) => [...row]));
  const lines = drawn.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** Divides what fixed columns leave between the others, by weight. */
function spread(width: number, fixed: readonly number[], weights: readonly number[]): readonly number[] {
  const gaps = fixed.length + weights.length - 1;
  const free = width - gaps - fixed.reduce((sum, one) => sum + one, 0);
  const whole = weights.reduce((sum, one) => sum + one, 0);
  return weights.map((weight) => Math.max(4, Math.floor((free * weight) / whole)));
}

/** What came first on each platform: the heart of a prioritisation run. `undefined` when there is nothing to show, or no room. */
export function screensTable(report: RunReport, width: number): string | undefined {
  const rows = report.results.filter(showsFirstScreen);
  if (rows.length === 0 || width < NARROWEST_TABLE) return undefined;
  const fixed = [13, 7];
  const widths = [...spread(width, fixed, [4, 3, 3]), ...fixed];
  // Wrapped here, at joints of names: the table would cut them anywhere.
  const cells = rows.map((result) =>
    screensRow(result).map((cell, at) => wrap(cell, (widths[at] ?? 0) - 1).join('\n')),
  );
  return table(['scenario', 'platform', 'first screen', 'default', 'clicks'], widths, cells);
}

function screensRow(result: Result): string[] {
  const first = observed(result, 'firstTitle') ?? observed(result, 'firstScreen') ?? '';
  return [
    result.id,
    `${result.platform ?? ''}${result.simulated ? ' (simulated)' : ''}`,
    first,
    observed(result, 'defaultChoice') ?? '',
    clicksToKey(result),
  ].map(oneLine);
}

/** Results by family and verdict; only verdicts that occur have a column. `undefined` when there is nothing to compare, or no room. */
export function totalsTable(
  report: RunReport,
  width: number,
  paints: Readonly<Record<Verdict, Paint>>,
): string | undefined {
  const verdicts = verdictsOf(report.results);
  if (verdicts.length === 0 || width < NARROWEST_TABLE) return undefined;
  const families = [...groups(report.results)];
  // One family is what the summary counts anyway.
  if (families.length < 2) return undefined;
  const fixed = verdicts.map((verdict) => verdict.length + 1);
  const [free = 0] = spread(width, fixed, [1]);
  const names = Math.min(free, Math.max(...families.map(([name]) => columns(name))) + 2);
  const rows = families.map(([name, results]) => [
    clip(name, names - 1),
    ...cellsOf(results, verdicts, paints),
  ]);
  return table(['', ...verdicts], [names, ...fixed], rows);
}

function cellsOf(
  results: readonly Result[],
  verdicts: readonly Verdict[],
  paints: Readonly<Record<Verdict, Paint>>,
): readonly string[] {
  return verdicts.map((verdict) => {
    const number = results.filter((result) => result.verdict === verdict).length;
    return number === 0 ? '·' : paints[verdict](String(number));
  });
}

function verdictsOf(results: readonly Result[]): readonly Verdict[] {
  const seen = new Set<string>(results.map((result) => result.verdict));
  return (Object.keys(VERDICTS) as Verdict[]).filter((verdict) => seen.has(verdict));
}

/** Scenarios together; checks by the letters of their ids: `AUTH-20` belongs to `AUTH`. */
function groups(results: readonly Result[]): ReadonlyMap<string, readonly Result[]> {
  const found = new Map<string, Result[]>();
  for (const result of results) {
    const letters = /^[A-Za-z0-9]+/.exec(result.id)?.[0] ?? oneLine(result.id);
    const name = result.kind === 'scenario' ? 'scenarios' : letters;
    found.set(name, [...(found.get(name) ?? []), result]);
  }
  return found;
}
