/**
 * What tests of the key hold in their hands: a key with everything virtual around it, and just enough of a platform to talk to it.
 */
import { type Attester, selfAttester } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createPinUvAuthProtocol, type PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import { type AuthenticatorData, decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { type CborKey, type CborMap, type CborValue, decode } from '../ctap/cbor.js';
import { COMMANDS, type CommandName } from '../ctap/commands.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinRequest,
  type ClientPinSubcommandName,
  clientPinRequest,
  clientPinResponse,
} from '../ctap/messages/client-pin.js';
import {
  type GetAssertionRequest,
  type GetAssertionResponse,
  getAssertionRequest,
  getAssertionResponse,
} from '../ctap/messages/get-assertion.js';
import { type GetInfoResponse, getInfoResponse } from '../ctap/messages/get-info.js';
import {
  type MakeCredentialRequest,
  type MakeCredentialResponse,
  makeCredentialRequest,
  makeCredentialResponse,
} from '../ctap/messages/make-credential.js';
import { encodeRequest } from '../ctap/messages/message.js';
import type { Codec } from '../ctap/messages/shape.js';
import { statusName } from '../ctap/status.js';
import { concat, utf8 } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import type { TraceEvent } from '../trace/events.js';
import type { KeepAliveStatus, TransportName } from '../transport/transport.js';
import { type AuthenticatorParts, Machine } from './authenticator.js';
import type { AuthenticatorConfig, AuthenticatorOptions, Limits } from './config.js';
import { checkConfig } from './config-check.js';
import type { CredentialStore } from './ports.js';
import { createMemoryStore } from './store/memory.js';
import { createScriptedUser, type ScriptedUser, type ScriptedUserOptions } from './user.js';

export const RP_ID = 'example.org';
export const AAGUID = new Uint8Array(16).fill(0x5a);
export const nodeCrypto: Crypto = createNodeCrypto();
export const CLIENT_DATA_HASH = nodeCrypto.sha256(utf8('client data'));

