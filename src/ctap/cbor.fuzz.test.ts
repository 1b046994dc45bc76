import { isDeepStrictEqual } from 'node:util';
import { decode as oracleDecode, encode as oracleEncode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CborKey,
  type CborMap,
  type CborValue,
  decode,
  decodeFirst,
  decodeLeniently,
  encode,
  tryDecode,
} from './cbor.js';
import { lint, MESSAGE_DEPTH } from './cbor-lint.js';

/** Vitest's own comparison explains a difference, at a price that tens of thousands of runs should not pay. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

const SEED = 0x6b657972;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

/** As decoders give integers: a number while it is exact. */
const plain = (value: bigint) =>
  BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** Integers of every encoded size and sign, with the borders between sizes. */
const integer = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.integer({ min: -300, max: 300 }).map(BigInt),
    fc
      .tuple(fc.constantFrom(8n, 16n, 31n, 32n, 53n, 63n), fc.integer({ min: -3, max: 3 }), fc.boolean())
      .map(([bits, offset, isNegative]) => 2n ** bits * (isNegative ? -1n : 1n) + BigInt(offset))
      .filter((value) => value >= -(2n ** 63n)),
  )
  .map(plain);

/** Any code points, often ASCII, sometimes long enough for a header of two or three bytes. */
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 10 }) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.string({ unit: 'binary', maxLength: 2 }), fc.nat(300))
      .map(([part, count]) => part.repeat(count)),
  },
);
const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(300), fc.nat(255)).map(([n, byte]) => new Uint8Array(n).fill(byte)),
  },
);
const scalar: fc.Arbitrary<CborValue> = fc.oneof(integer, text, bytes, fc.boolean(), fc.constant(null));
const key: fc.Arbitrary<CborKey> = fc.oneof(integer, text);

const mapOf = (member: fc.Arbitrary<CborValue>, maxLength: number): fc.Arbitrary<CborMap> =>
  fc
    .uniqueArray(fc.tuple(key, member), { maxLength, selector: ([name]) => name })
    .map((entries) => new Map(entries));

/** A value whose containers have up to this many levels. */
function anyOf(levels: number): fc.Arbitrary<CborValue> {
  if (levels === 0) return scalar;
  const member = anyOf(levels - 1);
  return fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(member, { maxLength: 4 }) },
    { weight: 2, arbitrary: mapOf(member, 4) },
  );
}

const anyValue = anyOf(MESSAGE_DEPTH);
const anyMap = mapOf(anyOf(MESSAGE_DEPTH - 1), 8);

/** The whole contract of strictness: what is accepted is exactly what would have been written. */
function acceptsOnlyCanonical(input: Uint8Array): void {
  const value = tryDecode(input);
  expect(value === undefined).toBe(lint(input).length > 0);
  if (value !== undefined) expectSame(encode(value), input);
}

describe('CTAP2 canonical CBOR', () => {
  it('is written as cborg writes it, read as it was, and free of violations: 20,000 maps', () => {
    fc.assert(
      fc.property(anyMap, (value) => {
        const encoded = encode(value);
        expectSame(encoded, Uint8Array.from(oracleEncode(value)));
        expect(lint(encoded)).toHaveLength(0);
        expectSame(decode(encoded), value);
      }),
      runs(20_000),
    );
  });
  it('does not depend on the order of entries nor on the kind of integer', () => {
    const wide = (name: CborKey) => (typeof name === 'number' ? BigInt(name) : name);
    const reordered = (value: CborValue): CborValue => {
      if (typeof value === 'number') return BigInt(value);
      if (Array.isArray(value)) return value.map(reordered);
      if (!(value instanceof Map)) return value;
      return new Map([...value].reverse().map(([name, member]) => [wide(name), reordered(member)]));
    };
    fc.assert(
      fc.property(anyValue, (value) => expectSame(encode(reordered(value)), encode(value))),
      runs(2_000),
    );
  });
  it('is read as cborg reads it', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encode(value);
        expectSame(decode(encoded), oracleDecode(encoded, { useMaps: true, strict: true }));
      }),
      runs(2_000),
    );
  });
  it('tells its own length', () => {
    fc.assert(
      fc.property(anyValue, fc.uint8Array({ maxLength: 8 }), (value, rest) => {
        const encoded = encode(value);
        expectSame(decodeFirst(Uint8Array.from([...encoded, ...rest])), {
          value,
          length: encoded.length,
        });
      }),
      runs(2_000),
    );
  });
});

