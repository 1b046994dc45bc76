import { describe, expect, it } from 'vitest';
import { INFO_RULES, lintGetInfo } from './get-info-linter.js';
import type { GetInfoResponse } from './messages/get-info.js';

/** A complete CTAP 2.1 key that every rule has something to say about; each test changes one thing. */
const GOOD: GetInfoResponse = {
  versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'],
  extensions: ['credProtect', 'hmac-secret', 'largeBlobKey', 'credBlob', 'minPinLength'],
  aaguid: new Uint8Array(16),
  options: new Map([
    ['rk', true],
    ['up', true],
    ['uv', false],
    ['clientPin', true],
    ['pinUvAuthToken', true],
    ['credMgmt', true],
    ['authnrCfg', true],
    ['ep', false],
    ['largeBlobs', true],
    ['bioEnroll', false],
    ['setMinPINLength', true],
    ['makeCredUvNotRqd', true],
    ['alwaysUv', false],
    ['perCredMgmtRO', true],
  ]),
  maxMsgSize: 1200,
  pinUvAuthProtocols: [2, 1],
  maxCredentialCountInList: 8,
  maxCredentialIdLength: 128,
  transports: ['usb', 'nfc'],
  algorithms: [{ alg: -7, type: 'public-key' }],
  maxSerializedLargeBlobArray: 1024,
  minPINLength: 4,
  maxCredBlobLength: 32,
  maxRPIDsForSetMinPINLength: 0,
  preferredPlatformUvAttempts: 3,
  uvModality: 0x02,
  certifications: new Map([['FIDO', 1]]),
  attestationFormats: ['packed'],
  encIdentifier: new Uint8Array(32),
  maxPINLength: 63,
  encCredStoreState: new Uint8Array(32),
  authenticatorConfigCommands: [1, 2, 3],
};

const SMALLEST: GetInfoResponse = { versions: ['FIDO_2_0'], aaguid: new Uint8Array(16) };

/** GOOD with other options; `undefined` takes one away. */
function options(changes: Readonly<Record<string, boolean | undefined>>): Pick<GetInfoResponse, 'options'> {
  const all = new Map(GOOD.options);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) all.delete(name);
    else all.set(name, value);
  }
  return { options: all };
}

function without(...names: readonly (keyof GetInfoResponse)[]): GetInfoResponse {
  const kept = Object.entries(GOOD).filter(([name]) => !names.some((other) => other === name));
  return { versions: GOOD.versions, aaguid: GOOD.aaguid, ...Object.fromEntries(kept) };
}

const extensions = (...dropped: readonly string[]) => ({
  extensions: GOOD.extensions?.filter((name) => !dropped.includes(name)) ?? [],
});

