/**
 * A device as data: what it is to its user, and what its authenticator is like. The schema is also published as JSON Schema.
 */
import { z } from 'zod';
import { attestersOf } from '../attestation/attestation.js';
import { IMPLEMENTED, type UV_MODALITIES } from '../authenticator/config.js';
import { longestAssertion, longestRegistration } from '../authenticator/longest-answers.js';
import { wrappedCredentialLength } from '../authenticator/wrapped-credential.js';
import { SERVED_BY_ALL } from '../crypto/algorithms.js';
import { COSE_ALGORITHMS, type CoseAlgorithmId } from '../ctap/cose.js';
import { deviceFaultSchema } from '../ctap/device-fault-schema.js';
import { compact } from '../webauthn/compact.js';
import { ATTESTATIONS, COMPOUND_PARTS, voucherOf } from './device-attestation.js';
import { type Contradiction, managementProblems } from './profile-management.js';
import {
  claims,
  enterprise,
  fingerprintSensor,
  hides,
  KNOWN_OPTIONS,
  latency,
  MORE_OPTIONS,
  pinComplexity,
  reset,
  snapshot,
  unique,
} from './profile-parts.js';
import { quirkSchema } from './quirk-schema.js';

const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens, e.g. yubikey-5');
const line = z.string().min(1);
const count = z.int().min(1);

const transport = z.enum(['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card']);

/** Those that keyrig can sign with, seeded or not; a profile that lists another one is refused. */
const algorithm = z.enum(SERVED_BY_ALL);

/** Any 128-bit number: real AAGUIDs ignore the version bits of RFC 4122, so this is not JSON Schema's `uuid`. */
const aaguid = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    'expected an AAGUID, e.g. 00000000-0000-0000-0000-000000000000',
  );

const pin = z.strictObject({
  /** Code points; raised by configuration later, never below 4. */
  minLength: z.int().min(4).max(63).default(4),
  /** Relying parties that the extension minPinLength tells it to. */
  minLengthRpIds: z.array(line).min(1).refine(unique, 'expected each RP ID once').optional(),
  /** Bytes; shown where it is said. */
  maxLength: z.int().min(8).max(63).optional(),
  /** Wrong PINs until the key is blocked. */
  maxRetries: z.int().min(1).max(8).optional(),
  /** Left out: it knows of no such policy. */
  complexity: pinComplexity.optional(),
});

/** All but presence, which verifies nobody. */
const UV_MODALITY_NAMES = [
  'fingerprint',
  'face',
  'passcode',
  'voice',
  'location',
  'eye',
  'pattern',
  'hand',
] as const satisfies readonly (keyof typeof UV_MODALITIES)[];

const userVerification = z.strictObject({
  /** Ways of built-in verification, as in the FIDO registry. */
  modality: z.enum(UV_MODALITY_NAMES),
  /** Whether a finger is enrolled, a face known, a passcode set. */
  configured: z.boolean().default(true),
  /** Whether the gesture counts as a touch. */
  includesPresence: z.boolean().default(true),
  /** Attempts until it is blocked. */
  maxRetries: z.int().min(1).max(25).default(5),
  /** How often a platform should try before it falls back to the PIN; shown where it is said. */
  preferredPlatformAttempts: z.int().min(1).max(25).optional(),
  /** Attempts within one command. */
  internalAttempts: z.int().min(1).max(5).optional(),
  /** Whether getInfo tells how often it succeeded since the PIN was entered. */
  counted: z.boolean().optional(),
  /** Fingers are enrolled over CTAP; with the options bioEnroll and userVerificationMgmtPreview. */
  sensor: fingerprintSensor.optional(),
});

const backup = z.enum(['device-bound', 'eligible', 'synced']);

