/**
 * The demo's JSON API, under `/api`: what its pages call, and what its adapter describes.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { OptionsWishes } from '../target.js';
import {
  accountOf,
  type DemoContext,
  type DemoEnv,
  readJson,
  refuse,
  sessionOf,
  signIn,
  signOut,
} from './context.js';
import { signInMethodsOf } from './methods.js';
import {
  newUserSchema,
  passwordSchema,
  registrationOptionsSchema,
  registrationResponseSchema,
  signInOptionsSchema,
  signInResponseSchema,
  usernameSchema,
} from './responses.js';
import type { Account, Passkey } from './store.js';

/** Routes under `/api`. */
export function createApi(): Hono<DemoEnv> {
  const api = new Hono<DemoEnv>();
  api.post('/users', createUser);
  api.get('/session', (context) => context.json({ user: shownAccount(accountOf(context)) }));
  api.delete('/session', (context) => {
    signOut(context);
    return context.body(null, 204);
  });
  api.post('/sign-in/methods', methodsOf);
  api.post('/sign-in/password', passwordSignIn);
  api.post('/sign-in/passkey/options', beginSignIn);
  api.post('/sign-in/passkey', finishSignIn);
  api.get('/passkeys', listPasskeys);
  api.post('/passkeys/options', beginRegistration);
  api.post('/passkeys', finishRegistration);
  api.delete('/passkeys/:id', deletePasskey);
  api.all('*', (context) => refuse(context, 'not-found'));
  return api;
}

async function createUser(context: DemoContext): Promise<Response> {
  const user = await readJson(context, newUserSchema);
  if (user === undefined) return refuse(context, 'bad-request');
  const account = await context.get('parts').store.addAccount(user);
  if (account === undefined) return refuse(context, 'user-exists');
  return context.json({ user: shownAccount(account) }, 201);
}

async function methodsOf(context: DemoContext): Promise<Response> {
  const body = await readJson(context, usernameSchema);
  if (body === undefined) return refuse(context, 'bad-request');
  return context.json(signInMethodsOf(context.get('parts').store, body.username));
}

async function passwordSignIn(context: DemoContext): Promise<Response> {
  const body = await readJson(context, passwordSchema);
  if (body === undefined) return refuse(context, 'bad-request');
  const account = await context.get('parts').store.accountWithPassword(body.username, body.password);
  if (account === undefined) return refuse(context, 'wrong-password');
  signIn(context, account, 'password');
  return context.json({ user: shownAccount(account) });
}

async function beginSignIn(context: DemoContext): Promise<Response> {
  const body = await readJson(context, signInOptionsSchema);
  if (body === undefined) return refuse(context, 'bad-request');
  const { store, passkeys } = context.get('parts');
  const session = sessionOf(context);
  const { hints, transports } = body;
  const wishes: OptionsWishes = { ...session.wishes, ...present({ hints, transports }) };
  if (body.username === undefined) return context.json(passkeys.beginSignIn(session, undefined, wishes));
  const account = store.accountNamed(body.username);
  // The same answer for a name that nobody has: otherwise this would be a list of all users.
  if (account === undefined || store.passkeysOf(account.id).length === 0)
    return refuse(context, 'no-passkey');
  return context.json(passkeys.beginSignIn(session, account, wishes));
}

async function finishSignIn(context: DemoContext): Promise<Response> {
  const response = await readJson(context, signInResponseSchema);
  if (response === undefined) return refuse(context, 'bad-request');
  const account = await context.get('parts').passkeys.finishSignIn(sessionOf(context), response);
  if (account === undefined) return refuse(context, 'passkey-refused');
  signIn(context, account, 'passkey');
  return context.json({ user: shownAccount(account) });
}

function listPasskeys(context: DemoContext): Response {
  const account = accountOf(context);
  if (account === undefined) return refuse(context, 'signed-out');
  return context.json({ passkeys: context.get('parts').store.passkeysOf(account.id).map(shownPasskey) });
}

async function beginRegistration(context: DemoContext): Promise<Response> {
  const account = accountOf(context);
  if (account === undefined) return refuse(context, 'signed-out');
  const body = await readJson(context, registrationOptionsSchema);
  if (body === undefined) return refuse(context, 'bad-request');
  const session = sessionOf(context);
  const { authenticatorAttachment: attachment, residentKey } = body.authenticatorSelection;
  const wishes: OptionsWishes = {
    ...session.wishes,
    ...present({ hints: body.hints, attachment, residentKey }),
  };
  return context.json(context.get('parts').passkeys.beginRegistration(session, account, wishes));
}

const namedResponseSchema = z.object({
  response: registrationResponseSchema,
  name: z.string().trim().max(64).optional(),
});

async function finishRegistration(context: DemoContext): Promise<Response> {
  const account = accountOf(context);
  if (account === undefined) return refuse(context, 'signed-out');
  const body = await readJson(context, namedResponseSchema);
  if (body === undefined) return refuse(context, 'bad-request');
  const { passkeys, store } = context.get('parts');
  const name = body.name || `Passkey ${store.passkeysOf(account.id).length + 1}`;
  const verdict = await passkeys.finishRegistration(sessionOf(context), account, body.response, name);
  if (!verdict.ok) return refuse(context, verdict.reason);
  return context.json({ passkey: shownPasskey(verdict.passkey) }, 201);
}

function deletePasskey(context: DemoContext): Response {
  const account = accountOf(context);
  if (account === undefined) return refuse(context, 'signed-out');
  const isDeleted = context.get('parts').store.deletePasskey(account.id, context.req.param('id') ?? '');
  return isDeleted ? context.body(null, 204) : refuse(context, 'not-found');
}

function shownAccount(account: Account | undefined) {
  if (account === undefined) return null;
  return { name: account.name, displayName: account.displayName, email: account.email };
}

function shownPasskey({ id, name, transports, createdAt, lastUsedAt }: Passkey) {
  return {
    id,
    name,
    transports,
    createdAt: new Date(createdAt).toISOString(),
    lastUsedAt: lastUsedAt === undefined ? null : new Date(lastUsedAt).toISOString(),
  };
}

/** Without the members that are undefined, so that they don't hide what the session has. */
function present<Wishes extends object>(
  wishes: Wishes,
): { [Name in keyof Wishes]?: NonNullable<Wishes[Name]> } {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined)) as Wishes;
}
