import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJsonPath, parseJsonPath, readJsonPath } from './json-path.js';

describe('parseJsonPath', () => {
  it.each([
    ['$', []],
    ['$.user.name', ['user', 'name']],
    ['$[0].id', [0, 'id']],
    ['$.list[12]["e-mail address"]', ['list', 12, 'e-mail address']],
    ['$["a\\"b"]', ['a"b']],
    ['$.x-csrf', ['x-csrf']],
  ])('reads %s', (text, expected) => {
    expect(parseJsonPath(text)).toEqual(expected);
  });

  it.each([
    '',
    'user',
    '.user',
    '$user',
    '$.',
    '$..a',
    '$.a.',
    '$[*]',
    '$[-1]',
    '$[1:2]',
    "$['a']",
    '$["a',
    '$.a b',
    '$[?(@.x)]',
  ])('refuses %j', (text) => {
    expect(parseJsonPath(text)).toBeUndefined();
  });

  it('reads what formatJsonPath writes', () => {
    const path = fc.array(fc.oneof(fc.string(), fc.nat({ max: 999_999_999 })));
    fc.assert(
      fc.property(path, (segments) => {
        expect(parseJsonPath(formatJsonPath(segments))).toEqual(segments);
      }),
    );
  });

  it('ends with a path or undefined for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const path = parseJsonPath(`$${text}`);
        expect(path === undefined || Array.isArray(path)).toBe(true);
      }),
    );
  });
});

describe('readJsonPath', () => {
  const value = { user: { name: 'ada', none: null }, list: [{ id: 1 }] };

  it.each([
    ['$', value],
    ['$.user.name', 'ada'],
    ['$.user.none', null],
    ['$.list[0].id', 1],
    ['$.list[1]', undefined],
    ['$.list.length', undefined],
    ['$.user[0]', undefined],
    ['$.user.name.first', undefined],
    ['$.user.none.x', undefined],
    ['$.constructor', undefined],
    ['$.__proto__', undefined],
  ])('finds at %s what is there', (path, expected) => {
    expect(readJsonPath(value, parseJsonPath(path) ?? ['not a path'])).toEqual(expected);
  });
});
