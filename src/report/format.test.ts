import { describe, expect, it } from 'vitest';
import { duration, elapsed, moment, oneLine, repeatCommand, visible } from './format.js';

describe('visible', () => {
  it.each([
    ['\u001b[31mred', '\\u001b[31mred'],
    ['bell\u0007 null\u0000', 'bell\\u0007 null\\u0000'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['\ud800 alone', '\\ud800 alone'],
    ['\r over', '\\u000d over'],
  ])('shows %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it.each(['plain', 'Grüße, 日本語, 🔑', 'tab\tand\nline'])('leaves %j', (text) => {
    expect(visible(text)).toBe(text);
  });
});

describe('words of reports', () => {
  it('puts text on one line', () => {
    expect(oneLine(' a\n\tb\r\n c ')).toBe('a b c');
  });

  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [1_000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min 0 s'],
    [125_000, '2 min 5 s'],
  ])('says %i milliseconds as %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });

  it('says a moment in UTC, and leaves what is none', () => {
    expect(moment('2026-11-24T21:15:03.000Z')).toBe('2026-11-24 21:15:03 UTC');
    expect(moment('soon')).toBe('soon');
  });

  it('measures between two moments', () => {
    expect(elapsed('2026-11-24T21:15:03.000Z', '2026-11-24T21:15:04.500Z')).toBe(1_500);
    expect(elapsed('2026-11-24T21:15:03.000Z', 'never')).toBe(0);
  });

  it.each([
    ['keyrig run', '7f3a', 'keyrig run --seed 7f3a'],
    ['keyrig run --seed 7f3a', '7f3a', 'keyrig run --seed 7f3a'],
    ['keyrig run', "it's; rm -rf", "keyrig run --seed 'it'\\''s; rm -rf'"],
  ])('repeats %j with %j', (command, seed, repeated) => {
    expect(repeatCommand({ command, seed })).toBe(repeated);
  });
});
