/**
 * `keyrig merge`: finds the reports of shards, and writes the one that they make up.
 */
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KeyrigError } from '../errors.js';
import { renderJson } from '../report/json.js';
import { inOrder, mergeReports, type NamedReport } from '../report/merge.js';
import { exitCodeOf, type Result, type RunReport, reportSchema } from '../scenarios/results.js';
import type { TimedTraceEvent } from '../trace/events.js';
import { parseTrace, parseTraceLine } from '../trace/jsonl.js';
import { EXIT, type ExitCode, type Io } from './io.js';
import { openReportFiles, REPORT_FILES } from './report-files.js';
import { personReporter } from './reporters.js';

/** What a merge is told. */
export interface MergeSettings {
  /** Files or folders. */
  readonly reports: readonly string[];
  readonly out: string;
  readonly json?: boolean;
}

/** A report with all of its trace. */
interface LoadedReport extends NamedReport {
  readonly trace: readonly TimedTraceEvent[];
}

/**
 * Merges, reports, and says with which code the process should end: the one that the uncut run would have had.
 *
 * @throws KeyrigError `report-invalid` for what can't be read or doesn't belong together; `report-write` when nothing can be written
 */
export async function mergeSession(settings: MergeSettings, io: Io): Promise<ExitCode> {
  const loaded = await Promise.all(settings.reports.map((named) => loadReport(named, io.cwd)));
  const numbered = renumbered(inOrder(loaded));
  const report = mergeReports(numbered);
  const files = await openReportFiles(resolve(io.cwd, settings.out), Date.parse(report.startedAt));
  for (const event of numbered.flatMap(({ trace }) => trace)) files.sink.write(event);
  const places = await files.finish(report);
  await personReporter(io).onEnd?.(report, places);
  if (settings.json) io.stdout.write(renderJson(report));
  return report.interrupted ? EXIT.interrupted : exitCodeOf(report.results);
}

async function loadReport(named: string, cwd: string): Promise<LoadedReport> {
  const file = await reportFile(named, cwd);
  const parsed = reportSchema.safeParse(parseJson(await readFile(file, 'utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new KeyrigError(
      'report-invalid',
      `this is not a report: ${issue?.path.join('.')}: ${issue?.message}`,
      {
        where: file,
        cause: parsed.error,
      },
    );
  }
  return { name: named, report: parsed.data, trace: await traceOf(file, parsed.data) };
}

/** A `report.json`, or the one in a folder, or the one that `latest` in a folder leads to: a link, or a file with the run's name. */
async function reportFile(named: string, cwd: string): Promise<string> {
  const path = resolve(cwd, named);
  const kind = await stat(path).catch(() => undefined);
  if (kind?.isFile()) return path;
  const latest = await readFile(join(path, 'latest'), 'utf8').catch(() => 'latest');
  for (const file of [join(path, REPORT_FILES.json), join(path, latest.trim(), REPORT_FILES.json)])
    if (await stat(file).catch(() => undefined)) return file;
  throw new KeyrigError('report-invalid', 'there is no report', {
    where: named,
    hint: `name a ${REPORT_FILES.json}, or a folder that a run wrote with --out`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The file beside the report; where it was not kept, what the report itself has of the trace. */
async function traceOf(file: string, { results }: RunReport): Promise<readonly TimedTraceEvent[]> {
  const beside = join(file, '..', REPORT_FILES.trace);
  const text = await readFile(beside, 'utf8').catch(() => undefined);
  if (text !== undefined) return parseTrace(text, beside).events;
  return results.flatMap(({ events }) =>
    events.map((event) => parseTraceLine(JSON.stringify(event), 1, file)),
  );
}

/** Each report counted its events from 0; together they are one timeline, in which events and traces still find each other. */
function renumbered(reports: readonly LoadedReport[]): readonly LoadedReport[] {
  let before = 0;
  return reports.map((loaded) => {
    const offset = before;
    const shift = <Event extends { readonly sequence: number }>(event: Event): Event => ({
      ...event,
      sequence: event.sequence + offset,
    });
    const { report, trace } = loaded;
    const results = report.results.map((result): Result => ({ ...result, events: result.events.map(shift) }));
    for (const { sequence } of [...trace, ...report.results.flatMap(({ events }) => events)])
      before = Math.max(before, offset + sequence + 1);
    return { ...loaded, report: { ...report, results }, trace: trace.map(shift) };
  });
}
