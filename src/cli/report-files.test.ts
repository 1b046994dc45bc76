import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../ports.js';
import { sampleReport } from '../report/sample.suite.js';
import { parseTrace } from '../trace/jsonl.js';
import { createTimeline } from '../trace/timeline.js';
import { openReportFiles, type Pointer } from './report-files.js';

const START = Date.UTC(2026, 10, 24, 21, 15, 3, 250);
const NAME = '2026-11-24T21-15-03Z';

let root: string;

beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'keyrig-report-')), 'reports');
});

afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

async function finished(): Promise<string> {
  const files = await openReportFiles(root, START);
  await files.finish(sampleReport());
  return files.directory;
}

describe('the files of a report', () => {
  it('stand in a folder named after the run’s start', async () => {
    const files = await openReportFiles(root, START);
    const places = await files.finish(sampleReport());
    expect(files.directory).toBe(join(root, NAME));
    expect((await readdir(files.directory)).sort()).toEqual([
      'index.html',
      'junit.xml',
      'report.json',
      'trace.jsonl',
    ]);
    expect(places).toEqual({
      directory: join(root, NAME),
      json: join(root, NAME, 'report.json'),
      junit: join(root, NAME, 'junit.xml'),
      html: join(root, NAME, 'index.html'),
      trace: join(root, NAME, 'trace.jsonl'),
      latest: join(root, 'latest'),
    });
  });

  it('hold the report', async () => {
    const directory = await finished();
    expect(JSON.parse(await readFile(join(directory, 'report.json'), 'utf8'))).toEqual(sampleReport());
    expect(await readFile(join(directory, 'index.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect(await readFile(join(directory, 'junit.xml'), 'utf8')).toContain('<testsuites name="keyrig"');
  });

  it('hold the trace as it happened', async () => {
    const files = await openReportFiles(root, START);
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [files.sink] });
    for (let at = 0; at < 2_000; at++) timeline.emit({ layer: 'scenario', kind: 'step', name: `step ${at}` });
    const { trace } = await files.finish(sampleReport());
    const { events } = parseTrace(await readFile(trace, 'utf8'));
    expect(events).toEqual(timeline.take().events);
    expect(events).toHaveLength(2_000);
  });

  it('can be read by everybody and written by their owner', async () => {
    const directory = await finished();
    const umask = process.umask();
    for (const name of await readdir(directory))
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o644 & ~umask);
    expect((await stat(directory)).mode & 0o777).toBe(0o755 & ~umask);
  });

  it('have their names only when they are complete', async () => {
    const files = await openReportFiles(root, START);
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [files.sink] });
    timeline.emit({ layer: 'scenario', kind: 'step', name: 'a' });
    expect(await readdir(files.directory)).not.toContain('trace.jsonl');
    await files.finish(sampleReport());
    expect((await readdir(files.directory)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});

describe('runs of the same second', () => {
  it('have folders of their own', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => openReportFiles(root, START)));
    expect(opened.map((files) => files.directory).sort()).toEqual(
      ['', '-2', '-3', '-4', '-5'].map((twin) => join(root, NAME + twin)),
    );
    await Promise.all(opened.map((files) => files.finish(sampleReport())));
    expect(opened.map((files) => files.directory)).toContain(
      join(root, await readlink(join(root, 'latest'))),
    );
  });
});

describe('latest', () => {
  it('leads to the newest report by a relative link', async () => {
    await finished();
    expect(await readlink(join(root, 'latest'))).toBe(NAME);
    const next = await openReportFiles(root, START + 60_000);
    await next.finish(sampleReport());
    expect(await readFile(join(root, 'latest', 'report.json'), 'utf8')).toContain('keyrig-report/1');
    expect(await readlink(join(root, 'latest'))).toBe('2026-11-24T21-16-03Z');
  });

  it('is a file with the name where links can’t be made', async () => {
    const noLinks: Pointer = () => Promise.reject(new TypeError('EPERM'));
    const asFile: Pointer = (name, path) => writeFile(path, `${name}\n`);
    const files = await openReportFiles(root, START, [noLinks, asFile]);
    const { latest } = await files.finish(sampleReport());
    expect(await readFile(latest ?? '', 'utf8')).toBe(`${NAME}\n`);
    expect((await readdir(root)).sort()).toEqual([NAME, 'latest']);
  });

  it('leaves a folder alone that somebody keeps under this name', async () => {
    await mkdir(join(root, 'latest'), { recursive: true });
    await writeFile(join(root, 'latest', 'mine.txt'), 'mine');
    const files = await openReportFiles(root, START);
    const places = await files.finish(sampleReport());
    expect(places).not.toHaveProperty('latest');
    expect((await lstat(join(root, 'latest'))).isDirectory()).toBe(true);
    expect((await readdir(root)).sort()).toEqual([NAME, 'latest']);
  });
});

describe('a report that can’t be written', () => {
  it('says where, and what to do', async () => {
    await writeFile(root, 'a file in the way');
    await expect(openReportFiles(root, START)).rejects.toMatchObject({
      code: 'report-write',
      where: root,
      hint: 'free some space, or choose another folder with --out',
    });
  });

  // On Node 20 a recursive mkdir never ends there.
  it.runIf(process.platform === 'linux')('gives up where the system allows no folders', async () => {
    await expect(openReportFiles('/proc/keyrig/reports', START)).rejects.toMatchObject({
      code: 'report-write',
    });
  });

  it('still has the files that could be written', async () => {
    const files = await openReportFiles(root, START);
    await mkdir(join(files.directory, 'junit.xml'));
    await expect(files.finish(sampleReport())).rejects.toMatchObject({
      code: 'report-write',
      where: join(files.directory, 'junit.xml'),
    });
    expect((await readdir(files.directory)).sort()).toEqual([
      'index.html',
      'junit.xml',
      'report.json',
      'trace.jsonl',
    ]);
  });

  it('ends without crashing the process when the folder goes away under the trace', async () => {
    const files = await openReportFiles(root, START);
    const timeline = createTimeline({ clock: new VirtualClock(), sinks: [files.sink] });
    await rm(files.directory, { recursive: true });
    timeline.emit({ layer: 'scenario', kind: 'step', name: 'a' });
    await expect(files.finish(sampleReport())).rejects.toMatchObject({
      code: 'report-write',
      facts: { code: 'ENOENT' },
    });
  });

  it('names the system’s reason', async () => {
    const file = join(root, 'file');
    await mkdir(root);
    await writeFile(file, '');
    await expect(openReportFiles(join(file, 'reports'), START)).rejects.toMatchObject({
      facts: { code: 'ENOTDIR' },
    });
  });
});
