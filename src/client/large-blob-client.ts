/**
 * The platform's half of authenticatorLargeBlobs: a credential's blob, read from and written into the array of all (CTAP 2.1 §6.10).
 */
import type { Crypto } from '../crypto/crypto.js';
import { DEFAULT_MAX_MESSAGE_SIZE, type GetInfoResponse } from '../ctap/messages/get-info.js';
import {
  type LargeBlobsRequest,
  largeBlobsProofMessage,
  maxFragmentLength,
} from '../ctap/messages/large-blobs.js';
import type { Answer } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { concat } from '../data/bytes.js';
import type { Acknowledgement, CtapClient } from './ctap-client.js';
import {
  findLargeBlob,
  parseLargeBlobArray,
  serializeLargeBlobArray,
  withLargeBlob,
} from './large-blob-array.js';
import type { PinUvAuthToken } from './pin-client.js';

/** Blobs by the keys of their credentials. Methods resolve to statuses as values and reject like those of {@link CtapClient}. */
export interface LargeBlobClient {
  /** `undefined` when the credential has none. */
  read(key: Uint8Array): Promise<Answer<Uint8Array | undefined>>;
  /** LARGE_BLOB_STORAGE_FULL, without asking the authenticator, for an array that it has no room for. */
  write(key: Uint8Array, blob: Uint8Array): Promise<Answer<Acknowledgement>>;
}

/**
 * Makes a client of a key with large blobs; `undefined` for others.
 *
 * @param token With the permission `lbw`, for writing on a key that is protected
 *
 * @example
 * ```ts
 * const blobs = createLargeBlobClient(ctap, info, crypto, token);
 * await blobs?.write(largeBlobKey, certificate);
 * ```
 */
export function createLargeBlobClient(
  ctap: CtapClient,
  info: GetInfoResponse,
  crypto: Crypto,
  token?: PinUvAuthToken,
): LargeBlobClient | undefined {
  const offered = info.options?.get('largeBlobs') === true;
  return offered ? new CtapLargeBlobClient(ctap, info, crypto, token) : undefined;
}

/** The least that every key with large blobs has room for (§6.4, maxSerializedLargeBlobArray). */
const LEAST_CAPACITY = 1024;

class CtapLargeBlobClient implements LargeBlobClient {
  readonly #ctap: CtapClient;
  readonly #crypto: Crypto;
  readonly #token: PinUvAuthToken | undefined;
  readonly #fragment: number;
  readonly #capacity: number;

  constructor(ctap: CtapClient, info: GetInfoResponse, crypto: Crypto, token: PinUvAuthToken | undefined) {
    this.#ctap = ctap;
    this.#crypto = crypto;
    this.#token = token;
    this.#fragment = maxFragmentLength(info.maxMsgSize ?? DEFAULT_MAX_MESSAGE_SIZE);
    this.#capacity = info.maxSerializedLargeBlobArray ?? LEAST_CAPACITY;
  }

  async read(key: Uint8Array): Promise<Answer<Uint8Array | undefined>> {
    const array = await this.#readArray();
    if (!array.ok) return array;
    const entries = parseLargeBlobArray(this.#crypto, array.value);
    return { ok: true, value: findLargeBlob(this.#crypto, entries, key) };
  }

  async write(key: Uint8Array, blob: Uint8Array): Promise<Answer<Acknowledgement>> {
    const array = await this.#readArray();
    if (!array.ok) return array;
    const entries = parseLargeBlobArray(this.#crypto, array.value);
    const changed = withLargeBlob(this.#crypto, entries, key, blob);
    return this.#writeArray(serializeLargeBlobArray(this.#crypto, changed));
  }

  /** A fragment that is not full is the last one (§6.10.2). A key that never sends one is not listened to beyond its capacity. */
  async #readArray(): Promise<Answer<Uint8Array>> {
    let array: Uint8Array = new Uint8Array(0);
    for (;;) {
      const answer = await this.#ctap.largeBlobs({ get: this.#fragment, offset: array.length });
      if (!answer.ok) return answer;
      const { config = new Uint8Array(0) } = answer.value;
      array = concat(array, config);
      if (config.length < this.#fragment || array.length > this.#capacity) return { ok: true, value: array };
    }
  }

  async #writeArray(array: Uint8Array): Promise<Answer<Acknowledgement>> {
    if (array.length > this.#capacity) {
      return { ok: false, status: STATUS.CTAP2_ERR_LARGE_BLOB_STORAGE_FULL };
    }
    for (let offset = 0; offset < array.length; offset += this.#fragment) {
      const set = array.subarray(offset, offset + this.#fragment);
      const length = offset === 0 ? { length: array.length } : {};
      const answer = await this.#ctap.largeBlobs({ set, offset, ...length, ...this.#proof(offset, set) });
      if (!answer.ok) return answer;
    }
    return { ok: true, value: {} };
  }

  #proof(offset: number, set: Uint8Array): Pick<LargeBlobsRequest, 'pinUvAuthParam' | 'pinUvAuthProtocol'> {
    if (this.#token === undefined) return {};
    const message = largeBlobsProofMessage(offset, this.#crypto.sha256(set));
    return { pinUvAuthParam: this.#token.authenticate(message), pinUvAuthProtocol: this.#token.protocol };
  }
}