/** A roaming key with a PIN, both protocols and all extensions; tests change what they are about. */
export const KEY_CONFIG: AuthenticatorConfig = {
  aaguid: AAGUID,
  versions: ['FIDO_2_0'],
  transports: ['usb'],
  algorithms: [-7, -8, -35, -257],
  extensions: ['credProtect', 'hmac-secret'],
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

/** Built-in verification by fingerprint, where a finger on the sensor is a touch too. */
export const FINGERPRINT = {
  builtInUv: { modality: 'fingerprint', maxRetries: 5 },
  presence: 'with-uv',
} as const satisfies Partial<AuthenticatorConfig>;

type Changed<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A change of the usual configuration; an option or a limit that is `undefined` is taken away. */
export type ConfigChange = Partial<Omit<AuthenticatorConfig, 'options' | 'limits'>> & {
  readonly options?: Changed<AuthenticatorOptions>;
  readonly limits?: Changed<Limits>;
};

/** What a test key is made with. */
export interface TestKeyOptions extends Omit<ScriptedUserOptions, 'clock'> {
  readonly config?: ConfigChange;
  readonly crypto?: Crypto;
  readonly attester?: Attester;
  readonly store?: CredentialStore;
  readonly clock?: VirtualClock;
  /** Makes keys that nobody can configure, for what must hold all the same. */
  readonly unchecked?: boolean;
}

/** An answer, by names. */
export interface Answer<T> {
  readonly status: string;
  /** Only with success. */
  readonly value: T | undefined;
}

/** A key and everything around it. */
export interface TestKey {
  readonly machine: Machine;
  readonly config: AuthenticatorConfig;
  readonly user: ScriptedUser;
  readonly clock: VirtualClock;
  readonly store: CredentialStore;
  readonly crypto: Crypto;
  /** What the key would hide behind CTAP1_ERR_OTHER. */
  readonly failures: unknown[];
  readonly events: TraceEvent[];
  /** The statuses of the keep-alives so far. */
  readonly keepAlives: KeepAliveStatus[];
  /** One message as it is. */
  send(message: Uint8Array, signal?: AbortSignal, transport?: TransportName): Promise<Uint8Array>;
}

/** Nothing cancels. */
const NEVER = new AbortController().signal;

/** Makes one. The options of the configuration are merged one level deep, so that a test can change one option. */
export function createTestKey(options: TestKeyOptions = {}): TestKey {
  const { clock = new VirtualClock(), crypto = nodeCrypto, store = createMemoryStore() } = options;
  const config = mergeConfig(options.config);
  const user = createScriptedUser({ clock, ...options });
  const failures: unknown[] = [];
  const events: TraceEvent[] = [];
  const keepAlives: KeepAliveStatus[] = [];
  const parts: AuthenticatorParts = {
    config,
    store,
    user,
    crypto,
    clock,
    attester: options.attester ?? selfAttester,
    trace: { emit: (event) => events.push(event) },
    device: 'test-key',
    onFailure: (failure) => failures.push(failure),
  };
  if (options.unchecked !== true) checkConfig(config, crypto, parts.attester);
  const machine = new Machine(parts);
  const keepAlive = (status: KeepAliveStatus) => keepAlives.push(status);
  const send = (message: Uint8Array, signal = NEVER, transport?: TransportName) =>
    machine.handle(message, { signal, keepAlive, ...(transport === undefined ? {} : { transport }) });
  return { machine, config, user, clock, store, crypto, failures, events, keepAlives, send };
}

function mergeConfig(change: ConfigChange = {}): AuthenticatorConfig {
  const { maxMsgSize, discoverableCredentials, minPinLength } = KEY_CONFIG.limits;
  return {
    ...KEY_CONFIG,
    ...change,
    options: merged(KEY_CONFIG.options, change.options),
    limits: {
      maxMsgSize,
      discoverableCredentials,
      minPinLength,
      ...merged(KEY_CONFIG.limits, change.limits),
    },
  };
}

/** One level deep, without what the change takes away. */
function merged(usual: object, change: object = {}) {
  const entries = Object.entries({ ...usual, ...change });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Sends a command with members as they are, good or not. */
export async function call<T>(
  key: TestKey,
  command: CommandName,
  members: CborMap | undefined,
  codec?: Codec<T>,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  return readAnswer(await key.send(encodeRequest(command, members), signal), codec);
}

/** An answer's bytes, read strictly: canonical CBOR behind success, nothing behind an error. */
export function readAnswer<T>(message: Uint8Array, codec?: Codec<T>): Answer<T> {
  const status = statusName(message[0] ?? -1);
  if (status !== 'CTAP1_ERR_SUCCESS') {
    if (message.length !== 1) throw new TypeError(`${status} with a payload`);
    return { status, value: undefined };
  }
  if (codec === undefined) return { status, value: undefined };
  const read = codec.read(message.length === 1 ? new Map() : decode(message.subarray(1)));
  if (!read.ok) throw new TypeError(`the answer is malformed at ${read.path}`);
  return { status, value: read.value };
}

/** The value of an answer that has to be a success. */
export function mustSucceed<T>({ status, value }: Answer<T>): T {
  if (value === undefined) throw new TypeError(`expected success, got ${status}`);
  return value;
}

export async function getInfo(key: TestKey): Promise<GetInfoResponse> {
  return mustSucceed(await call(key, 'authenticatorGetInfo', undefined, getInfoResponse));
}

/** A registration that every key accepts. */
export function goodRegistration(): MakeCredentialRequest {
  return {
    clientDataHash: CLIENT_DATA_HASH,
    rp: { id: RP_ID, name: 'Example' },
    user: { id: utf8('user-1'), name: 'ada', displayName: 'Ada Lovelace' },
    pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
  };
}

export async function makeCredential(
  key: TestKey,
  change: Partial<MakeCredentialRequest> = {},
  signal?: AbortSignal,
): Promise<Answer<MakeCredentialResponse>> {
  const members = makeCredentialRequest.write({ ...goodRegistration(), ...change });
  return call(key, 'authenticatorMakeCredential', members, makeCredentialResponse, signal);
}

export async function getAssertion(
  key: TestKey,
  change: Partial<GetAssertionRequest> = {},
  signal?: AbortSignal,
): Promise<Answer<GetAssertionResponse>> {
  const members = getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH, ...change });
  return call(key, 'authenticatorGetAssertion', members, getAssertionResponse, signal);
}

export async function getNextAssertion(key: TestKey): Promise<Answer<GetAssertionResponse>> {
  return call(key, 'authenticatorGetNextAssertion', undefined, getAssertionResponse);
}

/** A credential as the relying party remembers it. */
export interface Registered {
  readonly id: Uint8Array;
  readonly authData: AuthenticatorData;
  readonly response: MakeCredentialResponse;
  readonly descriptor: { readonly id: Uint8Array; readonly type: string };
}

/** Registers and insists that it works. */
export async function register(
  key: TestKey,
  change: Partial<MakeCredentialRequest> = {},
): Promise<Registered> {
  const response = mustSucceed(await makeCredential(key, change));
  const authData = decodeAuthenticatorData(response.authData);
  const id = authData.attestedCredential?.credentialId ?? new Uint8Array(0);
  return { id, authData, response, descriptor: { id, type: 'public-key' } };
}

