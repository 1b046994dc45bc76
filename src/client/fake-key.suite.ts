/**
 * A stand-in for an authenticator, for tests of the client alone: as much CTAP as a client can notice, and answers that can be scripted.
 */

import type { KeyPair } from '../crypto/crypto.js';
import { createNodeCrypto } from '../crypto/node.js';
import { encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import type { CborMap, CborValue } from '../ctap/cbor.js';
import type { CommandName } from '../ctap/commands.js';
import type { ClientPinRequest } from '../ctap/messages/client-pin.js';
import { EXTENSIONS, hmacSecretInput } from '../ctap/messages/extensions.js';
import { type GetAssertionRequest, getAssertionResponse } from '../ctap/messages/get-assertion.js';
import { type GetInfoResponse, getInfoResponse } from '../ctap/messages/get-info.js';
import { type MakeCredentialRequest, makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { encodeResponse } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { concat, sameBytes, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { SendOptions } from '../transport/transport.js';
import { FakePinKey } from './fake-pin.suite.js';
import type { FakeWireOptions } from './fake-wire.suite.js';

const crypto = createNodeCrypto();
const OK = STATUS.CTAP1_ERR_SUCCESS;

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

/** How a fake key is made. */
export interface FakeKeyOptions extends FakeWireOptions {
  /** Members of getInfo that differ from a plain CTAP 2.1 key with resident keys and without PIN. */
  readonly info?: Partial<GetInfoResponse>;
  /** Options that differ. */
  readonly options?: Readonly<Record<string, boolean>>;
  readonly pin?: string;
}

/** What every credential's outputs of hmac-secret are made with. */
const CRED_RANDOM = new Uint8Array(32).fill(7);

/** What a fake key's credentials make of a salt. */
export function fakeHmacSecret(salt: Uint8Array): Uint8Array {
  return crypto.hmacSha256(CRED_RANDOM, salt);
}

function infoOf({ options, info }: FakeKeyOptions): GetInfoResponse {
  return {
    versions: ['FIDO_2_0', 'FIDO_2_1'],
    extensions: [EXTENSIONS.credProtect, EXTENSIONS.hmacSecret, EXTENSIONS.minPinLength],
    aaguid: new Uint8Array(16).fill(0xaa),
    options: new Map(
      Object.entries({ rk: true, up: true, pinUvAuthToken: true, clientPin: false, ...options }),
    ),
    maxMsgSize: 1200,
    pinUvAuthProtocols: [2, 1],
    maxCredentialCountInList: 8,
    maxCredentialIdLength: 128,
    transports: ['usb'],
    ...info,
  };
}

/** See the file. */
export class FakeKey extends FakePinKey {
  readonly credentials: FakeCredential[] = [];
  #next: (() => Uint8Array) | undefined;

  constructor(options: FakeKeyOptions = {}) {
    super(options, infoOf(options));
  }

  /** Puts a credential on the key. */
  async enroll(rpId: string, change: Partial<FakeCredential> = {}): Promise<FakeCredential> {
    const number = this.credentials.length + 1;
    const credential = {
      id: crypto.random.bytes(16),
      rpId,
      user: { id: Uint8Array.of(number), name: `user-${number}` },
      pair: await crypto.generateKeyPair(-7),
      discoverable: true,
      hidden: false,
      hmacSecret: true,
      ...change,
    };
    this.credentials.push(credential);
    return credential;
  }

  protected async behave(command: CommandName, request: unknown, options: SendOptions): Promise<Uint8Array> {
    switch (command) {
      case 'authenticatorGetInfo':
        return encodeResponse(OK, getInfoResponse.write(this.#currentInfo()));
      case 'authenticatorClientPIN':
        return this.clientPin(request as ClientPinRequest, options);
      case 'authenticatorMakeCredential':
        return this.#makeCredential(request as MakeCredentialRequest, options);
      case 'authenticatorGetAssertion':
        return this.#getAssertion(request as GetAssertionRequest, options);
      case 'authenticatorGetNextAssertion':
        return this.#next?.() ?? Uint8Array.of(STATUS.CTAP2_ERR_NOT_ALLOWED);
      case 'authenticatorSelection':
        return Uint8Array.of(await this.user(options));
      default:
        return Uint8Array.of(STATUS.CTAP1_ERR_INVALID_COMMAND);
    }
  }

  #currentInfo(): GetInfoResponse {
    const flags = new Map(this.info.options);
    if (this.pin !== undefined) flags.set('clientPin', true);
    return { ...this.info, options: flags };
  }

  async #makeCredential(request: MakeCredentialRequest, options: SendOptions): Promise<Uint8Array> {
    if (request.pinUvAuthParam?.length === 0) {
      const probed = this.pin === undefined ? STATUS.CTAP2_ERR_PIN_NOT_SET : STATUS.CTAP2_ERR_PIN_INVALID;
      return Uint8Array.of((await this.user(options)) || probed);
    }
    const verified = this.verified(request);
    if ('status' in verified) return Uint8Array.of(verified.status);
    const needsPin = this.#currentInfo().options?.get('clientPin') === true && !verified.uv;
    if (needsPin) return Uint8Array.of(STATUS.CTAP2_ERR_PUAT_REQUIRED);
    const touched = await this.user(options);
    if (touched !== OK) return Uint8Array.of(touched);
    if (request.excludeList?.some(({ id }) => this.#find(request.rp.id, id, verified.uv) !== undefined))
      return Uint8Array.of(STATUS.CTAP2_ERR_CREDENTIAL_EXCLUDED);
    return this.#registration(request, verified.uv);
  }

  async #registration(request: MakeCredentialRequest, uv: boolean): Promise<Uint8Array> {
    const asked = request.extensions ?? new Map<string, CborValue>();
    const credential = await this.enroll(request.rp.id, {
      user: request.user,
      discoverable: request.options?.rk === true,
      hidden: asked.get(EXTENSIONS.credProtect) === 3,
      hmacSecret: asked.get(EXTENSIONS.hmacSecret) === true,
    });
    const authData = encodeAuthenticatorData({
      rpIdHash: crypto.sha256(utf8(request.rp.id)),
      flags: FLAGS.UP | (uv ? FLAGS.UV : 0),
      signCount: 0,
      attestedCredential: {
        aaguid: this.info.aaguid,
        credentialId: credential.id,
        publicKey: credential.pair.publicKey,
      },
      extensions: this.#registrationOutputs(asked),
    });
    const sig = crypto.prepareSigner(credential.pair)(concat(authData, request.clientDataHash));
    const attStmt = new Map<string, CborValue>([
      ['alg', -7],
      ['sig', sig],
    ]);
    return encodeResponse(OK, makeCredentialResponse.write({ fmt: 'packed', authData, attStmt }));
  }

  #registrationOutputs(asked: ReadonlyMap<string, CborValue>): CborMap {
    const outputs = new Map(asked);
    outputs.delete(EXTENSIONS.minPinLength);
    const mc = asked.get('hmac-secret-mc');
    if (mc instanceof Map) outputs.set('hmac-secret-mc', this.#hmacSecret(mc));
    return outputs;
  }

  async #getAssertion(request: GetAssertionRequest, options: SendOptions): Promise<Uint8Array> {
    const verified = this.verified(request);
    if ('status' in verified) return Uint8Array.of(verified.status);
    const found = this.#matching(request, verified.uv);
    const [first, ...rest] = found;
    if (first === undefined) return Uint8Array.of(STATUS.CTAP2_ERR_NO_CREDENTIALS);
    const touched = request.options?.up === false ? OK : await this.user(options);
    if (touched !== OK) return Uint8Array.of(touched);
    const sign = (credential: FakeCredential, count = 1) =>
      this.#assertion(request, credential, verified.uv, count);
    this.#next = () => {
      const next = rest.shift();
      return next === undefined ? Uint8Array.of(STATUS.CTAP2_ERR_NOT_ALLOWED) : sign(next);
    };
    return sign(first, request.allowList === undefined ? found.length : 1);
  }

  #matching(request: GetAssertionRequest, uv: boolean): readonly FakeCredential[] {
    const { rpId, allowList } = request;
    if (allowList === undefined) {
      const all = this.credentials.filter((one) => one.rpId === rpId && one.discoverable);
      return all.filter((one) => uv || !one.hidden).reverse();
    }
    const found = allowList.map(({ id }) => this.#find(rpId, id, uv)).filter((one) => one !== undefined);
    return found.slice(0, 1);
  }

  #find(rpId: string, id: Uint8Array, uv: boolean): FakeCredential | undefined {
    return this.credentials.find((one) => one.rpId === rpId && sameBytes(one.id, id) && (uv || !one.hidden));
  }

  #assertion(
    request: GetAssertionRequest,
    credential: FakeCredential,
    uv: boolean,
    count: number,
  ): Uint8Array {
    const input = request.extensions?.get(EXTENSIONS.hmacSecret);
    const outputs = new Map<string, CborValue>();
    if (input instanceof Map && credential.hmacSecret)
      outputs.set(EXTENSIONS.hmacSecret, this.#hmacSecret(input));
    const authData = encodeAuthenticatorData({
      rpIdHash: crypto.sha256(utf8(request.rpId)),
      flags: (request.options?.up === false ? 0 : FLAGS.UP) | (uv ? FLAGS.UV : 0),
      signCount: 1,
      extensions: outputs,
    });
    const members = {
      credential: { id: credential.id, type: 'public-key' },
      authData,
      signature: crypto.prepareSigner(credential.pair)(concat(authData, request.clientDataHash)),
      ...(credential.discoverable && { user: credential.user }),
      ...(count > 1 && { numberOfCredentials: count }),
    };
    return encodeResponse(OK, getAssertionResponse.write(members));
  }

  /** Answers an hmac-secret input, and insists that the client made it well. */
  #hmacSecret(input: CborMap): Uint8Array {
    const read = hmacSecretInput.read(input);
    if (!read.ok) throw new KeyrigError('internal', 'the client sent a malformed hmac-secret input');
    const { keyAgreement, saltEnc, saltAuth, pinUvAuthProtocol } = read.value;
    const agreement = this.agreement(pinUvAuthProtocol);
    const shared = agreement.decapsulate(keyAgreement) ?? new Uint8Array(64);
    const salts = agreement.protocol.decrypt(shared, saltEnc);
    if (salts === undefined || !agreement.protocol.verify(shared, saltAuth, saltEnc))
      throw new KeyrigError('internal', 'the client sent an hmac-secret input that does not verify');
    const [first, second] = [salts.slice(0, 32), salts.slice(32)];
    const outputs = concat(fakeHmacSecret(first), second.length > 0 ? fakeHmacSecret(second) : second);
    return agreement.protocol.encrypt(shared, outputs);
  }
}
