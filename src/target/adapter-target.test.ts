// biome-ignore-all lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../data/located-yaml.js';
import { systemClock, VirtualClock } from '../ports.js';
import type { TraceEvent } from '../trace/events.js';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../webauthn/types.js';
import { adapterSchema } from './adapter-schema.js';
import { createAdapterTarget } from './adapter-target.js';
import type { Target, TargetUser } from './target.js';

const ORIGIN = 'http://localhost:3000';
const ada: TargetUser = {
  name: 'ada',
  displayName: 'Ada',
  email: 'ada@rp.example',
  password: 'notes-on-the-engine',
};

/** A relying party that needs everything that the format can say. */
const ADAPTER = `version: 1
name: Odd shop
target: { rpId: shop.example }
users:
  create:
    http:
      steps:
        - post: /users
          form: { mail: "\${user.email}", pass: "\${user.password}" }
      success: { status: 201 }
      exists: { status: 409 }
signIn:
  methods:
    http:
      steps: [{ get: "/methods?for=\${user.name}" }]
      preferred: $.PrefCredential
      available: $.all
      names: { passkey: [7, FIDO], password: [1] }
  password:
    http:
      steps:
        - get: /login
          save: { token: { text: 'name="csrf" value="([^"]+)"' } }
        - post: /login
          form: { csrf: "\${saved.token}", user: "\${user.name}", pass: "\${user.password}" }
          redirects: stop
      success: { status: 302, header: location, matches: "code=" }
      refused: { status: 200, text: "[Ww]rong" }
  username:
    http:
      options: [{ get: "/challenge/\${user.name}", save: { flow: { header: x-flow } } }]
      extract: { json: $.data, decode: json }
      submit:
        - post: /assert/\${saved.flow}
          headers: { X-Origin: "\${origin}", x-rp: "\${rpId}" }
          json:
            id: \${credential.id}
            sig: \${credential.response.signature|base64}
            handle: \${credential.response.userHandle}
            all: \${credential|json}
      success: { json: $.verified, equals: true }
      refused: { any: [{ status: 4xx }, { status: 500, json: $.code, equals: E_VERIFY }] }
  usernameless:
    http:
      options: [{ post: /challenge }]
      submit: [{ post: /any, json: "\${credential}" }]
      success: { status: 204 }
register:
  http:
    options: [{ post: /register/options, json: { a: "\${wishes.attachment}", h: "\${wishes.hints}" } }]
    submit: [{ post: /register, body: "\${user.name}:\${credential.id}", headers: { content-type: text/plain } }]
    success: { status: 200 }
whoami:
  http:
    steps: [{ get: /me }]
    email: $.mail
credentials:
  list:
    http: { steps: [{ get: /keys }], items: $.keys, id: $.cred.id, name: $.label, handle: $.row }
  delete:
    http: { steps: [{ delete: "/keys/\${credentialId}" }], success: { status: 204 } }
signOut:
  http: { steps: [{ post: /out, expect: { status: 204 } }] }
`;

type Route = (request: Request, body: string) => Response | Promise<Response>;

interface Shop {
  readonly target: Target;
  /** `METHOD /path?query` and body of what was sent. */
  readonly sent: { readonly line: string; readonly body: string; readonly headers: Headers }[];
  readonly events: TraceEvent[];
}

/** The shop with these routes; everything else is a 404 in HTML. */
function shop(routes: Readonly<Record<string, Route>>, adapterText = ADAPTER): Shop {
  const sent: Shop['sent'] = [];
  const events: TraceEvent[] = [];
  const fetch = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    sent.push({ line: `${request.method} ${pathname}${search}`, body, headers: request.headers });
    const route = routes[`${request.method} ${pathname}`];
    return route?.(request, body) ?? html('<!doctype html><h1>Not found</h1>', 404);
  };
  const target = createAdapterTarget({
    id: 'shop',
    adapter: parseYaml(adapterSchema, adapterText, 'shop.yaml', 'adapter-invalid'),
    place: { baseUrl: ORIGIN, origin: 'https://shop.example', rpId: 'shop.example' },
    trace: { emit: (event) => void events.push(event) },
    clock: new VirtualClock(),
    deadlines: systemClock,
    fetch,
    close: async () => {},
  });
  return { target, sent, events };
}

