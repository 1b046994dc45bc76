import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, bench, GET, ORIGIN, sender, settle, to } from '../../test/targets/http-bench.js';

const servers: Server[] = [];

/** A real server, for what only a socket can do. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

describe('an exchange', () => {
  it('gives status, headers, text and JSON', async () => {
    const { client } = bench(answering(Response.json({ ok: true }, { status: 418 })).fetch);
    const answer = await client.exchange(GET, sender());
    expect(answer).toMatchObject({ method: 'GET', status: 418, text: '{"ok":true}', json: { ok: true } });
    expect(answer.url.href).toBe(`${ORIGIN}/start`);
  });

  it.each(['//elsewhere.test/start', '/\\elsewhere.test', '/\t/elsewhere.test'])(
    'sends nothing to another host: %j',
    async (path) => {
      const { fetch, requests } = answering();
      const { client } = bench(fetch);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
      const asked = client.exchange({ ...GET, path, template: '/${saved.area}/start' }, sender());
      await expect(asked).rejects.toMatchObject({
        code: 'adapter-invalid',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: as above.
        where: 'GET /${saved.area}/start',
      });
      expect(requests).toEqual([]);
    },
  );

  it('reads JSON whatever the content type says, and nothing else as JSON', async () => {
    const { client } = bench(answering(new Response('[1]'), new Response('<p>hello')).fetch);
    expect((await client.exchange(GET, sender())).json).toEqual([1]);
    expect((await client.exchange(GET, sender())).json).toBeUndefined();
  });

  it('keeps the cookies of senders apart', async () => {
    const setting = new Response(null, { headers: { 'set-cookie': 'sid=alice-1; Path=/' } });
    const { fetch, requests } = answering(setting, new Response(), new Response());
    const { client } = bench(fetch);
    const alice = sender('alice');
    const answer = await client.exchange(GET, alice);
    await client.exchange(GET, alice);
    await client.exchange(GET, sender('mallory'));
    expect(answer.cookies.get('sid')).toBe('alice-1');
    expect(requests.map(({ headers }) => headers.get('cookie'))).toEqual([null, 'sid=alice-1', null]);
  });

  it('goes over a socket, on a connection that is not used again', async () => {
    const connections: unknown[] = [];
    const origin = await listen((request, response) => {
      connections.push(request.headers.connection);
      response.end('{"here":1}');
    });
    const { client } = bench((request) => fetch(request), { origin });
    await client.exchange(GET, sender());
    expect((await client.exchange(GET, sender())).json).toEqual({ here: 1 });
    expect(connections).toEqual(['close', 'close']);
  });

  it('holds the clock of the run, and only while it lasts', async () => {
    let answerNow = (_: Response) => {};
    const { client, clock } = bench(() => new Promise((resolve) => (answerNow = resolve)));
    const start = clock.now();
    const exchange = client.exchange(GET, sender());
    let isOver = false;
    const sleep = clock.sleep(1_000).then(() => (isOver = true));
    await settle();
    expect(isOver).toBe(false);
    answerNow(new Response('ok'));
    await exchange;
    await sleep;
    expect(clock.now()).toBe(start + 1_000);
  });
});

describe('redirects', () => {
  it('are followed within the origin, with the cookies of the way', async () => {
    const first = to('/next?x=1');
    first.headers.append('set-cookie', 'a=1; Path=/');
    const { fetch, requests } = answering(first, new Response('here'));
    const answer = await bench(fetch).client.exchange(GET, sender());
    expect(answer.text).toBe('here');
    expect(answer.url.pathname).toBe('/next');
    expect(requests[1]?.headers.get('cookie')).toBe('a=1');
  });

  it.each([
    [303, 'GET', ''],
    [302, 'GET', ''],
    [307, 'POST', '{"a":1}'],
    [308, 'POST', '{"a":1}'],
  ])('after %i to a POST go on as %s', async (status, method, body) => {
    const { fetch, requests } = answering(to('/next', status), new Response('here'));
    const post = { ...GET, method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } };
    await bench(fetch).client.exchange(post, sender());
    const last = requests[1];
    expect(last?.method).toBe(method);
    expect(await last?.text()).toBe(body);
    expect(last?.headers.get('content-type')).toBe(method === 'GET' ? null : 'application/json');
  });

  it.each([
    'https://evil.example/',
    'http://rp.localhost:81/',
    'https://rp.localhost/',
    '//evil.example/',
    'http://[',
    'about:blank',
  ])('to %s are not followed: they are the answer', async (location) => {
    const { fetch, requests } = answering(to(location));
    const answer = await bench(fetch).client.exchange(GET, sender());
    expect(answer.status).toBe(302);
    expect(requests).toHaveLength(1);
  });

  it('are the answer where the step stops at them', async () => {
    const { fetch } = answering(to('/next'));
    const answer = await bench(fetch).client.exchange({ ...GET, followRedirects: false }, sender());
    expect(answer.headers.get('location')).toBe('/next');
  });

  it('are followed ten times, and then are a loop', async () => {
    const ten = Array.from({ length: 10 }, (_, n) => to(`/hop-${n}`));
    const { client } = bench(answering(...ten, new Response('at last')).fetch);
    expect((await client.exchange(GET, sender())).text).toBe('at last');
    await expect(bench(async () => to('/start')).client.exchange(GET, sender())).rejects.toMatchObject({
      code: 'target-answer',
      failure: 'redirect-loop',
      message: 'redirect loop: GET /start was redirected more than 10 times',
    });
  });
});

describe('the trace', () => {
  it('has request and answer, with every secret hidden', async () => {
    const answer = Response.json({ token: 'sid-value-1', note: 'sid-value-1', name: 'ada' });
    answer.headers.append('set-cookie', 'sid=sid-value-1; Path=/; HttpOnly');
    const { client, events } = bench(answering(answer, new Response()).fetch);
    const alice = sender();
    const post = {
      ...GET,
      method: 'POST',
      path: '/in?token=t',
      headers: { authorization: 'Bearer b' },
      body: '{"password":"correct horse","is":"correct horse"}',
    };
    await client.exchange(post, alice);
    await client.exchange(GET, alice);
    expect(events).toMatchObject([
      {
        layer: 'http',
        kind: 'request',
        jar: 'alice',
        name: 'POST /in',
        fields: {
          method: 'POST',
          url: `${ORIGIN}/in?token=%5Bredacted%5D`,
          headers: { authorization: '[redacted]' },
          body: '{"password":"[redacted]","is":"[redacted]"}',
        },
      },
      {
        kind: 'response',
        name: 'POST /in',
        fields: {
          status: 200,
          headers: { 'set-cookie': ['sid=[redacted]; Path=/; HttpOnly'] },
          body: '{"token":"[redacted]","note":"[redacted]","name":"ada"}',
        },
      },
      { kind: 'request', name: 'GET /start', fields: { headers: { cookie: 'sid=[redacted]' } } },
      { kind: 'response' },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/correct horse|sid-value-1|Bearer b/);
  });

  it('has every hop and every failure', async () => {
    const { client, events } = bench(answering(to('/next'), new Response('x'.repeat(2_000))).fetch);
    await client.exchange(GET, sender()).catch(() => {});
    expect(events.map(({ kind }) => kind)).toEqual(['request', 'response', 'request', 'failure']);
    expect(events[3]).toMatchObject({ name: 'GET /next', fields: { failure: 'oversized' } });
  });
});
