/**
 * A credential on its way between a store and a file, in whatever shape the file has it.
 */
import type { StoredCredential } from '../../authenticator/ports.js';
import type { KeyPair } from '../../crypto/crypto.js';
import { createNodeCrypto } from '../../crypto/node.js';
import { pkcs8FromKeyPair, readPkcs8 } from '../../crypto/pkcs8.js';
import { type CoseAlgorithmId, coseAlgorithm } from '../../ctap/cose.js';
import { fromBase64url, toBase64url } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';

/** A credential with the signature counter that it was seen with, where the file says one. */
export interface PortableCredential {
  readonly credential: Omit<StoredCredential, 'created'>;
  readonly signCount: number | undefined;
}

/** Something in a file that is not as it should be. */
export class ShapeFault extends Error {
  override readonly name = 'ShapeFault';
  /** Below the credential. */
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[], expected: string) {
    super(expected);
    this.path = path;
  }
}

/** OpenSSL restores and checks key pairs; nothing is drawn. */
const crypto = createNodeCrypto();

/** Base64 of either alphabet, padded or not (RFC 4648 §4, §5). @throws ShapeFault */
export function bytesAt(path: readonly PropertyKey[], text: string): Uint8Array {
  const bytes = fromBase64url(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  );
  if (bytes !== undefined) return bytes;
  throw new ShapeFault(path, 'expected base64 or base64url');
}

/** Base64 with padding, as CDP has it. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/**
 * The key pair in a base64 PKCS#8 structure.
 *
 * @param algorithm Where the file says one; by default what keys of this type usually have.
 * @throws ShapeFault
 */
export function keyPairAt(path: readonly PropertyKey[], text: string, algorithm?: CoseAlgorithmId): KeyPair {
  const read = readPkcs8(bytesAt(path, text));
  if (read === undefined) throw new ShapeFault(path, 'expected an unencrypted PKCS#8 private key');
  const wanted = algorithm ?? read.algorithm;
  if (typeOf(wanted) !== typeOf(read.algorithm))
    throw new ShapeFault(path, `expected a key for ${coseAlgorithm(wanted)?.name}`);
  try {
    return crypto.importKeyPair(wanted, read.privateKey);
  } catch (error) {
    if (!(error instanceof KeyrigError)) throw error;
    throw new ShapeFault(path, `expected a usable private key: ${error.message}`);
  }
}

/** What algorithms of one type of key have in common. */
function typeOf(id: CoseAlgorithmId): string | undefined {
  const algorithm = coseAlgorithm(id);
  return algorithm === undefined || !('curve' in algorithm) ? algorithm?.kind : algorithm.curve;
}

/** Base64url PKCS#8. @throws KeyrigError `crypto-unsupported` for keys that have no such form here */
export function toPkcs8(pair: KeyPair): Uint8Array {
  const der = pkcs8FromKeyPair(pair);
  if (der !== undefined) return der;
  const name = coseAlgorithm(pair.algorithm)?.name ?? pair.algorithm;
  throw new KeyrigError('crypto-unsupported', `private keys of ${name} can not be written`, {
    hint: 'export the others: --rp, or delete this one first',
  });
}

/** The same as text. */
export function toPkcs8Text(pair: KeyPair): string {
  return toBase64url(toPkcs8(pair));
}
