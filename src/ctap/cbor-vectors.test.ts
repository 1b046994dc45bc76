import { describe, expect, it } from 'vitest';
import { type CborKey, type CborValue, decode, decodeLeniently, encode, tryDecode } from './cbor.js';
import { lint } from './cbor-lint.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const map = (...entries: readonly (readonly [CborKey, CborValue])[]) => new Map(entries);

/** RFC 8949 appendix A, the examples that CTAP2 canonical CBOR allows. */
const VECTORS: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', '\u00fc'],
  ['63e6b0b4', '\u6c34'],
  ['64f0908591', '\ud800\udd51'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1)],
  ['a0', map()],
  ['a201020304', map([1, 2], [3, 4])],
  ['a26161016162820203', map(['a', 1], ['b', [2, 3]])],
  ['826161a161626163', ['a', map(['b', 'c'])]],
  [
    'a56161614161626142616361436164614461656145',
    map(['a', 'A'], ['b', 'B'], ['c', 'C'], ['d', 'D'], ['e', 'E']),
  ],
];

/** RFC 8949 appendix A, examples that CTAP2 canonical CBOR forbids, with what they mean all the same. */
const FORBIDDEN: readonly (readonly [string, string, CborValue])[] = [
  ['c249010000000000000000', 'tag', hex('010000000000000000')],
  ['3bffffffffffffffff', 'integer-range', -18446744073709551616n],
  ['f90000', 'float', 0],
  ['f98000', 'float', -0],
  ['f93c00', 'float', 1],
  ['fb3ff199999999999a', 'float', 1.1],
  ['f93e00', 'float', 1.5],
  ['f97bff', 'float', 65504],
  ['fa47c35000', 'float', 100000],
  ['fa7f7fffff', 'float', 3.4028234663852886e38],
  ['fb7e37e43c8800759c', 'float', 1e300],
  ['f90001', 'float', 2 ** -24],
  ['f90400', 'float', 0.00006103515625],
  ['f9c400', 'float', -4],
  ['f97c00', 'float', Number.POSITIVE_INFINITY],
  ['f97e00', 'float', Number.NaN],
  ['f9fc00', 'float', Number.NEGATIVE_INFINITY],
  ['f7', 'simple-value', null],
  ['f0', 'simple-value', null],
  ['f8ff', 'simple-value', null],
  ['c074323031332d30332d32315432303a30343a30305a', 'tag', '2013-03-21T20:04:00Z'],
  ['c11a514b67b0', 'tag', 1363896240],
  ['d74401020304', 'tag', hex('01020304')],
  ['5f42010243030405ff', 'indefinite-length', hex('0102030405')],
  ['7f657374726561646d696e67ff', 'indefinite-length', 'streaming'],
  ['9fff', 'indefinite-length', []],
  ['9f018202039f0405ffff', 'indefinite-length', [1, [2, 3], [4, 5]]],
  ['83018202039f0405ff', 'indefinite-length', [1, [2, 3], [4, 5]]],
  ['bf61610161629f0203ffff', 'indefinite-length', map(['a', 1], ['b', [2, 3]])],
  ['bf6346756ef563416d7421ff', 'indefinite-length', map(['Fun', true], ['Amt', -2])],
];

describe('RFC 8949 appendix A', () => {
  it.each(VECTORS)('%s in both directions', (text, value) => {
    expect(toHex(encode(value))).toBe(text);
    expect(decode(hex(text))).toEqual(value);
  });
  it.each(FORBIDDEN)('%s breaks the rule %s and is still understood', (text, rule, value) => {
    expect(lint(hex(text))[0]).toMatchObject({ rule });
    expect(tryDecode(hex(text))).toBeUndefined();
    expect(decodeLeniently(hex(text)).value).toEqual(value);
  });
});
