/**
 * Whether an authenticator's description of itself is consistent: rules over getInfo alone (CTAP 2.1 §6.4, §7, §9; CTAP 2.2 and 2.3
 * for their members). Shapes and types have been checked by whoever decoded it.
 */
import { MEMBER_RULES } from './get-info-member-rules.js';
import {
  FEATURES,
  INFO,
  type InfoFinding,
  type InfoRule,
  type InfoView,
  implies,
  rule,
} from './get-info-rule.js';
import { VERIFICATION_RULES } from './get-info-verification-rules.js';
import type { GetInfoResponse } from './messages/get-info.js';

/** Sub-commands of authenticatorConfig (CTAP 2.1 §6.11). */
const CONFIG = { enableEnterpriseAttestation: 1, setMinPinLength: 3 } as const;

/** Rules between members, whatever the version. */
const CONSISTENCY_RULES: readonly InfoRule[] = [
  rule(
    'protocols-present',
    INFO,
    'pinUvAuthProtocols is there with the options clientPin and pinUvAuthToken',
    (info) =>
      implies(
        info.option('clientPin') !== undefined || info.option('pinUvAuthToken') === true,
        (info.pinUvAuthProtocols?.length ?? 0) > 0,
      ),
  ),
  rule('min-pin-length-needs-pin', INFO, 'minPINLength is there only with the option clientPin', (info) =>
    implies(info.minPINLength !== undefined, info.option('clientPin') !== undefined),
  ),
  rule(
    'uv-members-need-uv',
    INFO,
    'preferredPlatformUvAttempts and uvModality are there only with built-in verification',
    (info) =>
      implies(
        info.preferredPlatformUvAttempts !== undefined || info.uvModality !== undefined,
        info.option('uv') !== undefined,
      ),
  ),
  rule(
    'pin-permissions-need-pin',
    INFO,
    'noMcGaPermissionsWithClientPin is there only with clientPin',
    (info) =>
      implies(info.option('noMcGaPermissionsWithClientPin') === true, info.option('clientPin') !== undefined),
  ),
  rule(
    'always-uv-needs-uv-for-all',
    'CTAP 2.1 §7.2',
    'makeCredUvNotRqd is not true while alwaysUv is',
    (info) => implies(info.option('alwaysUv') === true, info.option('makeCredUvNotRqd') !== true),
  ),
  rule(
    'always-uv-drops-u2f',
    'CTAP 2.1 §7.2',
    'U2F_V2 is left out while alwaysUv is on and there is no built-in verification',
    (info) =>
      implies(
        info.option('alwaysUv') === true && info.option('uv') !== true,
        !info.versions.includes('U2F_V2'),
      ),
  ),
  rule('uv-bio-enroll-needs-bio-enroll', INFO, 'uvBioEnroll is there only with bioEnroll', (info) =>
    implies(info.option('uvBioEnroll') === true, info.option('bioEnroll') !== undefined),
  ),
  rule('uv-acfg-needs-config', INFO, 'uvAcfg is there only with authnrCfg', (info) =>
    implies(info.option('uvAcfg') === true, info.option('authnrCfg') === true),
  ),
  rule(
    'ep-needs-config',
    FEATURES,
    'enterprise attestation comes with authenticatorConfig to enable it',
    (info) => implies(info.option('ep') !== undefined, configures(info, CONFIG.enableEnterpriseAttestation)),
  ),
  rule('set-min-pin-length-needs-pin', INFO, 'setMinPINLength is there only with clientPin', (info) =>
    implies(info.option('setMinPINLength') === true, info.option('clientPin') !== undefined),
  ),
  rule('set-min-pin-length-needs-config', INFO, 'setMinPINLength comes with authenticatorConfig', (info) =>
    implies(info.option('setMinPINLength') === true, configures(info, CONFIG.setMinPinLength)),
  ),
  rule(
    'set-min-pin-length-needs-extension',
    FEATURES,
    'setMinPINLength comes with the extension minPinLength',
    (info) => implies(info.option('setMinPINLength') === true, info.has('minPinLength')),
  ),
  rule(
    'min-pin-length-needs-set-min-pin-length',
    FEATURES,
    'the extension minPinLength comes with setMinPINLength, unless its relying parties are built in',
    (info) => implies(info.has('minPinLength'), info.option('setMinPINLength') === true),
    // Built-in relying parties (CTAP 2.1 §6.4, minPINLength) are in no member.
    'should',
  ),
  rule(
    'config-set-min-pin-length-needs-option',
    'CTAP 2.3 §6.4',
    'authenticatorConfigCommands has setMinPINLength only with the option',
    ({ authenticatorConfigCommands: commands = [], option }) =>
      implies(commands.includes(CONFIG.setMinPinLength), option('setMinPINLength') === true),
  ),
  rule(
    'max-rp-ids-with-set-min-pin-length',
    INFO,
    'maxRPIDsForSetMinPINLength is there exactly with setMinPINLength',
    (info) => (info.maxRPIDsForSetMinPINLength !== undefined) === (info.option('setMinPINLength') === true),
  ),
  rule(
    'config-commands-need-config',
    'CTAP 2.3 §6.4',
    'authenticatorConfigCommands is there only with authnrCfg',
    (info) => implies(info.authenticatorConfigCommands !== undefined, info.option('authnrCfg') === true),
  ),
  rule(
    'vendor-commands-need-config',
    INFO,
    'vendorPrototypeConfigCommands is there only with authnrCfg',
    (info) => implies(info.vendorPrototypeConfigCommands !== undefined, info.option('authnrCfg') === true),
  ),
  rule(
    'large-blobs-with-key',
    FEATURES,
    'largeBlobs comes with the extension largeBlobKey, and the reverse',
    (info) => (info.option('largeBlobs') === true) === info.has('largeBlobKey'),
  ),
  rule(
    'large-blobs-with-size',
    INFO,
    'maxSerializedLargeBlobArray is there exactly with largeBlobs, and at least 1024',
    ({ maxSerializedLargeBlobArray: size, option }) =>
      option('largeBlobs') === true ? size !== undefined && size >= 1024 : size === undefined,
  ),
  rule(
    'large-blobs-need-rk',
    'CTAP 2.1 §12.3',
    'largeBlobs comes with rk: only stored credentials have keys',
    (info) => implies(info.option('largeBlobs') === true, info.option('rk') === true),
  ),
  rule('large-blob-one-way', 'CTAP 2.2 §12', 'largeBlobs excludes the extension largeBlob', (info) =>
    implies(info.option('largeBlobs') === true, !info.has('largeBlob')),
  ),
  rule(
    'cred-blob-with-length',
    INFO,
    'maxCredBlobLength is there exactly with credBlob, and at least 32',
    (info) =>
      info.has('credBlob') ? (info.maxCredBlobLength ?? 0) >= 32 : info.maxCredBlobLength === undefined,
  ),
  rule('cred-blob-needs-cred-protect', FEATURES, 'credBlob comes with credProtect', (info) =>
    implies(info.has('credBlob'), info.has('credProtect')),
  ),
  rule(
    'encrypted-members-need-token',
    'CTAP 2.2 §6.4',
    'encIdentifier and encCredStoreState are there only with perCredMgmtRO',
    (info) =>
      implies(
        info.encIdentifier !== undefined || info.encCredStoreState !== undefined,
        info.option('perCredMgmtRO') === true,
      ),
  ),
];

