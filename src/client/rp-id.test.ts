import { describe, expect, it } from 'vitest';
import { type CallerContext, callerOrigin } from './caller.js';
import { mayClaim, registrableLabel } from './registrable-domain.js';
import type { RelatedOriginsFetcher, WellKnownAnswer } from './related-origins.js';
import { resolveRpId } from './rp-id.js';

const named = (name: string) => expect.objectContaining({ name });
const judge = (origin: string) => callerOrigin({ origin } satisfies CallerContext);

describe('the origin of a caller', () => {
  it.each([
    ['https://example.org', 'example.org'],
    ['https://EXAMPLE.org:443', 'example.org'],
    ['https://example.org:8443', 'example.org'],
    ['https://bücher.example', 'xn--bcher-kva.example'],
    ['http://localhost:8080', 'localhost'],
    ['http://shop.localhost', 'shop.localhost'],
    ['https://intranet', 'intranet'],
    ['https://my_shop.example.org', 'my_shop.example.org'],
  ])('%s has the domain %s', (origin, effectiveDomain) => {
    expect(judge(origin)).toEqual({ origin: new URL(origin).origin, effectiveDomain });
  });

  it.each([
    ['an opaque origin', 'null', 'NotAllowedError'],
    ['no origin at all', 'example.org', 'NotAllowedError'],
    ['a file', 'file:///etc/hosts', 'NotAllowedError'],
    ['plain http', 'http://example.org', 'NotAllowedError'],
    ['an IPv4 address', 'https://192.0.2.1', 'SecurityError'],
    ['an IPv4 address in another spelling', 'https://0xC0.513', 'SecurityError'],
    ['an IPv6 address', 'https://[2001:db8::1]', 'SecurityError'],
    ['the loopback address', 'http://127.0.0.1:8080', 'SecurityError'],
    ['the IPv6 loopback address', 'http://[::1]:8080', 'SecurityError'],
    ['a domain with its root dot', 'https://example.org.', 'SecurityError'],
    ['an empty label', 'https://a..example.org', 'SecurityError'],
    ['a domain of more than 253 bytes', `https://${'a.'.repeat(122)}example.org`, 'SecurityError'],
    ['a label of 64 bytes', `https://${'a'.repeat(64)}.example.org`, 'SecurityError'],
  ])('is refused for %s', (_, origin, name) => {
    expect(() => judge(origin)).toThrow(named(name));
  });
});

describe('claiming an RP ID', () => {
  it.each([
    ['the domain itself', 'example.org', 'example.org'],
    ['a parent', 'example.org', 'login.example.org'],
    ['a far parent', 'example.org', 'a.b.c.example.org'],
    ['a parent that is no top', 'login.example.org', 'a.login.example.org'],
    ['one below a suffix of two labels', 'example.co.uk', 'login.example.co.uk'],
    ['one below a private suffix', 'ada.github.io', 'shop.ada.github.io'],
    ['localhost itself', 'localhost', 'localhost'],
    ['a private suffix that is the page itself', 'github.io', 'github.io'],
    ['an intranet name itself', 'intranet', 'intranet'],
    ['one below an unlisted suffix', 'corp.internal-tld', 'x.corp.internal-tld'],
    ['a wildcard suffix, one label below', 'a.b.kawasaki.jp', 'x.a.b.kawasaki.jp'],
    ['an exception to a wildcard', 'city.kawasaki.jp', 'x.city.kawasaki.jp'],
    ['punycode', 'xn--bcher-kva.example', 'www.xn--bcher-kva.example'],
  ])('works for %s', (_, rpId, domain) => {
    expect(mayClaim(rpId, domain)).toBe(true);
  });

  it.each([
    ['a top-level domain', 'org', 'example.org'],
    ['a suffix of two labels', 'co.uk', 'example.co.uk'],
    ['the upper half of such a suffix', 'uk', 'example.co.uk'],
    ['a private suffix', 'github.io', 'ada.github.io'],
    ['what is above a private suffix', 'io', 'ada.github.io'],
    ['a wildcard suffix', 'b.kawasaki.jp', 'a.b.kawasaki.jp'],
    ['localhost from below', 'localhost', 'shop.localhost'],
    ['a subdomain', 'login.example.org', 'example.org'],
    ['a sibling', 'a.example.org', 'b.example.org'],
    ['the end of a label', 'ample.org', 'example.org'],
    ['another site', 'example.com', 'example.org'],
    ['the empty text', '', 'example.org'],
    ['a leading dot', '.example.org', 'login.example.org'],
    ['the root dot', 'example.org.', 'login.example.org'],
    ['upper case', 'Example.org', 'login.example.org'],
    ['Unicode', 'bücher.example', 'xn--bcher-kva.example'],
    ['an origin', 'https://example.org', 'example.org'],
    ['a port', 'example.org:443', 'example.org'],
  ])('is refused for %s', (_, rpId, domain) => {
    expect(mayClaim(rpId, domain)).toBe(false);
  });

  it.each([
    ['example.co.uk', 'example'],
    ['login.example.org', 'example'],
    ['ada.github.io', 'ada'],
    ['co.uk', undefined],
    ['localhost', undefined],
    ['192.0.2.1', undefined],
  ])('the registrable label of %s is %s', (domain, label) => {
    expect(registrableLabel(domain)).toBe(label);
  });
});

