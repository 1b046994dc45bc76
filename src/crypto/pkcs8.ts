/**
 * Private keys in the form in which the world outside keeps them: PKCS#8 (RFC 5208), unencrypted.
 *
 * Both directions by hand: OpenSSL gives keys out only as whole structures, of which the compact form needs the numbers.
 */
import { COSE_ALGORITHMS, COSE_CURVES, type CoseAlgorithmId, type CoseKey } from '../ctap/cose.js';
import { concat, fromBase64url, sameBytes } from '../data/bytes.js';
import type { KeyPair } from './crypto.js';
import {
  type DerElement,
  derBitString,
  derContext,
  derNumber,
  derOctetString,
  derSequence,
  derUnsigned,
  readSequence,
  readUnsignedSequence,
  withoutLeadingZeros,
} from './der.js';
import { ML_DSA_SEED } from './ml-dsa.js';
import { rsaJwk } from './rsa.js';
import { spkiFromCoseKey, uncompressedPoint } from './spki.js';

/** Universal tags that are looked at. */
const OCTET_STRING = 0x04;
/** The choice of a seed: an IMPLICIT context-specific tag, primitive. */
const SEED = 0x80;
/** The only public exponent that keys in compact form have. */
const EXPONENT = Uint8Array.of(1, 0, 1);

/**
 * The DER PrivateKeyInfo of a key pair; `undefined` for an AKP key of an unknown algorithm.
 *
 * @throws KeyrigError `crypto-invalid-key`
 */
export function pkcs8FromKeyPair(pair: KeyPair): Uint8Array | undefined {
  const identifier = identifierOf(pair.publicKey);
  const key = privateStructure(pair);
  return identifier && key && derSequence(derNumber(0), identifier, derOctetString(key));
}

/** The algorithm identifier is the one of the public key. */
function identifierOf(key: CoseKey): Uint8Array | undefined {
  const spki = spkiFromCoseKey(key);
  return spki && readSequence(spki)?.[0]?.raw;
}

function privateStructure({ publicKey, privateKey }: KeyPair): Uint8Array | undefined {
  // ECPrivateKey (RFC 5915 §3), with the public point as OpenSSL and browsers write it.
  if (publicKey.kty === 'EC2') {
    const point = derContext(1, derBitString(uncompressedPoint(publicKey)));
    return derSequence(derNumber(1), derOctetString(privateKey), point);
  }
  // CurvePrivateKey (RFC 8410 §7).
  if (publicKey.kty === 'OKP') return derOctetString(privateKey);
  if (publicKey.kty === 'RSA') return rsaStructure(privateKey);
  // ML-DSA-44-PrivateKey and its like, of the three choices the seed (RFC 9881 §6).
  return concat(Uint8Array.of(SEED, privateKey.length), privateKey);
}

/** RSAPrivateKey (RFC 8017 §A.1.2). */
function rsaStructure(primes: Uint8Array): Uint8Array {
  const { n, e, d, p, q, dp, dq, qi } = rsaJwk(primes);
  const numbers = [n, e, d, p, q, dp, dq, qi].map((digits = '') =>
    derUnsigned(fromBase64url(digits) ?? EXPONENT),
  );
  return derSequence(derNumber(0), ...numbers);
}

/** A private key as it was read. */
export interface Pkcs8Key {
  /** The algorithm that keys of this type usually have: PKCS#8 does not tell those of one type apart. */
  readonly algorithm: CoseAlgorithmId;
  /** In compact form, as {@link KeyPair} has it. */
  readonly privateKey: Uint8Array;
}

/** A type of key: its identifier, the usual algorithm, and how its private half is read. */
interface KeyType {
  readonly algorithm: CoseAlgorithmId;
  readonly identifier: Uint8Array;
  readonly read: (key: Uint8Array) => Uint8Array | undefined;
}

const { ES256, ES384, ES512, ES256K, EdDSA, Ed448, RS256 } = COSE_ALGORITHMS;

