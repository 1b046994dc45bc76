/**
 * The part of @peculiar/x509 that is used here, loaded when first needed: it takes a third of a second.
 *
 * The package's own declarations name types of the browser's DOM library, which this project neither has nor wants, and
 * declarations of packages are checked here. So the package is loaded by name, and what is used of it is described below.
 */

/** Bytes that are surely not shared memory. */
type Bytes = Uint8Array<ArrayBuffer>;

/** An attribute's value with its ASN.1 string type. */
export type X509String = { readonly printableString: string } | { readonly utf8String: string };

/** A distinguished name to build: one attribute per entry, in order. */
export type X509NameParts = readonly Readonly<Record<string, readonly X509String[]>>[];

/** A parsed name, which is written again with the string types that it had. */
export interface X509Name {
  toArrayBuffer(): ArrayBuffer;
}

/** An extension, ready for a certificate. */
export interface X509Extension {
  readonly type: string;
  readonly critical: boolean;
}

/** A parsed or generated certificate. */
interface X509Certificate {
  /** DER. */
  readonly rawData: ArrayBuffer;
  readonly subjectName: X509Name;
}

/** What a certificate is generated from when its signature is made elsewhere. */
interface X509CertificateParameters {
  /** Hexadecimal. */
  readonly serialNumber: string;
  readonly subject: X509Name;
  readonly issuer: X509Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  readonly signingAlgorithm: { readonly name: 'ECDSA'; readonly hash: 'SHA-256' };
  /** `r || s`. */
  readonly signature: Bytes;
  readonly extensions: readonly X509Extension[];
}

/** The exports of @peculiar/x509 2.x that are used here. */
export interface X509Library {
  readonly Name: new (parts: X509NameParts) => X509Name;
  readonly X509Certificate: new (der: Bytes) => X509Certificate;
  readonly X509CertificateGenerator: {
    create(parameters: X509CertificateParameters): Promise<X509Certificate>;
  };
  readonly Extension: new (type: string, critical: boolean, value: Bytes) => X509Extension;
  readonly BasicConstraintsExtension: new (
    ca: boolean,
    pathLength: number | undefined,
    critical: boolean,
  ) => X509Extension;
  readonly KeyUsagesExtension: new (usages: number, critical: boolean) => X509Extension;
  readonly KeyUsageFlags: Readonly<Record<'digitalSignature' | 'keyCertSign' | 'cRLSign', number>>;
  /** The identifier in hexadecimal. */
  readonly SubjectKeyIdentifierExtension: new (
    keyId: string,
  ) => X509Extension;
  readonly AuthorityKeyIdentifierExtension: new (keyId: string) => X509Extension;
}

/** Widened to a plain string, so that the compiler does not look for declarations. */
const PACKAGE: string = '@peculiar/x509';

/** The library, with the polyfill that it needs to find in place. */
export async function loadX509(): Promise<X509Library> {
  await import('reflect-metadata');
  return import(PACKAGE);
}
