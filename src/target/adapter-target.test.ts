import { describe, expect, it } from 'vitest';
import { ada, assertion, html, json, type Route, requestOptions, shop } from '../../test/targets/shop.js';

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
      json(
        { data: JSON.stringify(requestOptions) },
        { headers: { 'x-flow': 'f1', 'set-cookie': 'sid=1; Path=/' } },
      ),
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

  it('forget by a snapshot what came after it', async () => {
    const { target, sent } = shop(routes);
    const session = target.openSession('a');
    const before = session.snapshot();
    await session.signInOptions('username', ada);
    session.restore(before);
    expect(await session.whoami()).toBeUndefined();
    await session.submitSignIn(assertion);
    expect(sent.at(-1)?.line).toBe('POST /assert/');
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