describe('related origins', () => {
  const CALLER = judge('https://example.de');
  const GOOD: WellKnownAnswer = {
    status: 200,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ origins: ['https://example.fr', 'https://example.de'], more: 1 }),
  };
  const serve =
    (change: Partial<WellKnownAnswer>): RelatedOriginsFetcher =>
    async () => ({ ...GOOD, ...change });
  const resolve = (fetch?: RelatedOriginsFetcher) =>
    resolveRpId('example.com', CALLER, { ...(fetch && { fetch }), signal: new AbortController().signal });
  const list = (...origins: readonly string[]) => serve({ body: JSON.stringify({ origins }) });

  it('let another site use the RP ID', async () => {
    const urls: string[] = [];
    const fetch: RelatedOriginsFetcher = async (url) => {
      urls.push(url);
      return GOOD;
    };
    await expect(resolve(fetch)).resolves.toBe('example.com');
    expect(urls).toEqual(['https://example.com/.well-known/webauthn']);
  });

  it('are not asked for when the RP ID is the own one', async () => {
    const fetch: RelatedOriginsFetcher = () => Promise.reject(new TypeError('not to be called'));
    const signal = new AbortController().signal;
    await expect(resolveRpId('example.de', CALLER, { fetch, signal })).resolves.toBe('example.de');
    await expect(resolveRpId(undefined, CALLER, { fetch, signal })).resolves.toBe('example.de');
  });

  it.each<[string, RelatedOriginsFetcher | undefined]>([
    ['nobody can fetch', undefined],
    ['fetching fails', () => Promise.reject(new TypeError('offline'))],
    ['the status is not 200', serve({ status: 404 })],
    ['the type is not JSON', serve({ contentType: 'text/html' })],
    ['there is no type', serve({ contentType: undefined })],
    ['the body is not JSON', serve({ body: '{' })],
    ['there is no list', serve({ body: '{}' })],
    ['the list holds something else', serve({ body: '{"origins":["https://example.de",1]}' })],
    ['the origin is not listed', list('https://example.fr')],
    ['the origin is listed with another port', list('https://example.de:8443')],
    [
      'it comes behind five other labels',
      list(...[1, 2, 3, 4, 5].map((n) => `https://shop${n}.fr`), 'https://example.de'),
    ],
  ])('end with SecurityError when %s', async (_, fetch) => {
    await expect(resolve(fetch)).rejects.toThrow(named('SecurityError'));
  });

  it.each([
    [
      'what is no URL, an IP address or a bare suffix',
      ['?', 'https://192.0.2.1', 'https://co.uk', 'https://example.de'],
    ],
    [
      'a sixth label',
      ['a', 'b', 'c', 'd', 'example', 'f'].map((label) => `https://${label}.fr`).concat('https://example.de'),
    ],
  ])('pass over %s', async (_, origins) => {
    await expect(resolve(list(...origins))).resolves.toBe('example.com');
  });
});
