/**
 * Where a run's report goes: `<root>/<time>/{report.json,junit.xml,index.html,trace.jsonl}`, and `<root>/latest` pointing at it.
 *
 * Reports are for others to read: files are 0644 and folders 0755 (less the umask), unlike state. Everything that is in them was redacted.
 */
import { createWriteStream, existsSync, statSync, type WriteStream } from 'node:fs';
import { lstat, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { KeyrigError } from '../errors.js';
import { renderHtml } from '../report/html.js';
import { renderJson } from '../report/json.js';
import { type JunitOptions, renderJunit } from '../report/junit.js';
import type { ReportPlaces } from '../report/reporter.js';
import type { RunReport } from '../scenarios/results.js';
import { formatTraceLine } from '../trace/jsonl.js';
import type { TimelineSink } from '../trace/timeline.js';

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Names in the folder of a run. */
export const REPORT_FILES = {
  json: 'report.json',
  junit: 'junit.xml',
  html: 'index.html',
  trace: 'trace.jsonl',
} as const;

/** How often another name is tried for a run that started in the same second as others. */
const MOST_TWINS = 1_000;

/** Makes something at `path` that leads to the folder `name` beside it. */
export type Pointer = (name: string, path: string) => Promise<void>;

/** The report of one run, while it is being made. */
export interface ReportFiles {
  /** The run's own folder. */
  readonly directory: string;
  /** Gives `trace.jsonl` its lines as they happen. */
  readonly sink: TimelineSink;
  /**
   * Writes every file and points `latest` at the folder. A file that can't be written doesn't keep the others from being written.
   *
   * @throws KeyrigError `report-write` afterwards.
   */
  finish(report: RunReport, options?: JunitOptions): Promise<ReportPlaces>;
}

/** Ways to point at the newest run, in order: junctions need no rights on Windows, a file with the name works anywhere. */
const POINTERS: readonly Pointer[] = [
  (name, path) => symlink(name, path, 'dir'),
  ...(process.platform === 'win32'
    ? [(name: string, path: string) => symlink(resolve(path, '..', name), path, 'junction')]
    : []),
  (name, path) => writeFile(path, `${name}\n`, { flag: 'wx', mode: FILE_MODE }),
];

/**
 * Makes the folder of a run. Runs that start in the same second get folders of their own, also across processes.
 *
 * @param root Where reports go, e.g. `reports`.
 * @param startedAt The run's start, milliseconds since the Unix epoch.
 * @throws KeyrigError `report-write` when there can be no such folder.
 *
 * @example
 * ```ts
 * const files = await openReportFiles('reports', Date.now());
 * const trace = createTimeline({ clock, sinks: [files.sink] });
 * const places = await files.finish(await runPlan(plan, { trace, ... }));
 * ```
 */
export async function openReportFiles(
  root: string,
  startedAt: number,
  pointers: readonly Pointer[] = POINTERS,
): Promise<ReportFiles> {
  const name = await makeFolder(root, startedAt);
  const directory = join(root, name);
  const trace = new TraceFile(join(directory, REPORT_FILES.trace));
  return {
    directory,
    sink: trace,
    finish: async (report, options = {}) => {
      const places = await writeAll(directory, trace, report, options);
      const latest = await pointLatest(root, name, pointers);
      return latest === undefined ? places : { ...places, latest };
    },
  };
}

/** `2026-11-24T21-15-03Z`: sorts by time, and is a file name everywhere. */
function folderName(startedAt: number): string {
  return `${new Date(startedAt).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

async function makeFolder(root: string, startedAt: number): Promise<string> {
  const wanted = folderName(startedAt);
  await attempt(root, () => makeWithParents(root));
  for (let twin = 1; twin <= MOST_TWINS; twin++) {
    const name = twin === 1 ? wanted : `${wanted}-${twin}`;
    if (await attempt(join(root, name), () => makeUnlessThere(join(root, name)))) return name;
  }
  throw new KeyrigError('report-write', `${MOST_TWINS} reports of the same second are in ${root}`, {
    where: root,
  });
}

/** Not `recursive`: where a parent is there and refuses, as in /proc, Node 20 tries for ever. */
async function makeWithParents(path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) await makeWithParents(parent);
  if (!(await makeUnlessThere(path)) && !statSync(path).isDirectory()) {
    throw new KeyrigError('report-write', `${path} is not a folder`, {
      where: path,
      hint: 'free some space, or choose another folder with --out',
    });
  }
}

/** False when the name is taken: making the folder is what decides, so two processes never share one. */
async function makeUnlessThere(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: FOLDER_MODE });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Writes lines as they come, under a name that says that it isn't finished. */
class TraceFile implements TimelineSink {
  readonly #path: string;
  readonly #partial: string;
  #stream: WriteStream | undefined;
  #failure: unknown;

  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
  }

  write(event: Parameters<TimelineSink['write']>[0]): void {
    this.#open().write(formatTraceLine(event));
  }

  async close(): Promise<void> {
    const stream = this.#open();
    stream.end();
    // A failure on the way has been heard by `error` already; `finished` rejects with it or with a later one.
    await finished(stream).catch((error: unknown) => {
      throw this.#failure ?? error;
    });
    await rename(this.#partial, this.#path);
  }

  /** Opened with the first line, or for a run without events when it ends. */
  #open(): WriteStream {
    if (this.#stream !== undefined) return this.#stream;
    this.#stream = createWriteStream(this.#partial, { flags: 'wx', mode: FILE_MODE });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
    return this.#stream;
  }
}

async function writeAll(
  directory: string,
  trace: TraceFile,
  report: RunReport,
  options: JunitOptions,
): Promise<ReportPlaces> {
  const place = (name: string): string => join(directory, name);
  const file = async (name: string, render: () => string | Promise<string>): Promise<void> =>
    attempt(place(name), async () => writeWhole(place(name), await render()));
  const outcomes = await Promise.allSettled([
    attempt(place(REPORT_FILES.trace), () => trace.close()),
    file(REPORT_FILES.json, () => renderJson(report)),
    file(REPORT_FILES.junit, () => renderJunit(report, options)),
    file(REPORT_FILES.html, () => renderHtml(report)),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return {
    directory,
    json: place(REPORT_FILES.json),
    junit: place(REPORT_FILES.junit),
    html: place(REPORT_FILES.html),
    trace: place(REPORT_FILES.trace),
  };
}

/** Nobody ever reads half a file: it gets its name when it is complete. */
async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, text, { flag: 'wx', mode: FILE_MODE });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Points `latest` at a run, by the first way that works. `undefined` when none does, e.g. because somebody keeps a folder of that name:
 * the report itself is complete without it.
 */
async function pointLatest(
  root: string,
  name: string,
  pointers: readonly Pointer[],
): Promise<string | undefined> {
  const latest = join(root, 'latest');
  const fresh = join(root, `.latest-${name}`);
  for (const point of pointers) {
    try {
      await point(name, fresh);
      await takePlace(fresh, latest);
      return latest;
    } catch {
      await rm(fresh, { force: true });
    }
  }
  return undefined;
}

/** Renames over an older pointer. Where the system won't (a junction in the way), the older one is removed first. */
async function takePlace(fresh: string, latest: string): Promise<void> {
  try {
    await rename(fresh, latest);
  } catch (error) {
    const old = await lstat(latest);
    if (old.isDirectory()) throw error;
    await unlink(latest);
    await rename(fresh, latest);
  }
}

/** Runs `action`; whatever it throws that isn't ours becomes `report-write` with the place. */
async function attempt<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof KeyrigError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KeyrigError('report-write', `the report could not be written: ${reason}`, {
      where,
      hint: 'free some space, or choose another folder with --out',
      facts: { code: codeOf(cause) },
      cause,
    });
  }
}

/** The system's name of a failure, e.g. `ENOSPC`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
