import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { DEPTH_LIMIT, inspect, LINT_RULES, type LintRule, lint, REPORT_LIMIT } from './cbor-lint.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** Input, and the rule and offset of its first violation. */
type Case = readonly [what: string, input: string, rule: LintRule, offset: number];

const NON_MINIMAL: readonly Case[] = [
  ['1 in two bytes', '18 01', 'non-minimal-integer', 0],
  ['23 in two bytes', '18 17', 'non-minimal-integer', 0],
  ['1 in three bytes', '19 0001', 'non-minimal-integer', 0],
  ['65535 in five bytes', '1a 0000ffff', 'non-minimal-integer', 0],
  ['1 in nine bytes', '1b 0000000000000001', 'non-minimal-integer', 0],
  ['2^32 - 1 in nine bytes', '1b 00000000ffffffff', 'non-minimal-integer', 0],
  ['-1 in two bytes', '38 00', 'non-minimal-integer', 0],
  ['-1 in nine bytes', '3b 0000000000000000', 'non-minimal-integer', 0],
  ['a map key 1 in two bytes', 'a1 18 01 00', 'non-minimal-integer', 1],
  ['an empty byte string with a length byte', '58 00', 'non-minimal-length', 0],
  ['a byte string of 1 with a length byte', '58 01 00', 'non-minimal-length', 0],
  ['a text of 1 with a length byte', '78 01 61', 'non-minimal-length', 0],
  ['a text of 1 with two length bytes', '79 0001 61', 'non-minimal-length', 0],
  ['an array of 1 with a count byte', '98 01 01', 'non-minimal-length', 0],
  ['a map of 1 with a count byte', 'b8 01 01 01', 'non-minimal-length', 0],
  ['a map of 1 with two count bytes', 'b9 0001 01 01', 'non-minimal-length', 0],
];

const INDEFINITE: readonly Case[] = [
  ['array', '9f 01 ff', 'indefinite-length', 0],
  ['map', 'bf 01 01 ff', 'indefinite-length', 0],
  ['byte string', '5f 41 00 ff', 'indefinite-length', 0],
  ['text', '7f 61 61 ff', 'indefinite-length', 0],
  ['array as a member', 'a1 01 9f ff', 'indefinite-length', 2],
];

const KEYS: readonly Case[] = [
  ['the same integer twice', 'a2 01 00 01 01', 'duplicate-key', 3],
  ['the same text twice', 'a2 6161 00 6161 01', 'duplicate-key', 4],
  ['a smaller integer later', 'a2 02 00 01 00', 'unsorted-keys', 3],
  ['a non-negative integer after a negative one', 'a2 20 00 01 00', 'unsorted-keys', 3],
  ['-1 after -2', 'a2 21 00 20 00', 'unsorted-keys', 3],
  ['an integer after a text', 'a2 6161 00 01 00', 'unsorted-keys', 4],
  ['a shorter text after a longer one', 'a2 62 6161 00 61 62 00', 'unsorted-keys', 5],
  ['texts of one length against the alphabet', 'a2 61 62 00 61 61 00', 'unsorted-keys', 4],
  ['an unsorted map in an array in a map', 'a1 01 81 a2 02 00 01 00', 'unsorted-keys', 6],
  ['a byte string as key', 'a1 41 01 00', 'key-type', 1],
  ['a boolean as key', 'a1 f5 00', 'key-type', 1],
  ['null as key', 'a1 f6 00', 'key-type', 1],
  ['an array as key', 'a1 80 00', 'key-type', 1],
  ['a map as key', 'a1 a0 00', 'key-type', 1],
  ['a float as key', 'a1 f93c00 00', 'key-type', 1],
  ['a tagged integer as key', 'a1 c1 01 00', 'key-type', 1],
];

