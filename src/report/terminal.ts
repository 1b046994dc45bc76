/**
 * The run as a person follows it at a terminal: a line for each result as it ends, then what broke, tables, and where to go on.
 */
import pc from 'picocolors';
import type { Result, RunReport, Verdict } from '../scenarios/results.js';
import { redact } from '../trace/redact.js';
import { count, duration, elapsed, oneLine, repeatCommand, ruleOf } from './format.js';
import { type Paint, verdictPaints } from './paints.js';
import type { Reporter, ReportPlaces } from './reporter.js';
import { screensTable, totalsTable } from './terminal-tables.js';
import { clip, columns, pad, wrap } from './text-width.js';

/** Where and how to print. */
export interface TerminalOptions {
  /** Takes text with its line feeds; nothing waits for it. */
  readonly write: (text: string) => void;
  readonly colours: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
}

/** Narrower than this nothing can be laid out. */
const NARROWEST = 40;

/** How far reasons stand in, under the names of their results. */
const INDENT = 8;

/**
 * A reporter that prints to a terminal.
 *
 * @example
 * ```ts
 * const { stderr } = process;
 * const reporter = terminalReporter({ write: (text) => stderr.write(text), colours: stderr.isTTY, width: stderr.columns ?? 80 });
 * ```
 */
export function terminalReporter(options: TerminalOptions): Reporter {
  const screen = new Screen(options);
  let planned = 0;
  let done = 0;
  return {
    onBegin: (start) => {
      planned = start.planned;
      const { version } = start.tool;
      screen.line(
        `${screen.bold('keyrig')} ${version} · ${count(planned, 'run')} · seed ${oneLine(start.seed)}`,
      );
    },
    onResult: (result) => {
      done += 1;
      const digits = String(planned).length;
      const counter = planned === 0 ? '' : `${String(done).padStart(digits)}/${planned} `;
      printResult(screen, redact(withoutEvents(result)), counter);
    },
    onEnd: (report, places) => {
      const results = report.results.map(withoutEvents);
      printEnd(screen, redact({ ...report, results }), places);
    },
  };
}

/** Nothing is printed of the trace, so nothing of it needs to be redacted here. */
function withoutEvents(result: Result): Result {
  return { ...result, events: [] };
}

/** Printing within a width. */
class Screen {
  readonly width: number;
  readonly paints: Record<Verdict, Paint>;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly #write: (text: string) => void;

  constructor({ write, colours, width }: TerminalOptions) {
    const c = pc.createColors(colours);
    this.width = Math.max(NARROWEST, width);
    this.paints = verdictPaints(colours);
    this.bold = c.bold;
    this.dim = c.dim;
    this.#write = write;
  }

  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  /** Text under a heading, wrapped and indented. */
  paragraph(text: string, paint: Paint = (plain) => plain): void {
    for (const line of wrap(oneLine(text), this.width - INDENT)) this.line(' '.repeat(INDENT) + paint(line));
  }

  verdict(verdict: Verdict): string {
    return this.paints[verdict](pad(verdict, 5));
  }
}

/** One line, and for what isn't fine the reason below it. A skipped result has its reason in place of its title. */
function printResult(screen: Screen, result: Result, counter: string): void {
  const { verdict, reason } = result;
  const room = screen.width - columns(` ${counter}${pad(verdict, 5)} `);
  screen.line(` ${screen.dim(counter)}${screen.verdict(verdict)} ${describe(screen, result, room)}`);
  const isQuiet = verdict === 'PASS' || verdict === 'SKIP' || reason === undefined;
  if (!isQuiet) screen.paragraph(reason, screen.paints[verdict]);
}

/** Id, title, platform and duration, as far as they fit: the title is cut first, then the platform goes, then the rest. */
function describe(screen: Screen, result: Result, room: number): string {
  const id = clip(oneLine(result.id), room);
  const title = oneLine((result.verdict === 'SKIP' ? result.reason : undefined) ?? result.title);
  const time = ` ${duration(result.durationMs)}`;
  // Checks share their platform, and it hardly matters to them; a scenario is nothing without it.
  const platform =
    result.kind === 'scenario' && result.platform !== undefined ? ` [${oneLine(result.platform)}]` : '';
  const tails = [`${platform}${result.simulated ? ' simulated' : ''}${time}`, time, ''];
  const tail = tails.find((one) => columns(id) + columns(one) <= room) ?? '';
  return id + screen.dim(clip(` ${title}`, room - columns(id) - columns(tail)) + tail);
}

function printEnd(screen: Screen, report: RunReport, places: ReportPlaces | undefined): void {
  const { width, paints } = screen;
  const broken = report.results.filter(({ verdict }) => verdict === 'FAIL' || verdict === 'CRASH');
  const rest = report.results.filter((result) => !broken.includes(result));
  const unjudged = rest.filter(({ verdict, error }) => verdict === 'INCONCLUSIVE' || error !== undefined);
  printGroup(screen, count(broken.length, 'broken rule'), broken);
  printGroup(screen, `${count(unjudged.length, 'result')} without a judgement`, unjudged);
  const tables = [screensTable(report, width), totalsTable(report, width, paints)];
  for (const table of tables) if (table !== undefined) screen.line(`\n${table}`);
  screen.line();
  printSummary(screen, report);
  if (places !== undefined) screen.line(`Report  ${oneLine(places.html)}`);
  screen.line(`Repeat  ${oneLine(repeatCommand(report))}`);
}

function printGroup(screen: Screen, heading: string, results: readonly Result[]): void {
  if (results.length === 0) return;
  screen.line(`\n${screen.bold(heading)}`);
  for (const result of results) {
    screen.line(
      ` ${screen.verdict(result.verdict)} ${clip(`${oneLine(result.id)}  ${oneLine(result.title)}`, screen.width - 7)}`,
    );
    if (result.reason !== undefined) screen.paragraph(result.reason);
    const { error } = result;
    if (error?.where !== undefined) screen.paragraph(`at ${error.where}`);
    if (error?.hint !== undefined) screen.paragraph(`hint: ${error.hint}`);
    if (ruleOf(result) !== '') screen.paragraph(ruleOf(result), screen.dim);
  }
}

function printSummary(screen: Screen, report: RunReport): void {
  const { results, totals } = report;
  const verdicts = Object.entries(totals).filter(([, number]) => number > 0);
  const counts = verdicts.map(([verdict, number]) => `${number} ${verdict}`).join(', ');
  if (report.interrupted) screen.line(screen.bold('Interrupted: these are the results until then.'));
  const summary = `${count(results.length, 'result')} in ${duration(elapsed(report.startedAt, report.endedAt))}`;
  for (const line of wrap(counts === '' ? summary : `${summary}: ${counts}`, screen.width)) screen.line(line);
  const simulated = results.filter((result) => result.simulated).length;
  if (simulated === 0) return;
  const words = `Simulated: the screens of ${count(simulated, 'result')} follow published sources; no observation of a running browser backs them.`;
  for (const line of wrap(words, screen.width)) screen.line(screen.dim(line));
}
