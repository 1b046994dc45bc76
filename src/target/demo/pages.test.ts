import { Script } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { alice, DemoWorld, ORIGIN, testUser } from '../../../test/targets/demo-world.js';
import { CookieJar } from '../cookie-jar.js';
import { loadPreset } from '../presets.js';
import { Template } from '../template.js';
import { PAGE_SCRIPT } from './page-script.js';

/** A browser without a window: cookies, forms and redirects. */
class PageBrowser {
  readonly #handle: (request: Request) => Promise<Response>;
  readonly jar = new CookieJar();
  /** Where the last answer came from. */
  path = '';

  constructor(handle: (request: Request) => Promise<Response>) {
    this.#handle = handle;
  }

  async open(
    path: string,
    init: RequestInit = {},
  ): Promise<{ response: Response; text: string; step: string }> {
    const url = new URL(path, ORIGIN);
    const headers = new Headers({
      ...Object.fromEntries(new Headers(init.headers)),
      cookie: this.jar.header(url) ?? '',
    });
    const response = await this.#handle(new Request(url, { ...init, headers }));
    this.jar.store(url, response.headers);
    const location = response.headers.get('location');
    if (location !== null) return this.open(location);
    this.path = url.pathname;
    const text = await response.text();
    return { response, text, step: /data-step="([^"]*)"/.exec(text)?.[1] ?? '' };
  }

  submit(path: string, fields: Record<string, string>) {
    const body = String(new URLSearchParams(fields));
    const headers = { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
    return this.open(path, { method: 'POST', headers, body });
  }
}

type Locator = Readonly<Record<string, unknown>>;

/** Every locator of every page step in an adapter. */
function pageStepsOf(part: unknown): Locator[] {
  if (typeof part !== 'object' || part === null || part instanceof Template) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    const isLocator = ['click', 'fill', 'see'].includes(key) && typeof value === 'object';
    return isLocator ? [value as Locator] : pageStepsOf(value);
  });
}

/** How the element of a locator looks in the demo's HTML. */
function patternOf({ label, role, name, css }: Locator): RegExp {
  const text = [label, name].find((one) => one instanceof Template)?.source;
  if (css !== undefined)
    return new RegExp(
      String(css)
        .replace(/^\.(\w+) li$/, 'class="$1"><li')
        .replace(/[[\]]/g, '')
        .replace(/=(?!")(.+)/, '="$1"'),
    );
  if (label !== undefined) return new RegExp(`<label [^>]*>${text}</label>`);
  return new RegExp(`<${role === 'link' ? 'a' : 'button'}[^>]*>${text}</`);
}

let world: DemoWorld;
let browser: PageBrowser;

beforeEach(async () => {
  world = await DemoWorld.open();
  browser = new PageBrowser(world.handle);
});

describe('the sign-in flow', () => {
  it('starts with the username and asks for the password where that was used last', async () => {
    expect(await browser.open('/')).toMatchObject({ step: 'username' });
    expect(await browser.submit('/sign-in', { username: 'alice' })).toMatchObject({ step: 'password' });
  });

  it('asks for the passkey at once where that was used last', async () => {
    await world.signIn(alice, world.aliceKey);
    const { step, text } = await browser.submit('/sign-in', { username: 'alice' });
    expect(step).toBe('passkey');
    expect(text).toContain('data-ceremony="sign-in" data-username="alice"');
  });

  it('leads from the password to other ways, and from there to the passkey', async () => {
    const { text } = await browser.submit('/sign-in', { username: 'alice' });
    expect(text).toContain('href="/sign-in/other-ways"');
    const otherWays = await browser.open('/sign-in/other-ways');
    expect(otherWays.text).toContain('href="/sign-in/passkey"');
    expect(await browser.open('/sign-in/passkey')).toMatchObject({ step: 'passkey' });
  });

  it('offers no passkey to a name without one, or that nobody has', async () => {
    for (const username of ['carol', 'nobody']) {
      await browser.submit('/sign-in', { username });
      expect((await browser.open('/sign-in/other-ways')).text).not.toContain('href="/sign-in/passkey"');
    }
  });

  it('leads from sign-in options to a passkey without a username', async () => {
    expect((await browser.open('/sign-in')).text).toContain('href="/sign-in/options"');
    expect((await browser.open('/sign-in/options')).text).toContain('href="/sign-in/any-passkey"');
    expect((await browser.open('/sign-in/any-passkey')).text).toContain('data-username=""');
  });

  it('signs in with the password, asks whether to stay, and shows the account', async () => {
    await browser.submit('/sign-in', { username: 'alice' });
    const signedIn = await browser.submit('/sign-in/password', {
      username: 'alice',
      password: alice.password,
    });
    expect(signedIn.step).toBe('stay-signed-in');
    const account = await browser.submit('/stay-signed-in', { stay: 'yes' });
    expect(account.step).toBe('account');
    expect(account.text).toContain('Passkey 1');
  });

  it('keeps the cookie only for those who want to stay', async () => {
    await browser.submit('/sign-in/password', { username: 'alice', password: alice.password });
    const cookie = browser.jar.header(new URL(ORIGIN)) ?? '';
    const cookieAfter = async (stay: string) => {
      const body = String(new URLSearchParams({ stay }));
      const headers = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
      const request = new Request(`${ORIGIN}/stay-signed-in`, { method: 'POST', headers, body });
      return (await world.handle(request)).headers.get('set-cookie');
    };
    expect(await cookieAfter('yes')).toMatch(/Max-Age=\d+.*HttpOnly.*SameSite=Lax/);
    expect(await cookieAfter('no')).toBeNull();
  });

  it('says no to a wrong password, and signs nobody in', async () => {
    const wrong = await browser.submit('/sign-in/password', { username: 'alice', password: 'not this one' });
    expect(wrong.response.status).toBe(401);
    expect(wrong.step).toBe('password');
    expect(await browser.open('/account')).toMatchObject({ step: 'username' });
  });

  it('keeps wishes from an address for the flow', async () => {
    await browser.open('/sign-in?hints=security-key&transports=usb,nfc');
    const options = await browser.open('/api/sign-in/passkey/options', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'alice' }),
    });
    expect(JSON.parse(options.text)).toMatchObject({
      hints: ['security-key'],
      allowCredentials: [{ transports: ['usb', 'nfc'] }],
    });
  });

  it.each(['/account', '/sign-in/passkey', '/sign-in/password', '/sign-in/other-ways', '/stay-signed-in'])(
    'sends those who come to %s too early to the start',
    async (path) => {
      expect(await browser.open(path)).toMatchObject({ step: 'username' });
    },
  );
});

