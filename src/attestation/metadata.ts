/**
 * The metadata statement of a device: what a relying party is told in advance of a model, so that it can trust its attestation (FIDO Metadata
 * Statement v3). Made for tests; the FIDO Alliance knows nothing of it.
 */
import { COSE_ALGORITHMS, type CoseAlgorithmName } from '../ctap/cose.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { toBase64, toHex } from '../data/bytes.js';
import type { TransportName } from '../transport/transport.js';
import { type AuthenticatorGetInfo, metadataInfo } from './metadata-info.js';
import type { AttestationType } from './statement.js';

/** What must be said in front of every statement and BLOB. */
export const LEGAL_HEADER =
  'Made by keyrig for tests. Not from the FIDO Alliance, not from the vendor of any device, and not to be trusted anywhere else.';

/** What a statement is made from. */
export interface MetadataSource {
  /** The model, in one line. */
  readonly description: string;
  /** Of the key as it comes from the factory. */
  readonly info: GetInfoResponse;
  readonly kind: 'security-key' | 'phone' | 'platform';
  /** How it attests, without `compound`, whose parts are meant. */
  readonly attestationTypes: readonly Exclude<AttestationType, 'compound'>[];
  /** DER, whom its certificates chain up to. */
  readonly roots: readonly Uint8Array[];
  /** Left out: it takes no PIN. */
  readonly pin?: { readonly minLength: number; readonly maxRetries: number } | undefined;
  /** Left out: it has no verification of its own. */
  readonly userVerification?: BuiltInVerification | undefined;
}

/** A device's own way to verify its user. */
export interface BuiltInVerification {
  readonly modality: keyof typeof METHODS;
  readonly maxRetries: number;
}

/** One way to verify a user (FIDO Metadata Statement v3 §3.2 to §3.4). */
export interface VerificationMethod {
  readonly userVerificationMethod: string;
  readonly caDesc?: {
    readonly base: number;
    readonly minLength: number;
    readonly maxRetries: number;
    readonly blockSlowdown: number;
  };
  readonly baDesc?: { readonly maxRetries: number; readonly blockSlowdown: number };
}

/** FIDO Registry of Predefined Values §3.1, without the PIN, which isn't built in. */
const METHODS = {
  presence: 'presence_internal',
  fingerprint: 'fingerprint_internal',
  passcode: 'passcode_internal',
  voice: 'voiceprint_internal',
  face: 'faceprint_internal',
  location: 'location_internal',
  eye: 'eyeprint_internal',
  pattern: 'pattern_internal',
  hand: 'handprint_internal',
} as const;

/** What is recognised rather than known. */
const BIOMETRIC: readonly (keyof typeof METHODS)[] = ['fingerprint', 'voice', 'face', 'eye', 'hand'];

/** A metadata statement, as JSON has it. */
export interface MetadataStatement {
  readonly legalHeader: string;
  /** With hyphens. */
  readonly aaguid: string;
  readonly description: string;
  readonly authenticatorVersion: number;
  readonly protocolFamily: 'fido2';
  readonly schema: 3;
  readonly upv: readonly { readonly major: number; readonly minor: number }[];
  readonly authenticationAlgorithms: readonly string[];
  readonly publicKeyAlgAndEncodings: readonly ['cose'];
  readonly attestationTypes: readonly string[];
  /** Alternatives, each of methods that come together. */
  readonly userVerificationDetails: readonly (readonly VerificationMethod[])[];
  readonly keyProtection: readonly string[];
  readonly isKeyRestricted: true;
  readonly matcherProtection: readonly string[];
  readonly cryptoStrength: number;
  readonly attachmentHint: readonly string[];
  /** It has no display for transactions. */
  readonly tcDisplay: readonly [];
  /** DER in base64. */
  readonly attestationRootCertificates: readonly string[];
  readonly authenticatorGetInfo: AuthenticatorGetInfo;
}

/** Versions of the protocol by what getInfo calls them; what it doesn't name here is no version of FIDO2. */
const PROTOCOLS: Readonly<Record<string, { readonly major: number; readonly minor: number }>> = {
  FIDO_2_0: { major: 1, minor: 0 },
  FIDO_2_1: { major: 1, minor: 1 },
  FIDO_2_3: { major: 1, minor: 3 },
};

/** FIDO Registry of Predefined Values §3.6.1. It has no names for ML-DSA. */
const ALGORITHMS: Partial<Readonly<Record<CoseAlgorithmName, string>>> = {
  ES256: 'secp256r1_ecdsa_sha256_raw',
  ESP256: 'secp256r1_ecdsa_sha256_raw',
  ES384: 'secp384r1_ecdsa_sha384_raw',
  ESP384: 'secp384r1_ecdsa_sha384_raw',
  ES512: 'secp521r1_ecdsa_sha512_raw',
  ESP512: 'secp521r1_ecdsa_sha512_raw',
  ES256K: 'secp256k1_ecdsa_sha256_raw',
  EdDSA: 'ed25519_eddsa_sha512_raw',
  Ed25519: 'ed25519_eddsa_sha512_raw',
  Ed448: 'ed448_eddsa_sha512_raw',
  PS256: 'rsassa_pss_sha256_raw',
  RS256: 'rsassa_pkcsv15_sha256_raw',
  RS384: 'rsassa_pkcsv15_sha384_raw',
  RS512: 'rsassa_pkcsv15_sha512_raw',
  RS1: 'rsassa_pkcsv15_sha1_raw',
};

