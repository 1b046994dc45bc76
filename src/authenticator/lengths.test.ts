import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { utf8 } from '../data/bytes.js';
import { LENGTHS, longestSignature, shortened } from './lengths.js';
import { nodeCrypto } from './test-platform.suite.js';

const served = Object.values(COSE_ALGORITHMS).filter(({ id }) => nodeCrypto.supports(id));

describe('the longest signature', () => {
  it.each(served)('of $name is never exceeded, and nearly reached', async ({ id }) => {
    const sign = nodeCrypto.prepareSigner(await nodeCrypto.generateKeyPair(id));
    const lengths = Array.from({ length: 40 }, (_, at) => sign(Uint8Array.of(at)).length);
    const longest = Math.max(...lengths);
    expect(longest).toBeLessThanOrEqual(longestSignature(id));
    // DER leaves out a sign byte per number half of the time, and P-521's numbers never have one.
    expect(longest).toBeGreaterThanOrEqual(longestSignature(id) - 2);
  });

  it.each([
    ['ML-DSA-44', 2420],
    ['ML-DSA-65', 3309],
    ['ML-DSA-87', 4627],
  ] as const)('of %s is that of FIPS 204', (name, length) => {
    expect(longestSignature(COSE_ALGORITHMS[name].id)).toBe(length);
  });
});

describe('a name that is kept', () => {
  it('is whole up to 64 bytes', () => {
    const fitting = fc.string({ unit: 'binary' }).filter((text) => utf8(text).length <= LENGTHS.userName);
    fc.assert(fc.property(fitting, (name) => shortened(name) === name));
    for (const name of ['x'.repeat(64), 'ß'.repeat(32), '🔑'.repeat(16)]) expect(shortened(name)).toBe(name);
  });

  it('is cut behind a character, as late as possible', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 30, maxLength: 200 }), (name) => {
        const kept = shortened(name);
        expect(name.startsWith(kept)).toBe(true);
        expect(utf8(kept).length).toBeLessThanOrEqual(LENGTHS.userName);
        const [next = ''] = name.slice(kept.length);
        const whole = String.fromCodePoint(name.codePointAt(kept.length) ?? 0);
        if (next !== '') expect(utf8(kept + whole).length).toBeGreaterThan(LENGTHS.userName);
      }),
    );
    expect(shortened(`${'x'.repeat(63)}ß`)).toBe('x'.repeat(63));
  });
});
