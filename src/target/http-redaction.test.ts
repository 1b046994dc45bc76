import { describe, expect, it } from 'vitest';
import { REDACTED, Redactor } from './http-redaction.js';

describe('Redactor', () => {
  const redactor = new Redactor(['correct horse', 'abcd%20efgh', 'xy']);

  it('hides known secrets wherever they stand, as they are and encoded', () => {
    expect(redactor.text('correct horse, correct%20horse, abcd efgh')).toBe(
      `${REDACTED}, ${REDACTED}, ${REDACTED}`,
    );
  });

  it('leaves alone what is too short to be looked for', () => {
    expect(redactor.text('xylophone')).toBe('xylophone');
  });

  it.each([
    ['{"password":"x","name":"ada"}', `{"password":"${REDACTED}","name":"ada"}`],
    ['{"user":{"accessToken" : 5}}', `{"user":{"accessToken" : "${REDACTED}"}}`],
    ['{"csrf_token":"a\\"b","id":1}', `{"csrf_token":"${REDACTED}","id":1}`],
    ['{"session":{"id":"s1"}}', '{"session":{"id":"s1"}}'],
    ['{"session":"s1"}', `{"session":"${REDACTED}"}`],
    ['{"password":"x", broken', `{"password":"${REDACTED}", broken`],
    ['<script>var c = {"secret":"x"}</script>', `<script>var c = {"secret":"${REDACTED}"}</script>`],
  ])('hides by name in %s', (body, expected) => {
    expect(redactor.body(body, 'application/json')).toBe(expected);
  });

  it('hides by name in forms and addresses', () => {
    expect(redactor.body('username=ada&password=x', 'application/x-www-form-urlencoded')).toBe(
      `username=ada&password=${REDACTED}`,
    );
    expect(redactor.url(new URL('http://localhost/a?token=x&b=c'))).toBe(
      'http://localhost/a?token=%5Bredacted%5D&b=c',
    );
  });

  it('shows the names of cookies and the attributes of those that are set', () => {
    const headers = new Headers({ cookie: 'a=1; b=2', authorization: 'Bearer x', accept: 'text/html' });
    headers.append('set-cookie', 'a=1; Path=/');
    headers.append('set-cookie', 'b=2; HttpOnly');
    expect(redactor.headers(headers)).toEqual({
      accept: 'text/html',
      authorization: REDACTED,
      cookie: `a=${REDACTED}; b=${REDACTED}`,
      'set-cookie': [`a=${REDACTED}; Path=/`, `b=${REDACTED}; HttpOnly`],
    });
  });

  it('cuts long bodies and says so', () => {
    expect(redactor.body('a'.repeat(10_000), null)).toMatch(/^a{4096}… \(10000 characters\)$/);
  });
});
