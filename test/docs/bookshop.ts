/**
 * The invented relying party that docs/adapters.md describes: the demo's rules behind addresses, names and answers of its own.
 *
 * It wants a token with its forms, knows people by e-mail address, wraps its options and numbers the passkeys in its list.
 */
import { randomUUID } from 'node:crypto';
import { systemClock, systemRandom } from '../../src/ports.js';
import { createDemoServer } from '../../src/target/demo/server.js';

/** Where its adapter says that it is. */
const BOOKSHOP = 'http://localhost:8080';

type Handler = (request: Request) => Promise<Response>;
type Members = Readonly<Record<string, unknown>>;

/** One request with its body, read. */
interface Call {
  readonly cookie: string;
  readonly token: string | null;
  readonly path: string;
  readonly body: Members;
}

type Route = (call: Call) => Promise<Response> | Response;

/** Starts the shop in this process: the function is its whole network. */
export async function openBookshop(): Promise<Handler> {
  const demo = await createDemoServer({
    policy: { rpId: 'localhost', origin: BOOKSHOP, attestation: 'none' },
    breaks: new Set(),
    users: [],
    clock: systemClock,
    random: systemRandom,
  });
  const shop = new Bookshop(demo);
  return (request) => shop.handle(request);
}

class Bookshop {
  readonly #demo: Handler;
  readonly #tokens = new Set<string>();
  /** Credential ids; a passkey's number is its place here. */
  readonly #numbers: string[] = [];

  readonly #routes: Readonly<Record<string, Route>> = {
    'POST /signup': (call) => this.#signUp(call),
    'GET /login': () => this.#loginPage(),
    'POST /login': (call) => this.#logIn(call),
    'POST /passkey/login/start': async (call) =>
      wrapped(await this.#ask(call, 'POST', '/sign-in/passkey/options', usernameIn(call.body))),
    'POST /passkey/login/finish': async (call) =>
      judged(await this.#ask(call, 'POST', '/sign-in/passkey', call.body.credential), 200),
    'POST /passkey/register/start': this.#guarded(async (call) =>
      wrapped(await this.#ask(call, 'POST', '/passkeys/options', {})),
    ),
    'POST /passkey/register/finish': this.#guarded(async (call) => {
      const { credential: response, label: name } = call.body;
      return judged(await this.#ask(call, 'POST', '/passkeys', { response, name }), 201);
    }),
    'GET /me': (call) => this.#me(call),
    'GET /passkeys': (call) => this.#list(call),
    'DELETE /passkeys/:number': this.#guarded((call) => {
      const id = this.#numbers[Number(call.path.split('/').at(-1))];
      return this.#ask(call, 'DELETE', `/passkeys/${id}`);
    }),
    'POST /logout': (call) => this.#ask(call, 'DELETE', '/session'),
  };

  constructor(demo: Handler) {
    this.#demo = demo;
  }

  async handle(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const route = this.#routes[`${request.method} ${path.replace(/\/\d+$/, '/:number')}`];
    if (route === undefined) return answer(404, { error: 'nothing here' });
    const { headers } = request;
    const cookie = headers.get('cookie') ?? '';
    return route({ cookie, token: headers.get('x-csrf-token'), path, body: await bodyOf(request) });
  }

  #guarded(route: Route): Route {
    return (call) => (this.#tokens.has(call.token ?? '') ? route(call) : answer(403, { error: 'no token' }));
  }

  async #signUp(call: Call): Promise<Response> {
    const { mail, fullName, password } = call.body;
    const { username } = usernameIn(call.body);
    const user = { name: username, displayName: fullName, email: mail, password };
    const { status } = await this.#ask(call, 'POST', '/users', user);
    return status === 409 ? answer(409, { error: 'mail-taken' }) : answer(status, { mail });
  }

  #loginPage(): Response {
    const token = randomUUID();
    this.#tokens.add(token);
    const page = `<!doctype html><meta name="csrf" content="${token}"><form method="post">…</form>`;
    return new Response(page, { headers: { 'content-type': 'text/html' } });
  }

  async #logIn(call: Call): Promise<Response> {
    if (!this.#tokens.has(String(call.body._csrf))) return answer(403, { error: 'no token' });
    const user = { ...usernameIn(call.body), password: call.body.password };
    const { ok, headers } = await this.#ask(call, 'POST', '/sign-in/password', user);
    const location = ok ? '/account' : '/login?failed';
    return new Response(null, { status: 303, headers: { ...cookieOf(headers), location } });
  }

  async #me(call: Call): Promise<Response> {
    const { user } = await jsonOf(await this.#ask(call, 'GET', '/session'));
    if (user === null) return answer(401, { error: 'nobody' });
    return answer(200, { mail: memberOf(user, 'email') });
  }

  async #list(call: Call): Promise<Response> {
    const { passkeys } = await jsonOf(await this.#ask(call, 'GET', '/passkeys'));
    if (!Array.isArray(passkeys)) return answer(401, { error: 'nobody' });
    const items = passkeys.map((passkey: unknown) => {
      const credentialId = String(memberOf(passkey, 'id'));
      return { number: this.#numberOf(credentialId), credentialId, label: memberOf(passkey, 'name') };
    });
    return answer(200, { items });
  }

  #numberOf(credentialId: string): number {
    const known = this.#numbers.indexOf(credentialId);
    return known === -1 ? this.#numbers.push(credentialId) - 1 : known;
  }

  #ask({ cookie }: Call, method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { cookie, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.#demo(new Request(`${BOOKSHOP}/api${path}`, { method, headers, ...sent }));
  }
}

function answer(status: number, body: Members, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers });
}

async function wrapped(options: Response): Promise<Response> {
  const cookie = cookieOf(options.headers);
  if (!options.ok) return answer(400, { error: 'no options' }, cookie);
  return answer(200, { publicKey: await options.json() }, cookie);
}

function judged({ ok, headers }: Response, status: number): Response {
  return ok ? answer(status, { done: true }, cookieOf(headers)) : answer(400, { error: 'refused' });
}

function cookieOf(headers: Headers): Readonly<Record<string, string>> {
  const cookie = headers.get('set-cookie');
  return cookie === null ? {} : { 'set-cookie': cookie };
}

/** What stands before the @ of the addresses that keyrig makes up is the username. */
function usernameIn({ mail }: Members): { readonly username?: string } {
  return typeof mail === 'string' ? { username: mail.split('@')[0] ?? '' } : {};
}

async function bodyOf(request: Request): Promise<Members> {
  const text = await request.text();
  const isForm = request.headers.get('content-type')?.includes('form') ?? false;
  if (isForm) return Object.fromEntries(new URLSearchParams(text));
  return text === '' ? {} : jsonOf(new Response(text));
}

async function jsonOf(response: Response): Promise<Members> {
  const value: unknown = await response.json();
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
