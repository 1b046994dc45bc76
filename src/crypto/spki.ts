/**
 * COSE keys in the forms that the world outside of COSE uses: SubjectPublicKeyInfo, which `getPublicKey()` returns (WebAuthn L3
 * §5.2.1.1), and uncompressed points, which U2F signs.
 */
import {
  type AkpKey,
  COSE_CURVES,
  type CoseKey,
  coseAlgorithm,
  type Ec2Key,
  type EcCurve,
  type OkpCurve,
} from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import { derBitString, derNull, derOid, derSequence, derUnsigned } from './der.js';

/** Algorithm identifiers (RFC 5480 §2.1.1, RFC 8410 §3, RFC 8017 §A.1). */
const OID = {
  /** id-ecPublicKey: the curve is its parameter. */
  ecPublicKey: '1.2.840.10045.2.1',
  /** rsaEncryption: whatever the padding and hash of the signatures; its parameter is NULL. */
  rsaEncryption: '1.2.840.113549.1.1.1',
} as const;

/** Algorithm identifiers with named curves (RFC 5480 §2.1.1.1; SEC 2 §A.2 for secp256k1): one is part of every registration. */
const EC_ALGORITHMS: Readonly<Record<EcCurve, Uint8Array>> = {
  'P-256': ecAlgorithm('1.2.840.10045.3.1.7'),
  'P-384': ecAlgorithm('1.3.132.0.34'),
  'P-521': ecAlgorithm('1.3.132.0.35'),
  secp256k1: ecAlgorithm('1.3.132.0.10'),
};

function ecAlgorithm(curve: string): Uint8Array {
  return derSequence(derOid(OID.ecPublicKey), derOid(curve));
}

/** Edwards curves are algorithms of their own, without parameters (RFC 8410 §3). */
const OKP_OIDS: Readonly<Record<OkpCurve, string>> = { Ed25519: '1.3.101.112', Ed448: '1.3.101.113' };

/** Parameter sets of ML-DSA are algorithms of their own, too (RFC 9881 §2). */
const ML_DSA_OIDS: Readonly<Record<string, string>> = {
  'ML-DSA-44': '2.16.840.1.101.3.4.3.17',
  'ML-DSA-65': '2.16.840.1.101.3.4.3.18',
  'ML-DSA-87': '2.16.840.1.101.3.4.3.19',
};

/** In front of a point with both coordinates (SEC 1 §2.3.3). */
const UNCOMPRESSED = 0x04;

/**
 * The DER SubjectPublicKeyInfo of a key; `undefined` for an AKP key of an unknown algorithm. Points are not checked.
 *
 * @example
 * ```ts
 * const der = spkiFromCoseKey(pair.publicKey);
 * ```
 */
export function spkiFromCoseKey(key: CoseKey): Uint8Array | undefined {
  if (key.kty === 'EC2') return derSequence(EC_ALGORITHMS[key.crv], derBitString(uncompressedPoint(key)));
  if (key.kty === 'OKP') return derSequence(derSequence(derOid(OKP_OIDS[key.crv])), derBitString(key.x));
  if (key.kty === 'AKP') return akpSpki(key);
  const algorithm = derSequence(derOid(OID.rsaEncryption), derNull());
  return derSequence(algorithm, derBitString(derSequence(derUnsigned(key.n), derUnsigned(key.e))));
}

function akpSpki(key: AkpKey): Uint8Array | undefined {
  const oid = ML_DSA_OIDS[coseAlgorithm(key.alg)?.name ?? ''];
  return oid === undefined ? undefined : derSequence(derSequence(derOid(oid)), derBitString(key.pub));
}

/** `04 || x || y`. */
export function uncompressedPoint(key: Pick<Ec2Key, 'x' | 'y'>): Uint8Array {
  return concat(Uint8Array.of(UNCOMPRESSED), key.x, key.y);
}

/** The key of `04 || x || y`; `undefined` when the length or the first byte is another. The point is not checked. */
export function ec2KeyFromPoint(alg: number, crv: EcCurve, point: Uint8Array): Ec2Key | undefined {
  const { bytes } = COSE_CURVES[crv];
  if (point.length !== 1 + 2 * bytes || point[0] !== UNCOMPRESSED) return undefined;
  return { kty: 'EC2', alg, crv, x: point.slice(1, 1 + bytes), y: point.slice(1 + bytes) };
}
