/**
 * From a device's metadata to a profile: what is implemented becomes the device, what isn't is claimed only, and all of it is shown as the
 * real one shows it. Pure: the same facts make the same profile.
 *
 * First the profile of a device that does what it can; then its getInfo, in the state of the snapshot, is compared with the real one, member
 * by member, and what differs is hidden or claimed. So nothing is claimed that follows from what is done.
 */

import { formatsOf } from '../attestation/attestation.js';
import { CLAIMABLE_MEMBERS } from '../authenticator/claims.js';
import { MAX_PIN_LENGTH } from '../authenticator/config.js';
import { authenticatorInfo } from '../authenticator/info.js';
import { longestAssertion, longestRegistration } from '../authenticator/longest-answers.js';
import { optionsOf } from '../authenticator/options.js';
import { wrappedCredentialLength } from '../authenticator/wrapped-credential.js';
import { SERVED_BY_ALL } from '../crypto/algorithms.js';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { KeyrigError } from '../errors.js';
import { compact } from '../webauthn/compact.js';
import { voucherOf } from './device-attestation.js';
import { authenticatorConfig } from './device-config.js';
import { type DeviceProfile, deviceProfileSchema } from './device-profile.js';
import type { DeviceFacts, MetadataInfo } from './metadata-facts.js';
import { doneFeatures, type Features } from './metadata-rules.js';
import { claimsOf } from './profile-management.js';
import { HIDEABLE, KNOWN_OPTIONS, MORE_OPTIONS, type ProfileClaims, type Snapshot } from './profile-parts.js';

type Key = DeviceProfile['authenticator'];
type AlgorithmName = Key['algorithms'][number];

/** Where the facts are from, for the profile's `sources`. */
export interface ImportOptions {
  /** The profile's name. */
  readonly id: string;
  /** E.g. `FIDO Metadata Service, March 2025`. */
  readonly source: string;
}

/**
 * The profile of a device.
 *
 * @throws KeyrigError `profile-invalid` for a device that keyrig can't be at all: without an algorithm that it signs with, or a version of CTAP2
 *
 * @example
 * ```ts
 * const profile = importedProfile(facts, { id: 'acs-fido-authenticator', source: 'FIDO Metadata Service, March 2025' });
 * profile.claimedOnly; // ['option ep']
 * ```
 */
export function importedProfile(facts: DeviceFacts, options: ImportOptions): DeviceProfile {
  return checked(importedMembers(facts, options), facts);
}

/** What the schema refuses is a device that contradicts itself or has more than keyrig can be: told by its name, with the first place. */
function checked(written: unknown, { description }: DeviceFacts): DeviceProfile {
  const parsed = deviceProfileSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const place = first?.path.join('.') ?? '';
  throw new KeyrigError('profile-invalid', `${description} can't be a profile: ${place}: ${first?.message}`, {
    where: place,
    hint: 'its metadata claim what no device of keyrig can be; import the others by --aaguid or --name',
  });
}

/** The same as people would write it: without what is filled in. */
export function importedMembers(facts: DeviceFacts, options: ImportOptions) {
  const written = draftOf(facts, options);
  const draft = checked(written, facts);
  const difference = differenceOf(draft, facts.getInfo);
  const { claims } = difference;
  const claimedOnly = claimsOf({ authenticator: { ...draft.authenticator, ...(claims && { claims }) } });
  return {
    ...written,
    authenticator: { ...written.authenticator, ...difference },
    ...(claimedOnly.length === 0 ? {} : { claimedOnly }),
  };
}

/** The device as far as it is done, without claims. */
function draftOf(facts: DeviceFacts, { id, source }: ImportOptions) {
  const { getInfo: info, description, aaguid } = facts;
  const algorithms = algorithmsOf(facts);
  const done = doneFeatures(facts, algorithms);
  const transports = transportsOf(facts);
  return {
    id,
    title: description,
    summary: `${description}, as its metadata describes it.`,
    kind: kindOf(facts),
    label: kindOf(facts) === 'platform' ? 'This device' : 'Security key',
    transport: transports[0],
    sources: { mds: `${source}: "${description}", AAGUID ${aaguid}, version ${facts.version}` },
    snapshot: snapshotOf(info),
    authenticator: compact({
      aaguid,
      versions: versionsOf(done, facts),
      transports,
      algorithms,
      extensions: (info.extensions ?? []).filter((name) => done.has(`extension ${name}`)),
      ...attestationOf(facts, algorithms, done),
      ...verificationOf(facts, done),
      discoverable: info.options?.rk === true,
      pinUvAuthToken: done.has('option pinUvAuthToken'),
      pinUvAuthProtocols: protocolsOf(info),
      alwaysUv: done.has('option alwaysUv') ? info.options?.alwaysUv : undefined,
      makeCredUvNotRqd: info.options?.makeCredUvNotRqd,
      ...moreOptions(info, done),
      firmwareVersion: info.firmwareVersion,
      limits: limitsOf(facts, algorithms, done),
    }),
  };
}

