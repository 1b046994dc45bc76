/**
 * The cookies of one session with one origin (RFC 6265).
 *
 * Cookies don't age: a run is short, and a virtual clock says nothing about the server's. An answer that expires a cookie deletes it.
 * `Secure` and `SameSite` are not acted upon: every request here is the page's own, to the origin that set the cookie.
 */

/** A cookie as the jar keeps it. */
export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

/** One isolated cookie jar. */
export class CookieJar {
  /** By name and path, in the order of their creation (RFC 6265 §5.4 step 2). */
  readonly #cookies = new Map<string, StoredCookie>();

  /** Takes what an answer from `url` sets. */
  store(url: URL, headers: Headers): void {
    const now = Date.parse(headers.get('date') ?? '');
    for (const line of headers.getSetCookie()) this.#storeOne(url, line, now);
  }

  /** The `Cookie` header for `url`, longest path first, or `undefined` when there is nothing to send. */
  header(url: URL): string | undefined {
    const sent = [...this.#cookies.values()]
      .filter(({ path }) => pathMatches(url.pathname, path))
      .toSorted((left, right) => right.path.length - left.path.length);
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Everything in the jar, by name; of two with one name the one with the longer path. */
  values(): ReadonlyMap<string, string> {
    const shortestFirst = [...this.#cookies.values()].toSorted(
      (left, right) => left.path.length - right.path.length,
    );
    return new Map(shortestFirst.map(({ name, value }) => [name, value]));
  }

  snapshot(): readonly StoredCookie[] {
    return [...this.#cookies.values()].map((cookie) => ({ ...cookie }));
  }

  restore(cookies: readonly StoredCookie[]): void {
    this.#cookies.clear();
    for (const cookie of cookies) this.#cookies.set(keyOf(cookie), { ...cookie });
  }

  #storeOne(url: URL, line: string, now: number): void {
    const [pair = '', ...attributeTexts] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    // RFC 6265 §5.2 step 2 and 5: without "=" or without a name the line is ignored.
    if (equals < 0 || name === '') return;
    const attributes = new Map(attributeTexts.map(splitAttribute));
    if (!domainMatches(url.hostname, attributes.get('domain'))) return;
    const cookie = { name, value: pair.slice(equals + 1).trim(), path: pathOf(url, attributes.get('path')) };
    if (isExpired(attributes, now)) this.#cookies.delete(keyOf(cookie));
    else this.#cookies.set(keyOf(cookie), cookie);
  }
}

function keyOf({ name, path }: StoredCookie): string {
  return `${name}\n${path}`;
}

function splitAttribute(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [text.trim().toLowerCase(), ''];
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** RFC 6265 §5.3 step 3: `Max-Age` wins over `Expires`. `now` is the answer's own date, if it said one. */
function isExpired(attributes: ReadonlyMap<string, string>, now: number): boolean {
  const maxAge = attributes.get('max-age');
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = Date.parse(attributes.get('expires') ?? '');
  // Without a date in the answer, only a date that is long past for everybody counts.
  return expires <= (Number.isNaN(now) ? Date.UTC(2000, 0) : now);
}

/** RFC 6265 §5.1.3: a cookie for another domain is not taken. */
function domainMatches(host: string, domain: string | undefined): boolean {
  const wanted = domain?.replace(/^\./, '').toLowerCase() ?? '';
  return wanted === '' || wanted === host || host.endsWith(`.${wanted}`);
}

/** RFC 6265 §5.2.4 and §5.1.4: the given path, or the directory of the request's. */
function pathOf(url: URL, path: string | undefined): string {
  if (path?.startsWith('/')) return path;
  const lastSlash = url.pathname.lastIndexOf('/');
  return lastSlash <= 0 ? '/' : url.pathname.slice(0, lastSlash);
}

/** RFC 6265 §5.1.4. */
function pathMatches(requested: string, path: string): boolean {
  if (!requested.startsWith(path)) return false;
  return requested.length === path.length || path.endsWith('/') || requested[path.length] === '/';
}
