/**
 * The run as a person follows it at a terminal: a line for each result as it ends, then what broke, tables, and where to go on.
 */
import pc from 'picocolors';
import type { Result, RunReport, Verdict } from '../scenarios/results.js';
import { redact } from '../trace/redact.js';
import { count, duration, elapsed, oneLine, repeatCommand, ruleOf, showsFirstScreen } from './format.js';
import { simulatedNotes } from './grounds.js';
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
  const progress = { planned: 0, done: 0, idWidth: 0 };
  return {
    onBegin: (start) => {
      const { planned, ids = [] } = start;
      progress.planned = planned;
      progress.idWidth = Math.max(0, ...ids.map((id) => columns(oneLine(id))));
      const { version } = start.tool;
      screen.line(
        `${screen.bold('keyrig')} ${version} · ${count(planned, 'run')} · seed ${oneLine(start.seed)}`,
      );
    },
    onResult: (result) => {
      progress.done += 1;
      printResult(screen, redact(withoutEvents(result)), progress);
    },
    onEnd: (report, places) => {
      const results = report.results.map(withoutEvents);
      printEnd(screen, redact({ ...report, results }), simulatedNotes(report.results), places);
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

/** Where a run is. */
interface Progress {
  readonly planned: number;
  readonly done: number;
  /** Columns of the longest id; 0 when nobody knows. */
  readonly idWidth: number;
}

/** Columns of a duration: `59.9 s`, `953 ms`. */
const TIME_WIDTH = 6;

/** Less than this of a title says nothing: then the id has to do. */
const SHORTEST_TITLE = 36;

/** One line, and the reason below it for what isn't fine, or for what was skipped and found no room. */
function printResult(screen: Screen, result: Result, progress: Progress): void {
  const { verdict, reason } = result;
  const counter = counterOf(progress);
  const time = duration(result.durationMs).padStart(TIME_WIDTH);
  const head = columns(` ${counter}${pad(verdict, 5)} ${time}  `);
  const id = clip(oneLine(result.id), screen.width - head);
  const room = screen.width - head - Math.max(columns(id), progress.idWidth) - 2;
  const about = aboutOf(result, room);
  const shown = about === '' ? id : `${pad(id, progress.idWidth)}  ${screen.dim(about)}`;
  screen.line(` ${screen.dim(counter)}${screen.verdict(verdict)} ${screen.dim(time)}  ${shown}`);
  const isSaid = verdict === 'PASS' || (verdict === 'SKIP' && about === oneLine(reason ?? ''));
  if (!isSaid && reason !== undefined) screen.paragraph(reason, screen.paints[verdict]);
}

function counterOf({ planned, done }: Progress): string {
  return planned === 0 ? '' : `${String(done).padStart(String(planned).length)}/${planned} `;
}

/** What stands behind an id, in as many columns as there are: why it was skipped, the screens that it is about, or its title. */
function aboutOf(result: Result, room: number): string {
  if (result.verdict === 'SKIP') return fitting(oneLine(result.reason ?? ''), room, Number.POSITIVE_INFINITY);
  const title = oneLine(result.title);
  if (!showsFirstScreen(result)) return fitting(title, room, SHORTEST_TITLE);
  // Where screens were looked at, they are the subject: which ones, and whether they are real.
  const screens = `${oneLine(result.platform ?? '')}${result.simulated ? ', simulated' : ''}`;
  const more = fitting(title, room - columns(screens) - 2, SHORTEST_TITLE);
  return more === '' ? fitting(screens, room, 0) : `${screens}  ${more}`;
}

/** Text that fits, or as many of its words as do, or nothing when that would be less than `least` columns. */
function fitting(text: string, room: number, least: number): string {
  if (columns(text) <= room) return text;
  if (room < least || room < 2) return '';
  const [line = ''] = wrap(text, room - 2);
  return `${line} …`;
}

function printEnd(
  screen: Screen,
  report: RunReport,
  simulated: readonly string[],
  places: ReportPlaces | undefined,
): void {
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
  for (const note of simulated) {
    for (const line of wrap(`Simulated: ${note}`, screen.width)) screen.line(screen.dim(line));
  }
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
    const { error, reason = '' } = result;
    if (reason !== '') screen.paragraph(reason);
    // A reason that was made from the failure has its place and hint in it.
    const isNew = (fact: string | undefined): fact is string => fact !== undefined && !reason.includes(fact);
    if (isNew(error?.where)) screen.paragraph(`at ${error.where}`);
    if (isNew(error?.hint)) screen.paragraph(`hint: ${error.hint}`);
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
}
