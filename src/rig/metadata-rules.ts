/**
 * What of a device's claims an authenticator can have: rules, each with its reason, and the reasons for what is shown and not done.
 */
import { IMPLEMENTED } from '../authenticator/config.js';
import { coseAlgorithm } from '../ctap/cose.js';
import type { DeviceFacts } from './metadata-facts.js';

/** A device's claims as `extension credBlob`, `option ep`: what is left of them is done. */
export type Features = ReadonlySet<string>;

/** A feature that needs something else. */
interface Rule {
  readonly feature: string;
  readonly holds: (features: Features, facts: DeviceFacts) => boolean;
}

const has =
  (...names: readonly string[]) =>
  (features: Features) =>
    names.every((name) => features.has(name));

const verifies = (features: Features) => features.has('option clientPin') || features.has('option uv');
const speaks = ({ getInfo }: DeviceFacts) => (getInfo.pinUvAuthProtocols ?? []).length > 0;
const modern = (features: Features, { getInfo }: DeviceFacts) =>
  features.has('extension hmac-secret') &&
  (verifies(features) || !features.has('option rk')) &&
  (!verifies(features) ||
    (has('extension credProtect', 'option pinUvAuthToken')(features) &&
      getInfo.pinUvAuthProtocols?.includes(2) === true)) &&
  (!features.has('option rk') || getInfo.options?.plat === true || features.has('option credMgmt'));
const managed = (features: Features) =>
  features.has('option rk') && (features.has('option clientPin') || features.has('option pinUvAuthToken'));
/** Fingers are enrolled over CTAP, and then they verify. */
const sensor =
  (option: 'bioEnroll' | 'userVerificationMgmtPreview') =>
  (features: Features, { verification, getInfo: { options = {} } }: DeviceFacts) =>
    has('option uv', 'option clientPin')(features) &&
    verification.includes('fingerprint_internal') &&
    options[option] === options.uv;

/** In any order: they are applied until all of them hold. Those of the specification are the authenticator's own as well. */
const RULES: readonly Rule[] = [
  { feature: 'option clientPin', holds: (_, facts) => speaks(facts) },
  { feature: 'option pinUvAuthToken', holds: (features, facts) => verifies(features) && speaks(facts) },
  {
    feature: 'extension hmac-secret',
    holds: (features) => features.has('option clientPin') || features.has('option pinUvAuthToken'),
  },
  { feature: 'extension hmac-secret-mc', holds: has('extension hmac-secret') },
  { feature: 'option credMgmt', holds: managed },
  { feature: 'option credentialMgmtPreview', holds: managed },
  {
    feature: 'extension credBlob',
    holds: (features, { getInfo }) =>
      has('option rk', 'extension credProtect')(features) && (getInfo.maxCredBlobLength ?? 0) >= 32,
  },
  {
    feature: 'option largeBlobs',
    holds: (features, { getInfo }) =>
      has('option rk', 'extension largeBlobKey')(features) &&
      (getInfo.maxSerializedLargeBlobArray ?? 0) >= 1024,
  },
  { feature: 'extension largeBlobKey', holds: has('option largeBlobs') },
  {
    feature: 'option authnrCfg',
    holds: (features) =>
      ['option setMinPINLength', 'option ep', 'option alwaysUv'].some((name) => features.has(name)),
  },
  { feature: 'option ep', holds: has('option authnrCfg') },
  {
    feature: 'option setMinPINLength',
    holds: has('option authnrCfg', 'option clientPin', 'extension minPinLength'),
  },
  { feature: 'extension minPinLength', holds: has('option setMinPINLength') },
  { feature: 'option uvAcfg', holds: has('option authnrCfg', 'option uv') },
  {
    feature: 'option bioEnroll',
    holds: (features, facts) => sensor('bioEnroll')(features, facts) && features.has('option pinUvAuthToken'),
  },
  {
    feature: 'option userVerificationMgmtPreview',
    holds: sensor('userVerificationMgmtPreview'),
  },
  { feature: 'option uvBioEnroll', holds: has('option bioEnroll') },
  { feature: 'version FIDO_2_1', holds: modern },
  { feature: 'version FIDO_2_3', holds: modern },
  { feature: 'version U2F_V2', holds: has('algorithm ES256') },
];

/** What of a device's claims is done. */
export function doneFeatures(facts: DeviceFacts, algorithms: readonly string[]): Features {
  const { versions, extensions = [], options = {} } = facts.getInfo;
  const known = (kind: keyof typeof IMPLEMENTED, name: string) =>
    IMPLEMENTED[kind].some((one) => one === name);
  const features = new Set([
    ...versions.filter((name) => known('versions', name)).map((name) => `version ${name}`),
    ...extensions.filter((name) => known('extensions', name)).map((name) => `extension ${name}`),
    ...Object.entries(options)
      .filter(
        ([name, value]) => (value || STATES.includes(name)) && (name === 'uv' || known('options', name)),
      )
      .map(([name]) => `option ${name}`),
    ...algorithms.map((name) => `algorithm ${name}`),
  ]);
  for (let before = -1; before !== features.size; ) {
    before = features.size;
    for (const { feature, holds } of RULES) if (!holds(features, facts)) features.delete(feature);
  }
  return features;
}

