import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result, RunReport } from '../scenarios/results.js';
import { parsePage, readableText } from './html/page.suite.js';
import { renderHtml } from './html.js';
import { HOSTILE, reportOf, sampleReport, sampleResult } from './sample.suite.js';

function textOf(changes: Partial<Result>): string {
  return readableText(renderHtml(reportOf([sampleResult(changes)])));
}

/** A report with this text wherever somebody else could put one. */
function reportFullOf(text: string): RunReport {
  const at = { sequence: 0, at: 0 };
  const fields = {
    [text]: text,
    list: [text, { [text]: [text] }],
    status: text,
    action: text,
    subCommand: text,
  };
  const screen = {
    body: text,
    listLabel: text,
    choices: [text, { label: text }],
    selected: text,
    default: text,
  };
  const result = sampleResult({
    ...{
      id: text,
      title: text,
      reason: text,
      clause: text,
      target: text,
      platform: text,
      devices: [text],
      startedAt: text,
    },
    verdict: 'FAIL',
    error: { code: text, message: text, where: text, hint: text },
    steps: [{ title: text, outcome: 'failed', at: 0, detail: text }],
    observations: [
      { name: text, value: [text] },
      { name: 'defaultChoice', value: text },
      { name: 'firstTitle', value: text },
      { name: 'clicksToSecurityKey', value: text },
    ],
    events: [
      { ...at, layer: 'ctap', kind: 'response', device: text, name: text, fields, hex: text },
      { ...at, layer: 'webauthn', kind: 'error', origin: text, name: text, fields: text },
      {
        ...at,
        layer: 'prompt',
        kind: 'show',
        step: text,
        title: text,
        fields: { ...screen, controls: [text], asks: [text] },
      },
      { ...at, layer: 'prompt', kind: 'act', step: text, fields },
      { ...at, layer: 'user', kind: text, device: text },
      { ...at, layer: 'http', kind: 'failure', jar: text, name: text, fields },
      { ...at, layer: 'scenario', kind: text, name: text, fields },
    ],
  });
  const tool = { name: 'keyrig', version: text, node: text } as const;
  return reportOf([result], { seed: text, command: text, startedAt: text, endedAt: text, tool });
}

