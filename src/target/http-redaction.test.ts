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
    ['{"otp":"123456","n":1}', `{"otp":"${REDACTED}","n":1}`],
    ['{"recoveryCodes":["a1", "b2"],"n":1}', `{"recoveryCodes":"${REDACTED}","n":1}`],
    ['{"backup_codes":["a1"', `{"backup_codes":"${REDACTED}"`],
    ['{"names":["ada"],"token":"x"}', `{"names":["ada"],"token":"${REDACTED}"}`],
    ['{"code":"E_STATE","state":"open"}', '{"code":"E_STATE","state":"open"}'],
    ['<input name="csrf" value="a1">', `<input name="csrf" value="${REDACTED}">`],
    ['<a href="/cb?code=a1&amp;x=1">', `<a href="/cb?code=${REDACTED}&amp;x=1">`],
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
    expect(redactor.url(new URL('http://localhost/cb?code=x&state=y&b=c'))).toBe(
      'http://localhost/cb?code=%5Bredacted%5D&state=%5Bredacted%5D&b=c',
    );
    expect(redactor.headers(new Headers({ location: '/cb?code=x&b=c' }))).toEqual({
      location: `/cb?code=${REDACTED}&b=c`,
    });
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