const json = (value: unknown, init?: ResponseInit) => Response.json(value, init);
const html = (text: string, status = 200) =>
  new Response(text, { status, headers: { 'content-type': 'text/html' } });

const options = {
  challenge: 'Y2hhbGxlbmdl',
  rpId: 'shop.example',
  allowCredentials: [],
  unknown: { kept: true },
};

const assertion: AuthenticationResponseJSON = {
  id: 'a-_b',
  rawId: 'a-_b',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'a-_bcg' },
};

const registration: RegistrationResponseJSON = {
  id: 'a-_b',
  rawId: 'a-_b',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', attestationObject: 'AA' },
};

describe('capabilities', () => {
  it('are what the adapter describes', () => {
    expect([...shop({}).target.capabilities].sort()).toEqual([
      'credentials.delete',
      'credentials.list',
      'options.wishes',
      'register',
      'signIn.methods',
      'signIn.password',
      'signIn.username',
      'signIn.usernameless',
      'signOut',
      'users',
      'whoami',
    ]);
  });

  it('are nothing for an adapter that describes nothing, and what lacks says so', async () => {
    const { target } = shop({}, 'version: 1\nname: Bare\n');
    expect(target.capabilities.size).toBe(0);
    await expect(target.openSession('a').whoami()).rejects.toMatchObject({
      code: 'option-invalid',
      message: 'the adapter "Bare" has no whoami',
    });
  });
});

describe('createUser', () => {
  it.each([201, 409])('is done with status %i', async (status) => {
    const { target, sent } = shop({ 'POST /users': () => new Response(null, { status }) });
    await target.createUser(ada);
    expect(sent[0]).toMatchObject({
      line: 'POST /users',
      body: 'mail=ada%40rp.example&pass=notes-on-the-engine',
    });
  });

  it('fails with anything else', async () => {
    await expect(shop({}).target.createUser(ada)).rejects.toMatchObject({
      code: 'target-answer',
      message:
        'expected the account "ada" to be made, but POST /users answered 404 text/html: <!doctype html><h1>Not found</h1>',
    });
  });

  it('signs nobody else in', async () => {
    const routes = {
      'POST /users': () => new Response(null, { status: 201, headers: { 'set-cookie': 'sid=ada; Path=/' } }),
      'GET /me': (request: Request) => json({ mail: request.headers.get('cookie') }),
    };
    const { target } = shop(routes);
    const session = target.openSession('browser');
    await target.createUser(ada);
    expect(await session.whoami()).toBeUndefined();
  });
});

describe('a password sign-in', () => {
  const login = { 'GET /login': () => html('<input name="csrf" value="t-123">') };

  it('carries a value from a page into a form, and reads the redirect', async () => {
    const { target, sent } = shop({
      ...login,
      'POST /login': () =>
        new Response(null, { status: 302, headers: { location: 'https://app.example/?code=1' } }),
    });
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'accepted',
      status: 302,
    });
    expect(sent[1]?.body).toBe('csrf=t-123&user=ada&pass=notes-on-the-engine');
  });

  it('is refused by the words of a page', async () => {
    const { target } = shop({ ...login, 'POST /login': () => html('<p>Wrong password') });
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'refused',
      status: 200,
    });
  });

  it('is unknown when it is neither', async () => {
    const { target } = shop({ ...login, 'POST /login': () => html('<p>Come back later') });
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'unknown',
      detail: 'POST /login answered 200 text/html: <p>Come back later',
    });
  });

  it('is unknown when a step before the last goes wrong, and the last is not sent', async () => {
    const { target, sent } = shop({ 'GET /login': () => html('gone', 410) });
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'unknown',
      status: 410,
      detail: 'expected a status below 400, but GET /login answered 410 text/html: gone',
    });
    expect(sent).toHaveLength(1);
  });

  it('says when a value to be saved is not there', async () => {
    const { target } = shop({ 'GET /login': () => html('<input name="other">') });
    await expect(target.openSession('a').signInWithPassword(ada)).rejects.toMatchObject({
      code: 'target-answer',
    });
  });
});