/** Options whose `false` is a state, not an absence. */
const STATES: readonly string[] = [
  'clientPin',
  'uv',
  'ep',
  'bioEnroll',
  'userVerificationMgmtPreview',
  'alwaysUv',
];

/**
 * Why a device shows what keyrig's does not do. One row for each claim that any device of the metadata service has; a test holds the rows to
 * the devices.
 */
export const CLAIM_REASONS: Readonly<Record<string, string>> = {
  'algorithm PS256': 'keyrig signs RSA with PKCS #1 v1.5 only',
  'algorithm RS1': 'keyrig makes no signatures over SHA-1',
  'extension credBlob': 'the device does not say how long a blob may be',
  'extension devicePubKey': 'withdrawn from WebAuthn before it was finished',
  'extension exts': 'removed from WebAuthn Level 2: no authenticator extension',
  'extension hmac-secret':
    'it needs key agreement, and the device has neither a PIN with a protocol nor tokens',
  'extension largeBlobKey': 'the device does not say how long its large-blob array may be',
  'extension loc': 'removed from WebAuthn Level 2',
  'extension txAuthSimple': 'removed from WebAuthn Level 2',
  'extension uvm': 'keyrig reports no methods of user verification',
  'member certifications': 'certificates of the real device: no emulation has them',
  'member maxCredentialIdLength':
    'shorter than the credential IDs in which keyrig wraps keys, or longer than platforms take (1023)',
  'member maxMsgSize':
    'below the 1024 that CTAP demands, beyond the 7609 of HID, or shorter than a registration of keyrig with these algorithms',
  'member maxRPIDsForSetMinPINLength':
    'the device takes no RP IDs, so that its minPinLength has nobody to tell: keyrig takes one',
  'member minPINLength': 'the device takes no PIN over CTAP',
  'member pinUvAuthProtocols': 'without a PIN and without tokens no protocol is spoken, or the list is empty',
  'member uvModality': 'several modalities at once: keyrig verifies in one way',
  'option bioEnroll':
    'fingers are enrolled with tokens that have permissions, and the device has none (pinUvAuthToken)',
  'option clientPin': 'a PIN needs a protocol, and the device names none',
  'option credMgmt': 'credentials are managed with tokens, and the device has none',
  'option largeBlobs': 'the device does not say how long its large-blob array may be',
  'option pinUvAuthToken': 'tokens need a protocol, and the device names none',
  'option setMinPINLength': 'the device lacks the extension minPinLength, which goes together with it',
  'option up': 'said to be false: keyrig can always ask for a touch',
  'option userVerificationMgmtPreview':
    'the device has no uv option that says the same, no PIN, or no fingerprint sensor in its metadata',
  'option uvAcfg': 'it needs built-in verification, and the device has none',
  'option uvBioEnroll': 'it needs bioEnroll',
  'transport lightning': 'WebAuthn has no such transport: the device is attached over USB',
  'transport wireless': 'WebAuthn has no such transport: the device is attached over Bluetooth',
  'version FIDO_2_1':
    'the device lacks something that CTAP 2.1 §9 makes mandatory: credProtect, hmac-secret, tokens, protocol two or credMgmt',
};

/** Devices, by AAGUID, whose claims keep every client from using them: a test holds the list to what happens. */
export const UNUSABLE: Readonly<Record<string, string>> = {
  '6dae43be-af9c-417b-8b9f-1b611168ec60':
    'it says that it has tokens (pinUvAuthToken) and names no protocol by which a client could get one',
  '53414d53-554e-4700-0000-000000000000':
    'it says that it has tokens (pinUvAuthToken) and names no protocol by which a client could get one',
};

/** The reason of a claim, for devices that nobody knew as well. */
export function reasonOf(claim: string): string {
  return CLAIM_REASONS[claim] ?? REASONS[claim.split(' ')[0] ?? ''] ?? UNKNOWN;
}

const UNKNOWN = 'keyrig does not do this';

/** By kind, for what the table above doesn't have. */
const REASONS: Readonly<Record<string, string>> = {
  version: 'keyrig does not have this version, or the device lacks something that it promises',
  extension: 'keyrig does not have this extension, or the device lacks something that it needs',
  option: 'keyrig does not have this option, or the device lacks something that it needs',
  algorithm: 'keyrig does not sign with this algorithm',
  transport: 'WebAuthn has no such transport',
  member: 'the value does not go together with what the device does',
};

/** Names of algorithms by their numbers; a number stands for itself where there is none. */
export function algorithmName(id: number): string {
  return coseAlgorithm(id)?.name ?? String(id);
}