/** For each rule a description that breaks it and nothing else. */
const BREAKERS: Readonly<Record<string, GetInfoResponse>> = {
  'versions-present': { ...GOOD, versions: [] },
  'versions-unique': { ...GOOD, versions: ['FIDO_2_1', 'FIDO_2_1'] },
  'versions-defined': { ...GOOD, versions: ['FIDO_2_1', 'FIDO_2_2'] },
  'extensions-not-empty': { versions: ['FIDO_2_0'], aaguid: GOOD.aaguid, extensions: [] },
  'extensions-unique': { ...GOOD, extensions: [...(GOOD.extensions ?? []), 'hmac-secret'] },
  'aaguid-length': { ...GOOD, aaguid: new Uint8Array(15) },
  'max-msg-size-floor': { ...GOOD, maxMsgSize: 1023 },
  'protocols-unique': { ...GOOD, pinUvAuthProtocols: [2, 2] },
  'list-count-positive': { ...GOOD, maxCredentialCountInList: 0 },
  'id-length-positive': { ...GOOD, maxCredentialIdLength: 0 },
  'transports-known': { ...GOOD, transports: ['usb', 'lightning'] },
  'algorithms-not-empty': { ...GOOD, algorithms: [] },
  'algorithms-unique': { ...GOOD, algorithms: [-7, -7].map((alg) => ({ alg, type: 'public-key' })) },
  'algorithms-type': { ...GOOD, algorithms: [{ alg: -7, type: 'public' }] },
  'min-pin-length-floor': { ...GOOD, minPINLength: 3 },
  'max-pin-length-floor': { ...GOOD, maxPINLength: 7 },
  'pin-length-order': { ...GOOD, minPINLength: 9, maxPINLength: 8 },
  'platform-attempts-positive': { ...GOOD, preferredPlatformUvAttempts: 0 },
  'uv-modality-built-in': { ...GOOD, uvModality: 0x802 },
  'certifications-known': { ...GOOD, certifications: new Map([['FIDO', 7]]) },
  'attestation-formats-not-empty': { ...GOOD, attestationFormats: [] },
  'attestation-formats-unique': { ...GOOD, attestationFormats: ['packed', 'packed'] },
  'attestation-formats-without-none': { ...GOOD, attestationFormats: ['packed', 'none'] },
  'enc-identifier-length': { ...GOOD, encIdentifier: new Uint8Array(16) },
  'enc-store-state-length': { ...GOOD, encCredStoreState: new Uint8Array(16) },
  'protocols-present': { ...without('pinUvAuthProtocols'), versions: ['FIDO_2_0'] },
  'min-pin-length-needs-pin': {
    ...without('maxRPIDsForSetMinPINLength'),
    ...options({ clientPin: undefined, setMinPINLength: undefined }),
    ...extensions('minPinLength'),
    authenticatorConfigCommands: [1, 2],
  },
  'uv-members-need-uv': { ...GOOD, ...options({ uv: undefined, bioEnroll: undefined }) },
  'pin-permissions-need-pin': {
    ...without('maxRPIDsForSetMinPINLength', 'minPINLength'),
    ...options({ clientPin: undefined, setMinPINLength: undefined, noMcGaPermissionsWithClientPin: true }),
    ...extensions('minPinLength'),
    authenticatorConfigCommands: [1, 2],
  },
  'always-uv-needs-uv-for-all': { ...GOOD, ...options({ alwaysUv: true, uv: true }) },
  'always-uv-drops-u2f': { ...GOOD, ...options({ alwaysUv: true, makeCredUvNotRqd: false }) },
  'uv-bio-enroll-needs-bio-enroll': { ...GOOD, ...options({ bioEnroll: undefined, uvBioEnroll: true }) },
  'uv-acfg-needs-config': {
    ...without('authenticatorConfigCommands', 'maxRPIDsForSetMinPINLength'),
    ...options({ authnrCfg: undefined, setMinPINLength: undefined, ep: undefined, uvAcfg: true }),
    ...extensions('minPinLength'),
  },
  'ep-needs-config': { ...GOOD, authenticatorConfigCommands: [2, 3] },
  'set-min-pin-length-needs-pin': {
    ...without('minPINLength'),
    ...options({ clientPin: undefined }),
  },
  'set-min-pin-length-needs-config': { ...GOOD, authenticatorConfigCommands: [1, 2] },
  'set-min-pin-length-needs-extension': { ...GOOD, ...extensions('minPinLength') },
  'min-pin-length-needs-set-min-pin-length': {
    ...without('maxRPIDsForSetMinPINLength'),
    ...options({ setMinPINLength: undefined }),
    authenticatorConfigCommands: [1, 2],
  },
  'config-set-min-pin-length-needs-option': {
    ...without('maxRPIDsForSetMinPINLength'),
    ...options({ setMinPINLength: undefined }),
    ...extensions('minPinLength'),
  },
  'max-rp-ids-with-set-min-pin-length': without('maxRPIDsForSetMinPINLength'),
  'config-commands-need-config': {
    ...without('maxRPIDsForSetMinPINLength'),
    ...options({ authnrCfg: undefined, setMinPINLength: undefined, ep: undefined }),
    ...extensions('minPinLength'),
    authenticatorConfigCommands: [2],
  },
  'vendor-commands-need-config': {
    ...without('authenticatorConfigCommands', 'maxRPIDsForSetMinPINLength'),
    ...options({ authnrCfg: undefined, setMinPINLength: undefined, ep: undefined }),
    ...extensions('minPinLength'),
    vendorPrototypeConfigCommands: [1],
  },
  'large-blobs-with-key': { ...GOOD, ...extensions('largeBlobKey') },
  'large-blobs-with-size': { ...GOOD, maxSerializedLargeBlobArray: 1023 },
  'large-blobs-need-rk': {
    ...without('encIdentifier', 'encCredStoreState'),
    ...options({ rk: false, credMgmt: undefined, perCredMgmtRO: undefined }),
  },
  'large-blob-one-way': { ...GOOD, extensions: [...(GOOD.extensions ?? []), 'largeBlob'] },
  'cred-blob-with-length': { ...GOOD, maxCredBlobLength: 31 },
  'cred-blob-needs-cred-protect': { ...GOOD, versions: ['FIDO_2_0'], ...extensions('credProtect') },
  'encrypted-members-need-token': { ...GOOD, ...options({ perCredMgmtRO: undefined }) },
  'management-needs-rk': {
    ...without('maxSerializedLargeBlobArray'),
    ...options({ rk: false, largeBlobs: undefined }),
    ...extensions('largeBlobKey'),
  },
  'management-needs-tokens': {
    versions: ['FIDO_2_0'],
    aaguid: GOOD.aaguid,
    options: new Map([
      ['rk', true],
      ['uv', true],
      ['credMgmt', true],
    ]),
  },
  'read-only-management-needs-management': {
    ...GOOD,
    versions: ['FIDO_2_0'],
    ...options({ credMgmt: undefined }),
  },
  'previews-need-version': { ...GOOD, ...options({ credentialMgmtPreview: true }) },
  'bio-enroll-needs-uv': {
    ...without('preferredPlatformUvAttempts', 'uvModality'),
    ...options({ uv: undefined }),
  },
  'enrolled-is-uv': { ...GOOD, ...options({ bioEnroll: true }) },
  'uv-count-needs-uv': { ...SMALLEST, uvCountSinceLastPinEntry: 0 },
  'pin-policy-needs-pin': { ...SMALLEST, pinComplexityPolicy: false },
  'policy-url-needs-policy': { ...GOOD, pinComplexityPolicyURL: new Uint8Array(1) },
  'policy-extension-needs-policy': {
    ...GOOD,
    extensions: [...(GOOD.extensions ?? []), 'pinComplexityPolicy'],
  },
  'salts-at-creation-need-hmac-secret': { ...SMALLEST, extensions: ['hmac-secret-mc'] },
  'reset-transports-known': { ...GOOD, transportsForReset: ['ble'] },
  'config-commands-unique': { ...GOOD, authenticatorConfigCommands: [1, 2, 3, 3] },
  'config-enterprise-needs-ep': { ...GOOD, ...options({ ep: undefined }) },
  'config-always-uv-needs-option': { ...GOOD, ...options({ alwaysUv: undefined }) },
  'config-long-touch-needs-member': { ...GOOD, authenticatorConfigCommands: [1, 2, 3, 4] },
  'modern-hmac-secret': { ...GOOD, ...extensions('hmac-secret') },
  'modern-rk-needs-uv': {
    ...without(
      'minPINLength',
      'preferredPlatformUvAttempts',
      'uvModality',
      'maxRPIDsForSetMinPINLength',
      'pinUvAuthProtocols',
    ),
    ...options({
      clientPin: undefined,
      uv: undefined,
      bioEnroll: undefined,
      setMinPINLength: undefined,
      pinUvAuthToken: undefined,
    }),
    ...extensions('minPinLength'),
    authenticatorConfigCommands: [1, 2],
  },
  'modern-rk-needs-management': {
    ...without('encIdentifier', 'encCredStoreState'),
    ...options({ credMgmt: undefined, perCredMgmtRO: undefined }),
  },
  'modern-uv-needs-cred-protect': {
    ...without('maxCredBlobLength'),
    ...extensions('credProtect', 'credBlob'),
  },
  'modern-uv-needs-token': { ...GOOD, ...options({ pinUvAuthToken: false }) },
  'modern-protocol-two': { ...GOOD, pinUvAuthProtocols: [1] },
  'modern-min-pin-length': without('minPINLength'),
};

