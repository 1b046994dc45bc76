import { describe, expect, it } from 'vitest';
import { type CborKey, type CborValue, decodeLeniently } from './cbor.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const map = (...entries: readonly (readonly [CborKey, CborValue])[]) => new Map(entries);

describe('decodeLeniently', () => {
  it('reports nothing for canonical bytes', () => {
    expect(decodeLeniently(hex('a10102'))).toEqual({ value: map([1, 2]), length: 3, violations: [] });
  });
  it.each<[string, string, CborValue]>([
    ['unsorted keys', 'a2 02 00 01 00', map([1, 0], [2, 0])],
    ['the last of repeated keys', 'a2 01 00 01 07', map([1, 7])],
    ['a map without the entries that it has no keys for', 'a4 01 02 4101 03 f5 04 80 05', map([1, 2])],
    ['five levels', '81 81 81 81 80', [[[[[]]]]]],
    ['a text with a bad byte', '63 61ff62', 'a\ufffdb'],
    ['the item before trailing bytes', '07 ffff', 7],
    ['tags on keys and values', 'a1 c1 01 c2 c3 02', map([1, 2])],
    ['integers that are too long', '83 1b0000000000000001 3800 1a00000002', [1, -1, 2]],
  ])('understands %s', (_what, input, value) => {
    const result = decodeLeniently(hex(input));
    expect(result.value).toEqual(value);
    expect(result.violations.length).toBeGreaterThan(0);
  });
  it.each(['', '82 00', '1c', 'ff', '5f 6161 ff', '43 0102'])('finds no meaning in %s', (input) => {
    expect(decodeLeniently(hex(input))).toMatchObject({ value: undefined, length: undefined });
  });
  it('measures the item before bytes that are none of its business', () => {
    expect(decodeLeniently(hex('1801 00'), { trailing: 'allow' })).toEqual({
      value: 1,
      length: 2,
      violations: [{ rule: 'non-minimal-integer', offset: 0, detail: '1 in 2 bytes' }],
    });
  });
});
