import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { formatError, KeyrigError } from '../errors.js';
import { parseYaml, readYaml } from './located-yaml.js';

const schema = z.strictObject({
  name: z.string(),
  touch: z.enum(['at-once', 'never']).default('at-once'),
  retries: z.int().min(1).max(8).optional(),
  pin: z
    .string()
    .regex(/^\d{4,}$/, 'expected at least four digits')
    .optional(),
  steps: z
    .array(
      z.union([
        z.string(),
        z.strictObject({ press: z.string(), times: z.number().optional() }),
        z.strictObject({ wait: z.number() }),
      ]),
    )
    .optional(),
  known: z
    .discriminatedUnion('confidence', [
      z.strictObject({ confidence: z.enum(['high', 'low']) }),
      z.strictObject({ confidence: z.literal('observed'), date: z.string() }),
    ])
    .optional(),
  led: z.union([z.literal('green'), z.enum(['red', 'none']), z.strictObject({ rgb: z.string() })]).optional(),
  nested: z.record(z.string(), z.strictObject({ on: z.boolean() })).optional(),
});

const GOOD = 'name: yubikey-5\ntouch: never\nretries: 8\npin: "1234"\nsteps:\n  - touch\n  - press: Next\n';

/** Parses and gives the failure. */
function fault(text: string): KeyrigError {
  try {
    parseYaml(schema, text, 'key.yaml', 'profile-invalid');
  } catch (error) {
    if (error instanceof KeyrigError) return error;
    throw error;
  }
  throw new KeyrigError('internal', 'this text should have been refused');
}

