import { p256, p384, p521 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describe, expect, it } from 'vitest';
import { EC_CURVES, isScalar, randomScalar } from './curves.js';

/** The order by another source, plus a difference, in bytes. */
function scalar(order: bigint, length: number): Uint8Array {
  return Uint8Array.from(Buffer.from(order.toString(16).padStart(2 * length, '0'), 'hex'));
}

describe.each([
  ['P-256', p256, 32],
  ['P-384', p384, 48],
  ['P-521', p521, 66],
  ['secp256k1', secp256k1, 32],
] as const)('scalars of %s', (name, { Point }, length) => {
  const order = Point.Fn.ORDER;

  it('end below the order of the group', () => {
    expect(EC_CURVES[name].order).toEqual(scalar(order, length));
    expect(isScalar(name, scalar(order - 1n, length))).toBe(true);
    expect(isScalar(name, scalar(order, length))).toBe(false);
    expect(isScalar(name, scalar(order + 1n, length))).toBe(false);
  });

  it('begin at one', () => {
    expect(isScalar(name, scalar(1n, length))).toBe(true);
    expect(isScalar(name, scalar(0n, length))).toBe(false);
  });

  it('have one length', () => {
    expect(isScalar(name, scalar(1n, length - 1))).toBe(false);
    expect(isScalar(name, scalar(1n, length + 1))).toBe(false);
  });

  it('are drawn again while they are too large', () => {
    const draws = [new Uint8Array(length).fill(0xff), scalar(order, length), scalar(7n, length)];
    const random = { bytes: () => draws.shift() ?? new Uint8Array(length) };
    expect(randomScalar(name, random)).toEqual(scalar(7n, length));
  });
});
