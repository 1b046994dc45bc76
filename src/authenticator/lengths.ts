/**
 * Lengths that the key decides on, in bytes. What its answers are made of is never longer, whatever a platform sends.
 */
import { COSE_CURVES, type CoseAlgorithm, type CoseAlgorithmId, coseAlgorithm } from '../ctap/cose.js';
import { utf8 } from '../data/bytes.js';

export const LENGTHS = {
  /** The random ID of a discoverable credential. */
  discoverableId: 32,
  /** The ID of a biometric template. */
  templateId: 8,
  /** The longest user handle (WebAuthn L3 §5.4.3). */
  userHandle: 64,
  /** What is kept of the user's name and of the display name: the least that has to be (WebAuthn L3 §6.4.1). */
  userName: 64,
  /** RSA moduli, the only ones that we make. */
  rsaModulus: 256,
} as const;

/** The longest signature of an algorithm in WebAuthn's wire form. */
export function longestSignature(id: CoseAlgorithmId): number {
  const algorithm: CoseAlgorithm | undefined = coseAlgorithm(id);
  if (algorithm?.kind === 'ecdsa') return longestDerSignature(COSE_CURVES[algorithm.curve].bytes);
  if (algorithm?.kind === 'eddsa') return 2 * COSE_CURVES[algorithm.curve].bytes;
  if (algorithm?.kind === 'ml-dsa') return algorithm.signatureBytes;
  return LENGTHS.rsaModulus;
}

/** SEQUENCE { INTEGER r, INTEGER s }: a number with its highest bit set takes another byte, a sequence from 128 bytes on another one. */
function longestDerSignature(scalar: number): number {
  const numbers = 2 * (2 + 1 + scalar);
  return (numbers < 128 ? 2 : 3) + numbers;
}

/** A user's name as it is kept: cut at the end of a character where it is too long (WebAuthn L3 §6.4.1). */
export function shortened(name: string): string {
  // A UTF-16 unit takes three bytes at most, so nearly all names pass here.
  if (name.length * 3 <= LENGTHS.userName) return name;
  let kept = '';
  let bytes = 0;
  for (const character of name) {
    bytes += utf8(character).length;
    if (bytes > LENGTHS.userName) break;
    kept += character;
  }
  return kept;
}
