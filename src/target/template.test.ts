// biome-ignore-all lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
import { describe, expect, it } from 'vitest';
import { fillJson, type JsonTemplate, Template } from './template.js';

const scope = {
  user: { name: 'ada & co', password: 'p/w' },
  credential: { id: 'a-_b', response: { signature: 'c2ln' } },
  saved: { 'x-csrf': 'token', count: 5 },
};

function template(source: string): Template {
  const parsed = Template.parse(source);
  if (typeof parsed === 'string') throw new TypeError(parsed);
  return parsed;
}

describe('Template', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['Hello ${user.name}!', 'Hello ada & co!'],
    ['${user.name}${user.name}', 'ada & coada & co'],
    ['${ user.name }', 'ada & co'],
    ['${saved["x-csrf"]}', 'token'],
    ['${saved.count}', '5'],
    ['${credential}', '{"id":"a-_b","response":{"signature":"c2ln"}}'],
    ['${credential.response|json}', '{"signature":"c2ln"}'],
    ['${credential.id | base64}', 'a+/b'],
    ['[${credential.response.userHandle}]', '[]'],
    ['$${user.name} costs $5', '${user.name} costs $5'],
  ])('fills %j', (source, expected) => {
    expect(template(source).text(scope)).toBe(expected);
  });

  it('pads what it puts into the standard base64 alphabet', () => {
    expect(template('${v|base64}').text({ v: '_w' })).toBe('/w==');
  });

  it('encodes values, and nothing else, for a path', () => {
    expect(template('/users/${user.name}?x=/').text(scope, encodeURIComponent)).toBe(
      '/users/ada%20%26%20co?x=/',
    );
  });

  it.each([
    '${',
    '${user.name',
    'a ${} b',
    '${user..name}',
    '${user.name|upper}',
    '${user.name|json|json}',
    '${user name}',
  ])('refuses %j', (source) => {
    expect(Template.parse(source)).toMatch(/^expected (?:a placeholder|one of the filters)/);
  });

  it('keeps the type of a value that stands alone', () => {
    expect(template('${saved.count}').value(scope)).toBe(5);
    expect(template('${credential}').value(scope)).toBe(scope.credential);
    expect(template('no. ${saved.count}').value(scope)).toBe('no. 5');
    expect(template('${saved.nothing}').value(scope)).toBeUndefined();
  });
});

describe('fillJson', () => {
  it('fills strings at any depth and leaves members out whose value is absent', () => {
    const body: JsonTemplate = {
      response: template('${credential}'),
      list: [template('${user.name}'), template('${saved.nothing}'), 1, null, true],
      handle: template('${credential.response.userHandle}'),
      nested: { deep: { name: template('-${user.name}-') } },
    };
    expect(fillJson(body, scope)).toStrictEqual({
      response: scope.credential,
      list: ['ada & co', null, 1, null, true],
      nested: { deep: { name: '-ada & co-' } },
    });
  });
});
