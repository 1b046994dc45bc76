/**
 * What an application adds to Auth.js, as little as there can be: a mailbox for its sign-in links, and the memory of the way that each
 * user took last.
 */
import type { AuthConfig } from '@auth/core';
import type { Adapter } from '@auth/core/adapters';

type SignInEvent = Parameters<NonNullable<NonNullable<AuthConfig['events']>['signIn']>>[0];

/** The routes beside those of Auth.js. */
export class Application {
  readonly #adapter: Adapter;
  readonly #links = new Map<string, string>();
  readonly #lastWays = new Map<string, string>();

  constructor(adapter: Adapter) {
    this.#adapter = adapter;
  }

  /** Delivers a sign-in link. */
  send(address: string, link: string): void {
    this.#links.set(address, link);
  }

  /** Hears of every sign-in, and which provider it went through. */
  signedIn({ user, account }: SignInEvent): void {
    if (typeof user.email === 'string' && account) this.#lastWays.set(user.email, account.provider);
  }

  /** `undefined` for requests that are none of its own. */
  async answer(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    const address = searchParams.get('email') ?? '';
    if (pathname === '/mailbox') return Response.json({ link: this.#links.get(address) });
    return pathname === '/ways-to-sign-in' ? Response.json(await this.#ways(address)) : undefined;
  }

  /** E-mail is always a way; a passkey is one for who has some. */
  async #ways(address: string): Promise<{ first: string; all: readonly string[] }> {
    const user = await this.#adapter.getUserByEmail?.(address);
    const passkeys = user ? await this.#adapter.listAuthenticatorsByUserId?.(user.id) : undefined;
    const all = ['email', ...(passkeys?.length ? ['passkey'] : [])];
    return { first: this.#lastWays.get(address) ?? 'email', all };
  }
}
