import { describe, expect, it } from 'vitest';
import type { Result } from '../scenarios/results.js';
import type { Json } from '../trace/events.js';
import { backingOf, groundsOf, simulatedNotes } from './grounds.js';
import { dialogsMarkup } from './html/dialogs.js';
import { readableText } from './html/page.suite.js';
import { sampleResult } from './sample.suite.js';
import { close } from './sample-events.suite.js';

/** A simulated result whose ceremonies ended with these grounds. */
function simulated(...grounds: readonly Json[]): Result {
  const shown = { layer: 'prompt', kind: 'show', step: 'LU' } as const;
  const events = [shown, ...grounds.map((one) => close('LU', one))];
  return sampleResult({ simulated: true, events: events.map((event) => ({ ...event, sequence: 0, at: 0 })) });
}

const PARTLY = simulated(
  { observed: { rules: ['R3/qr'], screens: ['LQ'] }, H: { rules: [], screens: ['LP'] } },
  { observed: { rules: ['R3/qr'], screens: [] }, L: { rules: ['D-hint'], screens: [] } },
);
const NOT = simulated({ H: { rules: ['R6'], screens: ['W1'] }, M: { rules: [], screens: ['WK'] } });

describe('what screens rest on', () => {
  it('is gathered over the ceremonies of a result, each screen and rule once', () => {
    expect(groundsOf(PARTLY)).toEqual({
      observed: ['LQ', 'rule R3/qr'],
      published: ['LP'],
      inferred: ['rule D-hint'],
    });
  });

  it.each([
    ['partly', PARTLY],
    ['not', NOT],
    ['unknown', simulated()],
    ['unknown', simulated('nothing', { observed: 'LQ' }, { H: { screens: [5] } })],
    ['observed', sampleResult({ simulated: false })],
  ] as const)('comes to "%s"', (backing, result) => {
    expect(backingOf(result)).toBe(backing);
  });

  it('is counted over a run, a sentence for each case', () => {
    expect(simulatedNotes([PARTLY, NOT, PARTLY, sampleResult()])).toEqual([
      'The screens of 1 result follow published sources; no observation of a running browser backs them.',
      'The screens of 2 results were seen in a running browser in part; the rest follows published sources.',
    ]);
  });
});

describe('the note above screens', () => {
  const noteOf = (result: Result) => readableText(dialogsMarkup(result)?.text ?? '');

  it('names what a running browser was seen to do, and what not', () => {
    expect(noteOf(PARTLY)).toContain(
      'simulated Seen in a running browser: LQ, rule R3/qr. From published sources: LP. Inferred: rule D-hint.',
    );
    expect(noteOf(PARTLY)).not.toContain('No observation');
  });

  it('says so where no browser was seen to do any of it', () => {
    expect(noteOf(NOT)).toContain(
      'simulated No observation of a running browser backs these screens. From published sources: W1, WK, rule R6.',
    );
  });

  it('claims neither where the trace does not say', () => {
    expect(noteOf(simulated())).toContain('a profile that no running browser backs in full');
  });
});
