/**
 * Auth.js with its passkey provider, in memory and on loopback: a relying party that keyrig's authors didn't write, whose sign-ins may
 * start from an e-mail address.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Auth, type AuthConfig } from '@auth/core';
import type { EmailConfig } from '@auth/core/providers/email';
import Passkey from '@auth/core/providers/passkey';
import { UnstorageAdapter } from '@auth/unstorage-adapter';
import { getRequestListener } from '@hono/node-server';
import { createStorage } from 'unstorage';
import { listenOnLoopback } from '../../../src/target/demo/loopback.js';
import { Application } from './application.js';
import { mended, type published } from './simple-web-authn.js';

/** A running Auth.js. */
export interface AuthJsServer {
  /** The adapter file, with this server's address in it. */
  readonly adapter: string;
  /** The types of the errors that it has logged. */
  readonly errors: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Starts one with an empty database on any free port.
 *
 * @param simpleWebAuthn The library that makes options and verifies responses.
 */
export async function startAuthJs(simpleWebAuthn: typeof published = mended): Promise<AuthJsServer> {
  const errors = new Set<string>();
  const config = configure(simpleWebAuthn, (error) => errors.add(error));
  const listener = getRequestListener(async (request) => {
    return (await config.application.answer(request)) ?? Auth(request, config.auth);
  });
  const { port, close } = await listenOnLoopback(() => createServer(listener), 0);
  const folder = await mkdtemp(join(tmpdir(), 'keyrig-auth-js-'));
  const stop = async () => {
    await close();
    await rm(folder, { recursive: true });
  };
  return { adapter: await writeAdapter(folder, `http://localhost:${port}`), errors, close: stop };
}

function configure(
  simpleWebAuthn: typeof published,
  onError: (type: string) => void,
): { auth: AuthConfig; application: Application } {
  const adapter = UnstorageAdapter(createStorage());
  const application = new Application(adapter);
  const auth: AuthConfig = {
    secret: 'a secret that is only used on this machine, in tests',
    trustHost: true,
    adapter,
    // @ts-expect-error Auth.js types these functions by the version that its import finds, which is the demo's newer one, not its own.
    providers: [emailLinks(application), Passkey({ simpleWebAuthn })],
    experimental: { enableWebAuthn: true },
    events: { signIn: (event) => application.signedIn(event) },
    logger: { error: ({ name }) => onError(name), warn: () => {} },
  };
  return { auth, application };
}

/** The way in without a passkey. Auth.js makes and redeems the links; how they are sent is up to who uses it. */
function emailLinks(application: Application): EmailConfig {
  return {
    id: 'email',
    type: 'email',
    name: 'E-mail',
    sendVerificationRequest: ({ identifier, url }) => application.send(identifier, url),
  };
}

async function writeAdapter(folder: string, origin: string): Promise<string> {
  const file = join(folder, 'auth-js.yaml');
  const text = await readFile(new URL('auth-js.yaml', import.meta.url), 'utf8');
  await writeFile(file, `${text}\ntarget: { baseUrl: "${origin}" }\n`);
  return file;
}
