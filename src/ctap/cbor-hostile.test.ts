import { describe, expect, it } from 'vitest';
import { type CborValue, decode, decodeFirst, decodeLeniently, encode, tryDecode } from './cbor.js';
import { DEPTH_LIMIT, INPUT_LIMIT, inspect, lint } from './cbor-lint.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** `count` initial bytes of which each opens the next, with a core inside. */
const nested = (opening: string, count: number, core = '') => hex(opening.repeat(count) + core);

describe('lint on hostile sizes', () => {
  const LEVELS = 100_000;
  const inBothModes = (bytes: Uint8Array, maxDepth: number) => ({
    refused: lint(bytes, { maxDepth }),
    reported: lint(bytes, { maxDepth, mode: 'report' }),
  });

  it.each([
    ['arrays', '81'],
    ['maps', 'a101'],
    ['maps as keys', 'a1'],
  ])('follows 100,000 levels of %s no further than its limit', (_what, opening) => {
    const { refused, reported } = inBothModes(nested(opening, LEVELS, 'a0'), DEPTH_LIMIT);
    expect(refused).toHaveLength(1);
    expect(reported.at(-1)).toMatchObject({ rule: 'depth' });
  });
  it.each(['9f', 'bf01'])('does so for indefinite lengths (%s)', (opening) => {
    const { refused, reported } = inBothModes(nested(opening, LEVELS), DEPTH_LIMIT);
    expect(refused).toMatchObject([{ rule: 'indefinite-length', offset: 0 }]);
    expect(reported.at(-1)).toMatchObject({ rule: 'depth' });
  });
  it('reads 100,000 tags on one item', () => {
    const bytes = nested('c1', LEVELS, '00');
    expect(inspect(bytes, { mode: 'report' })).toMatchObject({ length: LEVELS + 1 });
  });
  it('reads a large unsorted map with repeated keys in linear time', () => {
    const entries = 200_000;
    const bytes = new Uint8Array(5 + 6 * entries);
    const view = new DataView(bytes.buffer);
    bytes[0] = 0xba;
    view.setUint32(1, entries);
    for (let entry = 0; entry < entries; entry++) {
      bytes[5 + 6 * entry] = 0x1a;
      view.setUint32(6 + 6 * entry, 2 ** 32 - 1 - (entry >> 1));
    }
    const started = performance.now();
    expect(inspect(bytes, { mode: 'report' }).length).toBe(bytes.length);
    // Comparing every key with every other would take minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
  it('does not look at more than its limit', () => {
    const bytes = new Uint8Array(INPUT_LIMIT + 1);
    expect(lint(bytes)).toMatchObject([{ rule: 'oversized', offset: INPUT_LIMIT }]);
    expect(lint(bytes.subarray(1), { trailing: 'allow' })).toEqual([]);
  });
});

describe('the decoders on hostile sizes', () => {
  const HOSTILE = [
    ['100,000 arrays', nested('81', 100_000, '00')],
    ['100,000 maps', nested('a101', 100_000, '00')],
    ['1,200 arrays', nested('81', 1_200, '00')],
    ['5,000 arrays of indefinite length', nested('9f', 5_000)],
    ['an array of 2^32 items', hex('9b 0000000100000000')],
    ['an array of 2^32 - 1 items in a map', hex('a1 01 9a ffffffff')],
    ['a map of 2^64 - 1 entries', hex('bb ffffffffffffffff')],
    ['a byte string of 4 GB', hex('5b 0000000100000000 00')],
    ['a text of 2^64 - 1 bytes', hex('7b ffffffffffffffff')],
    ['many arrays that each announce all of the rest', hex(`99ffff${'99ff00'.repeat(25_000)}`)],
    ['more than 16 MiB', new Uint8Array(INPUT_LIMIT + 1)],
  ] as const;

  it.each(HOSTILE)('refuse %s', (_what, bytes) => {
    const refusal = expect.objectContaining({ code: 'cbor-decode' });
    expect(() => decode(bytes, { maxDepth: DEPTH_LIMIT })).toThrow(refusal);
    expect(() => decodeFirst(bytes, { maxDepth: DEPTH_LIMIT })).toThrow(refusal);
    expect(tryDecode(bytes, { maxDepth: DEPTH_LIMIT })).toBeUndefined();
  });
  it.each(HOSTILE)('find no meaning in %s', (_what, bytes) => {
    const { value, violations } = decodeLeniently(bytes, { maxDepth: DEPTH_LIMIT });
    expect(value).toBeUndefined();
    expect(violations.length).toBeGreaterThan(0);
  });
  it('find the meaning of 100,000 tags', () => {
    expect(decodeLeniently(nested('c1', 100_000, '07')).value).toBe(7);
  });
  it('read nesting up to the highest limit, in both directions', () => {
    const bytes = nested('81', DEPTH_LIMIT - 1, '80');
    expect(encode(decode(bytes, { maxDepth: DEPTH_LIMIT }), { maxDepth: DEPTH_LIMIT })).toEqual(bytes);
    expect(decodeLeniently(bytes).value).toEqual(decode(bytes, { maxDepth: DEPTH_LIMIT }));
  });
});

describe('the encoder on hostile values', () => {
  it('refuses what contains itself', () => {
    const loop: CborValue[] = [];
    loop.push(loop);
    expect(() => encode(loop, { maxDepth: DEPTH_LIMIT })).toThrow(
      expect.objectContaining({ code: 'cbor-encode' }),
    );
  });
  it('refuses what no decoder here would read back', () => {
    expect(() => encode(new Uint8Array(INPUT_LIMIT))).toThrow(
      expect.objectContaining({ code: 'cbor-encode' }),
    );
  });
});