describe('sign-in methods', () => {
  it('are in the words of the relying party', async () => {
    const { target, sent } = shop({
      'GET /methods': () => json({ PrefCredential: 7, all: [1, 'FIDO', 'otp'] }),
    });
    expect(await target.openSession('a').signInMethods({ ...ada, name: 'a&b' })).toEqual({
      preferred: 'passkey',
      available: ['passkey', 'password'],
    });
    expect(sent[0]?.line).toBe('GET /methods?for=a%26b');
  });

  it('are not guessed', async () => {
    const { target } = shop({ 'GET /methods': () => json({ PrefCredential: 9, all: [] }) });
    await expect(target.openSession('a').signInMethods(ada)).rejects.toMatchObject({ code: 'target-answer' });
  });
});

describe('a passkey sign-in', () => {
  const challenge: Record<string, Route> = {
    'GET /challenge/ada': () => json({ data: JSON.stringify(options) }, { headers: { 'x-flow': 'f/1' } }),
  };

  it('takes options out of a string, and hands the response over as it is asked to', async () => {
    const { target, sent } = shop({ ...challenge, 'POST /assert/f%2F1': () => json({ verified: true }) });
    const session = target.openSession('a');
    expect(await session.signInOptions('username', ada)).toEqual(options);
    expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted' });
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual({
      id: 'a-_b',
      sig: 'a+/bcg==',
      all: JSON.stringify(assertion),
    });
    expect(sent[1]?.headers.get('x-origin')).toBe('https://shop.example');
    expect(sent[1]?.headers.get('x-rp')).toBe('shop.example');
  });

  it.each<[string, () => Response, object]>([
    ['200 that says no is unknown', () => json({ verified: false }), { verdict: 'unknown', status: 200 }],
    ['403 is a refusal', () => json({}, { status: 403 }), { verdict: 'refused', status: 403 }],
    [
      '500 with the code of the adapter is a refusal',
      () => json({ code: 'E_VERIFY' }, { status: 500 }),
      { verdict: 'refused', status: 500 },
    ],
    [
      '500 with another code is a crash',
      () => json({ code: 'E_OTHER' }, { status: 500 }),
      { verdict: 'crashed', status: 500 },
    ],
    ['502 in HTML is a crash', () => html('<h1>Bad gateway', 502), { verdict: 'crashed', status: 502 }],
    [
      'page where JSON was promised is unknown, and said to be one',
      () => html('<!doctype html>\n<title>Welcome</title>'),
      {
        verdict: 'unknown',
        detail:
          'expected JSON, but POST /assert/f%2F1 answered 200 text/html: <!doctype html> <title>Welcome</title>',
      },
    ],
    [
      '429 that stays is throttling, although it is a 4xx',
      () => json({}, { status: 429, headers: { 'retry-after': '3600' } }),
      { verdict: 'throttled', status: 429 },
    ],
  ])('%s', async (_, answer, expected) => {
    const { target } = shop({ ...challenge, 'POST /assert/f%2F1': answer });
    const session = target.openSession('a');
    await session.signInOptions('username', ada);
    expect(await session.submitSignIn(assertion)).toMatchObject(expected);
  });

  it('is a crash when the connection breaks over it', async () => {
    const { target } = shop({
      ...challenge,
      'POST /assert/f%2F1': () => {
        throw new TypeError('fetch failed', {
          cause: Object.assign(new TypeError('reset'), { code: 'ECONNRESET' }),
        });
      },
    });
    const session = target.openSession('a');
    await session.signInOptions('username', ada);
    expect(await session.submitSignIn(assertion)).toEqual({
      verdict: 'crashed',
      detail: 'POST /assert/f%2F1 ended without a whole answer: ECONNRESET',
    });
  });

  it('is a crash when there is silence over it', async () => {
    const adapter = `${ADAPTER}limits: { timeout: 20ms }\n`;
    const { target } = shop(
      { 'POST /challenge': () => json(options), 'POST /any': () => new Promise(() => {}) },
      adapter,
    );
    const session = target.openSession('a');
    await session.signInOptions('usernameless');
    expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'crashed' });
  });

  it('throws when nobody listens any more', async () => {
    const { target } = shop({
      'POST /any': () => {
        throw new TypeError('fetch failed', {
          cause: Object.assign(new TypeError('no'), { code: 'ECONNREFUSED' }),
        });
      },
      'POST /challenge': () => json(options),
    });
    const session = target.openSession('a');
    await session.signInOptions('usernameless');
    await expect(session.submitSignIn(assertion)).rejects.toMatchObject({ code: 'target-unreachable' });
  });

  it('goes on as it was begun: with or without a username', async () => {
    const { target, sent } = shop({
      'POST /challenge': () => json(options),
      'POST /any': () => new Response(null, { status: 204 }),
    });
    const session = target.openSession('a');
    await session.signInOptions('usernameless');
    expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted' });
    expect(JSON.parse(sent[1]?.body ?? '')).toEqual(assertion);
  });

  it('can be cut: submitted without ever asking for options', async () => {
    const { target, sent } = shop({});
    expect(await target.openSession('a').submitSignIn(assertion)).toMatchObject({
      verdict: 'refused',
      status: 404,
    });
    expect(sent[0]?.line).toBe('POST /assert/');
  });

  it('needs a user where one is typed', async () => {
    await expect(shop({}).target.openSession('a').signInOptions('username')).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });

  it.each<[string, () => Response, string]>([
    [
      'a page',
      () => html('<h1>Log in'),
      'expected JSON, but POST /challenge answered 200 text/html: <h1>Log in',
    ],
    [
      'nothing',
      () => new Response(null, { status: 204 }),
      'expected JSON, but POST /challenge answered 204 no content type: (nothing)',
    ],
    [
      'an error',
      () => json({ no: 1 }, { status: 400 }),
      'expected a status below 400, but POST /challenge answered 400 application/json: {"no":1}',
    ],
    [
      'something else',
      () => json({ ok: true }),
      'the sign-in options are not usable: challenge: expected string, but it is missing',
    ],
    ['null', () => json(null), 'the sign-in options are not usable: (root): expected object, got null'],
  ])('says what came in place of options: %s', async (_, answer, message) => {
    const { target } = shop({ 'POST /challenge': answer });
    await expect(target.openSession('a').signInOptions('usernameless')).rejects.toMatchObject({
      code: 'target-answer',
      message,
    });
  });
});

