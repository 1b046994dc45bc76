/**
 * The prime-order curves behind ECDSA: group orders and private scalars (SEC 2; FIPS 186-5 §3).
 */
import { COSE_CURVES, type EcCurve } from '../ctap/cose.js';
import { fromHex, toHex } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Random } from '../ports.js';

/** Facts of one curve. */
interface CurveFacts {
  /** OpenSSL's name. */
  readonly openssl: string;
  /** The order of the group, as long as a scalar: private scalars are 1 … order - 1. */
  readonly order: Uint8Array;
  /** Bits of the order that do not fill a byte are cleared in candidates with this mask. */
  readonly topByteMask: number;
}

/** By COSE name. */
export const EC_CURVES: Readonly<Record<EcCurve, CurveFacts>> = {
  'P-256': {
    openssl: 'prime256v1',
    order: hex('ffffffff00000000ffffffffffffffff bce6faada7179e84f3b9cac2fc632551'),
    topByteMask: 0xff,
  },
  'P-384': {
    openssl: 'secp384r1',
    order: hex(
      'ffffffffffffffffffffffffffffffffffffffffffffffff c7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
    topByteMask: 0xff,
  },
  'P-521': {
    openssl: 'secp521r1',
    order: hex(`01${'f'.repeat(65)} a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
    topByteMask: 0x01,
  },
  secp256k1: {
    openssl: 'secp256k1',
    order: hex('fffffffffffffffffffffffffffffffe baaedce6af48a03bbfd25e8cd0364141'),
    topByteMask: 0xff,
  },
};

function hex(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array(0);
}

/** Whether the bytes are a private scalar of the curve, in its one length. By bytes: a bigint of each would take ten times as long. */
export function isScalar(curve: EcCurve, scalar: Uint8Array): boolean {
  const { order } = EC_CURVES[curve];
  return scalar.length === order.length && isBelow(scalar, order) && scalar.some((byte) => byte !== 0);
}

/** Compares integers of one length, big-endian. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
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