/** What is managed, and what it takes. */
const MANAGEMENT_RULES: readonly InfoRule[] = [
  rule('management-needs-rk', INFO, 'credMgmt is there only with rk, which it manages', (info) =>
    implies(manages(info), info.option('rk') === true),
  ),
  rule(
    'management-needs-tokens',
    'CTAP 2.1 §6.8',
    'credMgmt comes with tokens: clientPin or pinUvAuthToken',
    // FIDO_2_1 has a rule for all discoverable credentials, managed or not.
    (info) =>
      implies(
        manages(info) && !info.modern,
        info.option('clientPin') !== undefined || info.option('pinUvAuthToken') === true,
      ),
  ),
  rule(
    'read-only-management-needs-management',
    'CTAP 2.2 §6.4',
    'perCredMgmtRO is there only with credMgmt',
    (info) => implies(info.option('perCredMgmtRO') === true, info.option('credMgmt') === true),
  ),
  rule(
    'previews-need-version',
    INFO,
    'the preview commands come with FIDO_2_1_PRE',
    (info) =>
      implies(
        info.option('credentialMgmtPreview') !== undefined ||
          info.option('userVerificationMgmtPreview') !== undefined,
        info.versions.includes('FIDO_2_1_PRE'),
      ),
    // They are found by their options; the version is a hint.
    'should',
  ),
];

