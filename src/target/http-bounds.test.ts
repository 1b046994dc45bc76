import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, bench, GET, LIMITS, ORIGIN, sender, settle } from '../../test/targets/http-bench.js';
import { systemClock } from '../ports.js';
import { HttpClient } from './http-client.js';

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