describe('a registration', () => {
  const creation = {
    rp: { name: 'Shop' },
    user: { id: 'AA', name: 'ada', displayName: 'Ada' },
    challenge: 'AA',
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  };

  it('asks with the wishes of the run, and sends a body as it is written', async () => {
    const { target, sent } = shop({
      'POST /register/options': () => json(creation),
      'POST /register': () => json({}),
    });
    const session = target.openSession('a');
    await session.registrationOptions(ada);
    expect(sent[0]?.body).toBe('{}');
    expect(
      await session.registrationOptions(ada, { hints: ['security-key'], attachment: 'cross-platform' }),
    ).toEqual(creation);
    expect(sent[1]?.body).toBe('{"a":"cross-platform","h":["security-key"]}');
    expect(await session.submitRegistration(registration)).toMatchObject({ verdict: 'accepted' });
    expect(sent[2]).toMatchObject({ body: 'ada:a-_b' });
    expect(sent[2]?.headers.get('content-type')).toBe('text/plain');
  });

  it('names the member of the options that is wrong', async () => {
    const wrong = { ...creation, pubKeyCredParams: [{ type: 'public-key', alg: '-7' }] };
    const { target } = shop({ 'POST /register/options': () => json(wrong) });
    await expect(target.openSession('a').registrationOptions(ada)).rejects.toMatchObject({
      where: 'pubKeyCredParams[0].alg',
      message: 'the registration options are not usable: pubKeyCredParams[0].alg: expected number, got "-7"',
    });
  });
});

