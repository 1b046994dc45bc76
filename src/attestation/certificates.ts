/**
 * Attestation certificates: a test root, and leaves as WebAuthn L3 §8.2.1 demands them.
 *
 * @peculiar/x509 builds what is to be signed; the signature comes from our Crypto port, and so do keys and serial numbers. With a
 * seeded Crypto and the same year, every byte repeats.
 */
import type { Crypto, KeyPair } from '../crypto/crypto.js';
import { derBitString, derOctetString, derSequence, readSequence } from '../crypto/der.js';
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

/** The one OU that a packed attestation certificate may have (WebAuthn L3 §8.2.1). */
export const ATTESTATION_UNIT = 'Authenticator Attestation';

/** Extensions that FIDO defines, under the arc 1.3.6.1.4.1.45724. */
export const FIDO_EXTENSIONS = {
  /** id-fido-gen-ce-aaguid: an OCTET STRING with the AAGUID; never critical (WebAuthn L3 §8.2.1). */
  aaguid: '1.3.6.1.4.1.45724.1.1.4',
} as const;

/** Who a certificate is about. */
export interface CertificateSubject {
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly organization: string;
  readonly commonName: string;
}

/** A key pair and the certificate for its public half. */
export interface CertifiedKey {
  readonly keyPair: KeyPair;
  /** DER. */
  readonly certificate: Uint8Array;
}

/** Certificates are signed with ES256 only: every relying party can verify it. */
export const CERTIFICATE_ALGORITHM = -7;

/** Years from the start of `now`'s year on that a certificate is valid; long, as real batch certificates are. */
const VALIDITY_YEARS = { root: 40, leaf: 30 } as const;
const SERIAL_NUMBER_LENGTH = 16;
const AAGUID_LENGTH = 16;
/** Bytes of a key identifier: the left part of the key's SHA-256 (RFC 7093 §2, method 1). */
const KEY_ID_LENGTH = 20;

/**
 * A self-signed CA certificate for a new key.
 *
 * @param now Milliseconds since the epoch
 */
export async function mintRoot(
  crypto: Crypto,
  subject: CertificateSubject,
  now: number,
): Promise<CertifiedKey> {
  const { serial, keyPair, x509 } = await draw(crypto);
  const name = new x509.Name(nameParts(subject, 'Test Certificate Authority'));
  const keyId = keyIdOf(crypto, keyPair.publicKey);
  const certificate = await issue(x509, crypto, {
    serial,
    subject: name,
    issuer: name,
    publicKey: keyPair.publicKey,
    signingKey: keyPair,
    validity: validity(now, VALIDITY_YEARS.root),
    extensions: [
      // Path length 0: leaves directly below, and no other CA.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectKeyIdentifierExtension(keyId),
    ],
  });
  return { keyPair, certificate };
}

/** What a leaf is made from. */
export interface LeafOptions {
  readonly root: CertifiedKey;
  readonly subject: CertificateSubject;
  /** 16 bytes, the same as in the authenticator data that the leaf vouches for. */
  readonly aaguid: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An attestation certificate for a new key (WebAuthn L3 §8.2.1): version 3, C, O, OU and CN, no CA, the AAGUID not critical. */
export async function mintLeaf(crypto: Crypto, options: LeafOptions): Promise<CertifiedKey> {
  const { root, subject, aaguid, now } = options;
  if (aaguid.length !== AAGUID_LENGTH) {
    throw new KeyrigError('attestation-failed', `an AAGUID has 16 bytes, not ${aaguid.length}`, {
      facts: { length: aaguid.length },
    });
  }
  const { serial, keyPair, x509 } = await draw(crypto);
  const certificate = await issue(x509, crypto, {
    serial,
    subject: new x509.Name(nameParts(subject, ATTESTATION_UNIT)),
    issuer: new x509.X509Certificate(bufferSource(root.certificate)).subjectName,
    publicKey: keyPair.publicKey,
    signingKey: root.keyPair,
    validity: validity(now, VALIDITY_YEARS.leaf),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.Extension(FIDO_EXTENSIONS.aaguid, false, bufferSource(derOctetString(aaguid))),
      new x509.SubjectKeyIdentifierExtension(keyIdOf(crypto, keyPair.publicKey)),
      new x509.AuthorityKeyIdentifierExtension(keyIdOf(crypto, root.keyPair.publicKey)),
    ],
  });
  return { keyPair, certificate };
}

/** Everything random, asked for in one go: draws of others that run meanwhile come before or after, never in between. */
async function draw(crypto: Crypto): Promise<{ serial: Uint8Array; keyPair: KeyPair; x509: X509Library }> {
  const serial = crypto.random.bytes(SERIAL_NUMBER_LENGTH);
  // Positive and of full length whatever was drawn (RFC 5280 §4.1.2.2): the first byte becomes 0x40 to 0x7f.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const keyPair = await crypto.generateKeyPair(CERTIFICATE_ALGORITHM);
  return { serial, keyPair, x509: await loadX509() };
}

interface Issue {
  readonly serial: Uint8Array;
  readonly subject: X509Name;
  readonly issuer: X509Name;
  readonly publicKey: CoseKey;
  readonly signingKey: KeyPair;
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date };
  readonly extensions: readonly X509Extension[];
}

/** The library signs with WebCrypto keys only, so it gets an empty signature, which ours then replaces. */
async function issue(x509: X509Library, crypto: Crypto, order: Issue): Promise<Uint8Array> {
  const unsigned = await x509.X509CertificateGenerator.create({
    serialNumber: toHex(order.serial),
    subject: order.subject,
    issuer: order.issuer,
    ...order.validity,
    publicKey: bufferSource(spkiOf(order.publicKey)),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signature: new Uint8Array(64),
    extensions: order.extensions,
  });
  // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 §4.1)
  const [tbs, algorithm] = readSequence(new Uint8Array(unsigned.rawData)) ?? [];
  if (tbs === undefined || algorithm === undefined)
    throw new KeyrigError(
      'attestation-failed',
      'the certificate builder gave something that is not a certificate',
    );
  const signature = crypto.prepareSigner(order.signingKey)(tbs.raw);
  return derSequence(tbs.raw, algorithm.raw, derBitString(signature));
}

/** C is a PrintableString and the others are UTF8Strings, whatever their characters (WebAuthn L3 §8.2.1). */
function nameParts(subject: CertificateSubject, unit: string): X509NameParts {
  const { country, organization, commonName } = subject;
  if (!/^[A-Z]{2}$/.test(country) || organization === '' || commonName === '') {
    throw new KeyrigError(
      'attestation-failed',
      'a certificate needs a country of two letters, an organization and a name',
      {
        hint: 'use "XX" for no country in particular',
        facts: { country, organization, commonName },
      },
    );
  }
  return [
    { C: [{ printableString: country }] },
    { O: [{ utf8String: organization }] },
    { OU: [{ utf8String: unit }] },
    { CN: [{ utf8String: commonName }] },
  ];
}

/** From the start of the year before `now`, so that no relying party's clock is too early and that a year's certificates agree. */
function validity(now: number, years: number): { notBefore: Date; notAfter: Date } {
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
function bufferSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
