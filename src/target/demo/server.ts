/**
 * The demo relying party as one function from request to answer: everything but the socket.
 */
import { Hono } from 'hono';
import { fromBase64url } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import type { Clock, Random } from '../../ports.js';
import type { TargetUser } from '../target.js';
import { createApi } from './api.js';
import type { DemoBreak } from './breaks.js';
import { Ceremonies } from './ceremonies.js';
import { type DemoContext, type DemoEnv, refuse, withSession } from './context.js';
import { createPages } from './page-routes.js';
import { messagePage } from './pages.js';
import type { PasskeyPolicy } from './passkey-options.js';
import { Passkeys } from './passkeys.js';
import { DemoSessions } from './sessions.js';
import { DemoStore } from './store.js';

/** A credential record that is there from the start; binary as base64url. */
export interface SeededPasskey {
  /** The account of this name gets the user handle. */
  readonly userName: string;
  readonly userHandle: string;
  readonly id: string;
  /** COSE_Key. */
  readonly publicKey: string;
  readonly signCount: number;
  readonly transports: readonly string[];
}

/** What a demo server is made of. */
export interface DemoServerParts {
  readonly policy: PasskeyPolicy;
  readonly breaks: ReadonlySet<DemoBreak>;
  readonly users: readonly TargetUser[];
  readonly passkeys?: readonly SeededPasskey[];
  readonly clock: Clock;
  readonly random: Random;
}

/** A form, or a response with the largest attestation that anybody has seen, with room to spare. */
const MAX_BODY = 256 * 1024;

/** On every answer. `same-origin`, not `no-referrer`: with that, browsers send `Origin: null` with the forms of these pages. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
  'cache-control': 'no-store',
} as const;

/** Builds the demo and its users. */
export async function createDemoServer(
  parts: DemoServerParts,
): Promise<(request: Request) => Promise<Response>> {
  const { policy, breaks, clock, random } = parts;
  const store = new DemoStore(random);
  await seed(store, parts);
  const sessions = new DemoSessions(clock, random);
  const ceremonies = new Ceremonies(clock, random, breaks);
  const passkeys = new Passkeys({ policy, store, ceremonies, clock, breaks });
  const app = new Hono<DemoEnv>();
  app.use(withSecurityHeaders, keepOthersOut(policy.origin), limitBody);
  app.use(withSession({ origin: policy.origin, store, sessions, passkeys, clock }));
  app.route('/api', createApi());
  app.route('/', createPages());
  app.onError((_, context) => {
    if (context.req.path.startsWith('/api/')) return refuse(context, 'internal');
    return context.html(messagePage('Something went wrong', 'The demo made a mistake.'), 500);
  });
  return async (request) => app.fetch(request);
}

async function seed(store: DemoStore, { users, passkeys = [], clock }: DemoServerParts): Promise<void> {
  for (const user of users)
    await store.addAccount(user, passkeys.find(({ userName }) => userName === user.name)?.userHandle);
  for (const { id, userName, userHandle, signCount, transports, ...record } of passkeys) {
    const account = store.accountNamed(userName);
    const publicKey = fromBase64url(record.publicKey);
    if (account?.id !== userHandle || publicKey === undefined) {
      throw new KeyrigError('option-invalid', `the demo has no account for the passkey ${id}`, {
        hint: 'its userName is an account, and all passkeys of an account have one userHandle',
      });
    }
    const createdAt = clock.now();
    const passkey = { id, accountId: account.id, publicKey, counter: signCount, transports, createdAt };
    store.putPasskey({ ...passkey, name: 'seeded', lastUsedAt: undefined });
  }
}

async function withSecurityHeaders(context: DemoContext, next: () => Promise<void>): Promise<void> {
  await next();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.res.headers.set(name, value);
}

/** Judged by what is announced: the server reads no more than that, and a body of unannounced length is not read at all. */
async function limitBody(context: DemoContext, next: () => Promise<void>): Promise<Response | undefined> {
  if (context.req.header('transfer-encoding') !== undefined) return refuse(context, 'length-required');
  if (Number(context.req.header('content-length') ?? 0) > MAX_BODY) return refuse(context, 'too-large');
  await next();
  return undefined;
}

/**
 * One origin only. Pages under another name of this machine move there, since a passkey's RP ID is tied to it; requests that another site
 * makes a browser send are refused, as are those for another host, which is how DNS rebinding looks.
 */
function keepOthersOut(origin: string) {
  const { host } = new URL(origin);
  return async (context: DemoContext, next: () => Promise<void>): Promise<Response | undefined> => {
    const { method, path, header } = {
      method: context.req.method,
      path: context.req.path,
      header: context.req.header(),
    };
    const isSafe = method === 'GET' || method === 'HEAD';
    if (new URL(context.req.url).host !== host) {
      return isSafe && !path.startsWith('/api/')
        ? context.redirect(`${origin}${path}`, 307)
        : refuse(context, 'wrong-host');
    }
    const isForeign = header.origin !== undefined && header.origin !== origin;
    const fetchSite = header['sec-fetch-site'];
    const isCrossSite = fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none';
    if (!isSafe && (isForeign || isCrossSite)) return refuse(context, 'cross-site');
    await next();
    return undefined;
  };
}
