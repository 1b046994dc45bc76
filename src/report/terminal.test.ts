import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result, RunReport } from '../scenarios/results.js';
import type { ReportPlaces } from './reporter.js';
import { HOSTILE, reportOf, sampleReport, sampleResult } from './sample.suite.js';
import { terminalReporter } from './terminal.js';
import { columns } from './text-width.js';

const places: ReportPlaces = {
  directory: 'reports/2026-11-24T21-15-03Z',
  html: 'reports/2026-11-24T21-15-03Z/index.html',
  json: 'reports/2026-11-24T21-15-03Z/report.json',
  junit: 'reports/2026-11-24T21-15-03Z/junit.xml',
  trace: 'reports/2026-11-24T21-15-03Z/trace.jsonl',
};

interface Setting {
  readonly width?: number;
  readonly colours?: boolean;
  readonly planned?: number;
}

/** Everything that is printed for a report. */
function printed(
  report: RunReport,
  { width = 80, colours = false, planned = report.results.length }: Setting = {},
): string {
  let out = '';
  const reporter = terminalReporter({ write: (text) => (out += text), width, colours });
  reporter.onBegin?.({ ...report, planned, ids: report.results.map(({ id }) => id) });
  for (const result of report.results) reporter.onResult?.(result);
  void reporter.onEnd?.(report, places);
  return out;
}

function ofOne(changes: Partial<Result>): string {
  return printed(reportOf([sampleResult(changes)]));
}

describe('the terminal', () => {
  it('has a line for each result as it ends', () => {
    expect(ofOne({ id: 'sign-in', durationMs: 412, title: 'a user signs in' }).split('\n')[1]).toBe(
      ' 1/1 PASS  412 ms  sign-in  a user signs in',
    );
  });

  it('prints a result before the run has ended', () => {
    let out = '';
    const reporter = terminalReporter({ write: (text) => (out += text), width: 80, colours: false });
    reporter.onResult?.(sampleResult({ id: 'early' }));
    expect(out).toContain('PASS  412 ms  early');
  });

  it('says what broke, why, and which rule it was', () => {
    const text = ofOne({
      verdict: 'FAIL',
      reason: 'expected refused, got accepted',
      clause: 'WebAuthn L3 §7.2 step 21',
      level: 'MUST',
    });
    expect(text).toContain('1 broken rule\n FAIL  sign-in-username');
    expect(text.match(/expected refused, got accepted/g)).toHaveLength(2);
    expect(text).toContain('WebAuthn L3 §7.2 step 21 · MUST');
  });

  it('says where the tool failed and what to do', () => {
    const error = { code: 'target-answer', message: 'm', where: 'demo.yaml:31:5', hint: 'raise the limit' };
    const text = ofOne({ verdict: 'INCONCLUSIVE', reason: 'throttled', error });
    expect(text).toContain('1 result without a judgement');
    expect(text).toContain('        at demo.yaml:31:5\n        hint: raise the limit\n');
  });

  it('says place and hint once, where the reason has them already', () => {
    const error = { code: 'target-answer', message: 'm', where: 'demo.yaml:31:5', hint: 'raise the limit' };
    const text = ofOne({ verdict: 'INCONCLUSIVE', reason: 'demo.yaml:31:5: m (raise the limit)', error });
    // Below its line, and in the list at the end.
    expect(text.match(/demo\.yaml:31:5/g)).toHaveLength(2);
    expect(text.match(/raise the limit/g)).toHaveLength(2);
  });

  it('says why something was skipped, on its line', () => {
    expect(ofOne({ verdict: 'SKIP', reason: 'no phone given' })).toContain(
      'sign-in-username  no phone given\n',
    );
  });

  it('says why something was skipped below its line when there is no room', () => {
    const reason = 'the adapter of this relying party has neither signIn.username nor signIn.usernameless';
    const text = ofOne({ verdict: 'SKIP', reason });
    expect(text).toMatch(/ sign-in-username\n {8}the adapter of this/);
    expect(text.match(/the adapter/g)).toHaveLength(1);
  });

  it('lines titles up behind the ids', () => {
    const ids = ['a', 'longer-id'];
    const results = ids.map((id) => sampleResult({ id, title: 'a title', observations: [] }));
    const lines = printed(reportOf(results)).split('\n').slice(1, 3);
    expect(lines.map((line) => line.indexOf('a title'))).toEqual([30, 30]);
  });

  it('cuts a title between words, and leaves it out when hardly anything would be left', () => {
    const title = 'a user types a username and signs in with a security key that was plugged in';
    const at = (width: number) => {
      const text = printed(reportOf([sampleResult({ id: 'sign-in', title, observations: [] })]), { width });
      return text.split('\n')[1];
    };
    expect(at(120)).toBe(` 1/1 PASS  412 ms  sign-in  ${title}`);
    expect(at(80)).toBe(' 1/1 PASS  412 ms  sign-in  a user types a username and signs in with a …');
    expect(at(60)).toBe(' 1/1 PASS  412 ms  sign-in');
  });

  it('says simulated where screens are the subject, and only there', () => {
    const observations = [
      { name: 'firstScreen', value: 'W1' },
      { name: 'defaultChoice', value: 'phone' },
    ];
    const line = (changes: Partial<Result>) =>
      ofOne({ id: 'x', title: 't', platform: 'win11-23h2/edge', simulated: true, ...changes }).split('\n')[1];
    expect(line({ observations })).toBe(' 1/1 PASS  412 ms  x  win11-23h2/edge, simulated  t');
    expect(line({ observations, simulated: false })).toBe(' 1/1 PASS  412 ms  x  win11-23h2/edge  t');
    expect(line({ observations: [] })).toBe(' 1/1 PASS  412 ms  x  t');
  });

  it('ends with the counts, the report and how to repeat the run', () => {
    expect(printed(sampleReport()).split('\n').slice(-3)).toEqual([
      'Report  reports/2026-11-24T21-15-03Z/index.html',
      'Repeat  keyrig run --seed 7f3a9c51',
      '',
    ]);
    expect(printed(sampleReport(), { width: 100 })).toContain(
      '10 results in 6.8 s: 3 PASS, 2 FAIL, 1 WARN, 1 CRASH, 1 INCONCLUSIVE, 1 SKIP, 1 OBS\n',
    );
  });

  it('says plainly what was simulated', () => {
    expect(printed(sampleReport(), { width: 200 })).toContain(
      'Simulated: The screens of 1 result follow published sources; no observation of a running browser backs them.\nSimulated: The screens of 1 result follow a profile that no running browser backs in full.\n',
    );
    expect(ofOne({ simulated: false })).not.toContain('imulated');
  });

  it('says that a run was interrupted', () => {
    const cut = sampleReport({ interrupted: true, results: sampleReport().results.slice(0, 1) });
    expect(printed(cut, { planned: 10 })).toContain(' 1/10 PASS');
    expect(printed(cut)).toContain('Interrupted: these are the results until then.');
  });

  it('shows what came first on which platform', () => {
    expect(printed(sampleReport(), { width: 120 })).toMatch(
      /^prioritised-phone\/win11-23h2 +win11-23h2\/edge \(simulated\) +Sign in with your passkey +phone +2$/m,
    );
  });

  it('counts results by family', () => {
    expect(printed(sampleReport())).toMatch(/^AUTH +1 +1 +· +· +1 +· +·$/m);
  });

  it('counts nothing by family when there is only one', () => {
    const checks = ['AUTH-20', 'AUTH-29'].map((id) => sampleResult({ id, kind: 'check', observations: [] }));
    expect(printed(reportOf(checks))).not.toMatch(/^AUTH /m);
  });

  it('survives a run without results', () => {
    expect(printed(reportOf([]))).toContain('0 results in 6.8 s\n');
  });
});

