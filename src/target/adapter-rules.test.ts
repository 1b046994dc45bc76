import { describe, expect, it } from 'vitest';
import { describeRule, type Rule, ruleHolds, ruleNamesStatus, ruleSchema } from './adapter-rules.js';
import type { HttpAnswer } from './http-answer.js';

const answer: HttpAnswer = {
  method: 'POST',
  name: 'POST /x',
  url: new URL('http://localhost/x'),
  status: 200,
  headers: new Headers({ location: '/home?code=5' }),
  text: '{"verified":true,"user":{"name":"ada"},"error":null,"list":[]}',
  preview: '',
  json: { verified: true, user: { name: 'ada' }, error: null, list: [] },
  cookies: new Map([['sid', 'abc']]),
};

const page: HttpAnswer = { ...answer, text: '<h1>Welcome</h1>', json: undefined };

function rule(value: unknown): Rule {
  return ruleSchema.parse(value);
}

describe('ruleNamesStatus', () => {
  const crash: HttpAnswer = { ...answer, status: 500, json: { error: 'Internal Server Error' } };
  it.each([
    [{ status: 500 }, true],
    [{ any: [{ status: '4xx' }, { status: 500, json: '$.error' }] }, true],
    [{ all: [{ status: [400, 500] }, { json: '$.error' }] }, true],
    // A class, the body alone, and another alternative than the one that holds say nothing of this status.
    [{ status: '5xx' }, false],
    [{ json: '$.error' }, false],
    [{ any: [{ json: '$.error' }, { status: 500, json: '$.code' }] }, false],
    [{ status: 400 }, false],
  ])('%j for a crash in JSON: %s', (value, expected) => {
    expect(ruleNamesStatus(rule(value), crash)).toBe(expected);
  });
});

describe('ruleHolds', () => {
  it.each([
    [{ status: 200 }, true],
    [{ status: 201 }, false],
    [{ status: [400, 200] }, true],
    [{ status: '2xx' }, true],
    [{ status: ['4xx', 204] }, false],
    [{ json: '$.user.name' }, true],
    [{ json: '$.user.id' }, false],
    [{ json: '$.error' }, false],
    [{ json: '$.error', exists: false }, true],
    [{ json: '$.user', exists: false }, false],
    [{ json: '$.verified', equals: true }, true],
    [{ json: '$.verified', equals: 'true' }, false],
    [{ json: '$.error', equals: null }, true],
    [{ json: '$.user', equals: { name: 'ada' } }, true],
    [{ json: '$.list', equals: [] }, true],
    [{ json: '$.user.name', matches: '^a' }, true],
    [{ json: '$.verified', matches: 'true' }, false],
    [{ header: 'Location', matches: 'code=' }, true],
    [{ header: 'x-none' }, false],
    [{ cookie: 'sid' }, true],
    [{ cookie: 'other', exists: false }, true],
    [{ text: 'ver.fied' }, true],
    [{ status: 200, json: '$.verified', equals: false }, false],
    [{ all: [{ status: 200 }, { json: '$.verified' }] }, true],
    [{ all: [{ status: 200 }, { json: '$.nothing' }] }, false],
    [{ any: [{ status: 500 }, { json: '$.verified' }] }, true],
    [{ any: [{ status: 500 }, { json: '$.nothing' }] }, false],
    [{ status: 500, any: [{ json: '$.verified' }] }, false],
    [{ not: { status: 500 } }, true],
    [{ not: { status: 200 } }, false],
  ])('judges %j: %s', (value, expected) => {
    expect(ruleHolds(rule(value), answer)).toBe(expected);
  });

  it.each([
    { json: '$.error', exists: false },
    { json: '$', equals: null },
  ])('finds nothing to be absent in a page that is no JSON: %j', (value) => {
    expect(ruleHolds(rule(value), page)).toBe(false);
  });
});

describe('ruleSchema', () => {
  it.each([
    [{}, 'expected a rule that says something'],
    [{ equals: 5 }, 'expected json, header or cookie beside exists, equals and matches'],
    [{ json: '$.a', header: 'b' }, 'expected one of json, header and cookie; combine several with all'],
    [{ json: 'a.b' }, 'expected a path such as $.user.name, got "a.b"'],
    [{ text: '(' }, 'expected a regular expression, got "("'],
  ])('refuses %j', (value, message) => {
    expect(ruleSchema.safeParse(value).error?.issues[0]?.message).toBe(message);
  });
});

describe('describeRule', () => {
  it('says a rule in one line', () => {
    const value = {
      all: [{ status: [400, '5xx'] }, { json: '$.a[0]', equals: 'x' }, { not: { cookie: 'sid' } }],
    };
    expect(describeRule(rule(value))).toBe('status 400 or 5xx and $.a[0] = "x" and not (cookie sid present)');
  });
});
