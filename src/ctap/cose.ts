/**
 * COSE keys and algorithm identifiers as WebAuthn and CTAP use them (RFC 9052 §7, RFC 9053, WebAuthn L3 §5.8.5, CTAP 2.1 §6.5.6).
 *
 * One table says what an algorithm is; nothing below it enumerates algorithms.
 */
import type { CborMap, CborValue } from './cbor.js';

/** Key type numbers (IANA COSE Key Types). */
export const COSE_KEY_TYPES = {
  /** Octet key pair: Ed25519, Ed448. */
  OKP: 1,
  /** Elliptic curve with both coordinates. */
  EC2: 2,
  /** RSA. */
  RSA: 3,
  /** Algorithm key pair: ML-DSA. */
  AKP: 7,
} as const;

/** Curve numbers (IANA COSE Elliptic Curves), with the length of a coordinate or key in bytes. */
export const COSE_CURVES = {
  'P-256': { id: 1, bytes: 32 },
  'P-384': { id: 2, bytes: 48 },
  'P-521': { id: 3, bytes: 66 },
  Ed25519: { id: 6, bytes: 32 },
  Ed448: { id: 7, bytes: 57 },
  secp256k1: { id: 8, bytes: 32 },
} as const;

export type EcCurve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1';
export type OkpCurve = 'Ed25519' | 'Ed448';
export type HashName = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** What an algorithm identifier stands for. */
export type CoseAlgorithm =
  | {
      readonly id: number;
      readonly name: string;
      readonly kind: 'ecdsa';
      readonly curve: EcCurve;
      readonly hash: HashName;
    }
  | { readonly id: number; readonly name: string; readonly kind: 'eddsa'; readonly curve: OkpCurve }
  | {
      readonly id: number;
      readonly name: string;
      readonly kind: 'rsa';
      readonly padding: 'pkcs1' | 'pss';
      readonly hash: HashName;
    }
  | {
      readonly id: number;
      readonly name: string;
      readonly kind: 'ml-dsa';
      readonly publicKeyBytes: number;
      readonly signatureBytes: number;
    };

const ecdsa = <I extends number, N extends string>(id: I, name: N, curve: EcCurve, hash: HashName) =>
  ({ id, name, kind: 'ecdsa', curve, hash }) as const;
const eddsa = <I extends number, N extends string>(id: I, name: N, curve: OkpCurve) =>
  ({ id, name, kind: 'eddsa', curve }) as const;
const rsa = <I extends number, N extends string>(id: I, name: N, padding: 'pkcs1' | 'pss', hash: HashName) =>
  ({ id, name, kind: 'rsa', padding, hash }) as const;
const mlDsa = <I extends number, N extends string>(
  id: I,
  name: N,
  publicKeyBytes: number,
  signatureBytes: number,
) => ({ id, name, kind: 'ml-dsa', publicKeyBytes, signatureBytes }) as const;

/** Every algorithm that keyrig knows by number (IANA COSE Algorithms). Which of them can sign here is for `crypto/` to say. */
export const COSE_ALGORITHMS = {
  ES256: ecdsa(-7, 'ES256', 'P-256', 'SHA-256'),
  EdDSA: eddsa(-8, 'EdDSA', 'Ed25519'),
  ESP256: ecdsa(-9, 'ESP256', 'P-256', 'SHA-256'),
  Ed25519: eddsa(-19, 'Ed25519', 'Ed25519'),
  ES384: ecdsa(-35, 'ES384', 'P-384', 'SHA-384'),
  ES512: ecdsa(-36, 'ES512', 'P-521', 'SHA-512'),
  PS256: rsa(-37, 'PS256', 'pss', 'SHA-256'),
  ES256K: ecdsa(-47, 'ES256K', 'secp256k1', 'SHA-256'),
  'ML-DSA-44': mlDsa(-48, 'ML-DSA-44', 1312, 2420),
  'ML-DSA-65': mlDsa(-49, 'ML-DSA-65', 1952, 3309),
  'ML-DSA-87': mlDsa(-50, 'ML-DSA-87', 2592, 4627),
  ESP384: ecdsa(-51, 'ESP384', 'P-384', 'SHA-384'),
  ESP512: ecdsa(-52, 'ESP512', 'P-521', 'SHA-512'),
  Ed448: eddsa(-53, 'Ed448', 'Ed448'),
  RS256: rsa(-257, 'RS256', 'pkcs1', 'SHA-256'),
  RS384: rsa(-258, 'RS384', 'pkcs1', 'SHA-384'),
  RS512: rsa(-259, 'RS512', 'pkcs1', 'SHA-512'),
  RS1: rsa(-65535, 'RS1', 'pkcs1', 'SHA-1'),
} as const;

export type CoseAlgorithmName = keyof typeof COSE_ALGORITHMS;
export type CoseAlgorithmId = (typeof COSE_ALGORITHMS)[CoseAlgorithmName]['id'];

const BY_ID: ReadonlyMap<number, (typeof COSE_ALGORITHMS)[CoseAlgorithmName]> = new Map(
  Object.values(COSE_ALGORITHMS).map((algorithm) => [algorithm.id, algorithm]),
);

/** The table's row of a number, `undefined` when unknown. */
export function coseAlgorithm(id: number): (typeof COSE_ALGORITHMS)[CoseAlgorithmName] | undefined {
  return BY_ID.get(id);
}

/** An EC public key: coordinates padded to the curve's length. */
export interface Ec2Key {
  readonly kty: 'EC2';
  readonly alg: number;
  readonly crv: EcCurve;
  readonly x: Uint8Array;
  readonly y: Uint8Array;
}

