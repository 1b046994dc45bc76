/**
 * A real key in a port of this machine, a client in front of it, and an outside relying party: for tests of what they do together.
 */
import {
  type AuthenticationResponseJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { expect } from 'vitest';
import { type Attester, selfAttester } from '../../src/attestation/attestation.js';
import { createAuthenticator } from '../../src/authenticator/authenticator.js';
import type { AuthenticatorConfig } from '../../src/authenticator/config.js';
import { createMemoryStore } from '../../src/authenticator/store/memory.js';
import { createScriptedUser, type ScriptedUserOptions } from '../../src/authenticator/user.js';
import { createCtapClient } from '../../src/client/ctap-client.js';
import { createPinClient } from '../../src/client/pin-client.js';
import type { ClientDevice, DeviceChoice, UserInterface } from '../../src/client/ports.js';
import { createWebAuthnClient } from '../../src/client/webauthn-client.js';
import type { Crypto } from '../../src/crypto/crypto.js';
import { createNodeCrypto } from '../../src/crypto/node.js';
import { opensslKnowsMlDsa } from '../../src/crypto/node-keys.js';
import { toBase64url, utf8 } from '../../src/data/bytes.js';
import { VirtualClock } from '../../src/ports.js';
import { createInProcessPort } from '../../src/transport/in-process.js';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../../src/webauthn/types.js';

const ORIGIN = 'https://login.example.org';
export const RP_ID = 'example.org';
export const PAGE = { origin: ORIGIN };
const CHALLENGE = toBase64url(utf8('a challenge of some length'));
export const crypto = createNodeCrypto();

/** A roaming key with everything; tests change what they are about. */
export const CONFIG: AuthenticatorConfig = {
  aaguid: new Uint8Array(16).fill(0x5a),
  versions: ['FIDO_2_0'],
  transports: ['usb', 'nfc'],
  algorithms: [-7, -8, -35, -257],
  extensions: ['credProtect', 'hmac-secret', 'minPinLength'],
  minPinLengthRpIds: [RP_ID],
  options: { rk: true, clientPin: true, pinUvAuthToken: true, makeCredUvNotRqd: true },
  pinUvAuthProtocols: [2, 1],
  presence: 'touch',
  backup: { eligible: false, backedUp: false },
  counter: 'global',
  limits: {
    maxMsgSize: 2048,
    maxCredentialCountInList: 8,
    maxCredentialIdLength: 512,
    discoverableCredentials: 25,
    minPinLength: 4,
  },
};

interface KeyOptions extends Omit<ScriptedUserOptions, 'clock'> {
  readonly id?: string;
  readonly config?: Partial<AuthenticatorConfig>;
  readonly attester?: Attester;
  /** The key's; the client's is node's. */
  readonly keyCrypto?: Crypto;
}

/** A real key in a port of this machine. */
export function plugIn(clock: VirtualClock, options: KeyOptions = {}) {
  const { id = 'key', attester = selfAttester, keyCrypto = crypto, config, ...user } = options;
  const store = createMemoryStore();
  const person = createScriptedUser({ clock, ...user });
  const failures: unknown[] = [];
  const authenticator = createAuthenticator({
    config: { ...CONFIG, ...config },
    store,
    user: person,
    crypto: keyCrypto,
    clock,
    attester,
    onFailure: (failure) => failures.push(failure),
  });
  const port = createInProcessPort({ device: id, name: 'usb', handle: authenticator.handle });
  const client: ClientDevice = {
    id,
    label: 'Security key',
    kind: 'security-key',
    transport: 'usb',
    attachment: 'cross-platform',
    get reachable() {
      return port.plugged;
    },
    connect: async () => port.open(),
  };
  return { id, store, person, port, client, failures, authenticator };
}

type Key = ReturnType<typeof plugIn>;

/** A person who knows their PINs and picks what they were told to. */
class Person implements UserInterface {
  choice: DeviceChoice | undefined;
  pins: string[] = [];
  account = 0;
  readonly notices: string[] = [];
  readonly accounts: string[][] = [];

  async chooseDevice(_: unknown, devices: readonly ClientDevice[]): Promise<DeviceChoice> {
    const [first] = devices;
    return this.choice ?? (first === undefined ? { kind: 'cancel' } : { kind: 'device', device: first.id });
  }

  async enterPin(): Promise<string | undefined> {
    return this.pins.shift();
  }

  async chooseAccount(accounts: readonly { readonly name?: string }[]): Promise<number> {
    this.accounts.push(accounts.map(({ name }) => name ?? '?'));
    return this.account;
  }

  notify({ kind }: { readonly kind: string }): void {
    if (kind !== 'keepalive') this.notices.push(kind);
  }
}

/** A client with these keys, and who sits in front of it. */
export function machine(clock: VirtualClock, ...keys: readonly Pick<Key, 'client'>[]) {
  const person = new Person();
  const devices = () => keys.map(({ client }) => client);
  return { person, client: createWebAuthnClient({ devices, ui: person, clock, crypto }) };
}

/** A key, its person, and a client, with time that passes by itself. */
export function oneKey(options: KeyOptions = {}) {
  const clock = new VirtualClock({ automatic: true });
  const key = plugIn(clock, options);
  return { clock, key, ...machine(clock, key) };
}

/** Sets a first PIN over CTAP. */
export async function setPin(key: Key, clock: VirtualClock, pin: string): Promise<void> {
  const ctap = createCtapClient(await key.client.connect(), { clock });
  const info = await ctap.getInfo();
  const set = info.ok ? await createPinClient(ctap, info.value, crypto)?.setPin(pin) : undefined;
  expect(set).toEqual({ ok: true, value: {} });
}

/** Good options; tests change what they are about. */
export const creation = (
  change: Partial<PublicKeyCredentialCreationOptionsJSON> = {},
): PublicKeyCredentialCreationOptionsJSON => ({
  rp: { id: RP_ID, name: 'Example' },
  user: { id: toBase64url(utf8('ada')), name: 'ada', displayName: 'Ada' },
  challenge: CHALLENGE,
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  ...change,
});
export const request = (
  change: Partial<PublicKeyCredentialRequestOptionsJSON> = {},
): PublicKeyCredentialRequestOptionsJSON => ({
  challenge: CHALLENGE,
  rpId: RP_ID,
  ...change,
});
export const user = (name: string) => ({ user: { id: toBase64url(utf8(name)), name, displayName: name } });
export const allow = (...ids: readonly string[]) => ({
  allowCredentials: ids.map((id) => ({ type: 'public-key', id })),
});
export const named = (name: string) => expect.objectContaining({ name });

/** What travels: JSON text. It also leaves the types of both sides to themselves. */
const wire = (response: object) => JSON.parse(JSON.stringify(response));

/** What the relying party's library knows; of ML-DSA it does where WebCrypto does, which is Node 24. */
export const JUDGED_ALGORITHMS: ReadonlySet<number> = new Set([
  ...[-7, -8, -35, -36, -257, -258, -259],
  ...(opensslKnowsMlDsa() ? [-48, -49, -50] : []),
]);

/** What the relying party keeps of a registration that it accepts. */
export async function register(response: object, requireUserVerification = false) {
  const verification = await verifyRegistrationResponse({
    response: wire(response) as RegistrationResponseJSON,
    expectedChallenge: CHALLENGE,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    requireUserVerification,
    supportedAlgorithmIDs: [...JUDGED_ALGORITHMS],
  });
  expect(verification.verified).toBe(true);
  if (!verification.verified) throw new TypeError('not verified');
  return verification.registrationInfo;
}

type Registered = Awaited<ReturnType<typeof register>>;

/** What the relying party learns of a sign-in that it accepts. */
export async function signIn(response: object, registered: Registered, requireUserVerification = false) {
  const verification = await verifyAuthenticationResponse({
    response: wire(response) as AuthenticationResponseJSON,
    expectedChallenge: CHALLENGE,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    credential: registered.credential,
    requireUserVerification,
  });
  expect(verification.verified).toBe(true);
  return verification.authenticationInfo;
}
