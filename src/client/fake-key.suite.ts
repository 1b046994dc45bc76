/**
 * A stand-in for an authenticator, for tests of the client alone: as much CTAP as a client can notice, and answers that can be scripted.
 */

import type { KeyPair } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import {
  createPinUvAuthProtocol,
  KeyAgreement,
  type PinUvAuthProtocolVersion,
} from '../crypto/pin-uv-auth-protocol.js';
import { encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { type CborMap, type CborValue, decode } from '../ctap/cbor.js';
import { type CommandName, commandOf } from '../ctap/commands.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinRequest,
  clientPinRequest,
  clientPinResponse,
} from '../ctap/messages/client-pin.js';
import { EXTENSIONS, hmacSecretInput } from '../ctap/messages/extensions.js';
import {
  type GetAssertionRequest,
  getAssertionRequest,
  getAssertionResponse,
} from '../ctap/messages/get-assertion.js';
import { type GetInfoResponse, getInfoResponse } from '../ctap/messages/get-info.js';
import {
  type MakeCredentialRequest,
  makeCredentialRequest,
  makeCredentialResponse,
} from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import type { Codec } from '../ctap/messages/shape.js';
import { STATUS } from '../ctap/status.js';
import { sameBytes, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { SendOptions, Transport, TransportName } from '../transport/transport.js';
import type { AuthenticatorAttachment } from '../webauthn/types.js';
import type { ClientDevice } from './ports.js';

const crypto = createNodeCrypto();

/** A credential on a fake key. */
export interface FakeCredential {
  readonly id: Uint8Array;
  readonly rpId: string;
  readonly user: { readonly id: Uint8Array; readonly name?: string; readonly displayName?: string };
  readonly pair: KeyPair;
  readonly discoverable: boolean;
  /** credProtect level 3: only seen after user verification. */
  readonly hidden: boolean;
  readonly hmacSecret: boolean;
}

/** What the person at the key does: touches at once, refuses, or waits for `press()`. */
export type FakeTouch = 'at-once' | 'deny' | 'by-hand';

/** A scripted answer: raw bytes, a status, or `behave` for what the key does by itself. */
export type ScriptedAnswer = Uint8Array | number | 'behave' | (() => Promise<Uint8Array>);

/** How a fake key is made. */
export interface FakeKeyOptions {
  readonly id?: string;
  /** Members of getInfo that differ from a plain CTAP 2.1 key with resident keys and without PIN. */
  readonly info?: Partial<GetInfoResponse>;
  /** Options that differ. */
  readonly options?: Readonly<Record<string, boolean>>;
  readonly pin?: string;
  readonly touch?: FakeTouch;
  readonly attachment?: AuthenticatorAttachment;
  readonly transport?: TransportName;
}

const CRED_RANDOM = new Uint8Array(32).fill(7);
const AAGUID = new Uint8Array(16).fill(0xaa);

/** See the file. */
export class FakeKey {
  readonly id: string;
  /** Commands in the order of arrival, with their decoded requests. */
  readonly log: { readonly command: CommandName; readonly request: unknown }[] = [];
  readonly credentials: FakeCredential[] = [];
  readonly script: Partial<Record<CommandName, ScriptedAnswer[]>> = {};
  readonly client: ClientDevice;
  info: GetInfoResponse;
  touch: FakeTouch;
  pin: string | undefined;
  retries = 8;
  /** How built-in verification ends. */
  finger: 'right' | 'wrong' = 'right';
  plugged = true;
  /** Open connections: none must be left after a ceremony. */
  open = 0;
  cancels = 0;
  readonly #agreements = new Map<PinUvAuthProtocolVersion, KeyAgreement>();
  readonly #token = crypto.random.bytes(32);
  #misses = 0;
  #next: (() => Uint8Array) | undefined;
  #unplug = new AbortController();
  #hands: (() => void)[] = [];

  constructor(options: FakeKeyOptions = {}) {
    this.id = options.id ?? 'key';
    this.pin = options.pin;
    this.touch = options.touch ?? 'at-once';
    const flags = new Map(
      Object.entries({ rk: true, up: true, pinUvAuthToken: true, clientPin: false, ...options.options }),
    );
    this.info = {
      versions: ['FIDO_2_0', 'FIDO_2_1'],
      extensions: [EXTENSIONS.credProtect, EXTENSIONS.hmacSecret, EXTENSIONS.minPinLength],
      aaguid: AAGUID,
      options: flags,
      maxMsgSize: 1200,
      pinUvAuthProtocols: [2, 1],
      maxCredentialCountInList: 8,
      maxCredentialIdLength: 128,
      transports: ['usb'],
      ...options.info,
    };
    this.client = this.#device(options);
  }

  /** Touches the key for every command that waits. */
  press(): void {
    for (const hand of this.#hands.splice(0)) hand();
  }

  /** How many commands wait for a touch. */
  get waiting(): number {
    return this.#hands.length;
  }

  unplug(): void {
    this.plugged = false;
    this.#unplug.abort();
  }

  plug(): void {
    this.plugged = true;
    this.#unplug = new AbortController();
  }

  /** Names of the commands so far. */
  commands(): readonly string[] {
    return this.log.map(({ command }) => command.replace('authenticator', ''));
  }

  /** Puts a credential on the key. */
  async enroll(rpId: string, change: Partial<FakeCredential> = {}): Promise<FakeCredential> {
    const credential = {
      id: crypto.random.bytes(16),
      rpId,
      user: { id: Uint8Array.of(this.credentials.length + 1), name: `user-${this.credentials.length + 1}` },
      pair: await crypto.generateKeyPair(-7),
      discoverable: true,
      hidden: false,
      hmacSecret: true,
      ...change,
    };
    this.credentials.push(credential);
    return credential;
  }

  #device(options: FakeKeyOptions): ClientDevice {
    const key = this;
    return {
      id: this.id,
      label: 'Security key',
      kind: 'security-key',
      transport: options.transport ?? 'usb',
      attachment: options.attachment ?? 'cross-platform',
      get reachable() {
        return key.plugged;
      },
      async connect() {
        return key.#connect(options.transport ?? 'usb');
      },
    };
  }

  #connect(name: TransportName): Transport {
    if (!this.plugged) throw gone(this.id);
    this.open += 1;
    const unplugged = this.#unplug.signal;
    return {
      name,
      device: this.id,
      send: async (message, options = {}) => {
        const answered = new AbortController();
        const until = { signal: answered.signal };
        const pulled = new Promise<never>((_, reject) => {
          unplugged.addEventListener('abort', () => reject(gone(this.id)), until);
          if (unplugged.aborted) reject(gone(this.id));
        });
        options.signal?.addEventListener('abort', () => this.cancels++, until);
        return Promise.race([this.#handle(message.slice(), options), pulled]).finally(() => answered.abort());
      },
      close: async () => {
        this.open -= 1;
      },
    };
  }

  async #handle(message: Uint8Array, options: SendOptions): Promise<Uint8Array> {
    const command = commandOf(message[0] ?? 0);
    if (command === undefined) return Uint8Array.of(STATUS.CTAP1_ERR_INVALID_COMMAND);
    const request = parse(command, message.subarray(1));
    this.log.push({ command, request });
    const scripted = this.script[command]?.shift() ?? 'behave';
    if (scripted instanceof Uint8Array) return scripted;
    if (typeof scripted === 'number') return Uint8Array.of(scripted);
    if (typeof scripted === 'function') return scripted();
    return this.#behave(command, request, options);
  }

  async #behave(command: CommandName, request: unknown, options: SendOptions): Promise<Uint8Array> {
    switch (command) {
      case 'authenticatorGetInfo':
        return encodeResponse(0, getInfoResponse.write(this.#currentInfo()));
      case 'authenticatorClientPIN':
        return this.#clientPin(request as ClientPinRequest, options);
      case 'authenticatorMakeCredential':
        return this.#makeCredential(request as MakeCredentialRequest, options);
      case 'authenticatorGetAssertion':
        return this.#getAssertion(request as GetAssertionRequest, options);
      case 'authenticatorGetNextAssertion':
        return this.#next?.() ?? Uint8Array.of(STATUS.CTAP2_ERR_NOT_ALLOWED);
      case 'authenticatorSelection':
        return Uint8Array.of(await this.#user(options));
      default:
        return Uint8Array.of(STATUS.CTAP1_ERR_INVALID_COMMAND);
    }
  }

  #currentInfo(): GetInfoResponse {
    const flags = new Map(this.info.options);
    if (this.pin !== undefined) flags.set('clientPin', true);
    return { ...this.info, options: flags };
  }

  #option(name: string): boolean {
    return this.#currentInfo().options?.get(name) ?? false;
  }

  #user(options: SendOptions): Promise<number> {
    if (this.touch === 'at-once') return Promise.resolve(STATUS.CTAP1_ERR_SUCCESS);
    if (this.touch === 'deny') return Promise.resolve(STATUS.CTAP2_ERR_OPERATION_DENIED);
    options.onKeepAlive?.('user-presence-needed');
    return new Promise((resolve) => {
      const cancel = () => resolve(STATUS.CTAP2_ERR_KEEPALIVE_CANCEL);
      options.signal?.addEventListener('abort', cancel, { once: true });
      if (options.signal?.aborted) cancel();
      this.#hands.push(() => resolve(STATUS.CTAP1_ERR_SUCCESS));
    });
  }

  #agreement(version: number | undefined): KeyAgreement {
    const known = version === 2 ? 2 : 1;
    const agreement =
      this.#agreements.get(known) ?? new KeyAgreement(crypto, createPinUvAuthProtocol(crypto, known));
    this.#agreements.set(known, agreement);
    return agreement;
  }

  async #clientPin(request: ClientPinRequest, options: SendOptions): Promise<Uint8Array> {
    const sub = CLIENT_PIN_SUBCOMMANDS;
    const agreement = this.#agreement(request.pinUvAuthProtocol);
    const shared = request.keyAgreement && agreement.decapsulate(request.keyAgreement);
    const ok = (value: Parameters<typeof clientPinResponse.write>[0] = {}) =>
      encodeResponse(0, clientPinResponse.write(value));
    const open = (bytes: Uint8Array | undefined) =>
      shared && bytes ? agreement.protocol.decrypt(shared, bytes) : undefined;
    const token = () =>
      ok({ pinUvAuthToken: agreement.protocol.encrypt(shared ?? CRED_RANDOM, this.#token) });
    switch (request.subCommand) {
      case sub.getPINRetries:
        return ok({ pinRetries: this.retries, powerCycleState: this.#misses >= 3 });
      case sub.getUVRetries:
        return ok({ uvRetries: 3 });
      case sub.getKeyAgreement:
        return ok({ keyAgreement: agreement.publicKey });
      case sub.setPIN:
      case sub.changePIN: {
        const wrong =
          request.subCommand === sub.changePIN
            ? this.#wrongPin(open(request.pinHashEnc), agreement)
            : undefined;
        if (wrong !== undefined) return Uint8Array.of(wrong);
        this.pin = new TextDecoder().decode(open(request.newPinEnc)).replace(/\0+$/, '');
        this.info = { ...this.info, forcePINChange: false };
        return ok();
      }
      case sub.getPinUvAuthTokenUsingUvWithPermissions: {
        if (this.finger === 'wrong') return Uint8Array.of(STATUS.CTAP2_ERR_UV_INVALID);
        const touched = await this.#user(options);
        return touched === 0 ? token() : Uint8Array.of(touched);
      }
      default: {
        const wrong = this.#wrongPin(open(request.pinHashEnc), agreement);
        return wrong === undefined ? token() : Uint8Array.of(wrong);
      }
    }
  }

  #wrongPin(hash: Uint8Array | undefined, agreement: KeyAgreement): number | undefined {
    if (this.retries === 0) return STATUS.CTAP2_ERR_PIN_BLOCKED;
    if (this.#misses >= 3) return STATUS.CTAP2_ERR_PIN_AUTH_BLOCKED;
    const right = crypto.sha256(utf8(this.pin ?? '')).slice(0, 16);
    if (hash !== undefined && sameBytes(hash, right)) {
      this.retries = 8;
      this.#misses = 0;
      return undefined;
    }
    agreement.regenerate();
    this.retries -= 1;
    this.#misses += 1;
    if (this.retries === 0) return STATUS.CTAP2_ERR_PIN_BLOCKED;
    return this.#misses >= 3 ? STATUS.CTAP2_ERR_PIN_AUTH_BLOCKED : STATUS.CTAP2_ERR_PIN_INVALID;
  }

  /** The UV bit, or the status of a pinUvAuthParam that is wrong. */
  #verified(request: MakeCredentialRequest | GetAssertionRequest): { uv: boolean } | { status: number } {
    const { pinUvAuthParam: param, pinUvAuthProtocol: version } = request;
    if (param === undefined) return { uv: request.options?.uv === true && this.finger === 'right' };
    const good = this.#agreement(version).protocol.verify(this.#token, param, request.clientDataHash);
    return good ? { uv: true } : { status: STATUS.CTAP2_ERR_PIN_AUTH_INVALID };
  }

  async #makeCredential(request: MakeCredentialRequest, options: SendOptions): Promise<Uint8Array> {
    if (request.pinUvAuthParam?.length === 0) {
      const touched = await this.#user(options);
      const probed = this.pin === undefined ? STATUS.CTAP2_ERR_PIN_NOT_SET : STATUS.CTAP2_ERR_PIN_INVALID;
      return Uint8Array.of(touched === 0 ? probed : touched);
    }
    const verified = this.#verified(request);
    if ('status' in verified) return Uint8Array.of(verified.status);
    if (this.#option('clientPin') && !verified.uv) return Uint8Array.of(STATUS.CTAP2_ERR_PUAT_REQUIRED);
    const touched = await this.#user(options);
    if (touched !== 0) return Uint8Array.of(touched);
    if (request.excludeList?.some(({ id }) => this.#find(request.rp.id, id, verified.uv) !== undefined))
      return Uint8Array.of(STATUS.CTAP2_ERR_CREDENTIAL_EXCLUDED);
    const asked = request.extensions ?? new Map<string, CborValue>();
    const credential = await this.enroll(request.rp.id, {
      user: request.user,
      discoverable: request.options?.rk === true,
      hidden: asked.get(EXTENSIONS.credProtect) === 3,
      hmacSecret: asked.get(EXTENSIONS.hmacSecret) === true,
    });
    return this.#registration(request, credential, verified.uv);
  }

  #registration(request: MakeCredentialRequest, credential: FakeCredential, uv: boolean): Uint8Array {
    const outputs = new Map<string, CborValue>();
    const asked = request.extensions ?? new Map<string, CborValue>();
    if (credential.hmacSecret) outputs.set(EXTENSIONS.hmacSecret, true);
    const mc = asked.get('hmac-secret-mc');
    if (mc instanceof Map) outputs.set('hmac-secret-mc', this.#hmacSecret(mc));
    const level = asked.get(EXTENSIONS.credProtect);
    if (level !== undefined) outputs.set(EXTENSIONS.credProtect, level);
    const authData = encodeAuthenticatorData({
      rpIdHash: crypto.sha256(utf8(request.rp.id)),
      flags: FLAGS.UP | (uv ? FLAGS.UV : 0),
      signCount: 0,
      attestedCredential: {
        aaguid: this.info.aaguid,
        credentialId: credential.id,
        publicKey: credential.pair.publicKey,
      },
      extensions: outputs,
    });
    const sig = crypto.prepareSigner(credential.pair)(
      new Uint8Array([...authData, ...request.clientDataHash]),
    );
    const attStmt = new Map<string, CborValue>([
      ['alg', -7],
      ['sig', sig],
    ]);
    return encodeResponse(0, makeCredentialResponse.write({ fmt: 'packed', authData, attStmt }));
  }

  async #getAssertion(request: GetAssertionRequest, options: SendOptions): Promise<Uint8Array> {
    const verified = this.#verified(request);
    if ('status' in verified) return Uint8Array.of(verified.status);
    const found = this.#matching(request, verified.uv);
    const silent = request.options?.up === false;
    const [first, ...rest] = found;
    if (first === undefined) return Uint8Array.of(STATUS.CTAP2_ERR_NO_CREDENTIALS);
    const touched = silent ? 0 : await this.#user(options);
    if (touched !== 0) return Uint8Array.of(touched);
    const sign = (credential: FakeCredential, count?: number) =>
      this.#assertion(request, credential, verified.uv, count);
    this.#next = () => {
      const next = rest.shift();
      return next === undefined ? Uint8Array.of(STATUS.CTAP2_ERR_NOT_ALLOWED) : sign(next);
    };
    return sign(first, request.allowList === undefined && found.length > 1 ? found.length : undefined);
  }

  #matching(request: GetAssertionRequest, uv: boolean): FakeCredential[] {
    if (request.allowList === undefined)
      return this.credentials
        .filter((one) => one.rpId === request.rpId && one.discoverable && (uv || !one.hidden))
        .reverse();
    const found = request.allowList
      .map(({ id }) => this.#find(request.rpId, id, uv))
      .find((one) => one !== undefined);
    return found === undefined ? [] : [found];
  }

  #find(rpId: string, id: Uint8Array, uv: boolean): FakeCredential | undefined {
    return this.credentials.find((one) => one.rpId === rpId && sameBytes(one.id, id) && (uv || !one.hidden));
  }

  #assertion(
    request: GetAssertionRequest,
    credential: FakeCredential,
    uv: boolean,
    count?: number,
  ): Uint8Array {
    const input = request.extensions?.get(EXTENSIONS.hmacSecret);
    const outputs = new Map<string, CborValue>();
    if (input instanceof Map && credential.hmacSecret)
      outputs.set(EXTENSIONS.hmacSecret, this.#hmacSecret(input));
    const up = request.options?.up === false ? 0 : FLAGS.UP;
    const authData = encodeAuthenticatorData({
      rpIdHash: crypto.sha256(utf8(request.rpId)),
      flags: up | (uv ? FLAGS.UV : 0),
      signCount: 1,
      extensions: outputs,
    });
    const signature = crypto.prepareSigner(credential.pair)(
      new Uint8Array([...authData, ...request.clientDataHash]),
    );
    return encodeResponse(
      0,
      getAssertionResponse.write({
        credential: { id: credential.id, type: 'public-key' },
        authData,
        signature,
        ...(credential.discoverable && { user: credential.user }),
        ...(count !== undefined && { numberOfCredentials: count }),
      }),
    );
  }

  #hmacSecret(input: CborMap): Uint8Array {
    const read = hmacSecretInput.read(input);
    if (!read.ok) throw new KeyrigError('internal', 'the client sent a malformed hmac-secret input');
    const { protocol } = this.#agreement(read.value.pinUvAuthProtocol);
    const shared = this.#agreement(read.value.pinUvAuthProtocol).decapsulate(read.value.keyAgreement);
    const salts = shared && protocol.decrypt(shared, read.value.saltEnc);
    if (
      shared === undefined ||
      salts === undefined ||
      !protocol.verify(shared, read.value.saltAuth, read.value.saltEnc)
    )
      throw new KeyrigError('internal', 'the client sent an hmac-secret input that does not verify');
    const outputs = [salts.slice(0, 32), salts.slice(32)]
      .filter((salt) => salt.length > 0)
      .map(fakeHmacSecret);
    return protocol.encrypt(shared, new Uint8Array(outputs.flatMap((output) => [...output])));
  }
}

/** What a fake key's credentials make of a salt. */
export function fakeHmacSecret(salt: Uint8Array): Uint8Array {
  return crypto.hmacSha256(CRED_RANDOM, salt);
}

const CODECS: Partial<Record<CommandName, Codec<unknown>>> = {
  authenticatorMakeCredential: makeCredentialRequest as Codec<unknown>,
  authenticatorGetAssertion: getAssertionRequest as Codec<unknown>,
  authenticatorClientPIN: clientPinRequest as Codec<unknown>,
};

function parse(command: CommandName, body: Uint8Array): unknown {
  const codec = CODECS[command];
  if (codec === undefined) return undefined;
  const read = codec.read(decode(body));
  if (!read.ok) throw new KeyrigError('internal', `the client sent a malformed ${command}: ${read.path}`);
  return read.value;
}

function gone(id: string): KeyrigError {
  return new KeyrigError('transport-closed', `${id} is not plugged in`);
}