describe('a terminal of a certain width', () => {
  it.each([72, 80, 120, 200])('of %i columns is not exceeded, but for what is to be copied', (width) => {
    const lines = printed(sampleReport(), { width }).split('\n');
    const long = lines.filter((line) => columns(line) > width && !/^(Report|Repeat)/.test(line));
    expect(long).toEqual([]);
  });

  it('has no tables when it is narrow', () => {
    expect(printed(sampleReport(), { width: 50 })).not.toContain('first screen');
  });

  it('holds any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.integer({ min: 72, max: 130 }),
        (text, width) => {
          const result = sampleResult({
            id: text,
            title: text,
            platform: text,
            verdict: 'WARN',
            reason: text,
          });
          const lines = printed(reportOf([result]), { width }).split('\n');
          expect(lines.filter((line) => columns(line) > width && !/^(Report|Repeat)/.test(line))).toEqual([]);
        },
      ),
    );
  });
});

describe('colours', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the start of every colour
  const ESCAPE = /\u001b/;

  it('are used only when told', () => {
    expect(printed(sampleReport())).not.toMatch(ESCAPE);
    expect(printed(sampleReport(), { colours: true })).toMatch(ESCAPE);
  });

  it('change nothing else', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: every colour
    const plain = printed(sampleReport(), { colours: true }).replaceAll(/\u001b\[\d+m/g, '');
    expect(plain).toBe(printed(sampleReport()));
  });

  it.each(HOSTILE)('never come from a relying party: %j', (text) => {
    const result = sampleResult({
      id: text,
      title: text,
      platform: text,
      verdict: 'FAIL',
      reason: text,
      clause: text,
    });
    const out = printed(reportOf([result], { seed: text, command: text }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of the kind may be left
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
  });
});

it('prints no secret', () => {
  const reason = 'refused: {"password":"hunter2"}';
  expect(ofOne({ verdict: 'FAIL', reason })).not.toContain('hunter2');
});
