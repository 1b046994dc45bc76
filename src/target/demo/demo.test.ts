import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { alice, DemoWorld, ORIGIN } from '../../../test/targets/demo-world.js';
import type { DemoBreak } from './breaks.js';
import { type Demo, type DemoOptions, startDemo } from './demo.js';

const running: Demo[] = [];

async function start(options?: DemoOptions): Promise<Demo> {
  const demo = await startDemo(options);
  running.push(demo);
  return demo;
}

afterEach(async () => {
  for (const demo of running.splice(0)) await demo.close();
});

describe('startDemo', () => {
  it('answers on both loopback addresses under one origin', async () => {
    const demo = await start();
    expect(demo).toMatchObject({ origin: `http://localhost:${demo.port}`, rpId: 'localhost' });
    const answer = await fetch(`${demo.origin}/api/session`);
    expect(await answer.json()).toEqual({ user: null });
  });

  it('has no port beyond the last one', async () => {
    await expect(startDemo({ port: 70_000 })).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('sends pages that are opened by address to the name that passkeys are tied to', async () => {
    const { port, origin } = await start();
    const answer = await fetch(`http://127.0.0.1:${port}/sign-in`, { redirect: 'manual' });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toBe(`${origin}/sign-in`);
  });

  it.each(['127.0.0.1', '::1'])('takes the next port when the one asked for is taken on %s', async (host) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, host, resolve));
    const { port } = other.address() as AddressInfo;
    const demo = await start({ port });
    expect(demo.port).toBeGreaterThan(port);
    other.close();
  });

  it('frees the port when it is closed, with connections open', async () => {
    const first = await startDemo();
    await fetch(`${first.origin}/sign-in`);
    await first.close();
    expect((await start({ port: first.port })).port).toBe(first.port);
  });

  it('refuses a switch that it does not have', async () => {
    await expect(startDemo({ breaks: ['skip-signatures' as DemoBreak] })).rejects.toMatchObject({
      code: 'option-invalid',
    });
  });

  it('refuses a body that is too large, or of a length that is not announced', async () => {
    const { origin } = await start();
    const post = (init: RequestInit) =>
      fetch(`${origin}/api/users`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        ...init,
      });
    expect((await post({ body: 'x'.repeat(300_000) })).status).toBe(413);
    const stream = new Blob(['{}']).stream();
    expect((await post({ body: stream, duplex: 'half' } as RequestInit)).status).toBe(411);
  });
});

describe('requests', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    new Request(`${ORIGIN}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['no origin', { origin: 'null' }],
    ['another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
  ])('from %s are refused', async (_, headers) => {
    const { handle } = await DemoWorld.open();
    const answer = await handle(post('/api/sign-in/methods', '{"username":"alice"}', headers));
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'cross-site' } });
  });

  it('for another host are refused', async () => {
    const { handle } = await DemoWorld.open();
    const answer = await handle(new Request('http://evil.example:4000/api/session'));
    expect(answer.status).toBe(421);
  });

  it.each([
    ['a form in place of JSON', 'username=alice', 'application/x-www-form-urlencoded'],
    ['text in place of JSON', '{"username":"alice"}', 'text/plain'],
    ['half of a body', '{"username":', 'application/json'],
  ])('with %s are refused', async (_, body, type) => {
    const { handle } = await DemoWorld.open();
    const answer = await handle(post('/api/sign-in/methods', body, { 'content-type': type }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'bad-request' } });
  });

  const PATHS = [
    '/api/users',
    '/api/sign-in/methods',
    '/api/sign-in/password',
    '/api/sign-in/passkey/options',
    '/api/sign-in/passkey',
    '/api/passkeys/options',
    '/api/passkeys',
    '/sign-in',
    '/sign-in/password',
    '/create-account',
    '/account/delete-passkey',
    '/stay-signed-in',
  ];

  it('get an answer below 500, whatever they carry', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const cookie = session
      .snapshot()
      .cookies.map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const good = world.aliceKey.get(await session.signInOptions('usernameless'), ORIGIN);
    // Anything at all, and right responses with one member replaced by anything.
    const replaced = fc
      .tuple(
        fc.constantFrom(
          'id',
          'rawId',
          'type',
          'response',
          'clientDataJSON',
          'authenticatorData',
          'signature',
        ),
        fc.jsonValue(),
      )
      .map(([name, value]) =>
        name in good
          ? { ...good, [name]: value }
          : { ...good, response: { ...good.response, [name]: value } },
      );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PATHS), fc.oneof(fc.jsonValue(), replaced), async (path, body) => {
        const answer = await world.handle(post(path, JSON.stringify(body), { cookie }));
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
  });
});