describe('parseYaml', () => {
  it('gives the value in the schema type, defaults filled in', () => {
    expect(parseYaml(schema, 'name: a', 'key.yaml', 'profile-invalid')).toEqual({
      name: 'a',
      touch: 'at-once',
    });
    expect(parseYaml(schema, GOOD, 'key.yaml', 'profile-invalid').steps).toEqual([
      'touch',
      { press: 'Next' },
    ]);
  });

  it.each([
    ['a wrong type, at the value', 'name: 5\n', 'key.yaml:1:7: name: expected string, got 5'],
    [
      'a missing key, at the start',
      'touch: never\n',
      'key.yaml:1:1: name: expected string, but it is missing',
    ],
    [
      'a missing key in a nested map, at the key above it',
      'name: a\nnested:\n  led: {}\n',
      'key.yaml:3:3: nested.led.on: expected boolean, but it is missing',
    ],
    [
      'an unknown key, at the key, with the nearest name',
      'name: a\ntuoch: never\n',
      'key.yaml:2:1: tuoch: expected one of the keys name, touch, retries, pin, steps, known, led, nested (did you mean "touch"?)',
    ],
    [
      'a misspelt key once, although the right one is missing',
      'nmae: a\n',
      'key.yaml:1:1: nmae: expected one of the keys name, touch, retries, pin, steps, known, led, nested (did you mean "name"?)',
    ],
    [
      'an unknown value, with the nearest one',
      'name: a\ntouch: nevr\n',
      'key.yaml:2:8: touch: expected one of "at-once", "never", got "nevr" (did you mean "never"?)',
    ],
    [
      'a number too big',
      'name: a\nretries: 9\n',
      'key.yaml:2:10: retries: expected a value of at most 8, got 9',
    ],
    [
      'a message that the schema brings',
      'name: a\npin: "12"\n',
      'key.yaml:2:6: pin: expected at least four digits',
    ],
    [
      'a fault inside of the alternative that fits',
      'name: a\nsteps:\n  - press: 5\n',
      'key.yaml:3:12: steps[0].press: expected string, got 5',
    ],
    [
      'an unknown key inside of an alternative',
      'name: a\nsteps:\n  - press: OK\n    time: 2\n',
      'key.yaml:4:5: steps[0].time: expected one of the keys press, times, wait (did you mean "times"?)',
    ],
    [
      'a key that no alternative knows, with the nearest name of all',
      'name: a\nsteps:\n  - wiat: 2\n',
      'key.yaml:3:5: steps[0].wiat: expected one of the keys press, times, wait (did you mean "wait"?)',
    ],
    [
      'a value that fits no alternative',
      'name: a\nsteps: [true]\n',
      'key.yaml:2:9: steps[0]: expected string or object, got true',
    ],
    [
      'a value that no alternative is told by, with the nearest one',
      'name: a\nknown: { confidence: observd }\n',
      'key.yaml:2:22: known.confidence: expected one of "high", "low", "observed", got "observd" (did you mean "observed"?)',
    ],
    [
      'a value that is like none by which an alternative is told',
      'name: a\nknown: { confidence: Q }\n',
      'key.yaml:2:22: known.confidence: expected one of "high", "low", "observed", got "Q"',
    ],
    [
      'a missing value by which alternatives are told',
      'name: a\nknown: { date: now }\n',
      'key.yaml:2:1: known.confidence: expected one of "high", "low", "observed", but it is missing',
    ],
    [
      'a value near to that of an alternative',
      'name: a\nled: gren\n',
      'key.yaml:2:6: led: expected "green" or "red" or "none" or object, got "gren" (did you mean "green"?)',
    ],
    ['an empty file', '', 'key.yaml:1:1: (root): expected object, got null'],
    ['a duplicate key', 'name: a\nname: b\n', 'key.yaml:2:1: Map keys must be unique'],
    [
      'an unknown tag',
      'name: !!js/function a\n',
      'key.yaml:1:7: Unresolved tag: tag:yaml.org,2002:js/function',
    ],
  ])('shows %s', (_, text, expected) => {
    expect(formatError(fault(text))).toBe(expected);
  });

  it('lists every fault with its place', () => {
    const error = fault('touch: 1\nretries: 0\nname: a\n');
    expect(error.message).toBe('touch: expected one of "at-once", "never", got 1; 1 more after that');
    expect(error.facts.problems).toEqual([
      'key.yaml:1:8: touch: expected one of "at-once", "never", got 1',
      'key.yaml:2:10: retries: expected a value of at least 1, got 0',
    ]);
  });

  it('uses the code of its caller', () => {
    expect(fault('name: 5').code).toBe('profile-invalid');
    expect(() => parseYaml(schema, '[', 'a.yaml', 'adapter-invalid')).toThrow(
      expect.objectContaining({ code: 'adapter-invalid' }),
    );
  });

  it('refuses aliases that grow without bound, and nesting without end', () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`).join(
      '\n',
    );
    expect(fault(`l0: &l0 [x]\n${levels}\n`).code).toBe('profile-invalid');
    expect(fault('['.repeat(200_000)).code).toBe('profile-invalid');
  });

  it('sets no prototype from data', () => {
    const { value } = readYaml('__proto__: { polluted: true }', 'a.yaml', 'profile-invalid');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('ends with a value or a located KeyrigError for any text', () => {
    const pieces = fc.constantFrom(
      'name: ',
      'a',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '!!',
      '"',
      ': ',
      '#',
      '|',
    );
    const text = fc
      .array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 30 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, (source) => {
        try {
          parseYaml(schema, source, 'any.yaml', 'profile-invalid');
        } catch (error) {
          expect(error).toBeInstanceOf(KeyrigError);
          expect((error as KeyrigError).where).toMatch(/^any\.yaml:\d+:\d+$/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('where', () => {
  const yaml = readYaml('base: &base\n  on: true\nled: *base\n', 'a.yaml', 'profile-invalid');

  it('follows aliases to what they stand for', () => {
    expect(yaml.where(['led'])).toBe('a.yaml:3:6');
    expect(yaml.where(['led', 'on'])).toBe('a.yaml:2:7');
  });

  it('shows the nearest thing around what is not there', () => {
    expect(yaml.where(['base', 'off'])).toBe('a.yaml:1:1');
    expect(yaml.where(['nowhere', 'at', 'all'])).toBe('a.yaml:1:1');
  });
});
