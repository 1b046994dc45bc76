/**
 * Better Auth with its passkey plugin, in memory and on loopback: a relying party that keyrig's authors didn't write.
 */
import { createServer } from 'node:http';
import { passkey } from '@better-auth/passkey';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { listenOnLoopback } from '../../../src/target/demo/loopback.js';

/** A running Better Auth. */
export interface BetterAuthServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts one with an empty database on any free port. */
export async function startBetterAuth(): Promise<BetterAuthServer> {
  let handle: ReturnType<typeof toNodeHandler> | undefined;
  const makeServer = () =>
    createServer((request, response) => {
      if (handle === undefined) response.writeHead(503).end();
      else void handle(request, response);
    });
  const { port, close } = await listenOnLoopback(makeServer, 0);
  const origin = `http://localhost:${port}`;
  const auth = betterAuth({
    baseURL: origin,
    secret: 'a secret that is only used on this machine, in tests',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], passkey: [] }),
    emailAndPassword: { enabled: true },
    plugins: [passkey({ rpID: 'localhost', rpName: 'Better Auth under test', origin })],
    logger: { disabled: true },
    telemetry: { enabled: false },
  });
  handle = toNodeHandler(auth);
  return { origin, close };
}
