import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, VirtualClock } from '../ports.js';
import type { TraceEvent } from '../trace/events.js';
import { CookieJar } from './cookie-jar.js';
import { type Fetch, HttpClient, type HttpLimits, type HttpRequest, type HttpSender } from './http-client.js';

const LIMITS: HttpLimits = { timeout: 10_000, bodyBytes: 1_000, throttleRetries: 3, throttleWait: 30_000 };
const GET: HttpRequest = { method: 'GET', path: '/start', headers: {}, followRedirects: true };
const ORIGIN = 'http://rp.localhost';

function sender(name = 'alice'): HttpSender {
  const jar = new CookieJar();
  return { name, jar, secrets: () => ['correct horse', ...jar.values().values()] };
}

interface Bench {
  readonly client: HttpClient;
  readonly events: TraceEvent[];
  readonly deadlines: VirtualClock;
  readonly clock: VirtualClock;
}

function bench(fetch: Fetch, options: { origin?: string; limits?: Partial<HttpLimits> } = {}): Bench {
  const events: TraceEvent[] = [];
  const deadlines = new VirtualClock();
  const clock = new VirtualClock({ automatic: true });
  const trace = { emit: (event: TraceEvent) => void events.push(event) };
  const limits = { ...LIMITS, ...options.limits };
  const client = new HttpClient({ origin: options.origin ?? ORIGIN, limits, trace, clock, deadlines, fetch });
  return { client, events, deadlines, clock };
}

/** A handler that gives prepared answers in turn and notes what it was sent. */
function answering(...answers: readonly Response[]): { fetch: Fetch; requests: Request[] } {
  const requests: Request[] = [];
  const fetch: Fetch = async (request) => {
    requests.push(request);
    return answers[requests.length - 1] ?? new Response(null, { status: 599 });
  };
  return { fetch, requests };
}