function manages(info: InfoView): boolean {
  return info.option('credMgmt') === true || info.option('credentialMgmtPreview') === true;
}

/** The mandatory features of FIDO_2_1 and FIDO_2_3. */
const MODERN_RULES: readonly InfoRule[] = [
  rule('modern-hmac-secret', FEATURES, 'FIDO_2_1 comes with hmac-secret', (info) => info.has('hmac-secret')),
  rule('modern-rk-needs-uv', FEATURES, 'discoverable credentials come with user verification', (info) =>
    implies(info.option('rk') === true, info.verifies),
  ),
  rule(
    'modern-rk-needs-management',
    FEATURES,
    'discoverable credentials come with credMgmt, unless the authenticator has a user interface for it',
    (info) => implies(info.option('rk') === true, info.option('credMgmt') === true),
    'should',
  ),
  rule('modern-uv-needs-cred-protect', FEATURES, 'user verification comes with credProtect', (info) =>
    implies(info.verifies, info.has('credProtect')),
  ),
  rule('modern-uv-needs-token', FEATURES, 'user verification comes with pinUvAuthToken', (info) =>
    implies(info.verifies, info.option('pinUvAuthToken') === true),
  ),
  rule('modern-protocol-two', FEATURES, 'pinUvAuthProtocols has protocol two', (info) =>
    implies(info.verifies, info.pinUvAuthProtocols?.includes(2) ?? false),
  ),
  rule('modern-min-pin-length', INFO, 'clientPin comes with minPINLength', (info) =>
    implies(info.option('clientPin') !== undefined, info.minPINLength !== undefined),
  ),
].map((each) => ({ ...each, holds: (info) => implies(info.modern, each.holds(info)) }));

/** Every rule, in the order of findings. */
export const INFO_RULES: readonly InfoRule[] = [
  ...MEMBER_RULES,
  ...CONSISTENCY_RULES,
  ...MANAGEMENT_RULES,
  ...VERIFICATION_RULES,
  ...MODERN_RULES,
];

/** authenticatorConfig is there, and where its sub-commands are listed (CTAP 2.3), so is this one. */
function configures(info: InfoView, subCommand: number): boolean {
  const listed = info.authenticatorConfigCommands?.includes(subCommand) ?? true;
  return info.option('authnrCfg') === true && listed;
}

/**
 * The rules that a getInfo breaks.
 *
 * @example
 * ```ts
 * lintGetInfo({ versions: ['FIDO_2_2'], aaguid: new Uint8Array(16) }); // [{ id: 'versions-defined', … }]
 * ```
 */
export function lintGetInfo(info: GetInfoResponse): readonly InfoFinding[] {
  const option = (name: string) => info.options?.get(name);
  const view: InfoView = {
    ...info,
    option,
    has: (extension) => info.extensions?.includes(extension) ?? false,
    modern: info.versions.includes('FIDO_2_1') || info.versions.includes('FIDO_2_3'),
    verifies: option('clientPin') !== undefined || option('uv') !== undefined,
  };
  return INFO_RULES.filter((each) => !each.holds(view)).map(({ holds: _, ...finding }) => finding);
}