const limits = z.strictObject({
  /** Bytes. */
  maxMsgSize: z.int().min(1024).max(7609).default(1200),
  maxCredentialCountInList: count.optional(),
  /** Bytes. */
  maxCredentialIdLength: z.int().min(16).max(1023).optional(),
  discoverableCredentials: count.default(100),
  /** RP IDs that setMinPINLength takes. */
  maxRpIdsForMinPinLength: z.int().min(0).max(255).optional(),
  /** Bytes of a blob that credBlob keeps. */
  maxCredBlobLength: z.int().min(32).max(1024).optional(),
  /** Bytes of the large-blob array. */
  maxSerializedLargeBlobArray: z.int().min(1024).max(65_535).optional(),
  /** Bytes of a blob that largeBlob keeps. */
  maxLargeBlobLength: count.max(4096).optional(),
});

const authenticator = z.strictObject({
  aaguid,
  versions: z
    .array(z.enum(IMPLEMENTED.versions))
    .refine(unique, 'expected each version once')
    .refine(
      (versions) => versions.some((name) => name !== 'U2F_V2'),
      'expected a version of CTAP2 among them',
    ),
  /** As getInfo lists them. */
  transports: z.array(transport).min(1).refine(unique, 'expected each transport once'),
  /** Most preferred first. */
  algorithms: z.array(algorithm).min(1).refine(unique, 'expected each algorithm once'),
  extensions: z.array(z.enum(IMPLEMENTED.extensions)).refine(unique, 'expected each extension once'),
  /** What it attests with by itself. */
  attestation: z.enum(ATTESTATIONS),
  /** What it attests with when a relying party asks for the format, and for credentials that `attestation` can't vouch for. */
  moreAttestations: z.array(z.enum(ATTESTATIONS)).refine(unique, 'expected each attestation once').optional(),
  /** The statements of `compound`. */
  compoundOf: z
    .array(z.enum(COMPOUND_PARTS))
    .min(2, { error: 'expected at least two: a compound statement has several', abort: true })
    .refine(unique, 'expected each attestation once')
    .optional(),
  /** Left out: it takes no PIN. */
  pin: pin.optional(),
  /** Left out: it has no verification of its own. */
  userVerification: userVerification.optional(),
  /** Whether it keeps discoverable credentials. */
  discoverable: z.boolean(),
  /** Whether tokens with permissions are offered (CTAP 2.1 §6.5.5.7). */
  pinUvAuthToken: z.boolean(),
  pinUvAuthProtocols: z
    .array(z.union([z.literal(1), z.literal(2)]))
    .refine(unique, 'expected each protocol once')
    .default([2, 1]),
  /** Left out: the option is not supported. */
  alwaysUv: z.boolean().optional(),
  makeCredUvNotRqd: z.boolean().optional(),
  /** Further options that it has. */
  options: z.array(z.enum(MORE_OPTIONS)).refine(unique, 'expected each option once').optional(),
  /** Options that it knows and doesn't have. */
  optionsOff: z.array(z.enum(KNOWN_OPTIONS)).refine(unique, 'expected each option once').optional(),
  /** With the option ep. */
  enterprise: enterprise.optional(),
  /** alwaysUv can't be switched off. */
  alwaysUvFixed: z.boolean().optional(),
  /** Left out: it can be reset over every transport within ten seconds of power-up, by a touch. */
  reset: reset.optional(),
  /** Whether credentials can be, and are, backed up. */
  backup: backup.default('device-bound'),
  /** `zero`: the counter never moves, as with synced passkeys. */
  signatureCounter: z.enum(['global', 'zero']).default('global'),
  firmwareVersion: z.int().min(0).optional(),
  /** What getInfo does not show. */
  hides: hides.optional(),
  /** What getInfo shows and is not done. */
  claims: claims.optional(),
  limits: limits.prefault({}),
  /** Where it differs from what CTAP says, or from one reading of it. */
  quirks: quirkSchema.optional(),
  /** What it does wrong on purpose, from the beginning. */
  faults: z.array(deviceFaultSchema).min(1).optional(),
});

/** `option largeBlobs`, `extension credBlob`, `version FIDO_2_1`, `member maxCredBlobLength`. */
const claim = z
  .string()
  .regex(
    /^(version|extension|option|member|algorithm|transport) [\w-]+$/,
    'expected version, extension, option, member, algorithm or transport and its name, e.g. option largeBlobs',
  );

