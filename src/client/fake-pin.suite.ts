/**
 * The PIN half of a fake key: retries, the soft block, key agreement and one token that never ends.
 */

import { createNodeCrypto } from '../crypto/node.js';
import {
  createPinUvAuthProtocol,
  KeyAgreement,
  type PinUvAuthProtocolVersion,
} from '../crypto/pin-uv-auth-protocol.js';
import {
  CLIENT_PIN_SUBCOMMANDS,
  type ClientPinRequest,
  type ClientPinResponse,
  clientPinResponse,
} from '../ctap/messages/client-pin.js';
import type { GetAssertionRequest } from '../ctap/messages/get-assertion.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { MakeCredentialRequest } from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { sameBytes, utf8 } from '../data/bytes.js';
import type { SendOptions } from '../transport/transport.js';
import { FakeWire, type FakeWireOptions } from './fake-wire.suite.js';

const crypto = createNodeCrypto();
const sub = CLIENT_PIN_SUBCOMMANDS;

/** Misses in a row after which only a power cycle helps. */
const SOFT_BLOCK = 3;

/** See the file. */
export abstract class FakePinKey extends FakeWire {
  info: GetInfoResponse;
  pin: string | undefined;
  retries = 8;
  /** How built-in verification ends. */
  finger: 'right' | 'wrong' = 'right';
  readonly #agreements = new Map<PinUvAuthProtocolVersion, KeyAgreement>();
  readonly #token = crypto.random.bytes(32);
  #misses = 0;

  constructor(options: FakeWireOptions & { readonly pin?: string }, info: GetInfoResponse) {
    super(options);
    this.pin = options.pin;
    this.info = info;
  }

  override plug(): void {
    super.plug();
    this.#misses = 0;
  }

  protected agreement(version: number | undefined): KeyAgreement {
    const known = version === 2 ? 2 : 1;
    const agreement =
      this.#agreements.get(known) ?? new KeyAgreement(crypto, createPinUvAuthProtocol(crypto, known));
    this.#agreements.set(known, agreement);
    return agreement;
  }

  /** The UV bit, or the status of a pinUvAuthParam that is wrong. */
  protected verified(
    request: MakeCredentialRequest | GetAssertionRequest,
  ): { uv: boolean } | { status: number } {
    const { pinUvAuthParam: param, pinUvAuthProtocol: version } = request;
    if (param === undefined) return { uv: request.options?.uv === true && this.finger === 'right' };
    const good = this.agreement(version).protocol.verify(this.#token, param, request.clientDataHash);
    return good ? { uv: true } : { status: STATUS.CTAP2_ERR_PIN_AUTH_INVALID };
  }

  protected async clientPin(request: ClientPinRequest, options: SendOptions): Promise<Uint8Array> {
    switch (request.subCommand) {
      case sub.getPINRetries:
        return ok({ pinRetries: this.retries, powerCycleState: this.#misses >= SOFT_BLOCK });
      case sub.getUVRetries:
        return ok({ uvRetries: 3 });
      case sub.getKeyAgreement:
        return ok({ keyAgreement: this.agreement(request.pinUvAuthProtocol).publicKey });
      case sub.setPIN:
        return this.#newPin(request);
      case sub.changePIN:
        return this.#unlessWrong(request, () => this.#newPin(request));
      case sub.getPinUvAuthTokenUsingUvWithPermissions: {
        if (this.finger === 'wrong') return Uint8Array.of(STATUS.CTAP2_ERR_UV_INVALID);
        const touched = await this.user(options);
        return touched === STATUS.CTAP1_ERR_SUCCESS ? this.#encryptedToken(request) : Uint8Array.of(touched);
      }
      default:
        return this.#unlessWrong(request, () => this.#encryptedToken(request));
    }
  }

  #shared(request: ClientPinRequest): Uint8Array {
    const { keyAgreement, pinUvAuthProtocol } = request;
    return (
      (keyAgreement && this.agreement(pinUvAuthProtocol).decapsulate(keyAgreement)) ?? new Uint8Array(64)
    );
  }

  #opened(request: ClientPinRequest, sealed: Uint8Array | undefined): Uint8Array | undefined {
    return (
      sealed && this.agreement(request.pinUvAuthProtocol).protocol.decrypt(this.#shared(request), sealed)
    );
  }

  #encryptedToken(request: ClientPinRequest): Uint8Array {
    const { protocol } = this.agreement(request.pinUvAuthProtocol);
    return ok({ pinUvAuthToken: protocol.encrypt(this.#shared(request), this.#token) });
  }

  #newPin(request: ClientPinRequest): Uint8Array {
    this.pin = new TextDecoder().decode(this.#opened(request, request.newPinEnc)).replace(/\0+$/, '');
    this.info = { ...this.info, forcePINChange: false };
    return ok({});
  }

  #unlessWrong(request: ClientPinRequest, use: () => Uint8Array): Uint8Array {
    if (this.retries === 0) return Uint8Array.of(STATUS.CTAP2_ERR_PIN_BLOCKED);
    if (this.#misses >= SOFT_BLOCK) return Uint8Array.of(STATUS.CTAP2_ERR_PIN_AUTH_BLOCKED);
    const hash = this.#opened(request, request.pinHashEnc);
    const right = crypto.sha256(utf8(this.pin ?? '')).slice(0, 16);
    if (hash === undefined || !sameBytes(hash, right)) return Uint8Array.of(this.#miss(request));
    this.retries = 8;
    this.#misses = 0;
    return use();
  }

  #miss(request: ClientPinRequest): number {
    this.agreement(request.pinUvAuthProtocol).regenerate();
    this.retries -= 1;
    this.#misses += 1;
    if (this.retries === 0) return STATUS.CTAP2_ERR_PIN_BLOCKED;
    return this.#misses >= SOFT_BLOCK ? STATUS.CTAP2_ERR_PIN_AUTH_BLOCKED : STATUS.CTAP2_ERR_PIN_INVALID;
  }
}

function ok(members: ClientPinResponse): Uint8Array {
  return encodeResponse(STATUS.CTAP1_ERR_SUCCESS, clientPinResponse.write(members));
}