describe('the strict decoder accepts exactly the canonical encodings', () => {
  it('when one byte is changed', () => {
    fc.assert(
      fc.property(anyMap, fc.nat(), fc.nat(255), (value, position, byte) => {
        const input = encode(value);
        input[position % input.length] = byte;
        acceptsOnlyCanonical(input);
      }),
      runs(20_000),
    );
  });
  it('when a byte is inserted or bytes are removed', () => {
    fc.assert(
      fc.property(
        anyMap,
        fc.nat(),
        fc.nat(3),
        fc.uint8Array({ maxLength: 2 }),
        (value, position, removed, added) => {
          const input = [...encode(value)];
          input.splice(position % input.length, removed, ...added);
          acceptsOnlyCanonical(Uint8Array.from(input));
        },
      ),
      runs(5_000),
    );
  });
  it('for all inputs of two bytes', () => {
    for (let pair = 0; pair < 0x1_00_00; pair++) {
      acceptsOnlyCanonical(Uint8Array.of(pair >> 8, pair & 0xff));
    }
  });
  it('for noise', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), acceptsOnlyCanonical), runs(20_000));
  });
});

describe('the linter', () => {
  it('reports first what it refuses for, at an offset inside the input', () => {
    fc.assert(
      fc.property(anyMap, fc.nat(), fc.nat(255), (value, position, byte) => {
        const input = encode(value);
        input[position % input.length] = byte;
        const reported = lint(input, { mode: 'report' });
        expectSame(reported.slice(0, 1), lint(input));
        for (const { offset } of reported) expect(offset).toBeLessThanOrEqual(input.length);
      }),
      runs(5_000),
    );
  });
});

/**
 * Writes a value well-formed but as sloppily as `pick` has it: arguments too wide, lengths indefinite, maps in the
 * order of insertion, tags everywhere.
 */
class Sloppy {
  readonly out: number[] = [];
  readonly #pick: (below: number) => number;

  constructor(pick: (below: number) => number) {
    this.#pick = pick;
  }

  item(value: CborValue): void {
    if (this.#pick(8) === 0) this.#head(6, BigInt(this.#pick(300)));
    if (value === null) this.out.push(0xf6);
    else if (typeof value === 'boolean') this.out.push(value ? 0xf5 : 0xf4);
    else if (typeof value === 'string') this.#string(3, new TextEncoder().encode(value));
    else if (typeof value === 'number' || typeof value === 'bigint') this.#integer(BigInt(value));
    else if (value instanceof Uint8Array) this.#string(2, value);
    else if (value instanceof Map) this.#container(5, value.size, [...value].flat());
    else if (Array.isArray(value)) this.#container(4, value.length, value);
  }

  #integer(value: bigint): void {
    if (value < 0n) this.#head(1, -1n - value);
    else this.#head(0, value);
  }

  #head(major: number, argument: bigint): void {
    const least =
      argument < 24n ? 0 : argument < 2n ** 8n ? 1 : argument < 2n ** 16n ? 2 : argument < 2n ** 32n ? 3 : 4;
    const size = least + this.#pick(5 - least);
    this.out.push((major << 5) | (size === 0 ? Number(argument) : 23 + size));
    const width = size === 0 ? 0 : 1 << (size - 1);
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8)
      this.out.push(Number((argument >> BigInt(shift)) & 0xffn));
  }

  #string(major: number, content: Uint8Array): void {
    if (this.#pick(3) > 0) {
      this.#head(major, BigInt(content.length));
      this.out.push(...content);
      return;
    }
    this.out.push((major << 5) | 31);
    // One chunk and an empty one: a text must not be cut inside a character.
    this.#head(major, BigInt(content.length));
    this.out.push(...content, major << 5, 0xff);
  }

  #container(major: number, size: number, items: readonly CborValue[]): void {
    const isIndefinite = this.#pick(3) === 0;
    if (isIndefinite) this.out.push((major << 5) | 31);
    else this.#head(major, BigInt(size));
    for (const item of items) this.item(item);
    if (isIndefinite) this.out.push(0xff);
  }
}

describe('the lenient decoder', () => {
  it('understands every encoding of a value, and reports nothing only for the canonical one', () => {
    fc.assert(
      fc.property(anyMap, fc.infiniteStream(fc.nat()), (value, choices) => {
        const sloppy = new Sloppy((below) => Number(choices.next().value) % below);
        sloppy.item(value);
        const input = Uint8Array.from(sloppy.out);
        const result = decodeLeniently(input);
        expectSame(result.value, value);
        expect(result.length).toBe(input.length);
        expect(result.violations.length === 0).toBe(Buffer.compare(input, encode(value)) === 0);
      }),
      runs(10_000),
    );
  });
  it('throws on no input', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (input) => {
        const { value, violations } = decodeLeniently(input);
        if (violations.length === 0) expectSame(value, decode(input));
      }),
      runs(20_000),
    );
  });
});
