/**
 * `keyrig doctor`: whether this machine has what keyrig needs, and how to get what is missing.
 */
import { access, constants } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Command } from 'commander';
import pc from 'picocolors';
import { createNodeCrypto } from '../../crypto/node.js';
import { formatError } from '../../errors.js';
import { checkAllProfiles } from '../../rig/profiles.js';
import { EXIT, type Io, wantsColour } from '../io.js';
import type { CommandParts } from '../program.js';

/** One thing that was looked at. */
export interface Finding {
  readonly title: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** How to mend it. */
  readonly hint?: string;
}

type Check = (io: Io) => Promise<Finding>;

/** The oldest Node that is supported, as in package.json. */
const MINIMUM_NODE = [20, 19] as const;

const nodeVersion: Check = async () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
  return {
    title: 'Node.js',
    ok,
    detail: process.versions.node,
    hint: `install Node ${MINIMUM_NODE.join('.')} or newer`,
  };
};

const cryptography: Check = async () => {
  const crypto = createNodeCrypto();
  const pair = await crypto.generateKeyPair(-7);
  const message = crypto.random.bytes(32);
  const ok = crypto.verify(pair.publicKey, message, crypto.prepareSigner(pair)(message));
  return {
    title: 'cryptography',
    ok,
    detail: `OpenSSL ${process.versions.openssl}, ES256 signs and verifies`,
  };
};

const profiles: Check = async () => {
  const { good, faults } = await checkAllProfiles();
  const detail =
    faults.length === 0
      ? `${good.length} are valid`
      : faults.map((fault) => formatError(fault.error)).join('; ');
  return { title: 'profiles', ok: faults.length === 0, detail, hint: 'install the package again' };
};

const loopback: Check = async () => {
  const title = 'loopback listener';
  const port = await new Promise<number | undefined>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
  if (port !== undefined) return { title, ok: true, detail: `127.0.0.1:${port} could be opened` };
  return {
    title,
    ok: false,
    detail: '127.0.0.1 refuses listeners',
    hint: 'allow this user to listen on loopback',
  };
};

const reportsFolder: Check = async (io) => {
  const title = 'reports folder';
  try {
    await access(io.cwd, constants.W_OK);
    return { title, ok: true, detail: `${io.cwd} is writable` };
  } catch {
    return {
      title,
      ok: false,
      detail: `${io.cwd} is not writable`,
      hint: 'run keyrig elsewhere, or give --out DIR',
    };
  }
};

const CHECKS: readonly Check[] = [nodeVersion, cryptography, profiles, loopback, reportsFolder];

/** Looks at everything; a check that falls over is a finding too. */
export async function examine(io: Io, checks: readonly Check[] = CHECKS): Promise<readonly Finding[]> {
  return Promise.all(
    checks.map((check) =>
      check(io).catch((error) => ({ title: check.name, ok: false, detail: formatError(error) })),
    ),
  );
}

/** Makes the command. */
export function doctorCommand({ io, outcome }: CommandParts): Command {
  return new Command('doctor')
    .description('look whether this machine has what keyrig needs, and say how to get what is missing')
    .option('--json', 'print the findings as JSON on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  keyrig doctor\n  keyrig doctor --json | jq ".[] | select(.ok | not)"',
    )
    .action(async (options: { readonly json?: boolean }) => {
      const findings = await examine(io);
      if (options.json) io.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else for (const finding of findings) io.stderr.write(`${line(finding, wantsColour(io))}\n`);
      outcome.code = findings.every((finding) => finding.ok) ? EXIT.ok : EXIT.failed;
    });
}

function line(finding: Finding, colour: boolean): string {
  const paint = pc.createColors(colour);
  const mark = finding.ok ? paint.green('ok     ') : paint.red('missing');
  const hint = finding.ok || finding.hint === undefined ? '' : ` (${finding.hint})`;
  return `${mark}  ${finding.title}: ${finding.detail}${hint}`;
}
