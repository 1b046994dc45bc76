import { describe, expect, it } from 'vitest';
import { sampleReport, sampleResult } from '../sample.suite.js';
import { timelinesWithin } from './budget.js';
import { type ReportedEvent, wordsOf } from './event-words.js';
import { fieldsMarkup } from './fields.js';
import { html } from './markup.js';
import { parsePage, readableText } from './page.suite.js';
import { timelineMarkup } from './timeline.js';

const place = { sequence: 0, at: 0 };
const goodEvent: ReportedEvent = {
  ...place,
  layer: 'ctap',
  kind: 'request',
  device: 'yubikey-5',
  name: 'authenticatorGetAssertion',
  fields: { rpId: 'localhost' },
  hex: '02a1',
};

function drawn(events: readonly ReportedEvent[], detail: 'full' | 'lines' = 'full'): string {
  return timelineMarkup(events, detail)?.text ?? '';
}

describe('words of an event', () => {
  it.each<[Partial<ReportedEvent>, string]>([
    [{}, 'ctap → authenticatorGetAssertion (rpId localhost) plain'],
    [
      { kind: 'response', name: 'CTAP2_ERR_PIN_INVALID', fields: undefined },
      'ctap ← CTAP2_ERR_PIN_INVALID () bad',
    ],
    [{ kind: 'response', name: 'CTAP1_ERR_SUCCESS', fields: undefined }, 'ctap ← CTAP1_ERR_SUCCESS () good'],
    [{ layer: 'user', kind: 'deny', fields: undefined }, 'user · denies () plain'],
    [{ layer: 'prompt', kind: 'act', fields: { action: 'press Next' } }, 'prompt ▸ presses Next () plain'],
    [{ layer: 'prompt', kind: 'show', step: 'W1', title: 'Sign in' }, 'prompt ▣ W1 Sign in () plain'],
    [
      { layer: 'http', kind: 'response', jar: 'alice', name: 'POST /', fields: { status: 500 } },
      'http → 500 (alice) bad',
    ],
    [
      { layer: 'webauthn', kind: 'error', name: 'NotAllowedError', fields: { message: 'timed out' } },
      'webauthn × NotAllowedError (message timed out) bad',
    ],
    [
      {
        layer: 'webauthn',
        kind: 'get',
        name: 'get',
        fields: { hints: ['security-key'], allowCredentials: [{}, {}] },
      },
      'webauthn ▸ get (hints security-key · allowCredentials 2) plain',
    ],
    [
      {
        layer: 'scenario',
        kind: 'check',
        name: 'signed in',
        fields: { holds: false, detail: 'got nothing' },
      },
      'undefined × signed in (got nothing) bad',
    ],
    [
      { layer: 'scenario', kind: 'observation', name: 'order', fields: { value: ['a', 'b'] } },
      'undefined ◆ order = a, b () plain',
    ],
  ])('%j', (change, words) => {
    const { lane, sign, title, gist, tone } = wordsOf({ ...goodEvent, ...change });
    expect(`${lane} ${sign} ${title} (${gist}) ${tone}`).toBe(words);
  });

  it('believes no event: members of any kind are looked at first', () => {
    for (const strange of [null, 7, [], { deep: [] }]) {
      const event = {
        ...goodEvent,
        name: strange,
        device: strange,
        fields: strange,
        hex: strange,
        step: strange,
      };
      for (const layer of ['ctap', 'http', 'prompt', 'user', 'webauthn', 'scenario'] as const)
        expect(() => drawn([{ ...event, layer, kind: 'act' }])).not.toThrow();
    }
  });
});

describe('the timeline', () => {
  it('has a column for each party that did something', () => {
    const events: ReportedEvent[] = [
      goodEvent,
      { ...place, layer: 'user', kind: 'touch', device: 'yubikey-5' },
    ];
    expect(readableText(drawn(events))).toMatch(/^ms Person Key 0 /);
  });

  it('counts milliseconds from its first event', () => {
    expect(
      readableText(
        drawn([
          { ...goodEvent, at: 1_000 },
          { ...goodEvent, at: 1_025 },
        ]),
      ),
    ).toMatch(/ 25 → authenticatorGetAssertion/);
  });

  it('shows decoded fields and hex behind an event', () => {
    expect(readableText(drawn([goodEvent]))).toContain('rpId localhost 02a1');
  });

  it('says which command an answer belongs to', () => {
    const answer: ReportedEvent = { ...goodEvent, kind: 'response', name: 'CTAP2_OK' };
    const other: ReportedEvent = { ...goodEvent, device: 'phone', name: 'authenticatorGetInfo' };
    expect(readableText(drawn([goodEvent, other, answer]))).toContain('CTAP2_OK GetAssertion · yubikey-5');
  });

  it('names devices only where there are several', () => {
    expect(readableText(drawn([goodEvent]))).not.toContain('yubikey-5');
    expect(readableText(drawn([goodEvent, { ...goodEvent, device: 'phone' }]))).toContain('phone');
  });

  it('is not drawn when nothing was traced', () => {
    expect(timelineMarkup([], 'full')).toBeUndefined();
  });
});

describe('fields', () => {
  const text = (value: unknown): string => readableText(html`${fieldsMarkup(value)}`.text);

  it('are nested under their names', () => {
    expect(text({ options: { rk: true }, algs: [-7, -8], list: [{ id: 'a' }] })).toBe(
      'options rk true algs -7, -8 list 0 id a',
    );
  });

  it('show a JSON body as what it says, and other text as it is', () => {
    expect(text({ body: '{"ok":true}' })).toBe('body ok true');
    expect(text({ body: '{"ok":' })).toBe('body {"ok":');
  });

  it('are summed up where they are long or deep', () => {
    expect(text({ body: 'x'.repeat(5_000) })).toContain('… and 3000 more characters');
    expect(text(Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`k${at}`, at])))).toMatch(
      /… 10 more$/,
    );
    const deep = Array.from({ length: 30 }).reduce<object>((inner) => ({ a: inner }), { secret: 1 });
    expect(text(deep)).toContain('1 more inside');
  });

  it('are left out when there are none', () => {
    expect([undefined, null, {}].map(fieldsMarkup)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the budget of a page', () => {
  const { events } = sampleReport().results[0] ?? sampleResult();
  const length = timelineMarkup(events, 'full')?.text.length ?? 0;
  const shorter = timelineMarkup(events, 'lines')?.text.length ?? 0;
  const [check, scenario, broken] = [
    sampleResult({ kind: 'check', events }),
    sampleResult({ events }),
    sampleResult({ kind: 'check', verdict: 'FAIL', events }),
  ];

  it('goes to what is broken first, then to scenarios', () => {
    const drawnAs = timelinesWithin([check, scenario, broken], 2 * length + shorter).map(
      (markup) => markup?.text.length,
    );
    expect(drawnAs).toEqual([shorter, length, length]);
  });

  it('says where the rest is when it has run out', () => {
    const [rest] = timelinesWithin([check, broken], length);
    expect(readableText(rest?.text ?? '')).toContain(
      'Left out to keep this page small; trace.jsonl has all of it.',
    );
    expect(parsePage(rest?.text ?? '').tags.at(-1)?.attributes).toEqual({ href: 'trace.jsonl' });
  });
});
