import { describe, expect, it } from 'vitest';
import {
  ADAPTER,
  ada,
  assertion,
  html,
  json,
  type Route,
  registration,
  requestOptions,
  shop,
} from '../../test/targets/shop.js';

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

  it('is not accepted halfway, whatever the rules say about a step before the last', async () => {
    const { target } = shop(
      {
        'GET /login': () =>
          new Response(null, { status: 302, headers: { location: 'https://app.example/?code=1' } }),
      },
      ADAPTER.replace('- get: /login\n', '- get: /login\n          expect: { status: 200 }\n'),
    );
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'unknown',
      detail: 'expected status 200, but GET /login answered 302 no content type: (nothing)',
    });
  });

  it('is unknown when the rules for success and refusal both hold', async () => {
    const { target } = shop(
      {
        ...login,
        'POST /login': () => html('Wrong', 302),
      },
      ADAPTER.replace(
        'success: { status: 302, header: location, matches: "code=" }',
        'success: { status: 302 }',
      ).replace('{ status: 200, text:', '{ text:'),
    );
    expect(await target.openSession('a').signInWithPassword(ada)).toMatchObject({
      verdict: 'unknown',
      detail: 'the rules for success and refusal both hold: POST /login answered 302 text/html: Wrong',
    });
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
    'GET /challenge/ada': () =>
      json({ data: JSON.stringify(requestOptions) }, { headers: { 'x-flow': 'f/1' } }),
  };

  it('takes options out of a string, and hands the response over as it is asked to', async () => {
    const { target, sent } = shop({ ...challenge, 'POST /assert/f%2F1': () => json({ verified: true }) });
    const session = target.openSession('a');
    expect(await session.signInOptions('username', ada)).toEqual(requestOptions);
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
      { 'POST /challenge': () => json(requestOptions), 'POST /any': () => new Promise(() => {}) },
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
      'POST /challenge': () => json(requestOptions),
    });
    const session = target.openSession('a');
    await session.signInOptions('usernameless');
    await expect(session.submitSignIn(assertion)).rejects.toMatchObject({ code: 'target-unreachable' });
  });

  it('goes on as it was begun: with or without a username', async () => {
    const { target, sent } = shop({
      'POST /challenge': () => json(requestOptions),
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
