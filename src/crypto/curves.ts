/**
 * The prime-order curves behind ECDSA: group orders and private scalars (SEC 2; FIPS 186-5 §3).
 */
import { COSE_CURVES, type EcCurve } from '../ctap/cose.js';
import { toHex } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Random } from '../ports.js';

/** Facts of one curve. */
interface CurveFacts {
  /** OpenSSL's name. */
  readonly openssl: string;
  /** The order of the group: private scalars are 1 … order - 1. */
  readonly order: bigint;
  /** Bits of the order that do not fill a byte are cleared in candidates with this mask. */
  readonly topByteMask: number;
}

/** By COSE name. */
export const EC_CURVES: Readonly<Record<EcCurve, CurveFacts>> = {
  'P-256': {
    openssl: 'prime256v1',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    topByteMask: 0xff,
  },
  'P-384': {
    openssl: 'secp384r1',
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    topByteMask: 0xff,
  },
  'P-521': {
    openssl: 'secp521r1',
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    topByteMask: 0x01,
  },
  secp256k1: {
    openssl: 'secp256k1',
    order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    topByteMask: 0xff,
  },
};

/** Whether the bytes are a private scalar of the curve, in its one length. */
export function isScalar(curve: EcCurve, scalar: Uint8Array): boolean {
  if (scalar.length !== COSE_CURVES[curve].bytes) return false;
  const value = toBigInt(scalar);
  return value > 0n && value < EC_CURVES[curve].order;
}

/** A scalar that the caller hands in. @throws KeyrigError `crypto-invalid-key` */
export function assertScalar(curve: EcCurve, scalar: Uint8Array): void {
  if (isScalar(curve, scalar)) return;
  throw new KeyrigError('crypto-invalid-key', `the private key is not a scalar of ${curve}`, {
    facts: { curve, length: scalar.length },
  });
}

/** A uniform private scalar by rejection (FIPS 186-5 §A.2.2). Each draw takes one coordinate's length from `random`. */
export function randomScalar(curve: EcCurve, random: Random): Uint8Array {
  const { topByteMask } = EC_CURVES[curve];
  for (;;) {
    const candidate = random.bytes(COSE_CURVES[curve].bytes);
    candidate[0] = (candidate[0] ?? 0) & topByteMask;
    if (isScalar(curve, candidate)) return candidate;
  }
}

/** The big-endian integer. */
export function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}