/** Roaming unless it says otherwise. */
function kindOf({ getInfo: { options, transports } }: DeviceFacts): DeviceProfile['kind'] {
  const inside = transports?.every((name) => name === 'internal') === true;
  return (options?.plat ?? inside) ? 'platform' : 'security-key';
}

const TRANSPORTS = ['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card'] as const;

/** The hints of metadata (FIDO Registry §3.4) in the words of WebAuthn. */
const HINTS: Readonly<Record<string, (typeof TRANSPORTS)[number]>> = {
  wired: 'usb',
  nfc: 'nfc',
  bluetooth: 'ble',
  internal: 'internal',
  wireless: 'ble',
  external: 'usb',
};

function transportsOf({ getInfo, attachment }: DeviceFacts): readonly (typeof TRANSPORTS)[number][] {
  const listed = TRANSPORTS.filter((name) => getInfo.transports?.includes(name));
  const inOrder = (getInfo.transports ?? []).flatMap((name) => listed.filter((one) => one === name));
  if (inOrder.length > 0) return inOrder;
  const hinted = Object.entries(HINTS).find(([hint]) => attachment.includes(hint));
  return [hinted?.[1] ?? 'usb'];
}

/** Algorithms of the registry in the words of COSE (FIDO Registry §3.6.1). */
const REGISTRY: Readonly<Record<string, AlgorithmName>> = {
  secp256r1_ecdsa_sha256_raw: 'ES256',
  secp256r1_ecdsa_sha256_der: 'ES256',
  ed25519_eddsa_sha512_raw: 'EdDSA',
  secp384r1_ecdsa_sha384_raw: 'ES384',
  secp521r1_ecdsa_sha512_raw: 'ES512',
  secp256k1_ecdsa_sha256_raw: 'ES256K',
  rsassa_pkcsv15_sha256_raw: 'RS256',
};

/** Those that are served, in the device's order; getInfo without a list means ES256 before all else (CTAP 2.1 §6.4, algorithms). */
function algorithmsOf({ getInfo, signs = [], description }: DeviceFacts): readonly AlgorithmName[] {
  const registered = Object.keys(REGISTRY).filter((name) => signs.includes(name));
  const names = getInfo.algorithms
    ? getInfo.algorithms.flatMap((id) => SERVED_BY_ALL.filter((name) => COSE_ALGORITHMS[name].id === id))
    : registered.flatMap((name) => REGISTRY[name] ?? []);
  if (names.length > 0) return [...new Set(names)];
  throw new KeyrigError('profile-invalid', `${description} has no algorithm that keyrig signs with`, {
    hint: `expected one of ${SERVED_BY_ALL.join(', ')}`,
  });
}

function versionsOf(done: Features, { getInfo: { versions } }: DeviceFacts): readonly string[] {
  const kept = versions.filter((name) => done.has(`version ${name}`));
  // What a later version promises may be missing; messages are those of CTAP 2.0 then.
  return kept.some((name) => name !== 'U2F_V2') ? kept : [...kept, 'FIDO_2_0'];
}

function protocolsOf({ pinUvAuthProtocols = [] }: MetadataInfo): readonly number[] {
  return pinUvAuthProtocols.filter((version) => version === 1 || version === 2);
}

/** What the certificate of its model signs, or else the credential itself; U2F needs a certificate. */
function attestationOf({ attestation, getInfo }: DeviceFacts, _: readonly string[], done: Features) {
  const certified = attestation.some((type) => type !== 'basic_surrogate' && type !== 'none');
  const u2f = done.has('version U2F_V2') && getInfo.versions.includes('U2F_V2');
  return { attestation: certified || u2f ? ('packed-basic' as const) : ('packed-self' as const) };
}

/** Ways of verification in the words of the profile (FIDO Registry §3.1), the most usual first. */
const MODALITIES = {
  fingerprint_internal: 'fingerprint',
  faceprint_internal: 'face',
  passcode_internal: 'passcode',
  eyeprint_internal: 'eye',
  voiceprint_internal: 'voice',
  pattern_internal: 'pattern',
  handprint_internal: 'hand',
  location_internal: 'location',
} as const;

