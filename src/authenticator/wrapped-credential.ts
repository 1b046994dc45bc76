/**
 * Server-side credentials: the credential ID is the credential, sealed for this key alone.
 *
 * Layout: 12 bytes of nonce, then AES-256-GCM under the state's wrapping key, with the RP ID hash as additional data, of
 *
 * ```
 * flags (1)   bits 0-1 credProtect, bit 2 hmac-secret asked for at creation, bit 3 thirdPartyPayment
 * alg   (2)   the negated COSE algorithm, big-endian
 * secret (32) what both CredRandoms are derived from
 * private key (the rest)
 * ```
 *
 * An ES256 credential takes 95 bytes, below the smallest maxCredentialIdLength that is common among real keys (96). A reset draws a
 * new wrapping key, and with it all IDs become those of strangers.
 */

import type { Crypto, KeyPair } from '../crypto/crypto.js';
import { ML_DSA_SEED } from '../crypto/ml-dsa.js';
import { COSE_CURVES, type CoseAlgorithmId, coseAlgorithm } from '../ctap/cose.js';
import { concat, utf8 } from '../data/bytes.js';
import { type CredProtectLevel, isCredProtectLevel } from './extensions/cred-protect.js';

/** Sizes in bytes. */
const NONCE = 12;
const TAG = 16;
const SECRET = 32;
const HEAD = 3 + SECRET;
/** Primes of a 2048-bit RSA key, the only size that we make. */
const RSA_PRIMES = 256;

const HMAC_SECRET_FLAG = 0x04;
const PAYMENT_FLAG = 0x08;

/** A server-side credential, opened. */
export interface WrappedCredential {
  readonly kind: 'wrapped';
  readonly id: Uint8Array;
  readonly algorithm: CoseAlgorithmId;
  readonly privateKey: Uint8Array;
  readonly credProtect: CredProtectLevel;
  readonly hmacSecret: boolean;
  readonly thirdPartyPayment: boolean;
  /** 32 bytes; see {@link wrappedCredRandom}. */
  readonly secret: Uint8Array;
}

/** What goes into a new one. */
export interface NewWrappedCredential {
  readonly keyPair: KeyPair;
  readonly credProtect: CredProtectLevel;
  readonly hmacSecret: boolean;
  readonly thirdPartyPayment: boolean;
}

/** Length in bytes of the credential IDs of an algorithm. */
export function wrappedCredentialLength(id: CoseAlgorithmId): number {
  return NONCE + HEAD + privateKeyLength(id) + TAG;
}

function privateKeyLength(id: CoseAlgorithmId): number {
  const algorithm = coseAlgorithm(id);
  if (algorithm?.kind === 'ecdsa' || algorithm?.kind === 'eddsa') return COSE_CURVES[algorithm.curve].bytes;
  return algorithm?.kind === 'rsa' ? RSA_PRIMES : ML_DSA_SEED;
}

/** Seals a new credential: its ID. */
export function wrapCredential(
  crypto: Crypto,
  wrappingKey: Uint8Array,
  rpIdHash: Uint8Array,
  credential: NewWrappedCredential,
): Uint8Array {
  const { keyPair } = credential;
  const alg = -keyPair.algorithm;
  const head = Uint8Array.of(
    credential.credProtect |
      (credential.hmacSecret ? HMAC_SECRET_FLAG : 0) |
      (credential.thirdPartyPayment ? PAYMENT_FLAG : 0),
    alg >> 8,
    alg & 0xff,
  );
  const plaintext = concat(head, crypto.random.bytes(SECRET), keyPair.privateKey);
  const nonce = crypto.random.bytes(NONCE);
  return concat(nonce, crypto.aes256GcmSeal(wrappingKey, nonce, plaintext, rpIdHash));
}

/** Opens an ID: `undefined` when it isn't one of this key for this relying party. */
export function unwrapCredential(
  crypto: Crypto,
  wrappingKey: Uint8Array,
  rpIdHash: Uint8Array,
  id: Uint8Array,
): WrappedCredential | undefined {
  if (id.length <= NONCE + HEAD + TAG) return undefined;
  const plaintext = crypto.aes256GcmOpen(wrappingKey, id.subarray(0, NONCE), id.subarray(NONCE), rpIdHash);
  if (plaintext === undefined) return undefined;
  const [flags = 0, high = 0, low = 0] = plaintext;
  const algorithm = coseAlgorithm(-((high << 8) | low));
  const credProtect = flags & 0x03;
  // Whatever the tag vouches for was written above; these cases would be other software using our wrapping key.
  if (algorithm === undefined || !isCredProtectLevel(credProtect)) return undefined;
  return {
    kind: 'wrapped',
    id,
    algorithm: algorithm.id,
    privateKey: plaintext.slice(HEAD),
    credProtect,
    hmacSecret: (flags & HMAC_SECRET_FLAG) !== 0,
    thirdPartyPayment: (flags & PAYMENT_FLAG) !== 0,
    secret: plaintext.slice(3, HEAD),
  };
}

const WITH_UV = utf8('CredRandomWithUV');
const WITHOUT_UV = utf8('CredRandomWithoutUV');

/** One of the two CredRandoms (CTAP 2.1 §12.5): independent of each other and of the private key. */
export function wrappedCredRandom(
  crypto: Crypto,
  credential: WrappedCredential,
  withUv: boolean,
): Uint8Array {
  return crypto.hmacSha256(credential.secret, withUv ? WITH_UV : WITHOUT_UV);
}
