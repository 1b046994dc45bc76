/**
 * Issues certificates: what all of them have in common.
 *
 * @peculiar/x509 builds what is to be signed; the signature comes from our Crypto port, and so do keys and serial numbers. With a
 * seeded Crypto and the same year, every byte repeats.
 */
import type { Crypto, KeyPair } from '../crypto/crypto.js';
import { derBitString, derSequence, readSequence } from '../crypto/der.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import type { CoseKey } from '../ctap/cose.js';
import { toHex } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import {
  loadX509,
  type X509Extension,
  type X509Library,
  type X509Name,
  type X509NameParts,
} from './x509-library.js';

/** A key pair and the certificate for its public half. */
export interface CertifiedKey {
  readonly keyPair: KeyPair;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** Certificates are signed with ES256 only: every relying party can verify it. */
export const CERTIFICATE_ALGORITHM = -7;

/** Unique enough for a root whose certificates nobody counts, and short: certificates travel in messages of 1200 bytes. */
const SERIAL_NUMBER_LENGTH = 8;
/** Bytes of a key identifier, which may be made in any way that keeps keys apart (RFC 5280 §4.2.1.2). */
const KEY_ID_LENGTH = 8;

/** What tells one certificate from another. */
export interface CertificateOrder {
  readonly subject: X509NameParts;
  /** Milliseconds since the epoch, around which it is valid. */
  readonly now: number;
  /** From the start of `now`'s year on. */
  readonly years: number;
  /** Whoever signs: key identifiers are added here. */
  readonly extensions: (x509: X509Library) => readonly X509Extension[];
}

/** A self-signed certificate for a new key. Everything random is drawn when called. */
export async function issueRoot(crypto: Crypto, order: CertificateOrder): Promise<CertifiedKey> {
  const serial = drawSerial(crypto);
  const keyPair = await crypto.generateKeyPair(CERTIFICATE_ALGORITHM);
  const x509 = await loadX509();
  const name = new x509.Name(order.subject);
  const keyId = new x509.SubjectKeyIdentifierExtension(keyIdOf(crypto, keyPair.publicKey));
  const subject = { serial, keyPair, name, issuer: name, signingKey: keyPair };
  return { keyPair, certificate: await issue(x509, crypto, order, { ...subject, keyId }) };
}

/** A certificate under `root` for a new key. Everything random is drawn when called. */
export async function issueLeaf(
  crypto: Crypto,
  root: CertifiedKey,
  order: CertificateOrder,
): Promise<CertifiedKey> {
  const serial = drawSerial(crypto);
  const keyPair = await crypto.generateKeyPair(CERTIFICATE_ALGORITHM);
  return { keyPair, certificate: await underRoot(crypto, root, order, { serial, keyPair }) };
}

/** A certificate under `root` for a key that there is already. Everything random is drawn when called. */
export function certify(
  crypto: Crypto,
  root: CertifiedKey,
  order: CertificateOrder,
  publicKey: CoseKey,
): Promise<Uint8Array> {
  return underRoot(crypto, root, order, { serial: drawSerial(crypto), keyPair: { publicKey } });
}

async function underRoot(
  crypto: Crypto,
  root: CertifiedKey,
  order: CertificateOrder,
  { serial, keyPair }: Pick<Subject, 'serial' | 'keyPair'>,
): Promise<Uint8Array> {
  const x509 = await loadX509();
  return issue(x509, crypto, order, {
    serial,
    keyPair,
    name: new x509.Name(order.subject),
    issuer: new x509.X509Certificate(bufferSource(root.certificate)).subjectName,
    signingKey: root.keyPair,
    keyId: new x509.AuthorityKeyIdentifierExtension(keyIdOf(crypto, root.keyPair.publicKey)),
  });
}

/** Positive and of full length whatever was drawn (RFC 5280 §4.1.2.2): the first byte becomes 0x40 to 0x7f. */
function drawSerial(crypto: Crypto): Uint8Array {
  const serial = crypto.random.bytes(SERIAL_NUMBER_LENGTH);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** Whom a certificate is about, and who signs it. */
interface Subject {
  readonly serial: Uint8Array;
  readonly keyPair: Pick<KeyPair, 'publicKey'>;
  readonly name: X509Name;
  readonly issuer: X509Name;
  readonly signingKey: KeyPair;
  readonly keyId: X509Extension;
}

/** The library signs with WebCrypto keys only, so it gets an empty signature, which ours then replaces. */
async function issue(
  x509: X509Library,
  crypto: Crypto,
  order: CertificateOrder,
  { serial, keyPair, name, issuer, signingKey, keyId }: Subject,
): Promise<Uint8Array> {
  const unsigned = await x509.X509CertificateGenerator.create({
    serialNumber: toHex(serial),
    subject: name,
    issuer,
    ...validity(order),
    publicKey: bufferSource(spkiOf(keyPair.publicKey)),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signature: new Uint8Array(64),
    extensions: [...order.extensions(x509), keyId],
  });
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 §4.1)
  const [tbs, algorithm] = readSequence(new Uint8Array(unsigned.rawData)) ?? [];
  if (tbs === undefined || algorithm === undefined)
    throw new KeyrigError(
      'attestation-failed',
      'the certificate builder gave something that is not a certificate',
    );
  const signature = crypto.prepareSigner(signingKey)(tbs.raw);
  return derSequence(tbs.raw, algorithm.raw, derBitString(signature));
}

/** From the start of the year before `now`, so that no relying party's clock is too early and that a year's certificates agree. */
function validity({ now, years }: CertificateOrder): { notBefore: Date; notAfter: Date } {
  const year = new Date(now).getUTCFullYear();
  return {
    notBefore: new Date(Date.UTC(year - 1, 0, 1)),
    notAfter: new Date(Date.UTC(year + years, 0, 1)),
  };
}

function keyIdOf(crypto: Crypto, publicKey: CoseKey): string {
  return toHex(crypto.sha256(spkiOf(publicKey)).subarray(0, KEY_ID_LENGTH));
}

function spkiOf(publicKey: CoseKey): Uint8Array {
  const spki = spkiFromCoseKey(publicKey);
  if (spki === undefined)
    throw new KeyrigError('attestation-failed', `no certificate can hold a key of type ${publicKey.kty}`);
  return spki;
}

/** The library's types want bytes that are surely not shared memory. */
export function bufferSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