const MOST_RETRIES = 25;

function verificationOf({ getInfo: info, verification, fingers }: DeviceFacts, done: Features) {
  const method = Object.entries(MODALITIES).find(([name]) => verification.includes(name));
  const sensor = done.has('option bioEnroll') || done.has('option userVerificationMgmtPreview');
  const pin = { minLength: Math.min(Math.max(info.minPINLength ?? 4, 4), MAX_PIN_LENGTH) };
  const own = compact({
    modality: method?.[1] ?? 'fingerprint',
    configured: info.options?.uv === true,
    maxRetries: Math.min(fingers?.retries ?? 5, MOST_RETRIES),
    preferredPlatformAttempts: info.preferredPlatformUvAttempts,
    sensor: sensor ? sensorOf(fingers?.templates ?? USUAL_FINGERS, info.maxMsgSize) : undefined,
  });
  return {
    ...(done.has('option clientPin') ? { pin } : {}),
    ...(done.has('option uv') ? { userVerification: own } : {}),
  };
}

const USUAL_FINGERS = 5;
/** Bytes of a template in a list, besides its name. */
const BESIDE_NAME = 32;

/** As many fingers as it has room for, with names that are short enough for a list of them all to fit into one message. */
function sensorOf(templates: number, message: number = MESSAGE.least) {
  const share = Math.floor(message / templates) - BESIDE_NAME;
  return { templates, friendlyNameBytes: Math.min(64, Math.max(16, share)) };
}

function moreOptions({ options = {} }: MetadataInfo, done: Features) {
  const has = MORE_OPTIONS.filter((name) => done.has(`option ${name}`));
  const off = KNOWN_OPTIONS.filter((name) => options[name] === false && !done.has(`option ${name}`));
  return {
    ...(has.length === 0 ? {} : { options: has }),
    ...(off.length === 0 ? {} : { optionsOff: off }),
    ...(has.includes('ep') ? { enterprise: {} } : {}),
  };
}

/** What messages have at most over HID (CTAP 2.1 §11.2.4), and at least (§6.4). */
const MESSAGE = { most: 7609, least: 1024 } as const;
/** The longest credential ID that one byte and two bits can count, and that platforms take. */
const LONGEST_ID = 1023;
const USUAL_CAPACITY = 100;

function limitsOf(facts: DeviceFacts, algorithms: readonly AlgorithmName[], done: Features) {
  const { getInfo: info } = facts;
  const longestId = Math.max(...algorithms.map((name) => wrappedCredentialLength(COSE_ALGORITHMS[name].id)));
  const idLength = info.maxCredentialIdLength ?? LONGEST_ID;
  return compact({
    maxMsgSize: messageSize(facts, algorithms, done),
    maxCredentialCountInList: info.maxCredentialCountInList,
    maxCredentialIdLength: info.maxCredentialIdLength && Math.min(Math.max(idLength, longestId), LONGEST_ID),
    discoverableCredentials: info.remainingDiscoverableCredentials ?? USUAL_CAPACITY,
    maxRpIdsForMinPinLength: done.has('option setMinPINLength')
      ? Math.max(1, info.maxRPIDsForSetMinPINLength ?? 1)
      : undefined,
    maxCredBlobLength: done.has('extension credBlob') ? info.maxCredBlobLength : undefined,
    maxSerializedLargeBlobArray: done.has('option largeBlobs') ? info.maxSerializedLargeBlobArray : undefined,
  });
}

/** What the device says, as far as our answers fit into it and HID can carry it. What is inside of a machine has no messages to cut. */
function messageSize(facts: DeviceFacts, algorithms: readonly AlgorithmName[], done: Features): number {
  const inside = kindOf(facts) === 'platform';
  const said = facts.getInfo.maxMsgSize ?? (inside ? MESSAGE.most : MESSAGE.least);
  const voucher = voucherOf(attestationOf(facts, algorithms, done));
  const extensions = (facts.getInfo.extensions ?? []).filter((name) => done.has(`extension ${name}`));
  const limits = compact({
    discoverableCredentials: facts.getInfo.remainingDiscoverableCredentials ?? USUAL_CAPACITY,
    maxCredBlobLength: facts.getInfo.maxCredBlobLength,
  });
  const needed = algorithms.flatMap((name) => {
    const { id } = COSE_ALGORITHMS[name];
    return [
      longestRegistration({ extensions }, id, voucher) ?? 0,
      longestAssertion({ extensions, limits }, id),
    ];
  });
  return Math.min(Math.max(said, MESSAGE.least, ...needed), MESSAGE.most);
}

