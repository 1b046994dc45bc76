import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { combineReporters, type Reporter, type RunStart } from './reporter.js';
import { sampleReport, sampleResult } from './sample.suite.js';

const { tool, startedAt, seed, command } = sampleReport();
const start: RunStart = { tool, startedAt, seed, command, planned: 2 };
const diskFull = new KeyrigError('report-write', 'disk full');

function diary(name: string, lines: string[]): Reporter {
  return {
    onBegin: () => void lines.push(`${name} begin`),
    onResult: (result) => void lines.push(`${name} ${result.id}`),
    onEnd: async () => void lines.push(`${name} end`),
  };
}

describe('combined reporters', () => {
  it('all hear everything, in order', async () => {
    const lines: string[] = [];
    const all = combineReporters([diary('a', lines), {}, diary('b', lines)]);
    all.onBegin?.(start);
    all.onResult?.(sampleResult({ id: 'x' }));
    await all.onEnd?.(sampleReport());
    expect(lines).toEqual(['a begin', 'b begin', 'a x', 'b x', 'a end', 'b end']);
  });

  it('do not suffer from one that fails, and say so at the end', async () => {
    const lines: string[] = [];
    let asked = 0;
    const failing: Reporter = {
      onResult: () => {
        asked += 1;
        throw diskFull;
      },
      onEnd: () => void lines.push('never'),
    };
    const all = combineReporters([failing, diary('b', lines)]);
    all.onResult?.(sampleResult({ id: 'x' }));
    all.onResult?.(sampleResult({ id: 'y' }));
    await expect(all.onEnd?.(sampleReport())).rejects.toBe(diskFull);
    expect(asked).toBe(1);
    expect(lines).toEqual(['b x', 'b y', 'b end']);
  });

  it('gather several failures', async () => {
    const failing: Reporter = { onEnd: () => Promise.reject(diskFull) };
    const ended = combineReporters([failing, { ...failing }]).onEnd?.(sampleReport());
    await expect(ended).rejects.toMatchObject({
      code: 'report-write',
      facts: { failures: [String(diskFull), String(diskFull)] },
    });
  });
});
