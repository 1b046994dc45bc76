/** Registrations for the tests of formats, and outside judges: @simplewebauthn/server, and the openssl command. */
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  SettingsService,
  type VerifyRegistrationResponseOpts,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { TestContext } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../ctap/cbor.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import { encodeAttestationObject } from './attestation-object.js';
import type { AttestationStatement, Attester, SingleStatement } from './statement.js';

export const crypto = createNodeCrypto();
/** The judge goes by the machine's clock, which these dates surround. */
export const NOW = Date.UTC(2026, 5, 1);
export const AAGUID = new Uint8Array(16).fill(0x5a);
export const NO_AAGUID = new Uint8Array(16);
const RP_ID = 'rp.example';
const ORIGIN = 'https://rp.example';

/** A registration, good but for what is asked for. */
export interface Registration {
  readonly attester: Attester;
  readonly algorithm?: CoseAlgorithmId;
  readonly aaguid?: Uint8Array;
  /** The one thing wrong with an otherwise good statement. */
  readonly change?: (good: SingleStatement) => SingleStatement;
  /** The one thing wrong with what comes along with a good statement. */
  readonly wrong?: 'client data' | 'authenticator data';
}

/** A registration as a relying party gets it. */
export interface Registered {
  readonly statement: AttestationStatement;
  readonly authData: Uint8Array;
  readonly clientDataHash: Uint8Array;
  readonly options: Omit<VerifyRegistrationResponseOpts, 'response'>;
  /** The response with this statement in place of the one that was made. */
  responseWith(statement: AttestationStatement): VerifyRegistrationResponseOpts['response'];
}

/** Registers a new credential. */
export async function register(registration: Registration): Promise<Registered> {
  const { attester, algorithm = -7, aaguid = attester.aaguid ?? AAGUID, wrong } = registration;
  const keyPair = await crypto.generateKeyPair(algorithm);
  const credentialId = crypto.random.bytes(32);
  const challenge = toBase64url(crypto.random.bytes(32));
  const clientData = { type: 'webauthn.create', challenge, origin: ORIGIN, crossOrigin: false };
  const clientDataJSON = utf8(JSON.stringify(clientData));
  const dataWith = (signCount: number) =>
    encodeAuthenticatorData({
      rpIdHash: crypto.sha256(utf8(RP_ID)),
      flags: FLAGS.UP | FLAGS.UV,
      signCount,
      attestedCredential: { aaguid, credentialId, publicKey: keyPair.publicKey },
    });
  const authData = dataWith(1);
  const clientDataHash = crypto.sha256(clientDataJSON);
  const statement = await attester.attest({
    authData: wrong === 'authenticator data' ? dataWith(2) : authData,
    clientDataHash: wrong === 'client data' ? crypto.sha256() : clientDataHash,
    credential: { algorithm, sign: crypto.prepareSigner(keyPair) },
  });
  const id = toBase64url(credentialId);
  return {
    statement,
    authData,
    clientDataHash,
    options: {
      expectedChallenge: challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      supportedAlgorithmIDs: [algorithm],
    },
    responseWith: (other) => ({
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: toBase64url(clientDataJSON),
        attestationObject: toBase64url(encodeAttestationObject({ ...other, authData })),
      },
    }),
  };
}

/** What @simplewebauthn/server says of a registration with this statement: the format it verified, `false`, or why it refused to go on. */
export async function judge(
  { options, responseWith }: Registered,
  statement: AttestationStatement,
): Promise<string | false> {
  try {
    const response = responseWith(statement);
    const { verified, registrationInfo } = await verifyRegistrationResponse({ ...options, response });
    return verified ? (registrationInfo?.fmt ?? 'no format') : false;
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error';
  }
}

/** Registers, and asks the judge. */
export async function verdict(registration: Registration): Promise<string | false> {
  const { change = (good) => good } = registration;
  const registered = await register(registration);
  return judge(registered, change(single(registered.statement)));
}

/** A statement that is not compound. */
export function single(statement: AttestationStatement): SingleStatement {
  if (statement.fmt !== 'compound' && statement.attStmt instanceof Map)
    return { fmt: statement.fmt, attStmt: statement.attStmt };
  throw new TypeError('a compound statement');
}

/** What the judge can be told to trust roots for. */
type Identifier = Parameters<typeof SettingsService.setRootCertificates>[0]['identifier'];

/** Whom the judge trusted before; it is one for all test files of a process. */
const before = new Map<Identifier, string[]>();

/** Tells the judge which roots to trust for a format, until {@link forgetRoots}. */
export function trust(identifier: Identifier, ...roots: readonly Uint8Array[]): void {
  if (!before.has(identifier)) before.set(identifier, SettingsService.getRootCertificates({ identifier }));
  SettingsService.setRootCertificates({
    identifier,
    certificates: roots.map((root) => new Uint8Array(root)),
  });
}

/** Lets the judge trust whom it trusted before. */
export function forgetRoots(): void {
  for (const [identifier, certificates] of before)
    SettingsService.setRootCertificates({ identifier, certificates });
  before.clear();
}

/** A statement with another member. */
export function withMember(
  { fmt, attStmt }: SingleStatement,
  name: string,
  value: CborValue,
): SingleStatement {
  return { fmt, attStmt: new Map([...attStmt, [name, value]]) };
}

/** A statement with one bit of a byte string changed; a negative position counts from the end. */
export function withBit(statement: SingleStatement, name: string, at: number): SingleStatement {
  const bytes = bytesIn(statement.attStmt, name).slice();
  bytes.set([(bytes.at(at) ?? 0) ^ 1], at < 0 ? bytes.length + at : at);
  return withMember(statement, name, bytes);
}

/** A byte string of a statement. */
export function bytesIn(attStmt: CborMap, name: string): Uint8Array {
  const value = attStmt.get(name);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`${name} is not a byte string`);
}

/** The certificates of a statement. */
export function certificatesIn({ attStmt }: SingleStatement): readonly Uint8Array[] {
  const x5c = attStmt.get('x5c');
  if (!Array.isArray(x5c)) throw new TypeError('x5c is not an array');
  return x5c.filter((item) => item instanceof Uint8Array);
}

/** The openssl command with a folder for its files; removed by `close`. */
export class OpenSsl {
  readonly #folder = mkdtempSync(join(tmpdir(), 'keyrig-openssl-'));
  #files = 0;

  /** Skips a test, saying why, where there is no openssl. */
  need(context: TestContext): void {
    if (this.run('version').status === 0) return;
    context.skip('there is no openssl command here, so nobody outside judges this; install it to see');
  }

  run(...args: readonly string[]) {
    return spawnSync('openssl', args, { encoding: 'utf8' });
  }

  /** A certificate as a file. */
  pem(certificate: Uint8Array): string {
    return this.file(new X509Certificate(certificate).toString());
  }

  file(content: string | Uint8Array): string {
    const path = join(this.#folder, String(this.#files++));
    writeFileSync(path, content);
    return path;
  }

  /** Whether a chain holds under strict rules: leaf, intermediates and root. */
  verifies(leaf: Uint8Array, root: Uint8Array): boolean {
    const { status } = this.run('verify', '-x509_strict', '-CAfile', this.pem(root), this.pem(leaf));
    return status === 0;
  }

  /** `openssl x509 -text`. */
  text(certificate: Uint8Array): string {
    return this.run('x509', '-in', this.pem(certificate), '-noout', '-text').stdout;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