function snapshotOf({ options = {}, forcePINChange }: MetadataInfo): Snapshot {
  const { clientPin, uv, bioEnroll, userVerificationMgmtPreview: preview } = options;
  const stateOf = <T>(option: boolean | undefined, on: T, off: T): T | 'none' =>
    option === undefined ? 'none' : option ? on : off;
  return {
    pin: stateOf(clientPin, 'set', 'unset'),
    verification: stateOf(uv, 'configured', 'not-configured'),
    fingerprints: uv === true && (bioEnroll ?? preview) === true ? 1 : 0,
    enterpriseAttestation: options.ep === true,
    forcePinChange: forcePINChange === true,
  };
}

/** getInfo of a profile's device in the state of its snapshot, as it follows from the profile. */
export function infoInSnapshot(profile: DeviceProfile): GetInfoResponse {
  const { snapshot, authenticator: key } = profile;
  const config = authenticatorConfig(profile);
  const set = snapshot?.pin === 'set';
  const state = {
    wrappingKey: new Uint8Array(0),
    forcePinChange: snapshot?.forcePinChange ?? false,
    minPinLength: config.limits.minPinLength,
    minPinLengthRpIds: [],
    alwaysUv: key.alwaysUv ?? false,
    enterpriseAttestation: snapshot?.enterpriseAttestation ?? false,
    longTouchForReset: false,
    pinComplexityPolicy: key.pin?.complexity?.enforced ?? false,
  };
  const hash = set ? { hash: new Uint8Array(16) } : {};
  const pin = { codePoints: 0, pinRetries: 8, uvRetries: 5, complex: false, uvCount: 0, ...hash };
  return authenticatorInfo(config, optionsOf(config), {
    pin,
    state,
    encrypted: {},
    // A key that knows its fingers itself has at least one when it is set up.
    verificationConfigured: config.bio
      ? (snapshot?.fingerprints ?? 0) > 0
      : snapshot?.verification === 'configured',
    credentialCount: 0,
    attestationFormats: formatsOf(voucherOf(key)),
  });
}

/** What has to be hidden and claimed so that a draft shows what the real device shows. */
function differenceOf(draft: DeviceProfile, real: MetadataInfo) {
  const ours = infoInSnapshot(draft);
  const lists = {
    versions: unlike(ours.versions, real.versions),
    extensions: unlike(ours.extensions, real.extensions),
    transports: unlike(ours.transports, real.transports),
    algorithms: unlike(
      ours.algorithms?.map(({ alg }) => alg),
      real.algorithms,
    ),
  };
  const options = optionClaims(ours, real);
  const members = memberClaims(ours, real);
  const claims: ProfileClaims = compact({
    ...lists,
    options: Object.keys(options).length === 0 ? undefined : options,
    members: Object.keys(members).length === 0 ? undefined : members,
  });
  const hiddenOptions = [...(ours.options?.keys() ?? [])].filter(
    (name) => real.options?.[name] === undefined,
  );
  const hides = compact({
    members: someOf(hiddenMembers(ours, real)),
    options: someOf(hiddenOptions),
  });
  return compact({
    hides: Object.keys(hides).length === 0 ? undefined : hides,
    claims: Object.keys(claims).length === 0 ? undefined : claims,
  });
}

function someOf<T>(values: T[]): T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function unlike<T>(ours: readonly T[] | undefined, real: T[] | undefined): T[] | undefined {
  return real === undefined || JSON.stringify(ours) === JSON.stringify(real) ? undefined : real;
}

function optionClaims(ours: GetInfoResponse, { options = {} }: MetadataInfo): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => ours.options?.get(name) !== value),
  );
}

function memberClaims(ours: GetInfoResponse, real: MetadataInfo): NonNullable<ProfileClaims['members']> {
  const claimed = CLAIMABLE_MEMBERS.filter((name) => {
    const value = real[name];
    return value !== undefined && JSON.stringify(ours[name]) !== JSON.stringify(value);
  });
  return Object.fromEntries(claimed.map((name) => [name, real[name]]));
}

/** Those that we show and the real device doesn't. */
function hiddenMembers(ours: GetInfoResponse, real: MetadataInfo) {
  const shown = new Set(Object.keys(real));
  return HIDEABLE.filter((name) => name in ours && !shown.has(name));
}
