import { encode as oracleEncode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import {
  type CborKey,
  type CborValue,
  decode,
  decodeFirst,
  encode,
  encodeMessage,
  tryDecode,
} from './cbor.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const map = (...entries: readonly (readonly [CborKey, CborValue])[]) => new Map(entries);
/** What a caller without a type checker might pass. */
const foreign = (value: unknown) => value as CborValue;

/** The KeyrigError that the call throws. */
function failure(call: () => unknown): KeyrigError {
  try {
    call();
  } catch (error) {
    if (error instanceof KeyrigError) return error;
    throw error;
  }
  return expect.unreachable('nothing was thrown');
}

describe('encode', () => {
  it.each<[string, CborValue, string]>([
    [
      'COSE labels',
      map([-7, 0], [-1, 0], [2, 0], [1, 0], [24, 0], [256, 0]),
      'a60100020018180019010000' + '20002600',
    ],
    [
      'an attestation object',
      map(['attStmt', map()], ['authData', Uint8Array.of(0)], ['fmt', 'none']),
      'a363666d74646e6f6e656761747453746d74a068617574684461746141' + '00',
    ],
    [
      'options by length, then alphabet',
      map(['clientPin', true], ['uv', true], ['plat', true], ['rk', true], ['up', true]),
      'a562726bf5627570f5627576f564706c6174f569636c69656e7450696ef5',
    ],
    ['text after integers', map(['a', 0], [-1, 0], [0, 0]), 'a3000020006161' + '00'],
    [
      'a map in a map in an array',
      [map([2, map(['b', 0], ['a', 0])], [1, 0])],
      '81a2010002a26161006162' + '00',
    ],
  ])('sorts %s', (_what, value, expected) => {
    expect(toHex(encode(value))).toBe(expected);
    expect(encode(value)).toEqual(oracleEncode(value));
  });

  it('sorts texts by UTF-8 bytes, not by UTF-16 units', () => {
    // Four bytes each: F0 90 80 80 and EF BF BD 61. As UTF-16 the first begins lower.
    const keys = ['\u{10000}', '\ufffda'];
    expect([...(decode(encode(new Map(keys.map((key) => [key, 0])))) as Map<string, number>).keys()]).toEqual(
      ['\ufffda', '\u{10000}'],
    );
  });
  it('sorts texts by UTF-8 length, not by UTF-16 length', () => {
    expect(toHex(encode(map(['\u6c34', 0], ['zz', 0])))).toBe('a2627a7a0063e6b0b400');
  });
  it.each<[CborValue, string]>([
    [2 ** 32 - 1, '1affffffff'],
    [2 ** 32, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
    [Number.MIN_SAFE_INTEGER, '3b001ffffffffffffe'],
    [-(2 ** 31) - 1, '3a80000000'],
    [-(2 ** 32), '3affffffff'],
    [-(2 ** 32) - 1, '3b0000000100000000'],
    [5n, '05'],
    [-5n, '24'],
    [2n ** 32n - 1n, '1affffffff'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 63n), '3b7fffffffffffffff'],
    [-0, '00'],
  ])('keeps the integer %s an integer', (value, expected) => {
    expect(toHex(encode(value))).toBe(expected);
    expect(toHex(encode(map([1, value])))).toBe(`a101${expected}`);
  });
  it.each([0, 1, 23, 24, 255, 256, 300, 65_535, 65_536])(
    'writes the shortest header for a size of %d',
    (size) => {
      for (const character of ['a', '\u00fc', '\u6c34', '\u{1f511}']) {
        const text = character.repeat(size);
        expect(Buffer.compare(encode(text), oracleEncode(text))).toBe(0);
      }
      const bytes = new Uint8Array(size).fill(7);
      const items = Array.from(bytes);
      const entries = new Map(items.map((item, index) => [index, item]));
      for (const value of [bytes, items, entries]) {
        expect(Buffer.compare(encode(value), oracleEncode(value))).toBe(0);
      }
    },
  );
  it('writes byte strings without a tag, whatever kind of Uint8Array they are', () => {
    const buffer = Buffer.from('00010203ff', 'hex');
    expect(toHex(encode(Uint8Array.of(1, 2, 3)))).toBe('43010203');
    expect(toHex(encode(buffer.subarray(1, 4)))).toBe('43010203');
    expect(toHex(encode([new Uint8Array(buffer.buffer, buffer.byteOffset + 1, 3)]))).toBe('8143010203');
  });
  it('writes subclasses of Array and Map as arrays and maps', () => {
    class Items extends Array<number> {}
    class Entries extends Map<CborKey, CborValue> {}
    expect(toHex(encode(Items.of(1, 2)))).toBe('820102');
    expect(toHex(encode(new Entries(map([1, 0], [2, 3]))))).toBe('a201000203');
    expect(toHex(encode(new Entries(map([2, Items.of(3)], [1, 0]))))).toBe('a20100028103');
  });
  it('writes a value while it writes another one', () => {
    /** A map that encodes something whenever it is gone through. */
    class Meddler extends Map<CborKey, CborValue> {
      override keys() {
        encode('x'.repeat(100));
        return super.keys();
      }
    }
    expect(toHex(encode([1, new Meddler(map([1, 0])), 2]))).toBe('8301a1010002');
  });
  it('writes small values after large ones and failures', () => {
    const large = new Uint8Array(100_000).fill(7);
    expect(Buffer.compare(encode([large, large]), oracleEncode([large, large]))).toBe(0);
    expect(failure(() => encode([1, foreign(undefined)])).code).toBe('cbor-encode');
    expect(toHex(encode([1, 2]))).toBe('820102');
  });
  it('puts a byte in front of a message', () => {
    expect(toHex(encodeMessage(0x02, map([1, 'a'])))).toBe('02a1016161');
  });
  it('hands out memory of its own', () => {
    const first = encode(map([1, 'a']));
    const second = encode(map([1, 'b']));
    expect(first.constructor).toBe(Uint8Array);
    expect(first.buffer.byteLength).toBe(first.length);
    expect([toHex(first), toHex(second)]).toEqual(['a1016161', 'a1016162']);
  });
  it('leaves the value as it was', () => {
    const inner = map(['b', 2n], ['a', 1]);
    const value = [map([2, inner], [1, 2 ** 40])];
    encode(value);
    expect(value).toEqual([map([2, map(['b', 2n], ['a', 1])], [1, 2 ** 40])]);
    expect([...inner.keys()]).toEqual(['b', 'a']);
  });
  it('lets a level more through when told so', () => {
    expect(toHex(encode([[[[[]]]]], { maxDepth: 5 }))).toBe('8181818180');
    expect(failure(() => encode([], { maxDepth: -1 })).code).toBe('option-invalid');
  });

  class Credential {
    readonly id = 1;
  }
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['a fraction', 1.5],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a number above MAX_SAFE_INTEGER', 2 ** 53],
    ['2^64', 2n ** 64n],
    ['-2^63 - 1', -(2n ** 63n) - 1n],
    ['a high surrogate alone', 'a\ud800'],
    ['a high surrogate before a character', '\ud800a'],
    ['a low surrogate alone', '\udc00'],
    ['two low surrogates', '\udc00\udc00'],
    ['a pair in the wrong order', '\udc00\ud800'],
    ['a symbol', Symbol('a')],
    ['a function', () => 1],
    ['a plain object', { a: 1 }],
    ['a date', new Date(0)],
    ['a set', new Set([1])],
    ['a regular expression', /a/],
    ['an error', new RangeError('a')],
    ['a class instance', new Credential()],
    ['an array buffer', new ArrayBuffer(1)],
    ['a view of 16-bit numbers', Uint16Array.of(1)],
    ['a data view', new DataView(new ArrayBuffer(1))],
    ['an array with a hole', new Array(1)],
    ['an array with undefined', [undefined]],
    ['a byte string as key', new Map([[Uint8Array.of(1), 1]])],
    ['a boolean as key', new Map([[true, 1]])],
    ['null as key', new Map([[null, 1]])],
    ['an array as key', new Map([[[], 1]])],
    ['a fraction as key', new Map([[1.5, 1]])],
    ['half a surrogate pair as key', new Map([['\ud800', 1]])],
    [
      'the same key as number and bigint',
      new Map<unknown, number>([
        [5, 1],
        [5n, 1],
      ]),
    ],
    ['five levels', [[[[[]]]]]],
  ])('refuses %s', (_what, value) => {
    expect(failure(() => encode(foreign(value)))).toMatchObject({ code: 'cbor-encode' });
    expect(failure(() => encode(foreign([value])))).toMatchObject({ code: 'cbor-encode' });
  });
  it('says where the part is that it refuses', () => {
    const error = failure(() => encode(map([2, 0], [1, [0, map(['a b', foreign(0.5)])]])));
    expect(error).toMatchObject({
      code: 'cbor-encode',
      where: '$[1][1]["a b"]',
      facts: { path: [1, 1, 'a b'] },
    });
  });
  it('says where the key is that it refuses, in facts that JSON can hold', () => {
    const error = failure(() => encode([map([2n ** 70n, 0])]));
    expect(error.where).toBe('$[0][1180591620717411303424]');
    expect(JSON.parse(JSON.stringify(error.facts))).toMatchObject({ path: [0, '1180591620717411303424'] });
  });
});