const FOREIGN: readonly Case[] = [
  ['a typed array', 'd840 41 ff', 'tag', 0],
  ['a bignum', 'c2 41 01', 'tag', 0],
  ['a date', 'c1 1a 514b67b0', 'tag', 0],
  ['self-described CBOR', 'd9d9f7 00', 'tag', 0],
  ['a tagged member', 'a1 01 c0 60', 'tag', 2],
  ['1.0 in 16 bits', 'f93c00', 'float', 0],
  ['NaN', 'f97e00', 'float', 0],
  ['a 32-bit float', 'fa47c35000', 'float', 0],
  ['a 64-bit float', 'fb3ff199999999999a', 'float', 0],
  ['undefined', 'f7', 'simple-value', 0],
  ['simple value 0', 'e0', 'simple-value', 0],
  ['simple value 255', 'f8 ff', 'simple-value', 0],
  ['false in two bytes', 'f8 14', 'simple-value', 0],
  ['-2^64, which no 64-bit integer holds', '3b ffffffffffffffff', 'integer-range', 0],
  ['-2^63 - 1', '3b 8000000000000000', 'integer-range', 0],
];

const BAD_UTF8: readonly Case[] = [
  ['a byte that never occurs', '61 ff', 'invalid-utf8', 0],
  ['a continuation without a lead', '61 80', 'invalid-utf8', 0],
  ['a lead without its continuation', '61 c3', 'invalid-utf8', 0],
  ['a lead before ASCII', '62 c361', 'invalid-utf8', 0],
  ['two bytes for an ASCII character', '62 c1bf', 'invalid-utf8', 0],
  ['three bytes for a two-byte character', '63 e09fbf', 'invalid-utf8', 0],
  ['four bytes for a three-byte character', '64 f08fbfbf', 'invalid-utf8', 0],
  ['a lone high surrogate', '63 eda080', 'invalid-utf8', 0],
  ['a surrogate pair in six bytes', '66 eda081edb080', 'invalid-utf8', 0],
  ['a code point above U+10FFFF', '64 f4908080', 'invalid-utf8', 0],
  ['a five-byte lead', '65 f888808080', 'invalid-utf8', 0],
  ['a sequence that is cut after ASCII', '65 6161f09f92', 'invalid-utf8', 0],
  ['a bad text as key', 'a1 61 ff 00', 'invalid-utf8', 1],
];

const BROKEN: readonly Case[] = [
  ['nothing', '', 'empty', 0],
  ['an integer without its byte', '18', 'truncated', 1],
  ['an integer without its last byte', '1b 00000001000000', 'truncated', 8],
  ['a length without its last byte', 'a1 01 59 01', 'truncated', 4],
  ['an array without its last item', '82 18 64', 'truncated', 3],
  ['a map without its last value', 'a2 01 18 64 02', 'truncated', 5],
  ['a byte string longer than the rest', '43 0102', 'length-beyond-input', 0],
  ['a byte string of 4 GB', '5b 0000000100000000', 'length-beyond-input', 0],
  ['a text of 2^32 - 1 bytes', '7a ffffffff 61', 'length-beyond-input', 0],
  ['an array of 2^32 items', '9b 0000000100000000', 'length-beyond-input', 0],
  ['an array of 2^64 - 1 items', '9b ffffffffffffffff 00', 'length-beyond-input', 0],
  ['a map of 2^64 - 1 entries', 'bb ffffffffffffffff 00', 'length-beyond-input', 0],
  ['a map with half of its bytes', 'a2 01 02 03', 'length-beyond-input', 0],
  ['a long string inside', 'a1 01 5a ffffffff', 'length-beyond-input', 2],
  ['additional information 28', '1c', 'reserved-info', 0],
  ['additional information 29 in a length', '5d 00', 'reserved-info', 0],
  ['additional information 30 in a simple value', 'fe', 'reserved-info', 0],
  ['an integer of indefinite length', '1f', 'reserved-info', 0],
  ['a negative integer of indefinite length', '3f', 'reserved-info', 0],
  ['a tag of indefinite length', 'df 00', 'reserved-info', 0],
  ['a break alone', 'ff', 'stray-break', 0],
  ['a break in an array with a count', '81 ff', 'stray-break', 1],
  ['a break as key', 'a1 ff 00', 'stray-break', 1],
  ['a break as value', 'a1 01 ff', 'stray-break', 2],
];

