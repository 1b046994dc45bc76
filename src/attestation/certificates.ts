/**
 * Attestation certificates: a test root, and leaves as WebAuthn L3 §8.2.1 and §8.2.2 demand them.
 */
import type { Crypto } from '../crypto/crypto.js';
import { derNamedBits, derOctetString } from '../crypto/der.js';
import { utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { TransportName } from '../transport/transport.js';
import { bufferSource, type CertifiedKey, issueLeaf, issueRoot } from './certificate-issuer.js';
import type { X509Extension, X509Library, X509NameParts } from './x509-library.js';

export { CERTIFICATE_ALGORITHM, type CertifiedKey } from './certificate-issuer.js';

/** The one OU that a packed attestation certificate may have (WebAuthn L3 §8.2.1). */
export const ATTESTATION_UNIT = 'Authenticator Attestation';

/** Extensions that FIDO defines, under the arc 1.3.6.1.4.1.45724. None of them is critical. */
export const FIDO_EXTENSIONS = {
  /** id-fido-gen-ce-aaguid: an OCTET STRING with the AAGUID (WebAuthn L3 §8.2.1). */
  aaguid: '1.3.6.1.4.1.45724.1.1.4',
  /** id-fido-gen-ce-sernum: an OCTET STRING with what tells this one device; in enterprise attestation only (WebAuthn L3 §8.2.2). */
  serialNumber: '1.3.6.1.4.1.45724.1.1.2',
  /** id-fido-u2f-ce-transports: a BIT STRING of {@link TRANSPORT_BITS} (FIDO U2F Authenticator Transports Extension §3). */
  transports: '1.3.6.1.4.1.45724.2.1.1',
} as const;

/** Bits of the transports extension; the other transports have none. Bit 0 is Bluetooth Classic. */
const TRANSPORT_BITS: Partial<Readonly<Record<TransportName, number>>> = {
  ble: 1,
  usb: 2,
  nfc: 3,
  internal: 4,
};

/** Who a certificate is about. */
export interface CertificateSubject {
  /** ISO 3166, two letters. */
  readonly country: string;
  readonly organization: string;
  readonly commonName: string;
}

/** Years from the start of `now`'s year on that a certificate is valid; long, as real batch certificates are. */
const VALIDITY_YEARS = { root: 40, leaf: 30 } as const;
const AAGUID_LENGTH = 16;

/**
 * A self-signed CA certificate for a new key.
 *
 * @param now Milliseconds since the epoch
 */
export function mintRoot(
  crypto: Crypto,
  { organization, commonName }: Pick<CertificateSubject, 'organization' | 'commonName'>,
  now: number,
): Promise<CertifiedKey> {
  return issueRoot(crypto, {
    subject: [{ O: [{ utf8String: organization }] }, { CN: [{ utf8String: commonName }] }],
    now,
    years: VALIDITY_YEARS.root,
    extensions: (x509) => [
      // Path length 0: leaves directly below, and no other CA.
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
}

/** What a leaf is made from. */
export interface LeafOptions {
  readonly root: CertifiedKey;
  readonly subject: CertificateSubject;
  /** 16 bytes, the same as in the authenticator data that the leaf vouches for. Absent: for keys that are older than AAGUIDs. */
  readonly aaguid?: Uint8Array;
  /** What the device can be reached over; absent, the certificate doesn't say. */
  readonly transports?: readonly TransportName[];
  /** What tells this one device from all others of its model: for enterprise attestation, and for nothing else. */
  readonly serialNumber?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * An attestation certificate for a new key: version 3, C, O, OU and CN, no CA, and the extensions that `options` has something for.
 *
 * @throws KeyrigError `attestation-failed` for a subject or an AAGUID that no certificate can have
 */
export async function mintLeaf(crypto: Crypto, options: LeafOptions): Promise<CertifiedKey> {
  const { root, subject, aaguid, now } = options;
  if (aaguid !== undefined && aaguid.length !== AAGUID_LENGTH) {
    throw new KeyrigError('attestation-failed', `an AAGUID has 16 bytes, not ${aaguid.length}`, {
      facts: { length: aaguid.length },
    });
  }
  return issueLeaf(crypto, root, {
    subject: nameParts(subject),
    now,
    years: VALIDITY_YEARS.leaf,
    extensions: (x509) => [noAuthority(x509), ...fidoExtensions(x509, options)],
  });
}

/** The certificate signs no other certificates. */
export function noAuthority(x509: X509Library): X509Extension {
  return new x509.BasicConstraintsExtension(false, undefined, true);
}

/** An extension that those who don't know it may ignore. */
export function plainExtension(x509: X509Library, oid: string, value: Uint8Array): X509Extension {
  return new x509.Extension(oid, false, bufferSource(value));
}

/** FIDO's extensions as far as there is something to say. */
export function fidoExtensions(
  x509: X509Library,
  { aaguid, transports = [], serialNumber }: Pick<LeafOptions, 'aaguid' | 'transports' | 'serialNumber'>,
): readonly X509Extension[] {
  const values: [string, Uint8Array][] = [];
  if (aaguid !== undefined) values.push([FIDO_EXTENSIONS.aaguid, derOctetString(aaguid)]);
  const bits = transports.flatMap((name) => TRANSPORT_BITS[name] ?? []);
  if (bits.length > 0) values.push([FIDO_EXTENSIONS.transports, derNamedBits(bits)]);
  if (serialNumber !== undefined)
    values.push([FIDO_EXTENSIONS.serialNumber, derOctetString(utf8(serialNumber))]);
  return values.map(([oid, value]) => plainExtension(x509, oid, value));
}

/** C is a PrintableString and the others are UTF8Strings, whatever their characters (WebAuthn L3 §8.2.1). */
function nameParts(subject: CertificateSubject): X509NameParts {
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
    { OU: [{ utf8String: ATTESTATION_UNIT }] },
    { CN: [{ utf8String: commonName }] },
  ];
}
