/**
 * RSA keys from their two primes, the compact form in which the Crypto port holds them.
 */
import { generateKeyPair, type JsonWebKey } from 'node:crypto';
import { concat, fromHex, toBase64url } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { toBigInt } from './curves.js';
import { readUnsignedSequence } from './der.js';

/** Bits of the modulus of keys made here: what relying parties and real keys use with RS256. */
const MODULUS_BITS = 2048;
/** The public exponent of every key made here. */
const EXPONENT = 65_537n;

/** The modulus and exponent as a COSE key holds them. */
export interface RsaPublicParts {
  readonly n: Uint8Array;
  readonly e: Uint8Array;
}

/** The public half of `p || q`. @throws KeyrigError `crypto-invalid-key` */
export function rsaPublicParts(primes: Uint8Array): RsaPublicParts {
  const [p, q] = split(primes);
  return { n: fromBigInt(p * q), e: fromBigInt(EXPONENT) };
}

/** The whole private key of `p || q` as a JWK (RFC 7518 §6.3), for import. @throws KeyrigError `crypto-invalid-key` */
export function rsaJwk(primes: Uint8Array): JsonWebKey {
  const [p, q] = split(primes);
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const jwk = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.entries(jwk).map(([name, value]) => [name, toBase64url(fromBigInt(value))]);
  return { kty: 'RSA', ...Object.fromEntries(members) };
}

/** Two new primes, in OpenSSL's thread pool so that nothing waits on this but the caller. */
export async function generateRsaPrimes(): Promise<Uint8Array> {
  const der = await new Promise<Uint8Array>((resolve, reject) => {
    generateKeyPair(
      'rsa',
      {
        modulusLength: MODULUS_BITS,
        publicExponent: Number(EXPONENT),
        publicKeyEncoding: { format: 'der', type: 'pkcs1' },
        privateKeyEncoding: { format: 'der', type: 'pkcs1' },
      },
      (error, _publicKey, privateKey) => (error === null ? resolve(privateKey) : reject(error)),
    );
  });
  // RSAPrivateKey (RFC 8017 §A.1.2): version, n, e, d, p, q, …
  const [, , , , p, q] = readUnsignedSequence(der) ?? [];
  if (p === undefined || q === undefined)
    throw new KeyrigError('internal', 'OpenSSL wrote an RSA key that is not a sequence of integers');
  return concat(p, q);
}

function split(primes: Uint8Array): readonly [bigint, bigint] {
  const half = primes.length / 2;
  const p = toBigInt(primes.subarray(0, half));
  const q = toBigInt(primes.subarray(half));
  // Even or tiny halves would only fail inside of OpenSSL, where the reason is lost.
  if (!Number.isInteger(half) || p % 2n !== 1n || q % 2n !== 1n || p < 3n || q < 3n || p === q) {
    throw new KeyrigError('crypto-invalid-key', 'the private key is not two primes of equal length', {
      facts: { length: primes.length },
    });
  }
  return [p, q];
}

function fromBigInt(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`) ?? new Uint8Array(0);
}

/** The multiplicative inverse, by the extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [oldRest, rest] = [value % modulus, modulus];
  let [oldFactor, factor] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = oldRest / rest;
    [oldRest, rest] = [rest, oldRest - quotient * rest];
    [oldFactor, factor] = [factor, oldFactor - quotient * factor];
  }
  if (oldRest !== 1n)
    throw new KeyrigError('crypto-invalid-key', 'the RSA primes do not fit the public exponent');
  return ((oldFactor % modulus) + modulus) % modulus;
}
