/**
 * Rules over single members of getInfo (CTAP 2.1 §6.4; CTAP 2.2 and 2.3 for their members).
 */
import { INFO, type InfoRule, rule, unique } from './get-info-rule.js';
import { PUBLIC_KEY_TYPE } from './messages/entities.js';
import { DEFAULT_MAX_MESSAGE_SIZE } from './messages/get-info.js';

/** What `certifications` can say, with the highest level of each (CTAP 2.1 §6.4, CTAP 2.3). */
const CERTIFICATION_LEVELS: Readonly<Record<string, number>> = {
  FIDO: 6,
  'FIPS-CMVP-2': 4,
  'FIPS-CMVP-3': 4,
  'FIPS-CMVP-2-PHY': 4,
  'FIPS-CMVP-3-PHY': 4,
  'CC-EAL': 7,
  'CCN-CPSTIC': 1,
};

/** Names of WebAuthn's AuthenticatorTransport. */
const TRANSPORTS = ['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card'];

/** FIDO Registry §3.1: a passcode that is entered on the platform, which is what clientPin is. */
const PASSCODE_EXTERNAL = 0x800;

/** Lengths of CTAP 2.2's encrypted members: IV and one block. */
const ENCRYPTED_MEMBER = 32;

/** Rules over single members. */
export const MEMBER_RULES: readonly InfoRule[] = [
  rule(
    'versions-present',
    INFO,
    'versions names at least one version',
    ({ versions }) => versions.length > 0,
  ),
  rule('versions-unique', INFO, 'versions names each version once', ({ versions }) => unique(versions)),
  rule(
    'versions-defined',
    'CTAP 2.2 §6.4',
    'FIDO_2_2 was never defined; CTAP 2.2 is FIDO_2_1 with more members',
    ({ versions }) => !versions.includes('FIDO_2_2'),
  ),
  rule(
    'extensions-not-empty',
    INFO,
    'extensions is left out rather than empty',
    (info) => info.extensions?.length !== 0,
  ),
  rule('extensions-unique', INFO, 'extensions names each extension once', (info) => unique(info.extensions)),
  rule('aaguid-length', INFO, 'aaguid has 16 bytes', ({ aaguid }) => aaguid.length === 16),
  rule(
    'max-msg-size-floor',
    INFO,
    'maxMsgSize is at least 1024, which platforms may send unasked',
    ({ maxMsgSize = DEFAULT_MAX_MESSAGE_SIZE }) => maxMsgSize >= DEFAULT_MAX_MESSAGE_SIZE,
  ),
  rule('protocols-unique', INFO, 'pinUvAuthProtocols names each protocol once', (info) =>
    unique(info.pinUvAuthProtocols),
  ),
  rule(
    'list-count-positive',
    INFO,
    'maxCredentialCountInList is greater than 0',
    (info) => info.maxCredentialCountInList !== 0,
  ),
  rule(
    'id-length-positive',
    INFO,
    'maxCredentialIdLength is greater than 0',
    (info) => info.maxCredentialIdLength !== 0,
  ),
  rule(
    'transports-known',
    INFO,
    'transports uses the names of AuthenticatorTransport',
    ({ transports = [] }) => transports.every((name) => TRANSPORTS.includes(name)),
    'should',
  ),
  rule(
    'algorithms-not-empty',
    INFO,
    'algorithms is left out rather than empty',
    (info) => info.algorithms?.length !== 0,
  ),
  rule('algorithms-unique', INFO, 'algorithms names each algorithm once', ({ algorithms = [] }) =>
    unique(algorithms.map((entry) => entry.alg)),
  ),
  rule('algorithms-type', INFO, 'algorithms are all of type "public-key"', ({ algorithms = [] }) =>
    algorithms.every((entry) => entry.type === PUBLIC_KEY_TYPE),
  ),
  rule(
    'min-pin-length-floor',
    INFO,
    'minPINLength is at least 4',
    ({ minPINLength = 4 }) => minPINLength >= 4,
  ),
  rule(
    'max-pin-length-floor',
    'CTAP 2.2 §6.4',
    'maxPINLength is at least 8',
    ({ maxPINLength = 63 }) => maxPINLength >= 8,
  ),
  rule(
    'pin-length-order',
    'CTAP 2.2 §6.4',
    'minPINLength is not greater than maxPINLength',
    ({ minPINLength = 4, maxPINLength = 63 }) => minPINLength <= maxPINLength,
  ),
  rule(
    'platform-attempts-positive',
    INFO,
    'preferredPlatformUvAttempts is greater than 0',
    (info) => info.preferredPlatformUvAttempts !== 0,
  ),
  rule(
    'uv-modality-built-in',
    INFO,
    'uvModality does not count clientPin as an external passcode',
    ({ uvModality = 0 }) => (uvModality & PASSCODE_EXTERNAL) === 0,
  ),
  rule('certifications-known', INFO, 'certifications have known names and levels', ({ certifications }) =>
    [...(certifications ?? [])].every(
      ([name, level]) => level >= 1 && level <= (CERTIFICATION_LEVELS[name] ?? 0),
    ),
  ),
  rule(
    'attestation-formats-not-empty',
    'CTAP 2.2 §6.4',
    'attestationFormats is left out rather than empty',
    (info) => info.attestationFormats?.length !== 0,
  ),
  rule('attestation-formats-unique', 'CTAP 2.2 §6.4', 'attestationFormats names each format once', (info) =>
    unique(info.attestationFormats),
  ),
  rule(
    'attestation-formats-without-none',
    'CTAP 2.2 §6.4',
    'attestationFormats never has "none"',
    ({ attestationFormats = [] }) => !attestationFormats.includes('none'),
  ),
  rule(
    'enc-identifier-length',
    'CTAP 2.2 §6.4',
    'encIdentifier has 32 bytes',
    ({ encIdentifier }) => encIdentifier === undefined || encIdentifier.length === ENCRYPTED_MEMBER,
  ),
  rule(
    'enc-store-state-length',
    'CTAP 2.3 §6.4',
    'encCredStoreState has 32 bytes',
    ({ encCredStoreState }) =>
      encCredStoreState === undefined || encCredStoreState.length === ENCRYPTED_MEMBER,
  ),
];
