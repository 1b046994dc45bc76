import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import { type Result, reportSchema } from '../scenarios/results.js';
import { createTimeline } from '../trace/timeline.js';
import { renderJson, reportJsonSchema } from './json.js';
import { HOSTILE, reportOf, sampleReport, sampleResult } from './sample.suite.js';

describe('report.json', () => {
  it('is the result model and nothing else', () => {
    const text = renderJson(sampleReport());
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual(sampleReport());
    expect(reportSchema.safeParse(JSON.parse(text)).success).toBe(true);
  });

  it('takes what a timeline recorded as it is', () => {
    const timeline = createTimeline({ clock: new VirtualClock() });
    timeline.emit({ layer: 'http', kind: 'response', jar: 'alice', name: 'POST /', fields: { status: 200 } });
    const events: Result['events'] = [...timeline.take().events];
    expect(JSON.parse(renderJson(reportOf([sampleResult({ events })]))).results[0].events).toEqual(events);
  });

  it('holds the results of an interrupted run', () => {
    const cut = sampleReport({ interrupted: true, results: sampleReport().results.slice(0, 2) });
    expect(JSON.parse(renderJson(cut))).toMatchObject({ interrupted: true, results: [{}, {}] });
  });

  it('keeps hostile text, as data', () => {
    const results = HOSTILE.map((reason) => sampleResult({ reason }));
    const parsed = reportSchema.parse(JSON.parse(renderJson(reportOf(results))));
    expect(parsed.results.map((result) => result.reason)).toEqual([...HOSTILE]);
  });

  it('holds no secret that slipped into a result', () => {
    const leaky = sampleResult({
      reason: 'refused password=hunter2',
      steps: [{ title: 'sign in', outcome: 'failed', at: 0, detail: '{"pin":"493817"}' }],
      observations: [{ name: 'session token', value: 'c0ffee' }],
    });
    expect(renderJson(reportOf([leaky], { command: 'keyrig run --pin 493817' }))).not.toMatch(
      /hunter2|493817|c0ffee/,
    );
  });

  it('refuses a report that its own schema refuses, and says where', () => {
    const broken = reportOf([sampleResult({ durationMs: Number.NaN })]);
    expect(() => renderJson(broken)).toThrow(
      expect.objectContaining({
        code: 'internal',
        where: 'results.0.durationMs',
      } satisfies Partial<KeyrigError>),
    );
  });
});

describe('the JSON Schema', () => {
  const schema = reportJsonSchema();
  const judge = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));

  it('names its draft and its title', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'keyrig report',
    });
  });

  it('takes a real report', () => {
    expect(judge.safeParse(JSON.parse(renderJson(sampleReport()))).success).toBe(true);
  });

  it.each([
    ['without a seed', { seed: undefined }],
    ['with an unknown verdict', { results: [{ ...sampleResult(), verdict: 'MAYBE' }] }],
    ['with a member too many', { extra: 1 }],
    ['of another schema version', { schema: 'keyrig-report/2' }],
  ])('refuses one %s', (_, change) => {
    const report = JSON.parse(JSON.stringify({ ...sampleReport(), ...change }));
    expect(judge.safeParse(report).success).toBe(false);
  });
});