const DEPTH: readonly Case[] = [
  ['five arrays', '81 81 81 81 80', 'depth', 4],
  ['a map in four maps', 'a1 01 a1 01 a1 01 a1 01 a0', 'depth', 8],
  ['the second member of the fourth level', 'a1 01 a1 01 a1 01 82 00 80', 'depth', 8],
];

const TRAILING: readonly Case[] = [
  ['a second item', '00 00', 'trailing-bytes', 1],
  ['a break', 'a0 ff', 'trailing-bytes', 1],
];

const CLASSES = {
  'integers and lengths that are too long': NON_MINIMAL,
  'indefinite lengths': INDEFINITE,
  'map keys': KEYS,
  'what CTAP does not use': FOREIGN,
  'texts that are not UTF-8': BAD_UTF8,
  'what is not well-formed': BROKEN,
  nesting: DEPTH,
  'bytes after the item': TRAILING,
};

describe.each(Object.entries(CLASSES))('lint refuses %s:', (_name, cases) => {
  it.each(cases)('%s (%s)', (_what, input, rule, offset) => {
    const violations = lint(hex(input));
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ rule, offset });
  });
  it.each(cases)('and reports it first: %s (%s)', (_what, input, rule, offset) => {
    expect(lint(hex(input), { mode: 'report' })[0]).toMatchObject({ rule, offset });
  });
});

describe('lint accepts', () => {
  it.each([
    ['a __proto__ key', 'a1 69 5f5f70726f746f5f5f 01'],
    ['keys by type, then length, then bytes', 'a6 01 00 02 00 20 00 21 00 61 61 00 62 6161 00'],
    ['four levels of maps', 'a1 01 a1 01 a1 01 a1 01 00'],
    ['four levels of arrays', '81 81 81 80'],
    ['containers side by side', '83 8180 8180 a10180'],
    ['false, true and null', '83 f4 f5 f6'],
    ['-2^63', '3b 7fffffffffffffff'],
    ['2^64 - 1', '1b ffffffffffffffff'],
    ['texts of two, three and four bytes a character', '69 c3bc e282ac f48fbfbf'],
    ['the code points around the surrogates', '66 ed9fbf ee8080'],
    ['a byte string that looks like nonsense', '44 ff1c5bff'],
  ])('%s (%s)', (_what, input) => {
    expect(lint(hex(input))).toEqual([]);
  });
  it('a Buffer like any Uint8Array, also one in the middle of a pool', () => {
    const pool = Buffer.from('ffa10118ff00', 'hex');
    expect(lint(pool.subarray(1, 5))).toEqual([]);
    expect(lint(pool.subarray(1, 4))).toMatchObject([{ rule: 'truncated', offset: 3 }]);
  });
});

