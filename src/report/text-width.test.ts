import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, columns, pad, wrap } from './text-width.js';

describe('text in columns', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['한글', 4],
    ['e\u0301', 1],
    ['🔑', 2],
    ['ｆｕｌｌ', 8],
  ])('%j takes %i', (text, width) => {
    expect(columns(text)).toBe(width);
  });

  it.each([
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['abc def', 5, 'abc…'],
    ['日本語', 4, '日…'],
    ['abc', 0, ''],
  ])('clips %j to %i', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped);
  });

  it('pads to a width', () => {
    expect(pad('日', 4)).toBe('日  ');
  });

  it.each([
    ['a bc def', 4, ['a bc', 'def']],
    ['prioritised-phone/win11', 18, ['prioritised-phone/', 'win11']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['', 5, ['']],
  ])('wraps %j at %i', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines);
  });

  it('wraps any text without losing a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.filter((line) => columns(line) > width)).toEqual([]);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
