// biome-ignore-all lint/suspicious/noTemplateCurlyInString: adapters' placeholders look like this.
/**
 * A relying party of a few routes in this process, with an adapter that uses everything that the format can say.
 */
import { parseYaml } from '../../src/data/located-yaml.js';
import { systemClock, VirtualClock } from '../../src/ports.js';
import { adapterSchema } from '../../src/target/adapter-schema.js';
import { createAdapterTarget } from '../../src/target/adapter-target.js';
import type { Target, TargetUser } from '../../src/target/target.js';
import type { TraceEvent } from '../../src/trace/events.js';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '../../src/webauthn/types.js';

const ORIGIN = 'http://localhost:3000';
export const ada: TargetUser = {
  name: 'ada',
  displayName: 'Ada',
  email: 'ada@rp.example',
  password: 'notes-on-the-engine',
};

/** A relying party that needs everything that the format can say. */
export const ADAPTER = `version: 1
name: Odd shop
target: { rpId: shop.example }
users:
  create:
    http:
      steps:
        - post: /users
          form: { mail: "\${user.email}", pass: "\${user.password}" }
      success: { status: 201 }
      exists: { status: 409 }
signIn:
  methods:
    http:
      steps: [{ get: "/methods?for=\${user.name}" }]
      preferred: $.PrefCredential
      available: $.all
      names: { passkey: [7, FIDO], password: [1] }
  password:
    http:
      steps:
        - get: /login
          save: { token: { text: 'name="csrf" value="([^"]+)"' } }
        - post: /login
          form: { csrf: "\${saved.token}", user: "\${user.name}", pass: "\${user.password}" }
          redirects: stop
      success: { status: 302, header: location, matches: "code=" }
      refused: { status: 200, text: "[Ww]rong" }
  username:
    http:
      options: [{ get: "/challenge/\${user.name}", save: { flow: { header: x-flow } } }]
      extract: { json: $.data, decode: json }
      submit:
        - post: /assert/\${saved.flow}
          headers: { X-Origin: "\${origin}", x-rp: "\${rpId}" }
          json:
            id: \${credential.id}
            sig: \${credential.response.signature|base64}
            handle: \${credential.response.userHandle}
            all: \${credential|json}
      success: { json: $.verified, equals: true }
      refused: { any: [{ status: 4xx }, { status: 500, json: $.code, equals: E_VERIFY }] }
  usernameless:
    http:
      options: [{ post: /challenge }]
      submit: [{ post: /any, json: "\${credential}" }]
      success: { status: 204 }
register:
  http:
    options: [{ post: /register/options, json: { a: "\${wishes.attachment}", h: "\${wishes.hints}" } }]
    submit: [{ post: /register, body: "\${user.name}:\${credential.id}", headers: { content-type: text/plain } }]
    success: { status: 200 }
whoami:
  http:
    steps: [{ get: /me }]
    email: $.mail
credentials:
  list:
    http: { steps: [{ get: /keys }], items: $.keys, id: $.cred.id, name: $.label, handle: $.row }
  delete:
    http: { steps: [{ delete: "/keys/\${credentialId}" }], success: { status: 204 } }
signOut:
  http: { steps: [{ post: /out, expect: { status: 204 } }] }
`;

export type Route = (request: Request, body: string) => Response | Promise<Response>;

export interface Shop {
  readonly target: Target;
  /** `METHOD /path?query` and body of what was sent. */
  readonly sent: { readonly line: string; readonly body: string; readonly headers: Headers }[];
  readonly events: TraceEvent[];
}

/** The shop with these routes; everything else is a 404 in HTML. */
export function shop(routes: Readonly<Record<string, Route>>, adapterText = ADAPTER): Shop {
  const sent: Shop['sent'] = [];
  const events: TraceEvent[] = [];
  const fetch = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    sent.push({ line: `${request.method} ${pathname}${search}`, body, headers: request.headers });
    const route = routes[`${request.method} ${pathname}`];
    return route?.(request, body) ?? html('<!doctype html><h1>Not found</h1>', 404);
  };
  const target = createAdapterTarget({
    id: 'shop',
    adapter: parseYaml(adapterSchema, adapterText, 'shop.yaml', 'adapter-invalid'),
    place: { baseUrl: ORIGIN, origin: 'https://shop.example', rpId: 'shop.example' },
    trace: { emit: (event) => void events.push(event) },
    clock: new VirtualClock(),
    deadlines: systemClock,
    fetch,
    close: async () => {},
  });
  return { target, sent, events };
}

export const json = (value: unknown, init?: ResponseInit) => Response.json(value, init);
export const html = (text: string, status = 200) =>
  new Response(text, { status, headers: { 'content-type': 'text/html' } });

/** Sign-in options with a member that nobody knows. */
export const requestOptions = {
  challenge: 'Y2hhbGxlbmdl',
  rpId: 'shop.example',
  allowCredentials: [],
  unknown: { kept: true },
};

export const assertion: AuthenticationResponseJSON = {
  id: 'a-_b',
  rawId: 'a-_b',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'a-_bcg' },
};

export const registration: RegistrationResponseJSON = {
  id: 'a-_b',
  rawId: 'a-_b',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', attestationObject: 'AA' },
};
