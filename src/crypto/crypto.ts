/**
 * The cryptography port: what keyrig asks of an implementation, and nothing of how it is done.
 *
 * Neither implementation is total; `algorithms.ts` says which serves what.
 */
import type { CoseAlgorithmId, CoseKey } from '../ctap/cose.js';
import type { Random } from '../ports.js';

/** A credential or attestation key pair. */
export interface KeyPair {
  readonly algorithm: CoseAlgorithmId;
  /**
   * The private half in the algorithm's compact form: EC: the scalar `d`, as long as a coordinate; Ed25519 and ML-DSA: the 32-byte
   * seed; Ed448: its 57 bytes; RSA: the primes `p || q`, each half the modulus long.
   */
  readonly privateKey: Uint8Array;
  readonly publicKey: CoseKey;
}

/** Signs one message; the result is in the WebAuthn wire form (§6.5.5: DER for ECDSA, raw for EdDSA and ML-DSA, PKCS#1 v1.5 for RS256). */
export type Signer = (message: Uint8Array) => Uint8Array;

/** A P-256 key for key agreement (CTAP 2.1 §6.5.6). */
export interface AgreementKey {
  /** Uncompressed affine coordinates, 32 bytes each. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  /**
   * ECDH with the peer's point: the 32-byte x coordinate, leading zeros kept; `undefined` when the point is not on P-256.
   */
  agree(peer: { readonly x: Uint8Array; readonly y: Uint8Array }): Uint8Array | undefined;
}

/** Hash functions and symmetric primitives, key generation and signing. Synchronous but for key generation. */
export interface Crypto {
  /** For reports: `node` or `noble`. */
  readonly name: string;
  /** The randomness behind keys, nonces and salts. */
  readonly random: Random;
  /** Whether `generateKeyPair` and `prepareSigner` serve this algorithm here. */
  supports(algorithm: CoseAlgorithmId): boolean;
  /** @throws KeyrigError `crypto-unsupported` */
  generateKeyPair(algorithm: CoseAlgorithmId): Promise<KeyPair>;
  /**
   * The pair of a private key in its compact form, for what was stored without its public half.
   *
   * @throws KeyrigError `crypto-unsupported`, `crypto-invalid-key`
   */
  importKeyPair(algorithm: CoseAlgorithmId, privateKey: Uint8Array): KeyPair;
  /** Does the costly import once; keep the result while the key is in use. @throws KeyrigError `crypto-invalid-key` */
  prepareSigner(pair: KeyPair): Signer;
  /** False for a signature that does not verify and for a key that can't be used. */
  verify(publicKey: CoseKey, message: Uint8Array, signature: Uint8Array): boolean;
  /** SHA-256 of the concatenation of `parts`. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** HMAC-SHA-256 of the concatenation of `parts`: 32 bytes. */
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** HKDF-SHA-256, extract and expand. */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  /** AES-256-CBC without padding; `plaintext` is a multiple of 16 bytes. */
  aes256CbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** AES-256-CBC without padding; `ciphertext` is a multiple of 16 bytes. */
  aes256CbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** AES-128-CBC without padding, for CTAP 2.2's encrypted members of getInfo; `plaintext` is a multiple of 16 bytes. */
  aes128CbcEncrypt(key: Uint8Array, iv: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** AES-128-CBC without padding; `ciphertext` is a multiple of 16 bytes. */
  aes128CbcDecrypt(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** AES-256-GCM with a 12-byte nonce: ciphertext and 16-byte tag. */
  aes256GcmSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array;
  /** The plaintext, or `undefined` when the tag does not match. */
  aes256GcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | undefined;
  /** A fresh P-256 agreement key; `privateKey` (32 bytes) fixes it, for vectors. */
  createAgreementKey(privateKey?: Uint8Array): AgreementKey;
  /** Constant-time comparison; false when lengths differ. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}