/** A discoverable credential for this user. */
export async function registerDiscoverable(
  key: TestKey,
  user: string,
  change: Partial<MakeCredentialRequest> = {},
): Promise<Registered> {
  return register(key, { user: { id: utf8(user), name: user }, options: { rk: true }, ...change });
}

/** Whether the assertion is one of this credential over the usual client data. */
export function signedBy(credential: Registered, { authData, signature }: GetAssertionResponse): boolean {
  const publicKey = credential.authData.attestedCredential?.publicKey;
  return (
    publicKey !== undefined && nodeCrypto.verify(publicKey, concat(authData, CLIENT_DATA_HASH), signature)
  );
}

/** The names of the flags of authenticator data. */
export function flagsOf({ authData }: { readonly authData: Uint8Array }): string {
  const { flags } = decodeAuthenticatorData(authData);
  const names = { UP: 0x01, UV: 0x04, BE: 0x08, BS: 0x10, AT: 0x40, ED: 0x80 };
  return Object.entries(names)
    .filter(([, bit]) => (flags & bit) !== 0)
    .map(([name]) => name)
    .join(' ');
}

export function countOf({ authData }: { readonly authData: Uint8Array }): number {
  return decodeAuthenticatorData(authData).signCount;
}

/** Sends a ClientPIN sub-command with these members. */
export async function clientPin(
  key: TestKey,
  subCommand: ClientPinSubcommandName,
  members: Omit<ClientPinRequest, 'subCommand'> = {},
  signal?: AbortSignal,
) {
  const request = clientPinRequest.write({ subCommand: CLIENT_PIN_SUBCOMMANDS[subCommand], ...members });
  return call(key, 'authenticatorClientPIN', request, clientPinResponse, signal);
}

/** One key agreement, seen from the platform. */
export interface PlatformExchange {
  readonly version: PinUvAuthProtocolVersion;
  /** The platform's key, and with it the members that every exchange has. */
  readonly members: { readonly pinUvAuthProtocol: number; readonly keyAgreement: CborMap };
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
  authenticate(...message: readonly Uint8Array[]): Uint8Array;
}

export async function agree(key: TestKey, version: PinUvAuthProtocolVersion = 2): Promise<PlatformExchange> {
  const { keyAgreement } = mustSucceed(
    await clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: version }),
  );
  const protocol = createPinUvAuthProtocol(key.crypto, version);
  const own = keyAgreement && protocol.encapsulate(keyAgreement);
  if (own === undefined) throw new TypeError('the key sent no key-agreement key');
  const { sharedSecret } = own;
  return {
    version,
    members: { pinUvAuthProtocol: version, keyAgreement: own.keyAgreement },
    encrypt: (plaintext) => protocol.encrypt(sharedSecret, plaintext),
    decrypt: (ciphertext) => protocol.decrypt(sharedSecret, ciphertext) ?? new Uint8Array(0),
    authenticate: (...message) => protocol.authenticate(sharedSecret, ...message),
  };
}

/** The PIN, padded to 64 bytes. */
export function padded(pin: string | Uint8Array): Uint8Array {
  const block = new Uint8Array(64);
  block.set(typeof pin === 'string' ? utf8(pin) : pin);
  return block;
}

export function pinHash(pin: string): Uint8Array {
  return nodeCrypto.sha256(utf8(pin)).slice(0, 16);
}

export async function setPin(
  key: TestKey,
  pin: string,
  version: PinUvAuthProtocolVersion = 2,
): Promise<string> {
  const exchange = await agree(key, version);
  const newPinEnc = exchange.encrypt(padded(pin));
  const pinUvAuthParam = exchange.authenticate(newPinEnc);
  return (await clientPin(key, 'setPIN', { ...exchange.members, newPinEnc, pinUvAuthParam })).status;
}

export async function changePin(
  key: TestKey,
  present: string,
  next: string,
  version: PinUvAuthProtocolVersion = 2,
): Promise<string> {
  const exchange = await agree(key, version);
  const newPinEnc = exchange.encrypt(padded(next));
  const pinHashEnc = exchange.encrypt(pinHash(present));
  const pinUvAuthParam = exchange.authenticate(newPinEnc, pinHashEnc);
  const members = { ...exchange.members, newPinEnc, pinHashEnc, pinUvAuthParam };
  return (await clientPin(key, 'changePIN', members)).status;
}

/** A token in the platform's hands. */
export interface PlatformToken {
  /** The members that authorise MakeCredential or GetAssertion over the usual client data. */
  readonly proof: { readonly pinUvAuthParam: Uint8Array; readonly pinUvAuthProtocol: number };
  readonly bytes: Uint8Array;
}

/** How to ask for one. */
export interface TokenRequest {
  readonly pin?: string;
  readonly version?: PinUvAuthProtocolVersion;
  readonly permissions?: number;
  readonly rpId?: string;
}

