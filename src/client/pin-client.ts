/**
 * The platform's half of authenticatorClientPIN: PINs, retries and tokens (CTAP 2.1 §6.5).
 */

import type { Crypto } from '../crypto/crypto.js';
import {
  createPinUvAuthProtocol,
  isPinUvAuthProtocol,
  type PinUvAuthProtocol,
  type PinUvAuthProtocolVersion,
} from '../crypto/pin-uv-auth-protocol.js';
import type { CborMap } from '../ctap/cbor.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinResponse,
  type ClientPinSubcommandName,
} from '../ctap/messages/client-pin.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { Answer } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Acknowledgement, CtapClient } from './ctap-client.js';

/** Limits of a PIN (CTAP 2.1 §6.5.1). */
export const PIN_LIMITS = {
  /** Code points, unless the authenticator asks for more. */
  minCodePoints: 4,
  /** Bytes of UTF-8, unless the authenticator takes less. */
  maxBytes: 63,
  /** Bytes that a new PIN is padded to before it is encrypted. */
  paddedBytes: 64,
  /** Bytes of its hash that prove a PIN. */
  hashBytes: 16,
} as const;

/** What a token is asked for. */
export interface TokenGrant {
  /** Bits of `PERMISSIONS`. Authenticators without pinUvAuthToken grant mc and ga whatever is asked. */
  readonly permissions: number;
  /** Needed for mc and ga. */
  readonly rpId?: string;
}

/** A pinUvAuthToken as its holder uses it. */
export interface PinUvAuthToken {
  readonly protocol: PinUvAuthProtocolVersion;
  /** The pinUvAuthParam for a message. */
  authenticate(message: Uint8Array): Uint8Array;
}

/** The secret that one key agreement yields. */
export interface SharedSecret {
  readonly protocol: PinUvAuthProtocolVersion;
  /** The platform's COSE_Key, to send along. */
  readonly keyAgreement: CborMap;
  encrypt(plaintext: Uint8Array): Uint8Array;
  /** `undefined` when the length is impossible. */
  decrypt(ciphertext: Uint8Array): Uint8Array | undefined;
  authenticate(...parts: readonly Uint8Array[]): Uint8Array;
}

/** How many tries are left. */
export interface PinRetries {
  readonly retries: number;
  /** True when no more tries are taken before the device was unplugged. */
  readonly untilPowerCycle: boolean;
}

/** All sub-commands. Methods resolve to statuses as values and reject like those of {@link CtapClient}. */
export interface PinClient {
  readonly protocol: PinUvAuthProtocolVersion;
  pinRetries(): Promise<Answer<PinRetries>>;
  uvRetries(): Promise<Answer<number>>;
  /** PIN_POLICY_VIOLATION, without asking the authenticator, for a PIN that it has to refuse. */
  setPin(pin: string): Promise<Answer<Acknowledgement>>;
  /** PIN_POLICY_VIOLATION like {@link PinClient.setPin}. */
  changePin(current: string, next: string): Promise<Answer<Acknowledgement>>;
  /** Sub-command 0x09, or 0x05 where the authenticator has no pinUvAuthToken option. */
  tokenByPin(pin: string, grant: TokenGrant): Promise<Answer<PinUvAuthToken>>;
  /** Sub-command 0x06: built-in user verification. */
  tokenByUv(grant: TokenGrant): Promise<Answer<PinUvAuthToken>>;
  /** A key agreement for hmac-secret, which uses the same protocols (§12.5). */
  agree(): Promise<Answer<SharedSecret>>;
}

/**
 * Makes a PIN client; `undefined` when key and platform have no protocol in common.
 *
 * The protocol is the first one in the authenticator's list that is known here. One that lists none speaks protocol one (CTAP 2.0).
 *
 * @example
 * ```ts
 * const pin = createPinClient(ctap, info.value, crypto);
 * const token = await pin?.tokenByPin('1234', { permissions: PERMISSIONS.ga, rpId: 'example.org' });
 * ```
 */
export function createPinClient(
  ctap: CtapClient,
  info: GetInfoResponse,
  crypto: Crypto,
): PinClient | undefined {
  const version = (info.pinUvAuthProtocols ?? [1]).find(isPinUvAuthProtocol);
  return version === undefined ? undefined : new CtapPinClient(ctap, info, crypto, version);
}

/** What is wrong with a new PIN. */
export function newPinProblem(pin: string, info: GetInfoResponse): 'too-short' | 'too-long' | undefined {
  const normal = pin.normalize('NFC');
  if ([...normal].length < (info.minPINLength ?? PIN_LIMITS.minCodePoints)) return 'too-short';
  const longest = Math.min(info.maxPINLength ?? PIN_LIMITS.maxBytes, PIN_LIMITS.maxBytes);
  return utf8(normal).length > longest ? 'too-long' : undefined;
}

const POLICY_VIOLATION = { ok: false, status: STATUS.CTAP2_ERR_PIN_POLICY_VIOLATION } as const;

class CtapPinClient implements PinClient {
  readonly protocol: PinUvAuthProtocolVersion;
  readonly #ctap: CtapClient;
  readonly #info: GetInfoResponse;
  readonly #crypto: Crypto;
  readonly #half: PinUvAuthProtocol;

  constructor(ctap: CtapClient, info: GetInfoResponse, crypto: Crypto, protocol: PinUvAuthProtocolVersion) {
    this.protocol = protocol;
    this.#ctap = ctap;
    this.#info = info;
    this.#crypto = crypto;
    this.#half = createPinUvAuthProtocol(crypto, protocol);
  }

