import { describe, expect, it } from 'vitest';
import type { Random } from '../ports.js';
import { pooledRandom } from './pooled-random.js';

/** Counts up, in two bytes each, so that no stretch of it occurs twice. */
function counting(): Random & { readonly asked: number[] } {
  let count = 0;
  const asked: number[] = [];
  const bytes = (length: number) => {
    asked.push(length);
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 2) {
      out[at] = count >> 8;
      out[at + 1] = count & 0xff;
      count += 1;
    }
    return out;
  };
  return { asked, bytes };
}

describe('pooled randomness', () => {
  it('gives every byte of its source once', () => {
    const random = pooledRandom(counting());
    const seen = Array.from({ length: 300 }, () => random.bytes(32).toString());
    expect(new Set(seen).size).toBe(300);
  });

  it('asks its source seldom', () => {
    const source = counting();
    const random = pooledRandom(source);
    for (let draw = 0; draw < 128; draw++) random.bytes(32);
    expect(source.asked).toEqual([4096]);
  });

  it('gives what its caller may keep and change', () => {
    const random = pooledRandom(counting());
    const first = random.bytes(4);
    const copy = [...first];
    random.bytes(4).fill(0xff);
    expect([...first]).toEqual(copy);
  });

  it('leaves long requests to its source', () => {
    const source = counting();
    expect(pooledRandom(source).bytes(70_000)).toHaveLength(70_000);
    expect(source.asked).toEqual([70_000]);
  });

  it('gives no bytes when asked for none', () => {
    expect(pooledRandom(counting()).bytes(0)).toEqual(new Uint8Array(0));
  });
});
