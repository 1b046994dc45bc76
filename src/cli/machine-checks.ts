/**
 * What `keyrig doctor` looks at, each check against a machine that tests can break.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Crypto } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import { formatError, KeyrigError } from '../errors.js';
import { checkAllProfiles, type ProfileCheck } from '../rig/profiles.js';

/** One thing that was looked at. */
export interface Finding {
  readonly title: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** How to mend it; only where something is missing. */
  readonly hint?: string;
}

/** What the checks ask of a machine. */
export interface Machine {
  /** As in `process.versions.node`. */
  readonly node: string;
  readonly openssl: string;
  readonly crypto: Crypto;
  readonly cwd: string;
  checkProfiles(): Promise<ProfileCheck>;
  /** The port of a listener that could be opened on this address. Rejects when there can be none. */
  listen(host: string): Promise<number>;
  /** Rejects when a run in this folder could not write its report. */
  write(folder: string): Promise<void>;
}

/** The machine that this runs on. */
export function realMachine(cwd: string): Machine {
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    crypto: createNodeCrypto(),
    cwd,
    checkProfiles: () => checkAllProfiles(),
    listen: openAndClose,
    write: (folder) => withinSeconds(makeAndRemove(folder)),
  };
}

/** The oldest Node that is supported, as in package.json. */
const MINIMUM_NODE = [20, 19] as const;

/** Looks at one thing. */
interface Check {
  readonly title: string;
  readonly hint: string;
  /** What was found. Rejects, or is not `ok`, when something is missing. */
  readonly look: (machine: Machine) => Promise<{ readonly ok: boolean; readonly detail: string }>;
}

const CHECKS: readonly Check[] = [
  {
    title: 'Node.js',
    hint: `install Node ${MINIMUM_NODE.join('.')} or newer`,
    look: async ({ node }) => ({ ok: isNewEnough(node), detail: node }),
  },
  {
    title: 'cryptography',
    hint: 'use a Node that is built with OpenSSL 3, such as those from nodejs.org',
    look: async ({ crypto, openssl }) => {
      const pair = await crypto.generateKeyPair(-7);
      const message = crypto.random.bytes(32);
      const ok = crypto.verify(pair.publicKey, message, crypto.prepareSigner(pair)(message));
      return { ok, detail: `OpenSSL ${openssl}, ES256 ${ok ? 'signs and verifies' : 'does not verify'}` };
    },
  },
  {
    title: 'profiles',
    hint: 'install the package again',
    look: async (machine) => {
      const { good, faults } = await machine.checkProfiles();
      const detail = faults.map((fault) => formatError(fault.error)).join('; ');
      return faults.length === 0 ? { ok: true, detail: `${good.length} are valid` } : { ok: false, detail };
    },
  },
  {
    title: 'loopback listener',
    hint: 'allow this user to listen on 127.0.0.1: the demo relying party needs it',
    look: async (machine) => {
      const host = '127.0.0.1';
      return { ok: true, detail: `${host}:${await machine.listen(host)} could be opened` };
    },
  },
  {
    title: 'reports folder',
    hint: 'run keyrig elsewhere, or give --out DIR',
    look: async (machine) => {
      await machine.write(machine.cwd);
      return { ok: true, detail: `${machine.cwd} is writable` };
    },
  },
];

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
}

/** Looks at everything, in this order; a check that falls over is a finding too. */
export async function examine(machine: Machine): Promise<readonly Finding[]> {
  return Promise.all(
    CHECKS.map(async ({ title, hint, look }): Promise<Finding> => {
      try {
        const { ok, detail } = await look(machine);
        return { title, ok, detail, ...(ok ? {} : { hint }) };
      } catch (error) {
        return { title, ok: false, detail: formatError(error), hint };
      }
    }),
  );
}

/** Where nothing answers, such as a network folder that is away. */
const WRITE_SECONDS = 5;

async function withinSeconds(writing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new KeyrigError('report-write', `nothing could be written within ${WRITE_SECONDS} s`);
    timer = setTimeout(() => reject(error), WRITE_SECONDS * 1_000);
  });
  await Promise.race([writing, late]).finally(() => clearTimeout(timer));
}

/** Permissions alone don't tell: /proc says that root may write. Never `recursive`, which hangs there on Node 20. */
async function makeAndRemove(folder: string): Promise<void> {
  const reports = join(folder, 'reports');
  await rmdir(await mkdtemp(join(existsSync(reports) ? reports : folder, '.keyrig-doctor-')));
}

function openAndClose(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
