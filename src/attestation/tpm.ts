/**
 * The "tpm" attestation statement (WebAuthn L3 §8.3): an attestation identity key (AIK) certifies the credential's key.
 */
import type { Crypto } from '../crypto/crypto.js';
import { derContext, derOid, derSequence } from '../crypto/der.js';
import type { CborValue } from '../ctap/cbor.js';
import { type AttestationKey, attestationKey, CERTIFICATE_BYTES, longestKey } from './attestation-key.js';
import { attestedCredential, only } from './attested-credential.js';
import { bufferSource, type CertifiedKey, issueLeaf } from './certificate-issuer.js';
import { fidoExtensions, noAuthority, plainExtension } from './certificates.js';
import type { AttestationInput, Attester, FormatVoucher, SingleStatement } from './statement.js';
import { certifyInfo, publicArea } from './tpm-structures.js';
import type { X509Extension, X509Library } from './x509-library.js';

/** Attributes of a TPM in its certificates (TCG EK Credential Profile §3.2.9). */
const TPM_ATTRIBUTES = {
  /** tcg-at-tpmManufacturer: the ID that the vendor registry sets aside for conformance tests; relying parties refuse unlisted ones. */
  '2.23.133.2.1': 'id:FFFFF1D0',
  /** tcg-at-tpmModel. */
  '2.23.133.2.2': 'keyrig test TPM',
  /** tcg-at-tpmVersion. */
  '2.23.133.2.3': 'id:00010000',
} as const;

/** Object identifiers of AIK certificates (WebAuthn L3 §8.3.1). */
const OID = {
  extendedKeyUsage: '2.5.29.37',
  subjectAlternativeName: '2.5.29.17',
  /** tcg-kp-AIKCertificate. */
  aikCertificate: '2.23.133.8.3',
} as const;
/** directoryName of GeneralName (RFC 5280 §4.2.1.6). */
const DIRECTORY_NAME = 4;
const VALIDITY_YEARS = 30;
/** The structures' version. */
const VERSION = '2.0';

/** The hash of `attToBeSigned` is that of `alg`; keys here sign with ES256, hence SHA-256. */
type Hash = Pick<Crypto, 'sha256'>;

/** An AIK that is ready to certify. */
interface Tpm {
  readonly aik: AttestationKey;
  readonly certInfo: (pubArea: Uint8Array, extraData: Uint8Array) => Uint8Array;
}

/**
 * The statement. `sig` is the signature itself, in WebAuthn's form: §8.3 speaks of a TPMT_SIGNATURE, but neither Windows nor the
 * specification's test vectors wrap it, and verifiers don't unwrap it.
 */
function tpmStatement({ sha256 }: Hash, input: AttestationInput, { aik, certInfo }: Tpm): SingleStatement {
  const pubArea = publicArea(attestedCredential(input).publicKey);
  const certified = certInfo(pubArea, sha256(input.authData, input.clientDataHash));
  const attStmt = new Map<string, CborValue>([
    ['ver', VERSION],
    ['alg', aik.algorithm],
    ['x5c', aik.x5c],
    ['sig', aik.sign(certified)],
    ['certInfo', certified],
    ['pubArea', pubArea],
  ]);
  return { fmt: 'tpm', attStmt };
}

/** What a TPM's attester is made from. */
export interface TpmAttesterOptions {
  readonly crypto: Crypto;
  readonly root: CertifiedKey;
  /** 16 bytes; in the AIK's certificate as well. */
  readonly aaguid: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A TPM with a fresh AIK certificate under `root`. */
export async function createTpmAttester(options: TpmAttesterOptions): Promise<Attester> {
  const { crypto, root, aaguid, now } = options;
  const key = await issueLeaf(crypto, root, {
    // "Subject field MUST be set to empty": the alternative name says who it is.
    subject: [],
    now,
    years: VALIDITY_YEARS,
    extensions: (x509) => [noAuthority(x509), ...aikExtensions(x509), ...fidoExtensions(x509, { aaguid })],
  });
  const tpm = tpmOf(crypto, key);
  return {
    ...tpmVoucher,
    type: 'attca',
    attest: (input) => tpmStatement(crypto, input, tpm),
    longest: (input) => longestStatement(input, key.certificate.length),
  };
}

function tpmOf(crypto: Crypto, key: CertifiedKey): Tpm {
  const signerArea = publicArea(key.keyPair.publicKey);
  return {
    aik: attestationKey(crypto, key),
    certInfo: (pubArea, extraData) => certifyInfo(crypto, { pubArea, signerArea, extraData }),
  };
}

/** The alternative name is critical because there is no other (RFC 5280 §4.2.1.6). */
function aikExtensions(x509: X509Library): readonly X509Extension[] {
  const attributes = Object.entries(TPM_ATTRIBUTES).map(([oid, text]) => ({ [oid]: [{ utf8String: text }] }));
  const name = new Uint8Array(new x509.Name(attributes).toArrayBuffer());
  const names = derSequence(derContext(DIRECTORY_NAME, name));
  return [
    plainExtension(x509, OID.extendedKeyUsage, derSequence(derOid(OID.aikCertificate))),
    new x509.Extension(OID.subjectAlternativeName, true, bufferSource(names)),
  ];
}

/** TPM 2.0 has RSA and the NIST curves. */
const vouchesFor = only(
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'ESP256',
  'ESP384',
  'ESP512',
);

function longestStatement(input: AttestationInput, certificateBytes: number): SingleStatement {
  const blank: Hash = { sha256: () => new Uint8Array(32) };
  return tpmStatement(blank, input, {
    aik: longestKey(certificateBytes),
    certInfo: (pubArea, extraData) => certifyInfo(blank, { pubArea, signerArea: pubArea, extraData }),
  });
}

/** What is known before there are keys. */
export const tpmVoucher: FormatVoucher = {
  format: 'tpm',
  vouchesFor,
  longest: (input) => longestStatement(input, CERTIFICATE_BYTES.aik),
};