const profileShape = z.strictObject({
  id: slug,
  title: line,
  summary: line,
  kind: z.enum(['security-key', 'phone', 'platform']),
  /** What platforms call it on screen. */
  label: line,
  /** How it is attached in a rig. */
  transport,
  /** Where each fact is from. */
  sources: z.record(slug, line),
  authenticator,
  /** What the real device claims and keyrig does not do. */
  claimedOnly: z.array(claim).refine(unique, 'expected each claim once').default([]),
  /** The state in which the getInfo of the real device was written down. */
  snapshot: snapshot.optional(),
  /** Milliseconds that its commands take. */
  latency: latency.optional(),
});

type Shape = z.infer<typeof profileShape>;

/** What a schema of shapes can't say: members that need each other. A profile without contradictions can be made into a device. */
function contradictions({ authenticator: key, claimedOnly }: Shape): readonly Contradiction[] {
  const verifies = key.pin !== undefined || key.userVerification !== undefined;
  const talks = key.pin !== undefined || key.pinUvAuthToken;
  const at = (...path: PropertyKey[]) => ['authenticator', ...path];
  const told = key.pin?.minLengthRpIds !== undefined;
  const canBeTold = key.options?.includes('setMinPINLength') && (key.limits.maxRpIdsForMinPinLength ?? 0) > 0;
  const policy = key.extensions.includes('pinComplexityPolicy');
  const tells = key.extensions.includes('minPinLength');
  return [
    ...unless(verifies || !key.pinUvAuthToken, at('pinUvAuthToken'), NEEDS.token),
    ...unless(verifies || key.alwaysUv !== true, at('alwaysUv'), NEEDS.alwaysUv),
    ...unless(talks || !key.extensions.includes('hmac-secret'), at('extensions'), NEEDS.hmacSecret),
    ...unless(!talks || key.pinUvAuthProtocols.length > 0, at('pinUvAuthProtocols'), NEEDS.protocol),
    ...unless(told || canBeTold === true || !tells, at('extensions'), NEEDS.minPinLength),
    ...unless(tells || policy || !told, at('pin', 'minLengthRpIds'), NEEDS.minLengthRpIds),
    ...u2fProblems(key),
    ...shortIds(key),
    ...attestationProblems(key),
    ...claimedOnly.flatMap((text, index) =>
      unless(
        !isDone(key, text),
        ['claimedOnly', index],
        `${text} is not only claimed: the profile has it above`,
      ),
    ),
  ];
}

const NEEDS = {
  token: 'tokens need a PIN or user verification: expected false, or pin or userVerification',
  alwaysUv: 'it needs a PIN or user verification: expected pin or userVerification as well',
  hmacSecret: 'hmac-secret needs key agreement: expected pin, or pinUvAuthToken: true',
  protocol: 'a PIN or a token needs a protocol: expected at least one',
  compound: 'compound attestation and its parts belong together: expected both or neither',
  minPinLength: 'minPinLength needs somebody to tell: expected pin.minLengthRpIds',
  u2fAlgorithm: 'U2F_V2 signs with ES256: expected it in algorithms',
  u2fAttestation: 'U2F_V2 registers with a certificate: expected packed-basic or fido-u2f',
  minLengthRpIds: 'only an extension tells relying parties: expected minPinLength in extensions',
} as const;

function unless(holds: boolean, path: readonly PropertyKey[], message: string): readonly Contradiction[] {
  return holds ? [] : [{ path, message }];
}

/** What U2F can't do without. */
function u2fProblems({ versions, algorithms, attestation, moreAttestations = [] }: Shape['authenticator']) {
  if (!versions.includes('U2F_V2')) return [];
  const certified = [attestation, ...moreAttestations].some(
    (word) => word === 'packed-basic' || word === 'fido-u2f',
  );
  return [
    ...unless(algorithms.includes('ES256'), ['authenticator', 'algorithms'], NEEDS.u2fAlgorithm),
    ...unless(certified, ['authenticator', 'attestation'], NEEDS.u2fAttestation),
  ];
}

