/**
 * Listening on loopback, and only there: on 127.0.0.1 and on ::1 with one port, because `localhost` may mean either.
 *
 * If only one were taken, somebody else's server could sit on the other and be talked to in our place.
 */
import type { Server } from 'node:http';
import { KeyrigError } from '../../errors.js';

/** Servers that listen. */
export interface LoopbackListeners {
  readonly port: number;
  close(): Promise<void>;
}

/** Ports tried after the one that was asked for. */
const NEXT_PORTS = 100;

/** Why a machine may lack ::1: then 127.0.0.1 is all there is. */
const NO_IPV6: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** The highest port of TCP. */
const LAST_PORT = 65_535;

/**
 * Listens on `port` or the next free one; 0 takes any.
 *
 * @param makeServer Called for every address.
 * @throws KeyrigError `option-invalid` when no port can be had.
 */
export async function listenOnLoopback(makeServer: () => Server, port: number): Promise<LoopbackListeners> {
  for (let attempt = 0; attempt <= NEXT_PORTS && port + attempt <= LAST_PORT; attempt++) {
    const candidate = port === 0 ? 0 : port + attempt;
    const servers = await tryPort(makeServer, candidate);
    if (servers !== undefined) return servers;
  }
  throw new KeyrigError('option-invalid', `no port from ${port} to ${port + NEXT_PORTS} is free`);
}

/** `undefined` when the port is taken on either address. */
async function tryPort(makeServer: () => Server, port: number): Promise<LoopbackListeners | undefined> {
  const first = await listen(makeServer(), port, '127.0.0.1');
  if (first === 'taken' || first === 'no-address') return undefined;
  const address = first.address();
  const chosen = typeof address === 'object' && address !== null ? address.port : port;
  const second = await listen(makeServer(), chosen, '::1');
  const servers = typeof second === 'string' ? [first] : [first, second];
  if (second !== 'taken') return { port: chosen, close: () => closeAll(servers) };
  await closeAll(servers);
  return undefined;
}

function listen(server: Server, port: number, host: string): Promise<Server | 'taken' | 'no-address'> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve('taken');
      else if (NO_IPV6.has(error.code)) resolve('no-address');
      else reject(unusable(port, error));
    };
    server.once('error', onError);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', onError);
      resolve(server);
    });
  });
}

function unusable(port: number, cause: NodeJS.ErrnoException): KeyrigError {
  return new KeyrigError('option-invalid', `can't listen on port ${port}: ${cause.code}`, { cause });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}
