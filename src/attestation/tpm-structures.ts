/**
 * The two TPM 2.0 structures of the "tpm" format (WebAuthn L3 §8.3), marshalled as TPMs do: big-endian, sizes of two bytes (TCG TPM 2.0
 * Library, Part 2: Structures).
 */
import type { Crypto } from '../crypto/crypto.js';
import type { CoseKey, EcCurve, RsaKey } from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';

/** TPM_ALG_ID (Part 2 §6.3). */
const ALG = {
  RSA: 0x0001,
  SHA256: 0x000b,
  /** No algorithm: no symmetric cipher, no fixed scheme, no key derivation. */
  NULL: 0x0010,
  ECC: 0x0023,
} as const;

/** TPM_ECC_CURVE (Part 2 §6.4). secp256k1 has none. */
const CURVES: Partial<Readonly<Record<EcCurve, number>>> = {
  'P-256': 0x0003,
  'P-384': 0x0004,
  'P-521': 0x0005,
};

/** Bits of TPMA_OBJECT (Part 2 §8.3): a signing key that was made in this TPM and never leaves it. */
const OBJECT = {
  fixedTPM: 1 << 1,
  fixedParent: 1 << 4,
  sensitiveDataOrigin: 1 << 5,
  userWithAuth: 1 << 6,
  sign: 1 << 18,
} as const;

/** TPM_GENERATED_VALUE: the structure was made inside of a TPM. */
const GENERATED = 0xff544347;
/** TPM_ST_ATTEST_CERTIFY: one key certifies another. */
const ATTEST_CERTIFY = 0x8017;

/** What TPMs say of their clock, which nobody verifies: running since its last reset, which was its first. */
const CLOCK = { clock: 0, resetCount: 1, restartCount: 0, safe: 1 } as const;
/** Shows as 1.0. */
const FIRMWARE_VERSION = 0x00010000;

/** Big-endian, `width` bytes. */
function uint(value: number, width: number): Uint8Array {
  const out = new Uint8Array(width);
  for (let at = width - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 0x100))
    out[at] = rest % 0x100;
  return out;
}

/** TPM2B: a size of two bytes, then the content. */
function sized(content: Uint8Array): Uint8Array {
  return concat(uint(content.length, 2), content);
}

/**
 * TPMT_PUBLIC (Part 2 §12.2.4) of a credential's public key.
 *
 * @throws KeyrigError `attestation-failed` for a key that no TPM has
 */
export function publicArea(key: CoseKey): Uint8Array {
  const type = key.kty === 'RSA' ? ALG.RSA : ALG.ECC;
  const attributes = Object.values(OBJECT).reduce((sum, bit) => sum | bit, 0);
  const noPolicy = sized(new Uint8Array(0));
  return concat(uint(type, 2), uint(ALG.SHA256, 2), uint(attributes, 4), noPolicy, parametersAndKey(key));
}

/** TPMU_PUBLIC_PARMS and TPMU_PUBLIC_ID (Part 2 §12.2.3). */
function parametersAndKey(key: CoseKey): Uint8Array {
  const noCipher = uint(ALG.NULL, 2);
  const anyScheme = uint(ALG.NULL, 2);
  if (key.kty === 'RSA') return concat(noCipher, anyScheme, rsa(key));
  const curve = key.kty === 'EC2' ? CURVES[key.crv] : undefined;
  if (key.kty !== 'EC2' || curve === undefined)
    throw new KeyrigError('attestation-failed', `no TPM has a key of type ${key.kty} on its curve`);
  return concat(noCipher, anyScheme, uint(curve, 2), uint(ALG.NULL, 2), sized(key.x), sized(key.y));
}

/** Bits of the modulus, the exponent, the modulus. An exponent of 0 stands for 65537. */
function rsa({ n }: RsaKey): Uint8Array {
  return concat(uint(n.length * 8, 2), uint(0, 4), sized(n));
}

/** The name of an object: the number of the hash function, then the hash of its public area (Part 1 §16). */
function nameOf(crypto: Hash, area: Uint8Array): Uint8Array {
  return concat(uint(ALG.SHA256, 2), crypto.sha256(area));
}

/** All hashes here are SHA-256. */
type Hash = Pick<Crypto, 'sha256'>;

/** What `certInfo` is about. */
export interface Certification {
  /** TPMT_PUBLIC of the certified key. */
  readonly pubArea: Uint8Array;
  /** TPMT_PUBLIC of the key that signs. */
  readonly signerArea: Uint8Array;
  /** The hash that the TPM was given to sign along. */
  readonly extraData: Uint8Array;
}

/** TPMS_ATTEST with TPMS_CERTIFY_INFO (Part 2 §10.12.8): this TPM has the key of `pubArea`. */
export function certifyInfo(crypto: Hash, { pubArea, signerArea, extraData }: Certification): Uint8Array {
  const name = nameOf(crypto, pubArea);
  return concat(
    uint(GENERATED, 4),
    uint(ATTEST_CERTIFY, 2),
    sized(nameOf(crypto, signerArea)),
    sized(extraData),
    uint(CLOCK.clock, 8),
    uint(CLOCK.resetCount, 4),
    uint(CLOCK.restartCount, 4),
    uint(CLOCK.safe, 1),
    uint(FIRMWARE_VERSION, 8),
    sized(name),
    // The qualified name depends on the hierarchy above the key; a key right below its hierarchy is named like itself.
    sized(name),
  );
}