/** MakeCredential and GetAssertion. */
export const MC_GA = 0x03;

async function requestToken(
  key: TestKey,
  subCommand: ClientPinSubcommandName,
  request: TokenRequest,
  members: (exchange: PlatformExchange) => Omit<ClientPinRequest, 'subCommand'>,
): Promise<Answer<PlatformToken>> {
  const exchange = await agree(key, request.version);
  const answer = await clientPin(key, subCommand, { ...exchange.members, ...members(exchange) });
  const encrypted = answer.value?.pinUvAuthToken;
  if (encrypted === undefined) return { status: answer.status, value: undefined };
  const bytes = exchange.decrypt(encrypted);
  return { status: answer.status, value: { bytes, proof: prove(key, bytes, exchange.version) } };
}

/** The proof of a token over a client data hash. */
export function prove(
  key: TestKey,
  token: Uint8Array,
  version: PinUvAuthProtocolVersion,
  hash: Uint8Array = CLIENT_DATA_HASH,
): PlatformToken['proof'] {
  const protocol = createPinUvAuthProtocol(key.crypto, version);
  return { pinUvAuthParam: protocol.authenticate(token, hash), pinUvAuthProtocol: version };
}

/** getPinUvAuthTokenUsingPinWithPermissions; for both commands and the usual relying party unless the test says otherwise. */
export async function pinToken(key: TestKey, request: TokenRequest = {}): Promise<Answer<PlatformToken>> {
  const { pin = '1234', permissions = MC_GA, rpId = RP_ID } = request;
  return requestToken(key, 'getPinUvAuthTokenUsingPinWithPermissions', request, (exchange) => ({
    pinHashEnc: exchange.encrypt(pinHash(pin)),
    permissions,
    rpId,
  }));
}

/** getPinToken, as CTAP 2.0 platforms do. */
export async function legacyToken(key: TestKey, request: TokenRequest = {}): Promise<Answer<PlatformToken>> {
  const { pin = '1234' } = request;
  return requestToken(key, 'getPinToken', request, (exchange) => ({
    pinHashEnc: exchange.encrypt(pinHash(pin)),
  }));
}

/** getPinUvAuthTokenUsingUvWithPermissions. */
export async function uvToken(key: TestKey, request: TokenRequest = {}): Promise<Answer<PlatformToken>> {
  const { permissions = MC_GA, rpId = RP_ID } = request;
  return requestToken(key, 'getPinUvAuthTokenUsingUvWithPermissions', request, () => ({ permissions, rpId }));
}

/** The proof of a fresh token, which has to be granted. */
export async function proofOf(answer: Promise<Answer<PlatformToken>>): Promise<PlatformToken['proof']> {
  return mustSucceed(await answer).proof;
}

/** Lets the key run until it waits for its user; a `manual` or delayed touch is what it waits for. */
export async function untilWaiting(key: TestKey): Promise<void> {
  for (let turn = 0; turn < 1_000 && key.user.waiting === undefined; turn++) await key.clock.advance(0);
  if (key.user.waiting === undefined) throw new TypeError('the key does not wait for its user');
}

/** A key with this PIN. */
export async function createKeyWithPin(options: TestKeyOptions = {}, pin = '1234'): Promise<TestKey> {
  const key = createTestKey(options);
  const status = await setPin(key, pin, key.config.pinUvAuthProtocols[0]);
  if (status !== 'CTAP1_ERR_SUCCESS') throw new TypeError(`the PIN was refused: ${status}`);
  return key;
}

/** Raw bytes of a command with members that no codec would write. */
export function rawRequest(
  command: CommandName,
  members: Iterable<readonly [CborKey, CborValue]>,
): Uint8Array {
  return encodeRequest(command, new Map(members));
}

/** Command bytes by short names, for messages that are written by hand. */
export const BYTE = {
  makeCredential: COMMANDS.authenticatorMakeCredential,
  getAssertion: COMMANDS.authenticatorGetAssertion,
  getInfo: COMMANDS.authenticatorGetInfo,
  clientPin: COMMANDS.authenticatorClientPIN,
  reset: COMMANDS.authenticatorReset,
  next: COMMANDS.authenticatorGetNextAssertion,
  selection: COMMANDS.authenticatorSelection,
  credentialManagement: COMMANDS.authenticatorCredentialManagement,
  credentialManagementPreview: COMMANDS.authenticatorCredentialManagementPreview,
  largeBlobs: COMMANDS.authenticatorLargeBlobs,
  bioEnrollment: COMMANDS.authenticatorBioEnrollment,
  bioEnrollmentPreview: COMMANDS.authenticatorBioEnrollmentPreview,
  config: COMMANDS.authenticatorConfig,
} as const;