/** FIDO Registry of Predefined Values §3.6.3. */
const TYPES: Readonly<Record<MetadataSource['attestationTypes'][number], string>> = {
  none: 'none',
  self: 'basic_surrogate',
  basic: 'basic_full',
  attca: 'attca',
  anonca: 'anonca',
};

/** How devices of a kind keep keys and compare fingers, as a rule (FIDO Registry of Predefined Values §3.2 and §3.3). */
const PROTECTION = {
  'security-key': { keys: ['hardware', 'secure_element'], matcher: ['on_chip'] },
  phone: { keys: ['hardware', 'tee'], matcher: ['tee'] },
  platform: { keys: ['hardware', 'tee'], matcher: ['tee'] },
} as const;

/** FIDO Registry of Predefined Values §3.4. */
const ATTACHMENT: Readonly<Record<TransportName, readonly string[]>> = {
  usb: ['external', 'wired'],
  nfc: ['external', 'wireless', 'nfc'],
  ble: ['external', 'wireless', 'bluetooth'],
  hybrid: ['external', 'wireless', 'network'],
  internal: ['internal'],
  'smart-card': ['external', 'wired'],
};

/** Bits of security of P-256. */
const CRYPTO_STRENGTH = 128;
/** PINs are of any characters, at least those of base64. */
const PIN_BASE = 64;

/** The statement of a device. */
export function metadataStatement(source: MetadataSource): MetadataStatement {
  const { description, info, kind, attestationTypes, roots } = source;
  return {
    legalHeader: LEGAL_HEADER,
    aaguid: hyphenated(info.aaguid),
    description,
    authenticatorVersion: info.firmwareVersion ?? 1,
    protocolFamily: 'fido2',
    schema: 3,
    upv: info.versions.flatMap((version) => PROTOCOLS[version] ?? []),
    authenticationAlgorithms: algorithms(info),
    publicKeyAlgAndEncodings: ['cose'],
    attestationTypes: unique(attestationTypes.map((type) => TYPES[type])),
    userVerificationDetails: verificationDetails(source),
    keyProtection: PROTECTION[kind].keys,
    isKeyRestricted: true,
    matcherProtection: PROTECTION[kind].matcher,
    cryptoStrength: CRYPTO_STRENGTH,
    attachmentHint: attachment(info),
    tcDisplay: [],
    attestationRootCertificates: roots.map(toBase64),
    authenticatorGetInfo: metadataInfo(info),
  };
}

/** `00112233-4455-6677-8899-aabbccddeeff`. */
export function hyphenated(aaguid: Uint8Array): string {
  return toHex(aaguid).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A key that doesn't name its algorithms has ES256 (CTAP 2.1 §6.4). */
function algorithms({ algorithms: listed }: GetInfoResponse): readonly string[] {
  const ids = listed?.map(({ alg }) => alg) ?? [COSE_ALGORITHMS.ES256.id];
  const names = Object.values(COSE_ALGORITHMS);
  return unique(
    ids.flatMap((id) => {
      const name = names.find((algorithm) => algorithm.id === id)?.name;
      return (name && ALGORITHMS[name]) ?? [];
    }),
  );
}

function attachment({ transports = [] }: GetInfoResponse): readonly string[] {
  const known: Readonly<Record<string, readonly string[]>> = ATTACHMENT;
  const hints = transports.flatMap((name) => known[name] ?? []);
  return hints.length === 0 ? ['external'] : unique(hints);
}

/** A touch, the PIN, the gesture; and the PIN with a touch, which is how a key asks for both. */
function verificationDetails({
  pin,
  userVerification: own,
}: MetadataSource): MetadataStatement['userVerificationDetails'] {
  const presence: VerificationMethod = { userVerificationMethod: 'presence_internal' };
  const external = pin && passcode('passcode_external', pin);
  const internal = own && gesture(own);
  return [
    [presence],
    ...(external === undefined ? [] : [[external], [external, presence]]),
    ...(internal === undefined ? [] : [[internal], [internal, presence]]),
    // Without any: what isn't asked for isn't verified.
    [{ userVerificationMethod: 'none' }],
  ];
}

function passcode(
  userVerificationMethod: string,
  { minLength, maxRetries }: { readonly minLength: number; readonly maxRetries: number },
): VerificationMethod {
  return { userVerificationMethod, caDesc: { base: PIN_BASE, minLength, maxRetries, blockSlowdown: 0 } };
}

/** Code points of a screen lock's passcode. */
const LEAST_PASSCODE = 4;

function gesture({ modality, maxRetries }: BuiltInVerification): VerificationMethod {
  const userVerificationMethod = METHODS[modality];
  if (modality === 'passcode')
    return passcode(userVerificationMethod, { minLength: LEAST_PASSCODE, maxRetries });
  if (!BIOMETRIC.includes(modality)) return { userVerificationMethod };
  return { userVerificationMethod, baDesc: { maxRetries, blockSlowdown: 0 } };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