/** An Edwards-curve public key in its RFC 8032 encoding. */
export interface OkpKey {
  readonly kty: 'OKP';
  readonly alg: number;
  readonly crv: OkpCurve;
  readonly x: Uint8Array;
}

/** An RSA public key: big-endian integers without leading zeros. */
export interface RsaKey {
  readonly kty: 'RSA';
  readonly alg: number;
  readonly n: Uint8Array;
  readonly e: Uint8Array;
}

/** An ML-DSA public key (FIPS 204 encoding). */
export interface AkpKey {
  readonly kty: 'AKP';
  readonly alg: number;
  readonly pub: Uint8Array;
}

/** A public key. `alg` is a plain number because keys of strangers may say anything. */
export type CoseKey = Ec2Key | OkpKey | RsaKey | AkpKey;

/** Labels of a COSE_Key map. Negative ones mean something else for each key type. */
const LABEL = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2, pub: -1 } as const;

/** The COSE_Key map of a public key: only the members that the algorithm needs. Encode it with `encode`. */
export function coseKeyToCbor(key: CoseKey): CborMap {
  const map = new Map<number, CborValue>([
    [LABEL.kty, COSE_KEY_TYPES[key.kty]],
    [LABEL.alg, key.alg],
  ]);
  if (key.kty === 'EC2') {
    map.set(LABEL.crv, COSE_CURVES[key.crv].id).set(LABEL.x, key.x).set(LABEL.y, key.y);
  } else if (key.kty === 'OKP') {
    map.set(LABEL.crv, COSE_CURVES[key.crv].id).set(LABEL.x, key.x);
  } else if (key.kty === 'RSA') {
    map.set(LABEL.n, key.n).set(LABEL.e, key.e);
  } else {
    map.set(LABEL.pub, key.pub);
  }
  return map;
}

const EC_CURVES: readonly EcCurve[] = ['P-256', 'P-384', 'P-521', 'secp256k1'];
const OKP_CURVES: readonly OkpCurve[] = ['Ed25519', 'Ed448'];

/** Reads a COSE_Key map; `undefined` when it is not a well-formed key of a known type. Points are not checked. */
export function coseKeyFromCbor(value: CborValue): CoseKey | undefined {
  if (!(value instanceof Map)) return undefined;
  const map: CborMap = value;
  const alg = map.get(LABEL.alg);
  if (typeof alg !== 'number') return undefined;
  const kty = map.get(LABEL.kty);
  if (kty === COSE_KEY_TYPES.EC2) return readEc2(map, alg);
  if (kty === COSE_KEY_TYPES.OKP) return readOkp(map, alg);
  if (kty === COSE_KEY_TYPES.RSA) return readRsa(map, alg);
  if (kty === COSE_KEY_TYPES.AKP) return readAkp(map, alg);
  return undefined;
}

function bytesAt(map: CborMap, label: number, length?: number): Uint8Array | undefined {
  const value = map.get(label);
  if (!(value instanceof Uint8Array)) return undefined;
  return length === undefined || value.length === length ? value : undefined;
}

function readEc2(map: CborMap, alg: number): Ec2Key | undefined {
  const crv = EC_CURVES.find((name) => COSE_CURVES[name].id === map.get(LABEL.crv));
  if (crv === undefined) return undefined;
  const x = bytesAt(map, LABEL.x, COSE_CURVES[crv].bytes);
  const y = bytesAt(map, LABEL.y, COSE_CURVES[crv].bytes);
  return x === undefined || y === undefined ? undefined : { kty: 'EC2', alg, crv, x, y };
}

function readOkp(map: CborMap, alg: number): OkpKey | undefined {
  const crv = OKP_CURVES.find((name) => COSE_CURVES[name].id === map.get(LABEL.crv));
  if (crv === undefined) return undefined;
  const x = bytesAt(map, LABEL.x, COSE_CURVES[crv].bytes);
  return x === undefined ? undefined : { kty: 'OKP', alg, crv, x };
}

function readRsa(map: CborMap, alg: number): RsaKey | undefined {
  const n = bytesAt(map, LABEL.n);
  const e = bytesAt(map, LABEL.e);
  return n === undefined || e === undefined ? undefined : { kty: 'RSA', alg, n, e };
}

function readAkp(map: CborMap, alg: number): AkpKey | undefined {
  const pub = bytesAt(map, LABEL.pub);
  return pub === undefined ? undefined : { kty: 'AKP', alg, pub };
}

/** The algorithm that key-agreement keys name although they are used for plain ECDH (CTAP 2.1 §6.5.6). */
export const KEY_AGREEMENT_ALGORITHM = -25;

/** A P-256 point for key agreement. */
export interface AgreementPoint {
  /** 32 bytes. */
  readonly x: Uint8Array;
  /** 32 bytes. */
  readonly y: Uint8Array;
}

/** The COSE_Key of a key-agreement point: exactly kty, alg, crv, x, y. */
export function agreementKeyToCbor(point: AgreementPoint): CborMap {
  return coseKeyToCbor({ kty: 'EC2', alg: KEY_AGREEMENT_ALGORITHM, crv: 'P-256', x: point.x, y: point.y });
}

/** Reads a key-agreement COSE_Key; `undefined` when type, algorithm, curve or a length is wrong. The point may still be off the curve. */
export function agreementKeyFromCbor(value: CborValue): AgreementPoint | undefined {
  const key = coseKeyFromCbor(value);
  if (key?.kty !== 'EC2' || key.alg !== KEY_AGREEMENT_ALGORITHM || key.crv !== 'P-256') return undefined;
  return { x: key.x, y: key.y };
}
