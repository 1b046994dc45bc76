/**
 * PIN/UV auth protocols one and two (CTAP 2.1 §6.5.6, §6.5.7), both halves.
 *
 * Names follow the specification's abstract interface (§6.5.4). Keys travel as COSE_Key maps, as ClientPIN and hmac-secret carry them.
 */
import type { CborMap } from '../ctap/cbor.js';
import { agreementKeyFromCbor, agreementKeyToCbor } from '../ctap/cose.js';
import { concat, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { AgreementKey, Crypto } from './crypto.js';

/** Sizes in bytes, by protocol number. */
export const PIN_UV_AUTH_PROTOCOLS = {
  /** CTAP 2.0's protocol: zero IV, truncated MAC, one key for both purposes. */
  1: { version: 1, sharedSecretLength: 32, tagLength: 16, ivLength: 0 },
  /** Random IV in front of each ciphertext, whole MAC, separate keys. */
  2: { version: 2, sharedSecretLength: 64, tagLength: 32, ivLength: 16 },
} as const;

/** The number of a protocol that is implemented here. */
export type PinUvAuthProtocolVersion = keyof typeof PIN_UV_AUTH_PROTOCOLS;

/** Length of the pinUvAuthTokens that we issue. Protocol 1 would also allow 16 (§6.5.6.1), which nobody needs. */
export const PIN_UV_AUTH_TOKEN_LENGTH = 32;

/** AES block, hence the granularity of all plaintexts. */
const BLOCK = 16;
/** Where the HMAC half of protocol 2's shared secret ends and the AES half begins (§6.5.7). */
const HALF = 32;
const ZERO_IV = new Uint8Array(BLOCK);
const ZERO_SALT = new Uint8Array(HALF);

/** Whether a number names a protocol that is implemented here. */
export function isPinUvAuthProtocol(version: number): version is PinUvAuthProtocolVersion {
  return version in PIN_UV_AUTH_PROTOCOLS;
}

/** What encapsulation yields: the key to send and the secret to keep. */
export interface Encapsulation {
  /** The platform's COSE_Key. */
  readonly keyAgreement: CborMap;
  /** 32 bytes in protocol 1, 64 in protocol 2. */
  readonly sharedSecret: Uint8Array;
}

/** One protocol over one implementation of cryptography; holds no state. */
export interface PinUvAuthProtocol {
  readonly version: PinUvAuthProtocolVersion;
  /** The shared secret of an ECDH result (`kdf` of §6.5.6). */
  sharedSecret(z: Uint8Array): Uint8Array;
  /**
   * Encrypts a multiple of 16 bytes; in protocol 2 the random IV comes first.
   *
   * @throws KeyrigError `internal` for another length
   */
  encrypt(sharedSecret: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** `undefined` when the length is not one that `encrypt` produces. */
  decrypt(sharedSecret: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined;
  /** The MAC of the concatenation of `parts`: 16 bytes in protocol 1, 32 in protocol 2. `key` is a shared secret or a token. */
  authenticate(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /**
   * Whether `tag` is exactly the MAC of the parts, compared in constant time. Whether a token is in use is for its holder to know.
   */
  verify(key: Uint8Array, tag: Uint8Array, ...parts: readonly Uint8Array[]): boolean;
  /**
   * The platform's half: a fresh key pair and the secret shared with the authenticator's key; `undefined` when that is not a valid
   * key-agreement key on P-256. `privateKey` fixes the pair, for vectors.
   */
  encapsulate(peer: CborMap, privateKey?: Uint8Array): Encapsulation | undefined;
}

/**
 * Binds a protocol to an implementation.
 *
 * @example
 * ```ts
 * const protocol = createPinUvAuthProtocol(crypto, 2);
 * const shared = protocol.encapsulate(response.keyAgreement);
 * ```
 */
export function createPinUvAuthProtocol(
  crypto: Crypto,
  version: PinUvAuthProtocolVersion,
): PinUvAuthProtocol {
  const half = version === 1 ? protocolOne(crypto) : protocolTwo(crypto);
  return {
    ...half,
    verify: (key, tag, ...parts) => crypto.equal(tag, half.authenticate(key, ...parts)),
    encapsulate: (peer, privateKey) => {
      const own = crypto.createAgreementKey(privateKey);
      const sharedSecret = agree(half, own, peer);
      return sharedSecret && { keyAgreement: agreementKeyToCbor(own), sharedSecret };
    },
  };
}

/**
 * The authenticator's half of one protocol: the key pair that lives from power-up, or the last `regenerate`, on.
 *
 * @example
 * ```ts
 * const agreement = new KeyAgreement(crypto, createPinUvAuthProtocol(crypto, 2));
 * const shared = agreement.decapsulate(request.keyAgreement); // undefined → CTAP1_ERR_INVALID_PARAMETER
 * ```
 */
export class KeyAgreement {
  readonly protocol: PinUvAuthProtocol;
  readonly #crypto: Crypto;
  #key: AgreementKey;

  /** `privateKey` fixes the first pair, for vectors. */
  constructor(crypto: Crypto, protocol: PinUvAuthProtocol, privateKey?: Uint8Array) {
    this.protocol = protocol;
    this.#crypto = crypto;
    this.#key = crypto.createAgreementKey(privateKey);
  }

  /** The COSE_Key to hand out. */
  get publicKey(): CborMap {
    return agreementKeyToCbor(this.#key);
  }

  /** A new pair; secrets shared before are no longer reproducible. */
  regenerate(): void {
    this.#key = this.#crypto.createAgreementKey();
  }

  /** The secret shared with the platform's key; `undefined` when that is not a valid key-agreement key on P-256. */
  decapsulate(peer: CborMap): Uint8Array | undefined {
    return agree(this.protocol, this.#key, peer);
  }
}

function agree(
  protocol: Pick<PinUvAuthProtocol, 'sharedSecret'>,
  own: AgreementKey,
  peer: CborMap,
): Uint8Array | undefined {
  const point = agreementKeyFromCbor(peer);
  const z = point && own.agree(point);
  return z && protocol.sharedSecret(z);
}

type Primitives = Omit<PinUvAuthProtocol, 'verify' | 'encapsulate'>;

/** CTAP 2.1 §6.5.6. */
function protocolOne(crypto: Crypto): Primitives {
  return {
    version: 1,
    sharedSecret: (z) => crypto.sha256(z),
    encrypt: (sharedSecret, plaintext) =>
      crypto.aes256CbcEncrypt(sharedSecret, ZERO_IV, wholeBlocks(plaintext)),
    decrypt: (sharedSecret, ciphertext) =>
      isWholeBlocks(ciphertext) ? crypto.aes256CbcDecrypt(sharedSecret, ZERO_IV, ciphertext) : undefined,
    authenticate: (key, ...parts) =>
      crypto.hmacSha256(key, ...parts).slice(0, PIN_UV_AUTH_PROTOCOLS[1].tagLength),
  };
}

const HMAC_INFO = utf8('CTAP2 HMAC key');
const AES_INFO = utf8('CTAP2 AES key');

/** CTAP 2.1 §6.5.7. */
function protocolTwo(crypto: Crypto): Primitives {
  const aesKey = (sharedSecret: Uint8Array) => sharedSecret.subarray(HALF);
  return {
    version: 2,
    sharedSecret: (z) =>
      concat(
        crypto.hkdfSha256(z, ZERO_SALT, HMAC_INFO, HALF),
        crypto.hkdfSha256(z, ZERO_SALT, AES_INFO, HALF),
      ),
    encrypt: (sharedSecret, plaintext) => {
      const iv = crypto.random.bytes(BLOCK);
      return concat(iv, crypto.aes256CbcEncrypt(aesKey(sharedSecret), iv, wholeBlocks(plaintext)));
    },
    decrypt: (sharedSecret, ciphertext) => {
      if (ciphertext.length < BLOCK || !isWholeBlocks(ciphertext)) return undefined;
      const iv = ciphertext.subarray(0, BLOCK);
      return crypto.aes256CbcDecrypt(aesKey(sharedSecret), iv, ciphertext.subarray(BLOCK));
    },
    // A token is 32 bytes long, so that cutting the key changes nothing for it.
    authenticate: (key, ...parts) => crypto.hmacSha256(key.subarray(0, HALF), ...parts),
  };
}

function isWholeBlocks(bytes: Uint8Array): boolean {
  return bytes.length % BLOCK === 0;
}

function wholeBlocks(plaintext: Uint8Array): Uint8Array {
  if (isWholeBlocks(plaintext)) return plaintext;
  throw new KeyrigError(
    'internal',
    `a plaintext of ${plaintext.length} bytes is not a multiple of ${BLOCK}`,
    {
      facts: { length: plaintext.length },
    },
  );
}