/** Credentials that it doesn't keep travel inside of their IDs, which so have a length. */
function shortIds({ algorithms, limits: { maxCredentialIdLength: most } }: Shape['authenticator']) {
  const needed = Math.max(...algorithms.map((name) => wrappedCredentialLength(COSE_ALGORITHMS[name].id)));
  const message = `credential IDs of these algorithms have up to ${needed} bytes: expected at least that`;
  return unless(
    most === undefined || most >= needed,
    ['authenticator', 'limits', 'maxCredentialIdLength'],
    message,
  );
}

/** A compound statement needs its parts, and nothing else does; each algorithm needs somebody who can vouch for its credentials. */
function attestationFaults(key: Shape['authenticator']): readonly Contradiction[] {
  const { attestation, moreAttestations = [], compoundOf, algorithms } = key;
  const compound = [attestation, ...moreAttestations].includes('compound');
  const parts = unless(
    compound === (compoundOf !== undefined),
    ['authenticator', 'compoundOf'],
    NEEDS.compound,
  );
  if (parts.length > 0) return parts;
  const able = attestersOf(voucherOf(key));
  return algorithms.flatMap((name, index) =>
    unless(
      able.some(({ vouchesFor }) => vouchesFor?.(COSE_ALGORITHMS[name].id) ?? true),
      ['authenticator', 'algorithms', index],
      `${attestation} can't vouch for credentials of ${name}: expected another algorithm, or moreAttestations with packed-basic`,
    ),
  );
}

/** Lengths only of statements that can be made. */
function attestationProblems(key: Shape['authenticator']): readonly Contradiction[] {
  const faults = attestationFaults(key);
  return faults.length > 0 ? faults : smallMessages(key);
}

/** An answer that is longer than its messages is none. Those that are not about credentials fit into 1024 bytes. */
function smallMessages(key: Shape['authenticator']) {
  const { extensions, limits } = key;
  const voucher = voucherOf(key);
  return [
    ...tooLong(key, 'registrations with these algorithms and this attestation', (id) =>
      longestRegistration({ extensions }, id, voucher),
    ),
    ...tooLong(key, 'assertions with these algorithms', (id) =>
      longestAssertion({ extensions, limits: compact(limits) }, id),
    ),
  ].slice(0, 1);
}

function tooLong(
  { algorithms, limits: { maxMsgSize } }: Shape['authenticator'],
  what: string,
  length: (algorithm: CoseAlgorithmId) => number | undefined,
) {
  const needed = Math.max(...algorithms.map((name) => length(COSE_ALGORITHMS[name].id) ?? 0));
  const message = `${what} have up to ${needed} bytes: expected at least that`;
  return unless(maxMsgSize >= needed, ['authenticator', 'limits', 'maxMsgSize'], message);
}

function isDone(
  { versions, extensions, algorithms, options = [] }: Shape['authenticator'],
  text: string,
): boolean {
  const [kind, name] = text.split(' ');
  const done: Readonly<Record<string, readonly string[]>> = {
    version: versions,
    extension: extensions,
    algorithm: algorithms,
    option: options,
  };
  return kind !== undefined && name !== undefined && (done[kind]?.includes(name) ?? false);
}

/** The schema of `profiles/devices/*.yaml`: a profile that passes can be made into a device. */
export const deviceProfileSchema = profileShape.check((context) => {
  const essential = contradictions(context.value);
  // What is managed is looked at once there is something to manage.
  const problems = essential.length > 0 ? essential : managementProblems(context.value);
  for (const { path, message } of problems)
    context.issues.push({ code: 'custom', input: context.value, path: [...path], message });
});

/** A device profile that was checked. */
export type DeviceProfile = z.infer<typeof deviceProfileSchema>;

export { aaguidBytes, algorithmIds } from './profile-bytes.js';
