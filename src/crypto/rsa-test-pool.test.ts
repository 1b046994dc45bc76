import { checkPrimeSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../data/bytes.js';
import { toBigInt } from './curves.js';
import { rsaPublicParts } from './rsa.js';
import { drawTestPrimes, RSA_TEST_PRIME_COUNT } from './rsa-test-pool.js';

/** Draws whose indices are these. */
const drawing = (...indices: readonly number[]) => {
  const rest = [...indices];
  return drawTestPrimes({ bytes: () => Uint8Array.of(rest.shift() ?? 0) });
};

/** Each prime once, as the first half or the second of a draw. */
const primes = Array.from({ length: RSA_TEST_PRIME_COUNT / 2 }, (_, at) =>
  drawing(2 * at, 2 * at + 1),
).flatMap((pair) => [pair.slice(0, 128), pair.slice(128)]);

describe('the pool of RSA test primes', () => {
  it('has as many different primes as it says', () => {
    expect(new Set(primes.map(toHex)).size).toBe(RSA_TEST_PRIME_COUNT);
  });

  it('holds primes only', () => {
    expect(primes.filter((prime) => !checkPrimeSync(toBigInt(prime), { checks: 5 }))).toEqual([]);
  });

  it('fits the exponent and gives a modulus of 2048 bits, whatever the pair', () => {
    for (const prime of primes) {
      expect(toBigInt(prime) >> 1022n).toBe(3n);
      expect(toBigInt(prime) % 65_537n).not.toBe(1n);
    }
    expect(rsaPublicParts(drawing(0, 1)).n).toHaveLength(256);
  });

  it('never pairs a prime with itself, and orders a pair', () => {
    expect(drawing(3, 3, 3, 5)).toEqual(drawing(5, 3));
    expect(drawing(3, 5)).not.toEqual(drawing(3, 6));
  });
});
