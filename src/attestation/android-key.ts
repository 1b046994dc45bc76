/**
 * The "android-key" attestation statement (WebAuthn L3 §8.4): the credential's key has a certificate that says how Android's key store
 * keeps it.
 */
import type { Crypto } from '../crypto/crypto.js';
import { derContext, derEnumerated, derNumber, derOctetString, derSequence, derSet } from '../crypto/der.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import type { CborValue } from '../ctap/cbor.js';
import { COSE_CURVES, type CoseKey, type EcCurve } from '../ctap/cose.js';
import { concat } from '../data/bytes.js';
import { CERTIFICATE_BYTES } from './attestation-key.js';
import { attestedCredential, only } from './attested-credential.js';
import { type CertifiedKey, certify } from './certificate-issuer.js';
import { noAuthority, plainExtension } from './certificates.js';
import type { AttestationInput, Attester, FormatVoucher, SingleStatement } from './statement.js';
import { TEST_ORGANIZATION } from './test-root.js';

/** The extension with a KeyDescription (Android key attestation, "certificate extension data schema"). */
export const KEY_DESCRIPTION = '1.3.6.1.4.1.11129.2.1.17';

/** Versions of the schema and of KeyMint: KeyMint 3, Android 14. */
const SCHEMA_VERSION = 300;
/** SecurityLevel ::= ENUMERATED { Software, TrustedEnvironment, StrongBox }. */
const TRUSTED_ENVIRONMENT = 1;
const EMPTY = new Uint8Array(0);

/** Tags of AuthorizationList that are said here. `allApplications` (600) must never be: a passkey belongs to one relying party. */
const TAG = { purpose: 1, algorithm: 2, keySize: 3, digest: 5, ecCurve: 10, origin: 702 } as const;
/** Values of these tags. */
const KEY_STORE = {
  purposeSign: 2,
  algorithmRsa: 1,
  algorithmEc: 3,
  digestSha256: 4,
  originGenerated: 0,
} as const;
/** Numbers of the curves that Android's key store signs with. */
const CURVES: Partial<Readonly<Record<EcCurve, number>>> = { 'P-256': 1, 'P-384': 2, 'P-521': 3 };

/** KeyDescription: what the trusted environment vouches for, bound to this registration by its challenge. */
function keyDescription(key: CoseKey, clientDataHash: Uint8Array): Uint8Array {
  const softwareEnforced = derSequence();
  return derSequence(
    derNumber(SCHEMA_VERSION),
    derEnumerated(TRUSTED_ENVIRONMENT),
    derNumber(SCHEMA_VERSION),
    derEnumerated(TRUSTED_ENVIRONMENT),
    derOctetString(clientDataHash),
    // No ID of the device: only system applications get one.
    derOctetString(EMPTY),
    softwareEnforced,
    hardwareEnforced(key),
  );
}

/** An AuthorizationList: made here, to sign (§8.4, verification step on origin and purpose). */
function hardwareEnforced(key: CoseKey): Uint8Array {
  const curve = key.kty === 'EC2' ? CURVES[key.crv] : undefined;
  const entries: readonly (readonly [tag: number, value: Uint8Array])[] = [
    [TAG.purpose, derSet(derNumber(KEY_STORE.purposeSign))],
    [TAG.algorithm, derNumber(key.kty === 'RSA' ? KEY_STORE.algorithmRsa : KEY_STORE.algorithmEc)],
    [TAG.keySize, derNumber(keySize(key))],
    [TAG.digest, derSet(derNumber(KEY_STORE.digestSha256))],
    ...(curve === undefined ? [] : [[TAG.ecCurve, derNumber(curve)] as const]),
    [TAG.origin, derNumber(KEY_STORE.originGenerated)],
  ];
  return derSequence(...entries.map(([tag, value]) => derContext(tag, value)));
}

function keySize(key: CoseKey): number {
  if (key.kty === 'RSA') return key.n.length * 8;
  // 521, not 528: the only curve whose size is no multiple of 8
  return key.kty === 'EC2' ? Math.min(COSE_CURVES[key.crv].bytes * 8, 521) : 0;
}

/** The statement: signed by the credential itself, with the whole chain, root included. */
function androidKeyStatement(input: AttestationInput, x5c: readonly Uint8Array[]): SingleStatement {
  const { algorithm, sign } = input.credential;
  const attStmt = new Map<string, CborValue>([
    ['alg', algorithm],
    ['sig', sign(concat(input.authData, input.clientDataHash))],
    ['x5c', x5c],
  ]);
  return { fmt: 'android-key', attStmt };
}

/** What an Android phone's attester is made from. */
export interface AndroidKeyAttesterOptions {
  readonly crypto: Crypto;
  /** Signs a certificate for each credential. */
  readonly root: CertifiedKey;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A key store whose root is `root`. */
export function createAndroidKeyAttester(options: AndroidKeyAttesterOptions): Attester {
  const { crypto, root, now } = options;
  return {
    ...androidKeyVoucher,
    type: 'basic',
    attest: async (input) => {
      const { publicKey } = attestedCredential(input);
      const certificate = await certify(crypto, root, orderOf(publicKey, input, now), publicKey);
      return androidKeyStatement(input, [certificate, root.certificate]);
    },
    longest: (input) => longestStatement(input, root.certificate.length),
  };
}

const VALIDITY_YEARS = 20;

function orderOf(publicKey: CoseKey, { clientDataHash }: AttestationInput, now: number) {
  return {
    subject: [
      { O: [{ utf8String: TEST_ORGANIZATION }] },
      { CN: [{ utf8String: 'keyrig test Android key' }] },
    ],
    now,
    years: VALIDITY_YEARS,
    extensions: (x509) => [
      noAuthority(x509),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      plainExtension(x509, KEY_DESCRIPTION, keyDescription(publicKey, clientDataHash)),
    ],
  } satisfies Parameters<typeof certify>[2];
}

function longestStatement(input: AttestationInput, rootBytes: number): SingleStatement {
  const keyBytes = spkiFromCoseKey(attestedCredential(input).publicKey)?.length ?? 0;
  const lengths = [CERTIFICATE_BYTES.androidKey + keyBytes, rootBytes];
  return androidKeyStatement(
    input,
    lengths.map((length) => new Uint8Array(length)),
  );
}

/** What is known before there are keys. */
export const androidKeyVoucher: FormatVoucher = {
  format: 'android-key',
  vouchesFor: only('ES256', 'ES384', 'ES512', 'RS256'),
  longest: (input) => longestStatement(input, CERTIFICATE_BYTES.root),
};
