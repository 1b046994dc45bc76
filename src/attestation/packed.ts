/**
 * The "packed" attestation statement (WebAuthn L3 §8.2), signed by the credential itself or by an attestation key.
 */
import type { Signer } from '../crypto/crypto.js';
import type { CborValue } from '../ctap/cbor.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import type { AttestationInput, AttestationStatement } from './statement.js';

/** The attestation key of a packed statement, ready to sign. */
export interface AttestationKey {
  readonly algorithm: CoseAlgorithmId;
  readonly sign: Signer;
  /** Certificates in DER, the attestation key's own first; the root is left out. */
  readonly x5c: readonly Uint8Array[];
}

/** Self attestation: the credential's key signs, there is no certificate, and `alg` is the credential's (§8.2, verification step 3). */
export function packedSelfStatement(input: AttestationInput): AttestationStatement {
  const { algorithm, sign } = input.credential;
  return packed(algorithm, sign(signedBytes(input)), []);
}

/** Basic or enterprise attestation: another key signs, and its certificates come along. */
export function packedStatement(input: AttestationInput, key: AttestationKey): AttestationStatement {
  return packed(key.algorithm, key.sign(signedBytes(input)), key.x5c);
}

/** `authData || clientDataHash`. */
function signedBytes(input: AttestationInput): Uint8Array {
  return concat(input.authData, input.clientDataHash);
}

function packed(alg: number, sig: Uint8Array, x5c: readonly Uint8Array[]): AttestationStatement {
  const attStmt = new Map<string, CborValue>([
    ['alg', alg],
    ['sig', sig],
  ]);
  if (x5c.length > 0) attStmt.set('x5c', x5c);
  return { fmt: 'packed', attStmt };
}