/** Lets an exchange go on until it waits for time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const to = (location: string, status = 302) => new Response(null, { status, headers: { location } });

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

  it('goes over a socket, with a connection of its own every time', async () => {
    const connections = new Set<unknown>();
    const origin = await listen((request, response) => {
      connections.add(request.socket);
      response.end('{"here":1}');
    });
    const { client } = bench((request) => fetch(request), { origin });
    await client.exchange(GET, sender());
    expect((await client.exchange(GET, sender())).json).toEqual({ here: 1 });
    expect(connections.size).toBe(2);
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

describe('a relying party that', () => {
  it('is down is unreachable', async () => {
    const origin = await listen(() => {});
    servers[0]?.close();
    const { client } = bench((request) => fetch(request), { origin });
    await expect(client.exchange(GET, sender())).rejects.toMatchObject({
      code: 'target-unreachable',
      failure: 'unreachable',
      message: `${origin} did not accept a connection: ECONNREFUSED`,
    });
  });

  it('has a name that does not exist is unreachable', async () => {
    const { client } = bench((request) => fetch(request), { origin: 'http://no-such-host.invalid' });
    await expect(client.exchange(GET, sender())).rejects.toMatchObject({ failure: 'unreachable' });
  });

  it.each([
    [
      'hangs up',
      (_: unknown, response: { socket: { destroy(): void } | null }) => void response.socket?.destroy(),
    ],
    [
      'hangs up in the middle of its answer',
      (_: unknown, response: { socket: { end(text: string): void } | null }) =>
        void response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    ],
    [
      'does not speak HTTP',
      (_: unknown, response: { socket: { end(text: string): void } | null }) =>
        void response.socket?.end('SSH-2.0\r\n\r\n'),
    ],
  ])('%s broke the connection', async (_, listener) => {
    const origin = await listen(listener);
    const { client } = bench((request) => fetch(request), { origin });
    await expect(client.exchange(GET, sender())).rejects.toMatchObject({
      code: 'target-unreachable',
      failure: 'reset',
    });
  });

  it('never answers is silent after the deadline, and not before', async () => {
    const aborted: boolean[] = [];
    const { client, deadlines } = bench((request) => {
      request.signal.addEventListener('abort', () => aborted.push(true));
      return new Promise(() => {});
    });
    let isOver = false;
    const exchange = client.exchange(GET, sender()).finally(() => (isOver = true));
    exchange.catch(() => {});
    await deadlines.advance(LIMITS.timeout - 1);
    expect(isOver).toBe(false);
    await deadlines.advance(1);
    await expect(exchange).rejects.toMatchObject({
      code: 'deadline-exceeded',
      failure: 'silence',
      message: 'GET /start was not answered within 10000 ms',
    });
    expect(aborted).toEqual([true]);
  });

  it('never ends its body is silent too', async () => {
    const endless = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
    const { client, deadlines } = bench(async () => new Response(endless));
    const exchange = client.exchange(GET, sender());
    exchange.catch(() => {});
    await deadlines.advance(LIMITS.timeout);
    await expect(exchange).rejects.toMatchObject({ failure: 'silence' });
  });

  it('answers in time leaves no deadline behind', async () => {
    const { client, deadlines } = bench(answering(new Response('ok')).fetch);
    await client.exchange(GET, sender());
    await settle();
    expect(deadlines.pending).toBe(0);
  });

  it('answers with more than is read is cut off', async () => {
    const { client } = bench(
      answering(new Response('x'.repeat(1_001)), new Response('x'.repeat(1_000))).fetch,
    );
    await expect(client.exchange(GET, sender())).rejects.toMatchObject({
      code: 'target-answer',
      failure: 'oversized',
      message: 'the answer (status 200) is longer than 1000 bytes',
    });
    expect((await client.exchange(GET, sender())).text).toHaveLength(1_000);
  });
});

describe('a 429', () => {
  const slow = (headers: Record<string, string> = {}) => new Response('slow down', { status: 429, headers });

  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    [
      'a date by the clock of the server',
      { 'retry-after': 'Tue, 24 Nov 2026 12:00:09 GMT', date: 'Tue, 24 Nov 2026 12:00:00 GMT' },
      9_000,
    ],
    ['nothing', {}, 1_000],
    ['nonsense', { 'retry-after': 'soon' }, 1_000],
  ])('is waited out as told: %s', async (_, headers: Record<string, string>, wait) => {
    const { fetch, requests } = answering(slow(headers), new Response('ok'));
    const { client, deadlines } = bench(fetch);
    const exchange = client.exchange(GET, sender());
    await settle();
    await deadlines.advance(wait - 1);
    expect(requests).toHaveLength(1);
    await deadlines.advance(1);
    expect((await exchange).text).toBe('ok');
  });

  it('is the answer after some tries', async () => {
    const { fetch, requests } = answering(slow(), slow(), slow(), slow(), new Response('ok'));
    const { client, deadlines } = bench(fetch);
    const exchange = client.exchange(GET, sender());
    for (let wait = 0; wait < 3; wait++) {
      await settle();
      await deadlines.advance(1_000);
    }
    expect((await exchange).status).toBe(429);
    expect(requests).toHaveLength(4);
  });

  it('is the answer at once when it asks for more patience than there is', async () => {
    const { fetch, requests } = answering(slow({ 'retry-after': '31' }));
    expect((await bench(fetch).client.exchange(GET, sender())).status).toBe(429);
    expect(requests).toHaveLength(1);
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

describe('the machine clock', () => {
  it('can be the clock of deadlines', async () => {
    const options = { origin: ORIGIN, limits: { ...LIMITS, timeout: 20 }, trace: { emit: () => {} } };
    const client = new HttpClient({
      ...options,
      clock: systemClock,
      deadlines: systemClock,
      fetch: () => new Promise(() => {}),
    });
    await expect(client.exchange(GET, sender())).rejects.toMatchObject({ failure: 'silence' });
  });
});
