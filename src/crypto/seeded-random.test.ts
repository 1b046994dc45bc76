import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex, utf8 } from '../data/bytes.js';
import { createSeededRandom } from './seeded-random.js';

describe('the stream of a seed', () => {
  // Computed from the description of the construction with Python's hmac module. A change breaks every seed in every report.
  it.each([
    [
      '42',
      [],
      '9e30f5450e424b49b3c4b9517327fcce22239d538525bd23b59840eb4a773ee17cbc4c1ec0c77d72151be288f6a241525bc637de03ad1555b5fe8348f9fc4b0ee3b9acc03663',
    ],
    [
      '42',
      ['device/phone'],
      '50a94985ddad85955cd25f8486c228f32232a6dc1c67485f3d294d101ac29812a50a9d2dd9090e91',
    ],
    [
      '42',
      ['größe', 'x'],
      'cc319bbedd26272fd0cb39462682a543a9ee21259ad596fcbad3fbc540fcc5de071dbf19a52298d1',
    ],
    ['', [], '365d28b52441214991867e2888b8c5d2517d268207918f6de2b6ee2d41347bdba6'],
  ])('%j, forks %j', (seed, labels, expected) => {
    const random = labels.reduce((from, label) => from.fork(label), createSeededRandom(seed));
    expect(toHex(random.bytes(expected.length / 2))).toBe(expected);
  });

  it('is the same for a string and for its UTF-8', () => {
    expect(createSeededRandom('größe').bytes(32)).toEqual(createSeededRandom(utf8('größe')).bytes(32));
  });

  it('does not depend on how it is cut into calls', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 100 }), { maxLength: 10 }), (lengths) => {
        const random = createSeededRandom('cuts');
        const pieces = lengths.map((length) => random.bytes(length));
        const total = lengths.reduce((sum, length) => sum + length, 0);
        expect(concat(...pieces)).toEqual(createSeededRandom('cuts').bytes(total));
      }),
    );
  });

  it('differs between seeds', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(toHex(utf8(one)) !== toHex(utf8(other)));
        expect(createSeededRandom(one).bytes(16)).not.toEqual(createSeededRandom(other).bytes(16));
      }),
    );
  });

  it('hands out arrays that the caller owns', () => {
    const random = createSeededRandom('owner');
    random.bytes(40).fill(0);
    const other = createSeededRandom('owner');
    other.bytes(40);
    expect(random.bytes(40)).toEqual(other.bytes(40));
  });
});

describe('a fork', () => {
  it('is not shifted by draws or by other forks', () => {
    const quiet = createSeededRandom('rig').fork('key').bytes(32);
    const busy = createSeededRandom('rig');
    busy.bytes(1000);
    busy.fork('phone').bytes(1000);
    expect(busy.fork('key').bytes(32)).toEqual(quiet);
  });

  it('leaves its parent where it was', () => {
    const forked = createSeededRandom('rig');
    forked.fork('key').bytes(100);
    expect(forked.bytes(32)).toEqual(createSeededRandom('rig').bytes(32));
  });

  it('differs from its parent and from forks with another label', () => {
    const parent = createSeededRandom('rig');
    const streams = [parent.fork('a'), parent.fork('b'), parent.fork(''), parent.fork('a').fork('b'), parent];
    expect(new Set(streams.map((stream) => toHex(stream.bytes(16)))).size).toBe(streams.length);
  });
});