  async pinRetries(): Promise<Answer<PinRetries>> {
    const answer = await this.#ask('getPINRetries');
    return mapAnswer(answer, ({ pinRetries, powerCycleState }) => ({
      retries: this.#present(pinRetries, 'pinRetries'),
      untilPowerCycle: powerCycleState ?? false,
    }));
  }

  async uvRetries(): Promise<Answer<number>> {
    return mapAnswer(await this.#ask('getUVRetries'), ({ uvRetries }) =>
      this.#present(uvRetries, 'uvRetries'),
    );
  }

  async setPin(pin: string): Promise<Answer<Acknowledgement>> {
    if (newPinProblem(pin, this.#info) !== undefined) return POLICY_VIOLATION;
    const shared = await this.agree();
    if (!shared.ok) return shared;
    const newPinEnc = shared.value.encrypt(paddedPin(pin));
    const pinUvAuthParam = shared.value.authenticate(newPinEnc);
    return this.#ask('setPIN', { keyAgreement: shared.value.keyAgreement, newPinEnc, pinUvAuthParam });
  }

  async changePin(current: string, next: string): Promise<Answer<Acknowledgement>> {
    if (newPinProblem(next, this.#info) !== undefined) return POLICY_VIOLATION;
    const shared = await this.agree();
    if (!shared.ok) return shared;
    const { keyAgreement } = shared.value;
    const newPinEnc = shared.value.encrypt(paddedPin(next));
    const pinHashEnc = shared.value.encrypt(this.#pinHash(current));
    const pinUvAuthParam = shared.value.authenticate(newPinEnc, pinHashEnc);
    return this.#ask('changePIN', { keyAgreement, newPinEnc, pinHashEnc, pinUvAuthParam });
  }

  async tokenByPin(pin: string, grant: TokenGrant): Promise<Answer<PinUvAuthToken>> {
    const shared = await this.agree();
    if (!shared.ok) return shared;
    const pinHashEnc = shared.value.encrypt(this.#pinHash(pin));
    if (this.#info.options?.get('pinUvAuthToken') !== true)
      return this.#token('getPinToken', shared.value, { pinHashEnc });
    return this.#token('getPinUvAuthTokenUsingPinWithPermissions', shared.value, { pinHashEnc, ...grant });
  }

  async tokenByUv(grant: TokenGrant): Promise<Answer<PinUvAuthToken>> {
    const shared = await this.agree();
    if (!shared.ok) return shared;
    return this.#token('getPinUvAuthTokenUsingUvWithPermissions', shared.value, grant);
  }

  async agree(): Promise<Answer<SharedSecret>> {
    const answer = await this.#ask('getKeyAgreement');
    return mapAnswer(answer, (response) => {
      const peer = this.#present(response.keyAgreement, 'keyAgreement');
      const { keyAgreement, sharedSecret } = this.#present(this.#half.encapsulate(peer), 'a point on P-256');
      return {
        protocol: this.protocol,
        keyAgreement,
        encrypt: (plaintext) => this.#half.encrypt(sharedSecret, plaintext),
        decrypt: (ciphertext) => this.#half.decrypt(sharedSecret, ciphertext),
        authenticate: (...parts) => this.#half.authenticate(sharedSecret, ...parts),
      };
    });
  }

  async #token(
    subCommand: ClientPinSubcommandName,
    shared: SharedSecret,
    members: { readonly pinHashEnc?: Uint8Array; readonly permissions?: number; readonly rpId?: string },
  ): Promise<Answer<PinUvAuthToken>> {
    const answer = await this.#ask(subCommand, { keyAgreement: shared.keyAgreement, ...members });
    return mapAnswer(answer, (response) => {
      const encrypted = this.#present(response.pinUvAuthToken, 'pinUvAuthToken');
      const token = this.#present(this.#tokenBytes(shared, encrypted), 'a token of the right length');
      return { protocol: this.protocol, authenticate: (message) => this.#half.authenticate(token, message) };
    });
  }

  /** Protocol one also allows tokens of 16 bytes (§6.5.6.1). */
  #tokenBytes(shared: SharedSecret, encrypted: Uint8Array): Uint8Array | undefined {
    const token = shared.decrypt(encrypted);
    const fits = token?.length === 32 || (this.protocol === 1 && token?.length === 16);
    return fits ? token : undefined;
  }

  #ask(
    name: ClientPinSubcommandName,
    members: Partial<Omit<Parameters<CtapClient['clientPin']>[0], 'subCommand'>> = {},
  ): Promise<Answer<ClientPinResponse>> {
    const subCommand = CLIENT_PIN_SUBCOMMANDS[name];
    return this.#ctap.clientPin({ pinUvAuthProtocol: this.protocol, subCommand, ...members });
  }

  #pinHash(pin: string): Uint8Array {
    return this.#crypto.sha256(utf8(pin.normalize('NFC'))).slice(0, PIN_LIMITS.hashBytes);
  }

  #present<T>(value: T | undefined, what: string): T {
    if (value !== undefined) return value;
    throw new KeyrigError('message-malformed', `${this.#ctap.device} owes ${what} in its ClientPIN answer`, {
      facts: { device: this.#ctap.device, missing: what },
    });
  }
}

/** Zeros up to 64 bytes hide the length (§6.5.5.5). */
function paddedPin(pin: string): Uint8Array {
  const padded = new Uint8Array(PIN_LIMITS.paddedBytes);
  padded.set(utf8(pin.normalize('NFC')));
  return padded;
}

function mapAnswer<T, U>(answer: Answer<T>, map: (value: T) => U): Answer<U> {
  return answer.ok ? { ok: true, value: map(answer.value) } : answer;
}
