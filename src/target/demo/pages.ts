/**
 * The demo's pages as HTML: the sign-in flow of a large identity provider in our own words, and the account behind it.
 *
 * username → the method used last (passkey or password) → other ways; or sign-in options without a username. Each page names its step in
 * `data-step`, for tests and for adapters that drive a browser.
 */
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { SignInMethod } from '../target.js';
import type { Account, Passkey } from './store.js';

/** A page, escaped. */
export type Page = HtmlEscapedString | Promise<HtmlEscapedString>;

function layout(step: string, title: string, content: Page): Page {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Keyrig demo</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
<script src="/assets/script.js" defer></script>
</head>
<body>
<main data-step="${step}">
<p class="brand">Keyrig demo</p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;
}

function errorLine(error: string | undefined): Page {
  return html`<p class="error" role="alert" data-role="error">${error ?? ''}</p>`;
}

/** Where everything starts. */
export function usernamePage(error?: string): Page {
  return layout(
    'username',
    'Sign in',
    html`${errorLine(error)}
<form method="post" action="/sign-in">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required autofocus>
<button>Next</button>
</form>
<ul class="links">
<li><a href="/sign-in/options">Sign-in options</a></li>
<li><a href="/create-account">Create an account</a></li>
</ul>`,
  );
}

/** The password of the typed name. */
export function passwordPage(username: string, error?: string): Page {
  return layout(
    'password',
    'Enter your password',
    html`<p class="who">${username}</p>
${errorLine(error)}
<form method="post" action="/sign-in/password">
<input name="username" value="${username}" autocomplete="username" hidden readonly>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
</form>
<ul class="links">
<li><a href="/sign-in/other-ways">Other ways to sign in</a></li>
<li><a href="/sign-in">Use another username</a></li>
</ul>`,
  );
}

/** Asks for a passkey as soon as it is shown; of the typed name, or of anybody. */
export function passkeyPage(username: string | undefined): Page {
  const others =
    username === undefined
      ? html`<li><a href="/sign-in/options">Sign-in options</a></li>`
      : html`<li><a href="/sign-in/other-ways">Other ways to sign in</a></li>`;
  return layout(
    'passkey',
    'Sign in with a passkey',
    html`<section data-ceremony="sign-in" data-username="${username ?? ''}" data-waiting="Follow the steps that your browser shows.">
<p class="who">${username ?? 'Your passkey knows your username.'}</p>
<p class="status" role="status" data-role="status"></p>
${errorLine(undefined)}
<p data-role="failed" hidden>You are not signed in. Try again, or choose another way.</p>
<button type="button" data-role="start">Try again</button>
<noscript><p>Passkeys need JavaScript.</p></noscript>
</section>
<ul class="links">
${others}
<li><a href="/sign-in">Use another username</a></li>
</ul>`,
  );
}

/** What else the typed name can sign in with. */
export function otherWaysPage(username: string, available: readonly SignInMethod[]): Page {
  const passkey = html`<a class="choice" href="/sign-in/passkey">Passkey or security key</a>`;
  return layout(
    'other-ways',
    'Choose a way to sign in',
    html`<p class="who">${username}</p>
${available.includes('passkey') ? passkey : ''}
<a class="choice" href="/sign-in/password">Password</a>
<ul class="links"><li><a href="/sign-in">Use another username</a></li></ul>`,
  );
}

/** Ways that need no username. */
export function optionsPage(): Page {
  return layout(
    'sign-in-options',
    'Sign-in options',
    html`<p>Sign in without typing a username.</p>
<a class="choice" href="/sign-in/any-passkey">Passkey or security key</a>
<ul class="links"><li><a href="/sign-in">Back</a></li></ul>`,
  );
}

/** Asked after every sign-in. */
export function staySignedInPage(account: Account): Page {
  return layout(
    'stay-signed-in',
    'Keep me signed in?',
    html`<p class="who">${account.name}</p>
<p>Then you won't be asked again when this browser is closed and opened.</p>
<div class="row">
<form method="post" action="/stay-signed-in"><input type="hidden" name="stay" value="no"><button class="plain">No</button></form>
<form method="post" action="/stay-signed-in"><input type="hidden" name="stay" value="yes"><button>Yes</button></form>
</div>`,
  );
}

/** The signed-in account and its passkeys. */
export function accountPage(account: Account, passkeys: readonly Passkey[]): Page {
  const list = html`<ul class="passkeys">${passkeys.map(passkeyItem)}</ul>`;
  return layout(
    'account',
    `Hello, ${account.displayName}`,
    html`<p class="who">Signed in as ${account.name}</p>
<h2>Passkeys</h2>
${passkeys.length === 0 ? html`<p>None yet.</p>` : list}
<form data-ceremony="register" data-waiting="Follow the steps that your browser shows.">
<label for="name">Name of the new passkey</label>
<input id="name" name="name" maxlength="64" placeholder="e.g. blue key" autocomplete="off">
<p class="status" role="status" data-role="status"></p>
${errorLine(undefined)}
<button>Add a passkey</button>
<noscript><p>Passkeys need JavaScript.</p></noscript>
</form>
<h2>Session</h2>
<form method="post" action="/sign-out"><button class="plain">Sign out</button></form>`,
  );
}

function passkeyItem(passkey: Passkey): Page {
  const used = passkey.lastUsedAt === undefined ? 'not used yet' : `last used ${day(passkey.lastUsedAt)}`;
  const by = passkey.transports.length === 0 ? '' : ` · ${passkey.transports.join(', ')}`;
  return html`<li>
<div>${passkey.name}<small>added ${day(passkey.createdAt)} · ${used}${by}</small></div>
<form method="post" action="/account/delete-passkey">
<input type="hidden" name="id" value="${passkey.id}">
<button class="plain" aria-label="Delete ${passkey.name}">Delete</button>
</form>
</li>`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** A new account. */
export function createAccountPage(error?: string): Page {
  return layout(
    'create-account',
    'Create an account',
    html`${errorLine(error)}
<form method="post" action="/create-account">
<label for="name">Username</label>
<input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus>
<label for="displayName">Your name</label>
<input id="displayName" name="displayName" autocomplete="name" maxlength="64" required>
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" required>
<label for="password">Password, at least 8 characters</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required>
<button>Create account</button>
</form>
<ul class="links"><li><a href="/sign-in">I have an account</a></li></ul>`,
  );
}

/** For addresses that don't exist, and for what went wrong. */
export function messagePage(title: string, message: string): Page {
  return layout('message', title, html`<p>${message}</p><p><a href="/">Go to the start</a></p>`);
}