describe('lint in report mode', () => {
  const report = (input: string) =>
    lint(hex(input), { mode: 'report' }).map(({ rule, offset }) => `${rule} ${offset}`);

  it('goes on behind everything that leaves the structure intact', () => {
    expect(report('8a 1801 5801ff 9fff c001 f90000 f7 61ff a2020001ff')).toEqual([
      'non-minimal-integer 1',
      'non-minimal-length 3',
      'indefinite-length 6',
      'tag 8',
      'float 10',
      'simple-value 13',
      'invalid-utf8 14',
      'unsorted-keys 19',
      'stray-break 20',
    ]);
  });
  it('finds repeated keys that are not neighbours', () => {
    expect(report('a3 01 00 02 00 01 00')).toEqual(['unsorted-keys 5', 'duplicate-key 5']);
  });
  it.each([
    ['an integer in a longer form', 'a2 01 00 1801 00', 3, 'non-minimal-integer 3'],
    ['an integer in a much longer form', 'a2 1864 00 190064 00', 4, 'non-minimal-integer 4'],
    ['a text with a longer length', 'a2 6161 00 780161 00', 4, 'non-minimal-length 4'],
  ])('finds a repeated key in spite of its encoding: %s', (_what, input, offset, other) => {
    expect(report(input)).toEqual([other, `duplicate-key ${offset}`]);
  });
  it('does not take keys for repeated that only look alike', () => {
    expect(report('a4 01 00 20 00 6101 00 620001 00')).toEqual([]);
  });
  it('compares byte-string keys by their bytes', () => {
    expect(report('a2 4101 00 4101 01')).toEqual(['key-type 1', 'key-type 4', 'duplicate-key 4']);
    expect(report('a2 4102 00 4101 01')).toEqual(['key-type 1', 'key-type 4', 'unsorted-keys 4']);
  });
  it('compares other keys that it has no use for, but arrays and maps only where they are values', () => {
    expect(report('a2 f5 00 f5 01')).toEqual(['key-type 1', 'key-type 3', 'duplicate-key 3']);
    expect(report('a2 80 00 80 01')).toEqual(['key-type 1', 'key-type 3']);
  });
  it('names depth where it passes the limit and not below', () => {
    expect(report('81 81 81 81 81 81 1801')).toEqual(['depth 4', 'non-minimal-integer 6']);
  });
  it('names every tag of a stack of tags', () => {
    expect(report('c0 c1 00')).toEqual(['tag 0', 'tag 1']);
  });
  it('looks into the chunks of an indefinite-length string', () => {
    expect(report('7f 61ff 780161 ff')).toEqual([
      'indefinite-length 0',
      'invalid-utf8 1',
      'non-minimal-length 3',
    ]);
  });
  it.each([
    ['a chunk of another type', '5f 6161 ff'],
    ['an indefinite-length chunk', '5f 5f ff ff'],
    ['an item that is no string', '7f 00 ff'],
  ])('gives up at %s', (_what, input) => {
    expect(report(input)).toEqual(['indefinite-length 0', 'bad-chunk 1']);
  });
  it.each(['9f 00', 'bf 01', 'bf 01 00', '5f 4100'])('misses the break of %s', (input) => {
    expect(report(input)).toEqual(['indefinite-length 0', `truncated ${hex(input).length}`]);
  });
  it('refuses a break in place of a value', () => {
    expect(report('bf 01 ff')).toEqual(['indefinite-length 0', 'stray-break 2']);
  });
  it('names bytes after a faulty item as well', () => {
    expect(report('1801 00')).toEqual(['non-minimal-integer 0', 'trailing-bytes 2']);
  });
  it('lists no more than its limit and still finds the end of the item', () => {
    const count = REPORT_LIMIT + 1;
    const input = hex(`99${count.toString(16).padStart(4, '0')}${'f7'.repeat(count)}`);
    const { violations, length } = inspect(input, { mode: 'report' });
    expect(violations).toHaveLength(REPORT_LIMIT);
    expect(length).toBe(input.length);
  });
});

describe('inspect', () => {
  it('measures the first item when more may follow', () => {
    expect(inspect(hex('a1 01 00 a0'), { trailing: 'allow' })).toEqual({ violations: [], length: 3 });
  });
  it('does not measure what it did not read to the end', () => {
    expect(inspect(hex('82 00')).length).toBeUndefined();
    expect(inspect(hex('82 1801 00')).length).toBeUndefined();
    expect(inspect(hex('82 1801 00'), { mode: 'report' }).length).toBe(4);
  });
  it('counts levels as told', () => {
    expect(lint(hex('80'), { maxDepth: 0 })).toMatchObject([{ rule: 'depth', offset: 0 }]);
    expect(lint(hex('00'), { maxDepth: 0 })).toEqual([]);
    expect(lint(hex('81 81 81 81 80'), { maxDepth: 5 })).toEqual([]);
  });
  it.each([-1, 1.5, Number.NaN, DEPTH_LIMIT + 1])('refuses %d levels', (maxDepth) => {
    expect(() => lint(hex('00'), { maxDepth })).toThrow(KeyrigError);
    expect(() => lint(hex('00'), { maxDepth })).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });
  it('has a meaning for every rule that the cases above name', () => {
    const named = new Set(Object.values(CLASSES).flatMap((cases) => cases.map(([, , rule]) => rule)));
    const rest = Object.keys(LINT_RULES).filter((rule) => !named.has(rule as LintRule));
    expect(rest).toEqual(['oversized', 'bad-chunk']);
  });
});
