/**
 * The addresses of the demo's pages: which page comes after which.
 */
import { Hono } from 'hono';
import { z } from 'zod';
import type { SignInMethod } from '../target.js';
import {
  accountOf,
  type DemoContext,
  type DemoEnv,
  parseOrUndefined,
  readForm,
  rememberSession,
  sessionOf,
  signIn,
  signOut,
} from './context.js';
import { DEMO_ERRORS } from './errors.js';
import { signInMethodsOf } from './methods.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_ICON, PAGE_STYLE } from './page-style.js';
import {
  accountPage,
  createAccountPage,
  messagePage,
  optionsPage,
  otherWaysPage,
  passkeyPage,
  passwordPage,
  staySignedInPage,
  usernamePage,
} from './pages.js';
import { newUserSchema, pageWishesSchema, passwordSchema, usernameSchema } from './responses.js';
import type { Account } from './store.js';

/** Routes of pages and their assets. */
export function createPages(): Hono<DemoEnv> {
  const pages = new Hono<DemoEnv>();
  pages.get('/assets/style.css', (context) =>
    context.body(PAGE_STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }),
  );
  pages.get('/assets/script.js', (context) =>
    context.body(PAGE_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );
  pages.get('/assets/icon.svg', (context) =>
    context.body(PAGE_ICON, 200, { 'content-type': 'image/svg+xml' }),
  );
  pages.use(rememberWishes);
  pages.get('/', (context) =>
    context.redirect(accountOf(context) === undefined ? '/sign-in' : '/account', 303),
  );
  addSignInPages(pages);
  addAccountPages(pages);
  pages.all('*', (context) =>
    context.html(messagePage('Not found', 'There is no page at this address.'), 404),
  );
  return pages;
}

function addSignInPages(pages: Hono<DemoEnv>): void {
  pages.get('/sign-in', (context) => context.html(usernamePage()));
  pages.post('/sign-in', typeUsername);
  pages.get('/sign-in/options', (context) => context.html(optionsPage()));
  pages.get('/sign-in/any-passkey', (context) => context.html(passkeyPage(undefined)));
  pages.get('/sign-in/passkey', (context) => afterUsername(context, (name) => passkeyPage(name)));
  pages.get('/sign-in/password', (context) => afterUsername(context, (name) => passwordPage(name)));
  pages.get('/sign-in/other-ways', (context) =>
    afterUsername(context, (name) =>
      otherWaysPage(name, signInMethodsOf(context.get('parts').store, name).available),
    ),
  );
  pages.post('/sign-in/password', typePassword);
  pages.get('/stay-signed-in', (context) => whenSignedIn(context, (account) => staySignedInPage(account)));
  pages.post('/stay-signed-in', chooseStay);
}

function addAccountPages(pages: Hono<DemoEnv>): void {
  pages.get('/create-account', (context) => context.html(createAccountPage()));
  pages.post('/create-account', createAccount);
  pages.get('/account', (context) =>
    whenSignedIn(context, (account) =>
      accountPage(account, context.get('parts').store.passkeysOf(account.id)),
    ),
  );
  pages.post('/account/delete-passkey', deletePasskey);
  pages.post('/sign-out', (context) => {
    signOut(context);
    return context.redirect('/sign-in', 303);
  });
}

/** A page that is opened with wishes in its address keeps them for its session: the whole flow sees them. */
async function rememberWishes(context: DemoContext, next: () => Promise<void>): Promise<void> {
  const query = context.req.query();
  if (context.req.method === 'GET' && Object.keys(query).length > 0) {
    const wishes = parseOrUndefined(pageWishesSchema, query);
    if (wishes !== undefined) sessionOf(context).wishes = wishes;
  }
  await next();
}

/** The method used last comes first. */
async function typeUsername(context: DemoContext): Promise<Response> {
  const form = await readForm(context, usernameSchema);
  if (form === undefined) return context.html(usernamePage('Enter your username.'), 400);
  sessionOf(context).typedName = form.username;
  const { preferred } = signInMethodsOf(context.get('parts').store, form.username);
  const next: Record<SignInMethod, string> = { passkey: '/sign-in/passkey', password: '/sign-in/password' };
  return context.redirect(next[preferred], 303);
}

async function typePassword(context: DemoContext): Promise<Response> {
  const form = await readForm(context, passwordSchema);
  if (form === undefined) return context.redirect('/sign-in', 303);
  const account = await context.get('parts').store.accountWithPassword(form.username, form.password);
  if (account === undefined) {
    return context.html(passwordPage(form.username, 'The username or the password is wrong.'), 401);
  }
  signIn(context, account, 'password');
  return context.redirect('/stay-signed-in', 303);
}

async function chooseStay(context: DemoContext): Promise<Response> {
  const form = await readForm(context, z.object({ stay: z.enum(['yes', 'no']) }));
  const session = context.get('session');
  if (form?.stay === 'yes' && session?.accountId !== undefined) rememberSession(context, session);
  return context.redirect('/', 303);
}

async function createAccount(context: DemoContext): Promise<Response> {
  const form = await readForm(context, newUserSchema);
  if (form === undefined) return context.html(createAccountPage('Fill in every field.'), 400);
  const account = await context.get('parts').store.addAccount(form);
  if (account === undefined) {
    return context.html(createAccountPage('This username is taken.'), DEMO_ERRORS['user-exists'].status);
  }
  signIn(context, account, 'password');
  return context.redirect('/account', 303);
}

async function deletePasskey(context: DemoContext): Promise<Response> {
  const account = accountOf(context);
  const form = await readForm(context, z.object({ id: z.string() }));
  if (account !== undefined && form !== undefined)
    context.get('parts').store.deletePasskey(account.id, form.id);
  return context.redirect('/', 303);
}

type PageOf<Subject> = (subject: Subject) => ReturnType<typeof usernamePage>;

function afterUsername(context: DemoContext, page: PageOf<string>): Response | Promise<Response> {
  const name = context.get('session')?.typedName;
  return name === undefined ? context.redirect('/sign-in', 303) : context.html(page(name));
}

function whenSignedIn(context: DemoContext, page: PageOf<Account>): Response | Promise<Response> {
  const account = accountOf(context);
  return account === undefined ? context.redirect('/sign-in', 303) : context.html(page(account));
}