describe('decode', () => {
  it('gives numbers where they are exact and bigint beyond', () => {
    const ofInteger = (value: bigint) => decode(encode(value));
    expect(ofInteger(2n ** 53n - 1n)).toBe(Number.MAX_SAFE_INTEGER);
    expect(ofInteger(2n ** 53n)).toBe(2n ** 53n);
    expect(ofInteger(1n - 2n ** 53n)).toBe(Number.MIN_SAFE_INTEGER);
    expect(ofInteger(-(2n ** 53n))).toBe(-(2n ** 53n));
    expect(ofInteger(2n ** 63n)).toBe(2n ** 63n);
    expect(ofInteger(-(2n ** 63n))).toBe(-(2n ** 63n));
  });
  it('takes __proto__ for a key like any other', () => {
    const value = decode(hex('a1 69 5f5f70726f746f5f5f a1 6161 01'));
    expect(value).toEqual(map(['__proto__', map(['a', 1])]));
    expect(foreign(({} as Record<string, unknown>).a)).toBeUndefined();
  });
  it.each([0, 64, 65, 1000])('keeps a byte order mark before %d characters', (count) => {
    const text = `\ufeff${'a'.repeat(count)}`;
    expect(decode(encode(text))).toBe(text);
    expect(decode(encode(map([text, text])))).toEqual(map([text, text]));
  });
  it.each([
    ['a plain array', (bytes: Uint8Array) => Uint8Array.from(bytes)],
    ['a Buffer', (bytes: Uint8Array) => Buffer.from(bytes)],
    ['a stretch of a Buffer', (bytes: Uint8Array) => Buffer.from([9, ...bytes, 9]).subarray(1, -1)],
  ])('copies byte strings out of %s', (_what, make) => {
    for (const size of [1, 16, 64, 65, 300]) {
      const content = new Uint8Array(size).fill(3);
      const input = make(encode([content]));
      const [bytes] = decode(input) as Uint8Array[];
      input.fill(0);
      expect(bytes).toEqual(content);
      expect(bytes?.constructor).toBe(Uint8Array);
      expect(bytes?.buffer.byteLength).toBe(size);
    }
  });
  it('leaves nothing behind on the input', () => {
    const input = hex('a10100');
    const before = Reflect.ownKeys(input);
    decode(input);
    expect(Reflect.ownKeys(input)).toEqual(before);
  });
  it('says which rule is broken, where, and what the bytes around are', () => {
    const error = failure(() => decode(hex(`58 20 ${'11'.repeat(32)} 01`)));
    expect(error).toMatchObject({ code: 'cbor-decode', where: 'byte 34' });
    expect(error.facts).toEqual({
      rule: 'trailing-bytes',
      offset: 34,
      detail: '1 of 35 bytes',
      hex: '111111111111111101',
    });
  });
  it('allows as many levels as told', () => {
    expect(failure(() => decode(hex('81 81 81 81 80'))).facts).toMatchObject({ rule: 'depth', offset: 4 });
    expect(decode(hex('81 81 81 81 80'), { maxDepth: 5 })).toEqual([[[[[]]]]]);
    expect(failure(() => decode(hex('00'), { maxDepth: 257 })).code).toBe('option-invalid');
  });
});

describe('decodeFirst', () => {
  it('reads one item after the other', () => {
    const bytes = hex('a10102 a16161f5');
    const first = decodeFirst(bytes);
    expect(first).toEqual({ value: map([1, 2]), length: 3 });
    expect(decodeFirst(bytes.subarray(first.length))).toEqual({ value: map(['a', true]), length: 4 });
  });
  it('is as strict about the item as decode', () => {
    expect(failure(() => decodeFirst(hex('a1180102 00'))).facts).toMatchObject({
      rule: 'non-minimal-integer',
    });
    expect(failure(() => decodeFirst(hex(''))).facts).toMatchObject({ rule: 'empty' });
  });
});

describe('tryDecode', () => {
  it('tells null from nothing', () => {
    expect(tryDecode(hex('f6'))).toBeNull();
    expect(tryDecode(hex('f7'))).toBeUndefined();
    expect(tryDecode(hex('f6f6'))).toBeUndefined();
    expect(tryDecode(hex(''))).toBeUndefined();
  });
});
