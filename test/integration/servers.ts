/** Relying parties for tests of the command: one that notes every secret that it sees, and some that answer badly. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { systemClock, systemRandom } from '../../src/ports.js';
import { createDemoServer } from '../../src/target/demo/server.js';

/** A server that listens on this machine. */
export interface LocalServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts a server on any free port. */
export async function serve(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener);
  const port = await listen(server);
  return {
    origin: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** An origin where nobody listens: it was free a moment ago. */
export async function deserted(): Promise<string> {
  const { origin, close } = await serve(() => {});
  await close();
  return origin;
}

/** The demo, with everything secret that went through it. */
export interface WatchedDemo extends LocalServer {
  /** Passwords and values of cookies. */
  readonly secrets: ReadonlySet<string>;
}

/** Starts a demo that notes passwords and cookies. */
export async function watchedDemo(): Promise<WatchedDemo> {
  const secrets = new Set<string>();
  let handle = async (_: Request): Promise<Response> => new Response(null, { status: 503 });
  const listener = getRequestListener((request) => handle(request), { overrideGlobalObjects: false });
  const server = await serve(listener);
  const demo = await createDemoServer({
    policy: { rpId: 'localhost', origin: server.origin, attestation: 'none' },
    breaks: new Set(),
    users: [],
    clock: systemClock,
    random: systemRandom,
  });
  handle = async (request) => {
    const [, password] = /"password":"([^"]+)"/.exec(await request.clone().text()) ?? [];
    if (password !== undefined) secrets.add(password);
    const response = await demo(request);
    for (const cookie of response.headers.getSetCookie()) {
      const value = /^[^=]+=([^;]*)/.exec(cookie)?.[1] ?? '';
      if (value !== '') secrets.add(value);
    }
    return response;
  };
  return { ...server, secrets };
}
