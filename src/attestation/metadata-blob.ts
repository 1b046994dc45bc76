/**
 * A signed metadata BLOB, as the FIDO Metadata Service publishes them (MDS v3.0 §3.1): a JWT with the certificate that verifies it.
 */
import type { Crypto } from '../crypto/crypto.js';
import { readUnsignedSequence } from '../crypto/der.js';
import { concat, toBase64, toBase64url, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import { type CertifiedKey, issueLeaf } from './certificate-issuer.js';
import { noAuthority } from './certificates.js';
import { LEGAL_HEADER, type MetadataStatement } from './metadata.js';
import { TEST_ORGANIZATION } from './test-root.js';

const DAY = 86_400_000;
/** Days until a relying party should look for a newer one. */
const VALID_FOR = 30;
const VALIDITY_YEARS = 2;
/** Bytes of each number of an ES256 signature. */
const SCALAR = 32;

/** What a BLOB is made from. */
export interface MetadataBlobOptions {
  readonly crypto: Crypto;
  /** Signs the certificate of the key that signs the BLOB. A relying party has to trust it for metadata. */
  readonly root: CertifiedKey;
  readonly statements: readonly MetadataStatement[];
  /** Milliseconds since the epoch. Later BLOBs have higher numbers, by the second. */
  readonly now: number;
}

/**
 * The BLOB.
 *
 * @example
 * ```ts
 * const jwt = await metadataBlob({ crypto, root, statements: [metadataStatement(source)], now: clock.now() });
 * ```
 */
export async function metadataBlob(options: MetadataBlobOptions): Promise<string> {
  const { crypto, root, now } = options;
  const key = await issueLeaf(crypto, root, {
    subject: [{ O: [{ utf8String: TEST_ORGANIZATION }] }, { CN: [{ utf8String: 'keyrig test metadata' }] }],
    now,
    years: VALIDITY_YEARS,
    extensions: (x509) => [
      noAuthority(x509),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  // JWS: ES256 is the two numbers side by side (RFC 7518 §3.4), and x5c is base64, not base64url (RFC 7515 §4.1.6).
  const header = { alg: 'ES256', typ: 'JWT', x5c: [toBase64(key.certificate)] };
  const signed = `${part(header)}.${part(payload(options))}`;
  const signature = crypto.prepareSigner(key.keyPair)(utf8(signed));
  return `${signed}.${toBase64url(sideBySide(signature))}`;
}

/** MetadataBLOBPayload (§3.1.6). */
function payload({ statements, now }: MetadataBlobOptions) {
  return {
    legalHeader: LEGAL_HEADER,
    no: Math.floor(now / 1000),
    nextUpdate: dateOf(now + VALID_FOR * DAY),
    entries: statements.map((metadataStatement) => ({
      aaguid: metadataStatement.aaguid,
      metadataStatement,
      statusReports: [{ status: 'NOT_FIDO_CERTIFIED', effectiveDate: dateOf(now) }],
      timeOfLastStatusChange: dateOf(now),
    })),
  };
}

/** ISO 8601, the day only. */
function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

function part(value: object): string {
  return toBase64url(utf8(JSON.stringify(value)));
}

function sideBySide(der: Uint8Array): Uint8Array {
  const numbers = readUnsignedSequence(der);
  if (numbers?.length !== 2) throw new KeyrigError('internal', 'an ES256 signature is not two numbers');
  return concat(...numbers.map((number) => concat(new Uint8Array(SCALAR - number.length), number)));
}