/** Every tag and attribute that the page is made of. */
const TAGS = new Set(
  'html head meta title link body svg defs symbol rect path circle use main header div h1 h2 h4 h5 p dl dt dd b section table thead tbody tr th td a nav label input span button details summary code em time small br i ol ul li footer'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(
  'data-label lang charset http-equiv content name rel href class id hidden open title type placeholder checked aria-label aria-hidden role viewBox preserveAspectRatio x y width height rx cx cy r d'.split(
    ' ',
  ),
);

function expectHarmless(page: string): void {
  const { tags, scripts, styles } = parsePage(page);
  expect(tags.filter((tag) => !TAGS.has(tag.name))).toEqual([]);
  expect(tags.flatMap((tag) => Object.keys(tag.attributes)).filter((name) => !ATTRIBUTES.has(name))).toEqual(
    [],
  );
  const links = tags.flatMap((tag) => (tag.attributes.href === undefined ? [] : [tag.attributes.href]));
  expect(links.filter((link) => !/^(#[\w-]+|trace\.jsonl|data:image\/svg\+xml,.*)$/.test(link))).toEqual([]);
  expect(scripts).toHaveLength(1);
  expect(styles).toHaveLength(1);
}

describe('a hostile relying party', () => {
  it.each(HOSTILE)('can put nothing into the page but text: %j', (text) => {
    expectHarmless(renderHtml(reportFullOf(text)));
  });

  it('can put nothing into the page but text, whatever it is', () => {
    const nasty = fc.array(
      fc.oneof(
        fc.constantFrom(...HOSTILE),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('<', '"', '&', '>', "'", '`', '='),
      ),
    );
    fc.assert(
      fc.property(nasty, (parts) => expectHarmless(renderHtml(reportFullOf(parts.join(''))))),
      { numRuns: 300 },
    );
  });

  it('can not turn text around or hide it', () => {
    expect(textOf({ verdict: 'FAIL', reason: 'invoice\u202egnp.exe\u0000' })).toContain(
      'invoice\\u202egnp.exe\\u0000',
    );
  });
});

describe('the page', () => {
  const page = renderHtml(sampleReport());

  it('allows its own style sheet and script and nothing else', () => {
    const { tags, scripts, styles } = parsePage(page);
    const policy = tags.find((tag) => tag.attributes['http-equiv'] === 'Content-Security-Policy')?.attributes
      .content;
    const hash = (text = ''): string =>
      `&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
    expect(policy?.split('; ')).toEqual([
      'default-src &#39;none&#39;',
      'img-src data:',
      `style-src ${hash(styles[0])}`,
      `script-src ${hash(scripts[0])}`,
      'base-uri &#39;none&#39;',
      'form-action &#39;none&#39;',
    ]);
  });

  it('asks nobody for anything', () => {
    const { tags, styles } = parsePage(page);
    expect(tags.filter((tag) => 'src' in tag.attributes || 'action' in tag.attributes)).toEqual([]);
    expect(styles.join('')).not.toMatch(/url\(|@import/);
  });

  it('is the same for the same report', () => {
    expect(renderHtml(sampleReport())).toBe(page);
  });

  it.each([
    ['3 rules broken', sampleReport()],
    ['everything held', reportOf([sampleResult()])],
    ['nothing broken, 1 warning', reportOf([sampleResult({ verdict: 'WARN' }), sampleResult()])],
    ['nothing broken, 1 inconclusive', reportOf([sampleResult({ verdict: 'INCONCLUSIVE' })])],
    ['nothing was judged', reportOf([sampleResult({ verdict: 'SKIP' })])],
    ['nothing was run', reportOf([])],
  ])('says in a few words what came out: %s', (words, report) => {
    expect(readableText(renderHtml(report))).toContain(`keyrig report ${words}`);
  });

  it('says how to run it again', () => {
    expect(readableText(page)).toContain('repeat with keyrig run --seed 7f3a9c51');
  });

  it('has a count for each verdict that occurs', () => {
    const ids = parsePage(page).tags.flatMap((tag) => (tag.name === 'input' ? [tag.attributes.id] : []));
    expect(ids).toEqual([
      'f-FAIL',
      'f-CRASH',
      'f-WARN',
      'f-INCONCLUSIVE',
      'f-PASS',
      'f-OBS',
      'f-SKIP',
      'search',
    ]);
  });

  it('opens what is broken, but not hundreds', () => {
    const results = Array.from({ length: 9 }, () => sampleResult({ verdict: 'FAIL' }));
    const { tags } = parsePage(renderHtml(reportOf([sampleResult(), ...results])));
    const open = tags.filter((tag) => tag.attributes.class?.startsWith('r v-') && 'open' in tag.attributes);
    expect(open.map((tag) => tag.attributes.id)).toEqual(['r1', 'r2', 'r3']);
  });

  it('opens the first scenario with screens when nothing is broken', () => {
    const fine = sampleReport().results.filter((result) => result.verdict === 'PASS');
    const results = [sampleResult(), ...fine];
    const { tags } = parsePage(renderHtml(reportOf(results)));
    const open = tags.filter((tag) => tag.attributes.class?.startsWith('r v-') && 'open' in tag.attributes);
    expect(open.map((tag) => tag.attributes.id)).toEqual(['r1']);
  });

  it('links the overview to its results', () => {
    const { tags } = parsePage(page);
    const targets = tags.flatMap((tag) => (tag.name === 'a' ? [tag.attributes.href?.slice(1)] : []));
    expect(targets).toEqual(['r0', 'r1', 'r2']);
    const ids = new Set(tags.map((tag) => tag.attributes.id));
    expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  });

  it('names the column of every cell of the overview, for screens without room for columns', () => {
    const { tags } = parsePage(page);
    const labels = tags.flatMap(({ name, attributes }) => (name === 'td' ? [attributes['data-label']] : []));
    const columns = ['scenario', 'platform', 'first screen', 'default', 'clicks to the key', 'screens are'];
    expect(labels.filter((label) => label !== undefined)).toEqual([...columns, ...columns, ...columns]);
  });

  it('shows no first screen where none came up, and no number where no way leads to the key', () => {
    const seen = (defaultChoice: string, firstScreen: string, clicksToSecurityKey: number): Result =>
      sampleResult({
        observations: Object.entries({ defaultChoice, firstScreen, clicksToSecurityKey }).map(
          ([name, value]) => ({ name, value }),
        ),
      });
    const none = renderHtml(reportOf([seen('none', 'none', -1)]));
    expect(readableText(none)).not.toContain('What the user is offered first');
    const phoneOnly = renderHtml(reportOf([seen('phone', 'WQ', -1)]));
    expect(readableText(phoneOnly)).toContain('WQ phone no way observed');
  });

  it('says that a run was interrupted', () => {
    expect(readableText(renderHtml(sampleReport({ interrupted: true })))).toContain(
      'Interrupted. These are the results until then.',
    );
    expect(readableText(page)).not.toContain('Interrupted');
  });

  it('shows why, where and what to do', () => {
    const error = {
      code: 'target-answer',
      message: 'the answer is 429',
      where: 'demo.yaml:31:5',
      hint: 'raise the limit',
    };
    expect(textOf({ verdict: 'INCONCLUSIVE', reason: 'throttled', error })).toMatch(
      /INCONCLUSIVE .*throttled .*target-answer the answer is 429 at demo\.yaml:31:5 raise the limit/,
    );
  });

  it('holds no secret that slipped into a result', () => {
    const leaky = sampleResult({
      reason: 'refused password=hunter2',
      events: [{ sequence: 0, at: 0, layer: 'user', kind: 'pin', device: 'a', fields: { pin: '493817' } }],
    });
    const leakyPage = renderHtml(reportOf([leaky], { command: 'keyrig run --token c0ffee' }));
    expect(leakyPage).not.toMatch(/hunter2|493817|c0ffee/);
    expect(leakyPage).toContain('[redacted]');
  });
});

describe('what was simulated', () => {
  it('is said at its result, at its screens, in the overview and at the top', () => {
    const [simulated] = sampleReport().results;
    const text = readableText(renderHtml(reportOf(simulated === undefined ? [] : [simulated])));
    expect(text.match(/\bsimulated\b/g)).toHaveLength(4);
    expect(text).not.toContain('observed These screens');
  });

  it('is not claimed of what was observed', () => {
    const [, , observed] = sampleReport().results;
    const text = readableText(renderHtml(reportOf(observed === undefined ? [] : [observed])));
    expect(text).not.toContain('simulated');
    expect(text).toContain('observed These screens follow what a running browser was seen to show.');
  });
});

describe('a long run', () => {
  it('stays a few megabytes', () => {
    const results = Array.from({ length: 100 }, () => sampleReport().results).flat();
    const bytes = new TextEncoder().encode(renderHtml(reportOf(results))).length;
    expect(results).toHaveLength(1_000);
    expect(bytes).toBeLessThan(6_000_000);
  });
});
