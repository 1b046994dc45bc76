import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportOf, sampleReport, sampleResult } from '../report/sample.suite.js';
import { type Result, type RunReport, reportSchema } from '../scenarios/results.js';
import { parseTrace, parseTraceLine } from '../trace/jsonl.js';
import { say } from './io.suite.js';
import { openReportFiles } from './report-files.js';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keyrig-merge-'));
});

afterEach(() => rm(cwd, { recursive: true }));

/** A result with two events. */
function resultOf(id: string, changes: Partial<Result> = {}): Result {
  const events: Result['events'] = [0, 1].map((sequence) => ({
    ...{ sequence, at: 5, layer: 'scenario', kind: 'step', name: `${id} ${sequence}` },
  }));
  return sampleResult({ id, events, ...changes });
}

/** Writes a shard's report as a run does, into a folder of its own. */
async function shard(
  index: number,
  results: readonly Result[],
  changes: Partial<RunReport> = {},
): Promise<void> {
  const command = `keyrig run --seed 7f3a9c51 --shard ${index}/2 --out s${index}`;
  const report = reportOf([...results], { command, ...changes });
  const files = await openReportFiles(join(cwd, `s${index}`), Date.parse(report.startedAt));
  for (const event of results.flatMap(({ events }) => events))
    files.sink.write(parseTraceLine(JSON.stringify(event), 1));
  await files.finish(report);
}

const merge = (...argv: string[]) => say(['merge', ...argv], { cwd });

async function merged(out = 'whole'): Promise<RunReport> {
  return reportSchema.parse(JSON.parse(await readFile(join(cwd, out, 'latest/report.json'), 'utf8')));
}

describe('keyrig merge', () => {
  it('writes the report of the whole, and says what came out', async () => {
    await shard(1, [resultOf('a'), resultOf('c')]);
    await shard(2, [resultOf('b')]);
    const { code, stdout, stderr } = await merge('s2', 's1', '--out', 'whole');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^3 results in .*: 3 PASS$/m);
    expect(stderr).toMatch(/\nReport {2}whole\/.*\/index\.html\nRepeat {2}keyrig run --seed 7f3a9c51\n$/);
    expect((await merged()).results.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('numbers events anew, in report and trace alike', async () => {
    await shard(1, [resultOf('a')]);
    await shard(2, [resultOf('b')]);
    await merge('s1', 's2', '--out', 'whole');
    const { events } = parseTrace(await readFile(join(cwd, 'whole/latest/trace.jsonl'), 'utf8'));
    expect(events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect((await merged()).results.flatMap((result) => result.events)).toEqual(events);
  });

  it('finds reports by file, by folder, and by the newest of several', async () => {
    await shard(1, [resultOf('old')]);
    await shard(1, [resultOf('a')], { startedAt: '2027-01-01T00:00:00.000Z' });
    await shard(2, [resultOf('b')]);
    await rm(join(cwd, 's2/latest'));
    await rename(join(cwd, 's2/2026-11-24T21-15-03Z'), join(cwd, 's2/run'));
    await writeFile(join(cwd, 's2/latest'), 'run\n');
    for (const second of ['s2', 's2/run', 's2/run/report.json']) {
      const out = `whole-${second.length}`;
      expect((await merge('s1', second, '--out', out)).code, second).toBe(0);
      expect((await merged(out)).results.map(({ id }) => id)).toEqual(['a', 'b']);
    }
  });

  it('does with the report alone where no trace was kept', async () => {
    await shard(1, [resultOf('a')]);
    await shard(2, [resultOf('b')]);
    await rm(join(cwd, 's2/latest/trace.jsonl'));
    await merge('s1', 's2', '--out', 'whole');
    const { events } = parseTrace(await readFile(join(cwd, 'whole/latest/trace.jsonl'), 'utf8'));
    expect(events.map((event) => ('name' in event ? event.name : ''))).toEqual(['a 0', 'a 1', 'b 0', 'b 1']);
  });

  it('prints the report with --json', async () => {
    await shard(1, [resultOf('a')]);
    await shard(2, []);
    const { stdout } = await merge('s1', 's2', '--out', 'whole', '--json');
    expect(JSON.parse(stdout)).toEqual(await merged());
  });

  it.each([
    [1, [resultOf('a', { verdict: 'FAIL' })], [resultOf('b')], {}],
    [2, [resultOf('a', { verdict: 'INCONCLUSIVE' })], [], {}],
    [130, [resultOf('a')], [resultOf('b')], { interrupted: true }],
  ])('ends with %i, as the whole run would', async (code, first, second, changes) => {
    await shard(1, first);
    await shard(2, second, changes);
    expect((await merge('s1', 's2')).code).toBe(code);
  });

  it.each([
    [['s1'], /^keyrig: shard 2 of 2 of "keyrig run --seed 7f3a9c51" is missing \(.*\) \[report-invalid\]\n$/],
    [['nowhere'], /^keyrig: nowhere: there is no report \(name a report\.json, .*\) \[report-invalid\]\n$/],
    [['notes.txt'], /^keyrig: .*notes\.txt: this is not a report: .* \[report-invalid\]\n$/],
  ])('refuses %j in one line, and writes nothing', async (argv, line) => {
    await shard(1, [resultOf('a')]);
    await writeFile(join(cwd, 'notes.txt'), 'hello');
    await mkdir(join(cwd, 'nowhere'));
    const { code, stdout, stderr } = await merge(...argv, '--out', 'whole');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(line);
    await expect(readFile(join(cwd, 'whole/latest/report.json'))).rejects.toThrow('ENOENT');
  });

  it('takes a report as it was written, whatever is in it', async () => {
    const report = sampleReport();
    const files = await openReportFiles(join(cwd, 'sample'), Date.parse(report.startedAt));
    await files.finish(report);
    await merge('sample', '--out', 'whole');
    expect(await merged()).toEqual({ ...report });
  });
});
