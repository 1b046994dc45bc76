/**
 * What tests of U2F hold in their hands: keys that speak it, and just enough of a client to talk to them.
 */
import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { type BasicAttester, createBasicAttester, createTestRoot } from '../../attestation/attestation.js';
import { u2fSignedBytes } from '../../attestation/fido-u2f.js';
import { ec2KeyFromPoint, spkiFromCoseKey } from '../../crypto/spki.js';
import { readResponseApdu } from '../../ctap/apdu.js';
import type { CborMap } from '../../ctap/cbor.js';
import { coseKeyToCbor } from '../../ctap/cose.js';
import {
  readU2fAssertion,
  readU2fRegistration,
  type U2F_CONTROL,
  U2F_STATUS,
  type U2fAssertion,
  type U2fRegistration,
  u2fAssertedBytes,
  u2fAuthenticateCommand,
  u2fRegisterCommand,
} from '../../ctap/u2f.js';
import { utf8 } from '../../data/bytes.js';
import {
  AAGUID,
  CLIENT_DATA_HASH,
  createTestKey,
  nodeCrypto,
  RP_ID,
  type TestKey,
  type TestKeyOptions,
} from '../test-platform.suite.js';

/** Around which the judges' clocks run. */
const NOW = Date.UTC(2026, 5, 1);
const root = createTestRoot(nodeCrypto, NOW);

/** A batch key for tests. */
export const u2fAttester: Promise<BasicAttester> = root.then((key) =>
  createBasicAttester({ crypto: nodeCrypto, root: key, aaguid: AAGUID, now: NOW }),
);
/** The certificate that vouches for its. DER. */
export const u2fRoot: Promise<Uint8Array> = root.then(({ certificate }) => certificate);

/** A key that speaks U2F and CTAP2. */
export async function createU2fKey(options: TestKeyOptions = {}): Promise<TestKey> {
  const config = { versions: ['U2F_V2', 'FIDO_2_0'], ...options.config };
  return createTestKey({ attester: await u2fAttester, ...options, config });
}

/** An answer, by names. */
export interface U2fAnswer {
  readonly status: string;
  readonly data: Uint8Array;
}

const NEVER = new AbortController().signal;

/** Sends one APDU. */
export async function sendU2f(key: TestKey, message: Uint8Array, signal = NEVER): Promise<U2fAnswer> {
  const keepAlive = () => {
    throw new TypeError('U2F has no keep-alives');
  };
  const answer = readResponseApdu(await key.machine.handleU2f(message, { signal, keepAlive }));
  if (answer === undefined) throw new TypeError('an answer without a status word');
  const known = Object.entries(U2F_STATUS).find(([, status]) => status === answer.status);
  if (known === undefined) throw new TypeError(`an unknown status word ${answer.status}`);
  const [status] = known;
  if (status !== 'SW_NO_ERROR' && answer.data.length > 0) throw new TypeError(`${status} with data`);
  return { status, data: answer.data };
}

/** The usual relying party, as U2F knows it. */
export const APPLICATION = nodeCrypto.sha256(utf8(RP_ID));
export const OTHER_APPLICATION = nodeCrypto.sha256(utf8('other.example'));
/** The usual client data. */
export const CHALLENGE = CLIENT_DATA_HASH;

/** Asks for a registration. */
export function tryRegister(key: TestKey, application = APPLICATION): Promise<U2fAnswer> {
  return sendU2f(key, u2fRegisterCommand({ challenge: CHALLENGE, application }));
}

/** Registers and insists that it works. */
export async function registerU2f(key: TestKey, application = APPLICATION): Promise<U2fRegistration> {
  const { status, data } = await tryRegister(key, application);
  const registration = readU2fRegistration(data);
  if (registration === undefined) throw new TypeError(`expected a registration, got ${status}`);
  return registration;
}

/** Asks for an assertion. */
export function tryAuthenticate(
  key: TestKey,
  keyHandle: Uint8Array,
  control: keyof typeof U2F_CONTROL = 'enforcePresence',
  application = APPLICATION,
): Promise<U2fAnswer> {
  return sendU2f(key, u2fAuthenticateCommand(control, { challenge: CHALLENGE, application, keyHandle }));
}

/** Signs in and insists that it works. */
export async function authenticateU2f(...request: Parameters<typeof tryAuthenticate>): Promise<U2fAssertion> {
  const { status, data } = await tryAuthenticate(...request);
  const assertion = readU2fAssertion(data);
  if (assertion === undefined) throw new TypeError(`expected an assertion, got ${status}`);
  return assertion;
}

/** OpenSSL's opinion of a registration's signature. */
export function opensslAcceptsRegistration(registration: U2fRegistration, rpIdHash = APPLICATION): boolean {
  const { keyHandle, publicKey, certificate, signature } = registration;
  const point = ec2KeyFromPoint(-7, 'P-256', publicKey);
  if (point === undefined) return false;
  const signed = u2fSignedBytes({
    rpIdHash,
    clientDataHash: CHALLENGE,
    credentialId: keyHandle,
    publicKey: point,
  });
  return verify('sha256', signed, new X509Certificate(certificate).publicKey, signature);
}

/** OpenSSL's opinion of an assertion. `publicKey` is an uncompressed point. */
export function opensslAcceptsAssertion(
  publicKey: Uint8Array,
  assertion: U2fAssertion,
  application = APPLICATION,
): boolean {
  const signed = u2fAssertedBytes({ application, challenge: CHALLENGE }, assertion);
  return verify('sha256', signed, keyObject(publicKey), assertion.signature);
}

function keyObject(publicKey: Uint8Array): KeyObject {
  const point = ec2KeyFromPoint(-7, 'P-256', publicKey);
  const spki = point && spkiFromCoseKey(point);
  if (spki === undefined) throw new TypeError('not a point');
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** The COSE key of an uncompressed point. */
export function coseKeyOf(publicKey: Uint8Array): CborMap {
  const point = ec2KeyFromPoint(-7, 'P-256', publicKey);
  if (point === undefined) throw new TypeError('not a point');
  return coseKeyToCbor(point);
}
