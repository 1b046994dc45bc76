/**
 * What the demo's routes share: the parts of the server, the session of a request, and the ways to answer.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { z } from 'zod';
import type { Clock } from '../../ports.js';
import { DEMO_ERRORS, type DemoErrorCode } from './errors.js';
import type { Passkeys } from './passkeys.js';
import type { DemoSession, DemoSessions } from './sessions.js';
import type { Account, DemoStore } from './store.js';

/** The server's parts. */
export interface DemoParts {
  /** Where the demo is reached, e.g. `http://localhost:4000`. */
  readonly origin: string;
  readonly store: DemoStore;
  readonly sessions: DemoSessions;
  readonly passkeys: Passkeys;
  readonly clock: Clock;
}

/** What routes find on a request. */
export interface DemoEnv {
  Variables: {
    parts: DemoParts;
    session: DemoSession | undefined;
  };
}

/** A request to the demo. */
export type DemoContext = Context<DemoEnv>;

const SESSION_COOKIE = 'keyrig_demo_session';

/** "Keep me signed in": how long the browser keeps the cookie, in seconds. The server ends the session by its own rules. */
const REMEMBERED_SECONDS = 12 * 60 * 60;

/** Puts the parts and the request's session where routes find them. */
export function withSession(parts: DemoParts): MiddlewareHandler<DemoEnv> {
  return async (context, next) => {
    context.set('parts', parts);
    context.set('session', parts.sessions.find(getCookie(context, SESSION_COOKIE)));
    await next();
  };
}

/** The request's session; a new anonymous one when it has none. */
export function sessionOf(context: DemoContext): DemoSession {
  const known = context.get('session');
  if (known !== undefined) return known;
  return useSession(context, context.get('parts').sessions.open());
}

/** The account that the request is signed in as. */
export function accountOf(context: DemoContext): Account | undefined {
  const id = context.get('session')?.accountId;
  return id === undefined ? undefined : context.get('parts').store.account(id);
}

/** Signs in: another session id, so that one from before is worth nothing. */
export function signIn(context: DemoContext, account: Account, method: 'passkey' | 'password'): void {
  account.lastMethod = method;
  useSession(context, context.get('parts').sessions.signIn(context.get('session'), account.id));
}

/** Signs out, at the server and in the browser. */
export function signOut(context: DemoContext): void {
  context.get('parts').sessions.close(context.get('session'));
  context.set('session', undefined);
  deleteCookie(context, SESSION_COOKIE, { path: '/' });
}

/** Makes the browser keep the session when it is closed. */
export function rememberSession(context: DemoContext, session: DemoSession): void {
  setCookie(context, SESSION_COOKIE, session.id, { ...COOKIE, maxAge: REMEMBERED_SECONDS });
}

/** A refusal as JSON. */
export function refuse(context: DemoContext, code: DemoErrorCode): Response {
  const { status, message } = DEMO_ERRORS[code];
  return context.json({ error: { code, message } }, status);
}

/** The request's JSON body in its schema's type, or `undefined` when it is something else. */
export async function readJson<Schema extends z.ZodType>(
  context: DemoContext,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  // A form of another site can't send this content type without asking first.
  if (!context.req.header('content-type')?.startsWith('application/json')) return undefined;
  return parseOrUndefined(schema, await context.req.json().catch(() => undefined));
}

/** The request's form in its schema's type. */
export async function readForm<Schema extends z.ZodType>(
  context: DemoContext,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  return parseOrUndefined(schema, await context.req.parseBody().catch(() => undefined));
}

/** `value` in its schema's type. */
export function parseOrUndefined<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** No `Secure`: the demo is on plain loopback, where some browsers would not take it. */
const COOKIE = { path: '/', httpOnly: true, sameSite: 'Lax' } as const;

function useSession(context: DemoContext, session: DemoSession): DemoSession {
  context.set('session', session);
  setCookie(context, SESSION_COOKIE, session.id, COOKIE);
  return session;
}
