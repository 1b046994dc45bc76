import { describe, expect, it } from 'vitest';
import type { RunReport } from '../scenarios/results.js';
import { inOrder, mergeReports, type NamedReport } from './merge.js';
import { reportOf, sampleResult } from './sample.suite.js';

/** A report of results with these ids. */
function part(command: string, ids: readonly string[], changes: Partial<RunReport> = {}): NamedReport {
  const report = reportOf(
    ids.map((id) => sampleResult({ id })),
    { command, ...changes },
  );
  return { name: `${command}.json`, report };
}

const FIRST = part('keyrig run --seed 7 --shard 1/2 --out a', ['r1', 'r3', 'r5']);
const SECOND = part("keyrig run --seed 7 --shard=2/2 --out 'it'\\''s b'", ['r2', 'r4']);

function ids({ results }: RunReport): readonly string[] {
  return results.map(({ id }) => id);
}

describe('merged shards', () => {
  it.each([[[FIRST, SECOND]], [[SECOND, FIRST]]])('have the order of the whole list', (shards) => {
    expect(ids(mergeReports(shards))).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
    expect(inOrder(shards)).toMatchObject([FIRST, SECOND]);
  });

  it('are repeated by the command of the whole', () => {
    expect(mergeReports([FIRST, SECOND])).toMatchObject({ command: 'keyrig run --seed 7', seed: '7f3a9c51' });
  });

  it('count every verdict', () => {
    const broken = { ...SECOND.report, results: [sampleResult({ id: 'r2', verdict: 'FAIL' })] };
    expect(mergeReports([FIRST, { ...SECOND, report: broken }]).totals).toMatchObject({ PASS: 3, FAIL: 1 });
  });

  it('begin with the first and end with the last', () => {
    const early = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:01:00.000Z' };
    const late = { startedAt: '2026-01-01T00:00:30.000Z', endedAt: '2026-01-01T00:09:00.000Z' };
    const shards = [part('keyrig --shard 1/2', ['a'], late), part('keyrig --shard 2/2', ['b'], early)];
    expect(mergeReports(shards)).toMatchObject({ startedAt: early.startedAt, endedAt: late.endedAt });
  });

  it('were interrupted when one of them was', () => {
    const cut = { ...SECOND, report: { ...SECOND.report, interrupted: true } };
    expect(mergeReports([FIRST, cut]).interrupted).toBe(true);
    expect(mergeReports([FIRST, SECOND]).interrupted).toBe(false);
  });

  it('may have run on different machines', () => {
    const other = part('keyrig --shard 2/2', ['b'], {
      tool: { name: 'keyrig', version: '0.1.0', node: '22.1.0' },
    });
    const { tool } = mergeReports([part('keyrig --shard 1/2', ['a']), other]);
    expect(tool).toEqual({ name: 'keyrig', version: '0.1.0', node: '20.20.2, 22.1.0' });
  });
});

describe('reports of several commands', () => {
  const suite = [
    part('keyrig test rp demo --shard 2/2', ['c2']),
    part('keyrig test rp demo --shard 1/2', ['c1']),
  ];

  it('follow each other, and are repeated one after the other', () => {
    const report = mergeReports([SECOND, ...suite, FIRST]);
    expect(ids(report)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'c1', 'c2']);
    expect(report.command).toBe('keyrig run --seed 7 && keyrig test rp demo --seed 7f3a9c51');
  });

  it('need not have been cut', () => {
    expect(ids(mergeReports([part('keyrig run a', ['a']), part('keyrig run b', ['b'])]))).toEqual(['a', 'b']);
  });
});

describe('reports that do not go together', () => {
  it.each<[string, readonly NamedReport[], string]>([
    ['a shard is missing', [FIRST], 'shard 2 of 2 of "keyrig run --seed 7" is missing'],
    [
      'a shard is there twice',
      [FIRST, SECOND, SECOND],
      'shard 2 of 2 of "keyrig run --seed 7" is there 2 times',
    ],
    [
      'a report is there twice',
      [part('keyrig', ['a']), part('keyrig', ['a'])],
      'the report of "keyrig" is there 2 times',
    ],
    [
      'a list was cut in two ways',
      [...[FIRST, SECOND], part('keyrig run --seed 7 --shard 3/3', ['r6'])],
      '"keyrig run --seed 7" was cut into 2 and into 3',
    ],
    [
      'the seeds differ',
      [FIRST, { ...SECOND, report: { ...SECOND.report, seed: '8' } }],
      'the reports have different seeds: 7f3a9c51, 8',
    ],
    [
      'a result is in two of them',
      [part('keyrig run a', ['a']), part('keyrig run a b', ['a', 'b'])],
      'the result a is in both reports',
    ],
  ])('are refused: %s', (_, reports, message) => {
    const merge = () => mergeReports(reports);
    expect(merge).toThrow(expect.objectContaining({ code: 'report-invalid', message }));
  });

  it('may hold one scenario on two platforms', () => {
    const on = (platform: string) => {
      const report = reportOf([sampleResult({ id: 'a', platform })], {
        command: `keyrig --platform ${platform}`,
      });
      return { name: platform, report };
    };
    expect(ids(mergeReports([on('win11-23h2'), on('chromium-linux')]))).toEqual(['a', 'a']);
  });
});