describe('the account page', () => {
  it('deletes a passkey', async () => {
    await browser.submit('/sign-in/password', { username: 'alice', password: alice.password });
    const after = await browser.submit('/account/delete-passkey', { id: world.aliceKey.id });
    expect(after.text).toContain('None yet.');
  });

  it('signs out', async () => {
    await browser.submit('/sign-in/password', { username: 'alice', password: alice.password });
    expect(await browser.submit('/sign-out', {})).toMatchObject({ step: 'username' });
    expect(await browser.open('/account')).toMatchObject({ step: 'username' });
  });

  it('is shown after creating an account', async () => {
    const { name, displayName, email, password } = testUser('dora');
    expect(await browser.submit('/create-account', { name, displayName, email, password })).toMatchObject({
      step: 'account',
    });
    const taken = await browser.submit('/create-account', { name: 'DORA', displayName, email, password });
    expect(taken.response.status).toBe(409);
  });
});

describe('every page', () => {
  it('shows names as text, never as markup', async () => {
    const displayName = '<img src=x onerror=alert(1)>';
    const { email, password } = testUser('eve');
    const { text } = await browser.submit('/create-account', {
      name: '"><b>eve',
      displayName,
      email,
      password,
    });
    expect(text).toContain('&lt;img src=x');
    expect(text).not.toMatch(/<img|<b>/);
  });

  it.each([
    '/sign-in',
    '/sign-in/options',
    '/create-account',
    '/nowhere',
    '/assets/script.js',
    '/api/session',
  ])('comes with a policy that forbids foreign and inline scripts: %s', async (path) => {
    const { response, text } = await browser.open(path);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?! src="\/assets\/)|\son\w+=|style="|https?:\/\/(?!www\.w3\.org)/);
  });

  it('labels every input, and has one heading, a language and a title', async () => {
    for (const path of ['/sign-in', '/create-account']) {
      const { text } = await browser.open(path);
      const ids = [...text.matchAll(/<input id="([^"]+)"/g)].map(([, id]) => id);
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids) expect(text).toContain(`<label for="${id}">`);
      expect(text.match(/<h1>/g)).toHaveLength(1);
      expect(text).toMatch(/<html lang="en">[\s\S]*<title>[^<]+<\/title>/);
    }
  });

  it('has what the page steps of the adapter look for', async () => {
    await browser.submit('/sign-in', { username: 'alice' });
    const early = [
      '/sign-in',
      '/create-account',
      '/sign-in/options',
      '/sign-in/password',
      '/sign-in/passkey',
    ];
    const texts = await Promise.all(early.map(async (path) => (await browser.open(path)).text));
    texts.push(
      (await browser.submit('/sign-in/password', { username: 'alice', password: alice.password })).text,
    );
    texts.push((await browser.open('/account')).text);
    const all = texts.join('');
    const pages = pageStepsOf(await loadPreset('demo'));
    expect(pages.length).toBeGreaterThan(20);
    for (const locator of pages) expect(all).toMatch(patternOf(locator));
  });

  it('has a script that is valid JavaScript', () => {
    expect(() => new Script(PAGE_SCRIPT)).not.toThrow();
  });
});