describe('whoami', () => {
  it.each<[string, () => Response, string | undefined]>([
    ['a known address is the name of its user', () => json({ mail: ada.email }), 'ada'],
    ['another address stays one', () => json({ mail: 'eve@rp.example' }), 'eve@rp.example'],
    ['nothing is nobody', () => json({}), undefined],
    ['null is nobody', () => json({ mail: null }), undefined],
    ['401 is nobody', () => html('no', 401), undefined],
  ])('%s', async (_, answer, expected) => {
    const { target } = shop({ 'GET /me': answer, 'POST /users': () => new Response(null, { status: 201 }) });
    await target.createUser(ada);
    expect(await target.openSession('a').whoami()).toBe(expected);
  });

  it.each<[string, () => Response]>([
    ['an error', () => json({ mail: ada.email }, { status: 500 })],
    ['a page', () => html('<h1>Log in')],
    ['a 403', () => html('no', 403)],
  ])('does not take %s for nobody', async (_, answer) => {
    await expect(shop({ 'GET /me': answer }).target.openSession('a').whoami()).rejects.toMatchObject({
      code: 'target-answer',
    });
  });
});

describe('credentials', () => {
  const keys = [
    { cred: { id: 'id-1' }, label: 'blue', row: 17 },
    { cred: { id: 'id-2' }, row: 18 },
  ];

  it('are listed by their ids, and deleted by what the relying party calls them', async () => {
    const { target, sent } = shop({
      'GET /keys': () => json({ keys }),
      'DELETE /keys/17': () => new Response(null, { status: 204 }),
    });
    const session = target.openSession('a');
    expect(await session.credentials()).toEqual([{ id: 'id-1', name: 'blue' }, { id: 'id-2' }]);
    expect(await session.deleteCredential('id-1')).toMatchObject({ verdict: 'accepted' });
    expect(await session.deleteCredential("somebody else's")).toMatchObject({ verdict: 'refused' });
    expect(sent.at(-1)?.line).toBe("DELETE /keys/somebody%20else's");
  });

  it.each([{ keys: 'none' }, { keys: [{}] }, {}])('are not made up from %j', async (answer) => {
    const { target } = shop({ 'GET /keys': () => json(answer) });
    await expect(target.openSession('a').credentials()).rejects.toMatchObject({ code: 'target-answer' });
  });
});

describe('sessions', () => {
  const routes: Record<string, Route> = {
    'POST /out': () => new Response(null, { status: 204 }),
    'GET /challenge/ada': () =>
      json({ data: JSON.stringify(options) }, { headers: { 'x-flow': 'f1', 'set-cookie': 'sid=1; Path=/' } }),
    'GET /me': (request) => json({ mail: request.headers.get('cookie') }),
  };

  it('are apart, and come back from a snapshot with cookies and saved values', async () => {
    const { target, sent } = shop(routes);
    const first = target.openSession('first');
    const second = target.openSession('second');
    await first.signInOptions('username', ada);
    expect(await second.whoami()).toBeUndefined();
    const snapshot = first.snapshot();
    expect(snapshot).toEqual({ cookies: [{ name: 'sid', value: '1', path: '/' }], saved: { flow: '"f1"' } });
    second.restore(snapshot);
    expect(await second.whoami()).toBe('sid=1');
    await second.submitSignIn(assertion);
    expect(sent.at(-1)?.line).toBe('POST /assert/f1');
  });

  it('end as the adapter expects, or say so', async () => {
    await shop(routes).target.openSession('a').signOut();
    const { target } = shop({ 'POST /out': () => json({}) });
    await expect(target.openSession('a').signOut()).rejects.toMatchObject({
      message: 'expected status 204, but POST /out answered 200 application/json: {}',
    });
  });

  it('show no password and no cookie in the trace or in an outcome', async () => {
    const echo = (request: Request, body: string) =>
      html(`Wrong: ${body} ${request.headers.get('cookie')} ${ada.password}`, 200);
    const { target, events } = shop({
      'GET /login': () =>
        new Response('<input name="csrf" value="t-123">', {
          headers: { 'set-cookie': 'sid=c00kie-value; Path=/' },
        }),
      'POST /login': echo,
    });
    const outcome = await target.openSession('a').signInWithPassword(ada);
    expect(outcome.verdict).toBe('refused');
    expect(events).toHaveLength(4);
    expect(JSON.stringify([outcome, events])).not.toMatch(/notes-on-the-engine|c00kie-value/);
  });
});