const broken = (info: GetInfoResponse) => lintGetInfo(info).map((finding) => finding.id);

describe('the getInfo linter', () => {
  it('finds nothing in a complete key, nor in the smallest one', () => {
    expect(broken(GOOD)).toEqual([]);
    expect(broken({ versions: ['FIDO_2_0'], aaguid: new Uint8Array(16) })).toEqual([]);
  });

  it.each(INFO_RULES.map((rule) => rule.id))('%s is found alone where it alone is broken', (id) => {
    const breaker = BREAKERS[id];
    expect(breaker, 'a rule without a test').toBeDefined();
    if (breaker !== undefined) expect(broken(breaker)).toEqual([id]);
  });

  it('has a clause, a sentence and an id of its own for every rule', () => {
    expect(new Set(INFO_RULES.map((rule) => rule.id)).size).toBe(INFO_RULES.length);
    expect(Object.keys(BREAKERS).sort()).toEqual(INFO_RULES.map((rule) => rule.id).sort());
    for (const { clause, message } of INFO_RULES) {
      expect(clause).toMatch(/^CTAP 2\.\d §/);
      expect(message).toMatch(/^[\w]/);
    }
  });

  it('holds keys of CTAP 2.0 to no feature of CTAP 2.1', () => {
    const old: GetInfoResponse = {
      versions: ['U2F_V2', 'FIDO_2_0'],
      aaguid: new Uint8Array(16),
      options: new Map([
        ['rk', true],
        ['clientPin', false],
      ]),
      pinUvAuthProtocols: [1],
    };
    expect(broken(old)).toEqual([]);
    expect(broken({ ...old, versions: ['FIDO_2_1'] })).toEqual([
      'modern-hmac-secret',
      'modern-rk-needs-management',
      'modern-uv-needs-cred-protect',
      'modern-uv-needs-token',
      'modern-protocol-two',
      'modern-min-pin-length',
    ]);
  });
});