const ML_DSA = [COSE_ALGORITHMS['ML-DSA-44'], COSE_ALGORITHMS['ML-DSA-65'], COSE_ALGORITHMS['ML-DSA-87']];

const KEY_TYPES: readonly KeyType[] = [
  ...[ES256, ES384, ES512, ES256K].map(({ id, curve }) => {
    const { bytes } = COSE_CURVES[curve];
    const sample = {
      kty: 'EC2',
      alg: id,
      crv: curve,
      x: new Uint8Array(bytes),
      y: new Uint8Array(bytes),
    } as const;
    return keyType(id, sample, (key) => readEc(key, bytes));
  }),
  ...[EdDSA, Ed448].map(({ id, curve }) => {
    const { bytes } = COSE_CURVES[curve];
    const sample = { kty: 'OKP', alg: id, crv: curve, x: new Uint8Array(bytes) } as const;
    return keyType(id, sample, (key) => readOctets(key, bytes));
  }),
  ...ML_DSA.map(({ id, publicKeyBytes }) => {
    const sample = { kty: 'AKP', alg: id, pub: new Uint8Array(publicKeyBytes) } as const;
    return keyType(id, sample, readMlDsa);
  }),
  keyType(RS256.id, { kty: 'RSA', alg: RS256.id, n: EXPONENT, e: EXPONENT }, readRsa),
];

function keyType(algorithm: CoseAlgorithmId, sample: CoseKey, read: KeyType['read']): KeyType {
  return { algorithm, identifier: identifierOf(sample) ?? new Uint8Array(0), read };
}

/**
 * Reads a DER PrivateKeyInfo; `undefined` when it is none, of a type that is not known here, or an RSA key with another public exponent
 * than 65537. Whether the key is any good is for `Crypto.importKeyPair` to say.
 */
export function readPkcs8(der: Uint8Array): Pkcs8Key | undefined {
  const [, identifier, key] = readSequence(der) ?? [];
  if (identifier === undefined || key?.tag !== OCTET_STRING) return undefined;
  const type = KEY_TYPES.find((one) => sameBytes(one.identifier, identifier.raw));
  const privateKey = type?.read(key.content);
  return type && privateKey && { algorithm: type.algorithm, privateKey };
}

function readEc(key: Uint8Array, bytes: number): Uint8Array | undefined {
  const [, scalar] = readSequence(key) ?? [];
  return scalar?.tag === OCTET_STRING ? padded(scalar.content, bytes) : undefined;
}

function readOctets(key: Uint8Array, bytes: number): Uint8Array | undefined {
  // One element, which is read as the only one of a sequence.
  const [octets, ...others]: readonly DerElement[] = readSequence(derSequence(key)) ?? [];
  if (octets?.tag !== OCTET_STRING || others.length > 0) return undefined;
  return octets.content.length === bytes ? octets.content.slice() : undefined;
}

/** The seed by itself, or with the expanded key behind it, as OpenSSL writes it. */
function readMlDsa(key: Uint8Array): Uint8Array | undefined {
  const [both] = readSequence(key) ?? [];
  if (both !== undefined)
    return both.tag === OCTET_STRING && both.content.length === ML_DSA_SEED
      ? both.content.slice()
      : undefined;
  const isSeed = key.length === 2 + ML_DSA_SEED && key[0] === SEED && key[1] === ML_DSA_SEED;
  return isSeed ? key.slice(2) : undefined;
}

function readRsa(key: Uint8Array): Uint8Array | undefined {
  const [, , e, , p, q] = readUnsignedSequence(key) ?? [];
  if (e === undefined || p === undefined || q === undefined || !sameBytes(e, EXPONENT)) return undefined;
  const half = Math.max(p.length, q.length);
  const [left, right] = [padded(p, half), padded(q, half)];
  return left && right && concat(left, right);
}

/** An unsigned integer of a fixed length; `undefined` when it is too large for that. */
function padded(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const digits = withoutLeadingZeros(bytes);
  if (digits.length > length) return undefined;
  const out = new Uint8Array(length);
  out.set(digits, length - digits.length);
  return out;
}
