/**
 * The embedded demo relying party on its socket.
 */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { KeyrigError } from '../../errors.js';
import { type Clock, type Random, systemClock, systemRandom } from '../../ports.js';
import type { TargetUser } from '../target.js';
import { DEMO_BREAK_NAMES, type DemoBreak } from './breaks.js';
import { listenOnLoopback } from './loopback.js';
import type { PasskeyPolicy } from './passkey-options.js';
import { createDemoServer, type SeededPasskey } from './server.js';

/** How the demo is started. */
export interface DemoOptions {
  /** By default any free port. A port that is taken makes way for the next free one. */
  readonly port?: number;
  /** Rules that this demo breaks, see `DEMO_BREAKS`. */
  readonly breaks?: Iterable<DemoBreak>;
  /** The clock of challenges and sessions. */
  readonly clock?: Clock;
  /** Of challenges, session ids and user handles. */
  readonly random?: Random;
  readonly attestation?: PasskeyPolicy['attestation'];
  /** In place of {@link DEMO_USERS}. */
  readonly users?: readonly TargetUser[];
  /** Passkeys that these accounts have from the start: records as `keyrig keys mint` prints them. */
  readonly passkeys?: readonly SeededPasskey[];
}

/** A running demo. */
export interface Demo {
  /** `http://localhost:PORT`; `localhost` because an IP address can't be an RP ID. */
  readonly origin: string;
  readonly rpId: string;
  readonly port: number;
  /** Ends it at once, with the connections that are open. */
  close(): Promise<void>;
}

/** Who has an account from the start. The passwords are no secrets: the demo is only reachable from this machine. */
export const DEMO_USERS: readonly TargetUser[] = [
  { name: 'ada', displayName: 'Ada Lovelace', email: 'ada@demo.example', password: 'notes-on-the-engine' },
  { name: 'grace', displayName: 'Grace Hopper', email: 'grace@demo.example', password: 'first-actual-bug' },
];

const RP_ID = 'localhost';

/**
 * Starts the demo relying party on loopback.
 *
 * @throws KeyrigError `option-invalid` for an unknown switch, an unusable port, or a passkey of nobody
 *
 * @example
 * ```ts
 * const demo = await startDemo({ breaks: ['skip-signature'] });
 * // a browser can be pointed at demo.origin
 * await demo.close();
 * ```
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const breaks = checkedBreaks(options.breaks ?? []);
  // The origin has the port in it, so the application comes after the socket; until then nobody knows the address.
  let handle = async (_: Request): Promise<Response> => new Response(null, { status: 503 });
  // The library would put its own Request and Response in place of this process's, where others use them too.
  const listener = getRequestListener((request) => handle(request), { overrideGlobalObjects: false });
  const { port, close } = await listenOnLoopback(() => createServer(listener), options.port ?? 0);
  const origin = `http://${RP_ID}:${port}`;
  handle = await createDemoServer({
    policy: { rpId: RP_ID, origin, attestation: options.attestation ?? 'none' },
    breaks,
    users: options.users ?? DEMO_USERS,
    passkeys: options.passkeys ?? [],
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  });
  return { origin, rpId: RP_ID, port, close };
}

function checkedBreaks(names: Iterable<DemoBreak>): ReadonlySet<DemoBreak> {
  const breaks = new Set(names);
  for (const name of breaks) {
    if (DEMO_BREAK_NAMES.includes(name)) continue;
    throw new KeyrigError('option-invalid', `the demo has no switch "${name}"`, {
      hint: `it has ${DEMO_BREAK_NAMES.join(', ')}`,
    });
  }
  return breaks;
}
