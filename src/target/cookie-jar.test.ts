import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.js';

const ORIGIN = 'http://rp.localhost:3000';

function jarWith(...lines: readonly string[]): CookieJar {
  const jar = new CookieJar();
  set(jar, ...lines);
  return jar;
}

function set(jar: CookieJar, ...lines: readonly string[]): void {
  const headers = new Headers({ date: 'Tue, 24 Nov 2026 12:00:00 GMT' });
  for (const line of lines) headers.append('set-cookie', line);
  jar.store(new URL('/auth/login/start', ORIGIN), headers);
}

const sent = (jar: CookieJar, path: string) => jar.header(new URL(path, ORIGIN));

describe('CookieJar', () => {
  it('sends what was set, and nothing before', () => {
    expect(sent(new CookieJar(), '/')).toBeUndefined();
    expect(sent(jarWith('a=1; Path=/; HttpOnly; Secure', 'b=x=y; Path=/'), '/')).toBe('a=1; b=x=y');
  });

  it('replaces a cookie of the same name and path only', () => {
    const jar = jarWith('a=1; Path=/', 'a=2; Path=/auth', 'a=3; Path=/');
    expect(sent(jar, '/')).toBe('a=3');
    expect(sent(jar, '/auth/x')).toBe('a=2; a=3');
    expect(jar.values().get('a')).toBe('2');
  });

  it.each([
    ['/auth', '/auth', true],
    ['/auth', '/auth/x', true],
    ['/auth', '/authority', false],
    ['/auth/', '/auth/x', true],
    ['/auth', '/', false],
  ])('with path %s and request %s: %s', (path, requested, expected) => {
    expect(sent(jarWith(`a=1; Path=${path}`), requested)).toBe(expected ? 'a=1' : undefined);
  });

  it('takes the directory of the request for a cookie without path', () => {
    const jar = jarWith('a=1');
    expect(sent(jar, '/auth/login/other')).toBe('a=1');
    expect(sent(jar, '/auth')).toBeUndefined();
  });

  it.each([
    'a=; Path=/; Max-Age=0',
    'a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'a=; Path=/; Max-Age=-1',
  ])('deletes on %s', (line) => {
    const jar = jarWith('a=1; Path=/');
    set(jar, line);
    expect(sent(jar, '/')).toBeUndefined();
  });

  it('keeps a cookie that expires after the date of the answer, whatever the time is here', () => {
    expect(sent(jarWith('a=1; Path=/; Expires=Tue, 24 Nov 2026 12:00:01 GMT'), '/')).toBe('a=1');
    expect(sent(jarWith('a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT'), '/')).toBe('a=1');
  });

  it.each(['a=1; Path=/; Domain=evil.example', 'a=1; Path=/; Domain=xrp.localhost', '=1; Path=/', 'nothing'])(
    'ignores %s',
    (line) => {
      expect(sent(jarWith(line), '/')).toBeUndefined();
    },
  );

  it('takes a cookie for its own domain', () => {
    expect(sent(jarWith('a=1; Path=/; Domain=.localhost'), '/')).toBe('a=1');
  });

  it('comes back from a snapshot exactly, and a snapshot stays as it was', () => {
    const jar = jarWith('a=1; Path=/');
    const before = jar.snapshot();
    set(jar, 'a=2; Path=/', 'b=3; Path=/');
    expect(before).toEqual([{ name: 'a', value: '1', path: '/' }]);
    jar.restore(before);
    expect(sent(jar, '/')).toBe('a=1');
  });
});
