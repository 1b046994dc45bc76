import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../scenarios/results.js';
import { renderJunit } from './junit.js';
import { HOSTILE, reportOf, sampleReport, sampleResult } from './sample.suite.js';
import { elements, parseXml, type XmlElement } from './xml.suite.js';

async function read(report = sampleReport(), strict = false): Promise<XmlElement> {
  return parseXml(await renderJunit(report, { strict }));
}

async function onlyCase(result: Result, strict = false): Promise<XmlElement> {
  const [testCase] = elements(await read(reportOf([result]), strict), 'testcase');
  return testCase ?? expect.fail('no test case');
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name);
}

describe('junit.xml', () => {
  it('counts what it holds', async () => {
    const root = await read();
    expect(root.attributes).toMatchObject({
      name: 'keyrig',
      tests: '10',
      failures: '2',
      errors: '1',
      skipped: '2',
    });
  });

  it('has a suite for each kind, target and platform', async () => {
    expect(elements(await read(), 'testsuite').map((suite) => suite.attributes.name)).toEqual([
      'scenario · demo · win11-23h2/edge',
      'scenario · demo · chromium-linux/chromium',
      'check · demo · chromium-linux/chromium',
    ]);
  });

  it('says how to repeat the run', async () => {
    const [suite] = elements(await read(), 'testsuite');
    const properties = suite?.children[0]?.children.map((property) => property.attributes);
    expect(properties).toContainEqual({ name: 'repeat', value: 'keyrig run --seed 7f3a9c51' });
  });

  it('gives observations as properties', async () => {
    const testCase = await onlyCase(
      sampleResult({ observations: [{ name: 'order', value: ['phone', 'key'] }] }),
    );
    expect(elements(testCase, 'property').map((property) => property.attributes)).toContainEqual({
      name: 'observation.order',
      value: 'phone, key',
    });
  });

  it('shows the evidence of a failure', async () => {
    const failed = sampleResult({
      verdict: 'FAIL',
      reason: 'expected refused, got accepted',
      severity: 'critical',
      clause: 'WebAuthn L3 §7.2 step 21',
      steps: [{ title: 'it is refused', outcome: 'failed', at: 0, detail: '200' }],
    });
    const failure = child(await onlyCase(failed), 'failure');
    expect(failure?.attributes).toEqual({ message: 'expected refused, got accepted', type: 'critical' });
    expect(failure?.text).toBe('WebAuthn L3 §7.2 step 21 · critical\nFAILED it is refused: 200');
  });

  it.each([
    ['CRASH', 'error'],
    ['SKIP', 'skipped'],
    ['INCONCLUSIVE', 'skipped'],
  ] as const)('says why a result is %s', async (verdict, element) => {
    const testCase = await onlyCase(sampleResult({ verdict, reason: 'because' }));
    expect(child(testCase, element)?.attributes.message).toBe('because');
  });

  it('takes INCONCLUSIVE for a failure when asked to be strict', async () => {
    const testCase = await onlyCase(sampleResult({ verdict: 'INCONCLUSIVE', reason: 'throttled' }), true);
    expect(child(testCase, 'failure')?.attributes.message).toBe('throttled');
    expect(child(testCase, 'skipped')).toBeUndefined();
  });

  it('tells a warning without failing', async () => {
    const testCase = await onlyCase(sampleResult({ verdict: 'WARN', reason: 'timeout is 60000 ms' }));
    expect(child(testCase, 'system-out')?.text).toContain('WARN timeout is 60000 ms');
    expect(child(testCase, 'failure')).toBeUndefined();
  });

  it.each(['PASS', 'OBS'] as const)('lets %s pass', async (verdict) => {
    const testCase = await onlyCase(sampleResult({ verdict }));
    expect(testCase.children.map((part) => part.name)).toEqual(['properties']);
  });

  it.each(HOSTILE)('stays well-formed around %j', async (text) => {
    const hostile = sampleResult({
      id: text,
      title: text,
      target: text,
      verdict: 'FAIL',
      reason: text,
      devices: [text],
      steps: [{ title: text, outcome: 'failed', at: 0, detail: text }],
      observations: [{ name: text, value: text }],
    });
    const root = await read(reportOf([hostile], { seed: text, command: text }));
    expect(elements(root, 'testcase')).toHaveLength(1);
    expect(elements(root, 'failure')).toHaveLength(1);
  });

  it('stays well-formed around any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('FAIL', 'CRASH', 'WARN', 'SKIP'),
        async (text, verdict) => {
          const result = sampleResult({
            id: text,
            title: text,
            verdict,
            reason: text,
            error: { code: text, message: text },
          });
          expect(elements(await read(reportOf([result])), 'testcase')).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});
