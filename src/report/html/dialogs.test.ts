import { describe, expect, it } from 'vitest';
import type { Result } from '../../scenarios/results.js';
import { sampleReport, sampleResult } from '../sample.suite.js';
import { dialogsMarkup } from './dialogs.js';
import { parsePage, readableText } from './page.suite.js';
import { ceremoniesOf, type ScreenView } from './screens.js';

function onWindows(): Result {
  return sampleReport().results[0] ?? expect.fail('no sample');
}

/** The screens of the only call. */
function screensOf(result: Result): readonly ScreenView[] {
  const ceremonies = ceremoniesOf(result);
  expect(ceremonies).toHaveLength(1);
  return ceremonies[0]?.screens ?? [];
}

describe('screens of a ceremony', () => {
  it('stand in the order shown', () => {
    expect(screensOf(onWindows()).map((screen) => screen.step)).toEqual(['W1', 'WK', 'WP', 'WT']);
  });

  it('know their default', () => {
    const [first] = screensOf(onWindows());
    expect(first?.choices.map(({ label, icon, isDefault }) => [label, icon, isDefault])).toEqual([
      ['iPhone, iPad, or Android device', 'phone', true],
      ['Security key', 'key', false],
    ]);
  });

  it('say what was done on each, and how many clicks that took', () => {
    expect(screensOf(onWindows()).map(({ deeds, clicks }) => [deeds, clicks])).toEqual([
      [['selects Security key', 'presses Next'], 2],
      [['inserts the key'], 0],
      [['enters the PIN'], 0],
      [[], 0],
    ]);
  });

  it('stand apart for each call of the page', () => {
    const at = { sequence: 0, at: 0 };
    const events: Result['events'] = [
      { ...at, layer: 'webauthn', kind: 'create', origin: 'a', name: 'create' },
      { ...at, layer: 'prompt', kind: 'show', step: 'W1' },
      { ...at, layer: 'webauthn', kind: 'get', origin: 'a', name: 'get' },
      { ...at, layer: 'prompt', kind: 'show', step: 'W1' },
      { ...at, layer: 'prompt', kind: 'show', step: 'WK' },
      { ...at, layer: 'webauthn', kind: 'get', origin: 'a', name: 'silent' },
    ];
    const ceremonies = ceremoniesOf(sampleResult({ events }));
    expect(ceremonies.map(({ operation, screens }) => [operation, screens.map(({ step }) => step)])).toEqual([
      ['create', ['W1']],
      ['get', ['W1', 'WK']],
    ]);
    const text = readableText(dialogsMarkup(sampleResult({ events }))?.text ?? '');
    expect(text).toMatch(/Making a passkey W1 first screen Signing in W1 first screen WK/);
  });

  it('are known by their steps where only those were reported', () => {
    const observations = [{ name: 'screens', value: ['LQ', 'LP'] }];
    expect(screensOf(sampleResult({ observations })).map((screen) => screen.step)).toEqual(['LQ', 'LP']);
  });
});

describe('dialogs', () => {
  it('mark the first screen and its default choice', () => {
    const text = readableText(dialogsMarkup(onWindows())?.text ?? '');
    expect(text).toContain('W1 first screen Sign in with your passkey');
    expect(text).toContain('iPhone, iPad, or Android device default Security key Next Cancel 2 clicks');
    expect(text.match(/first screen/g)).toHaveLength(1);
    expect(text).toContain('Signing in · offered first: phone · clicks to the security key: 2');
  });

  it('mark the default button', () => {
    const { tags } = parsePage(dialogsMarkup(onWindows())?.text ?? '');
    expect(tags.filter((tag) => tag.attributes.class === 'default').map((tag) => tag.name)).toEqual([
      'li',
      'span',
      'span',
    ]);
  });

  it.each([
    [['scan'], '#i-qr'],
    [['touch'], '#i-key'],
  ])('picture what the screen waits for: %j', (asks, icon) => {
    const events: Result['events'] = [
      { sequence: 0, at: 0, layer: 'prompt', kind: 'show', step: 'A', fields: { asks } },
    ];
    const { tags } = parsePage(dialogsMarkup(sampleResult({ events }))?.text ?? '');
    expect(tags.find((tag) => tag.name === 'use')?.attributes).toEqual({ href: icon });
  });

  it('are not drawn when no screen was shown', () => {
    expect(dialogsMarkup(sampleResult())).toBeUndefined();
  });
});
