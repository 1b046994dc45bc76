/**
 * Configurations of keys that keep something: what is managed, and what extensions keep with credentials, needs what it stands on.
 */
import { EXTENSIONS } from '../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from './config.js';
import { type Fault, faultIf, outside } from './config-fault.js';
import { LEAST_CRED_BLOB } from './extensions/cred-blob.js';

/** Ranges in bytes. The lower ends are those of CTAP 2.1 §6.4; nobody sends longer ones in messages of 64 KiB. */
const RANGES = {
  credBlob: [LEAST_CRED_BLOB, 65_535],
  array: [1024, 1_048_576],
  largeBlob: [1, 65_535],
} as const;

/** CredentialManagement, LargeBlobs, and the extensions that keep something. */
export function credentialFaults(config: AuthenticatorConfig): readonly Fault[] {
  return [
    ...credentialManagementFaults(config),
    ...credBlobFaults(config),
    ...largeBlobArrayFaults(config),
    ...largeBlobFaults(config),
  ];
}

function credentialManagementFaults({ options }: AuthenticatorConfig): readonly Fault[] {
  return (['credMgmt', 'credentialMgmtPreview'] as const).flatMap((name) => {
    const asked = options[name] === true;
    const tokens = options.clientPin === true || options.pinUvAuthToken === true;
    return [
      ...faultIf(
        asked && options.rk !== true,
        `options.${name}`,
        `${name} needs rk: there is nothing to manage`,
      ),
      ...faultIf(asked && !tokens, `options.${name}`, `${name} needs clientPin or pinUvAuthToken`),
    ];
  });
}

function credBlobFaults({ extensions, options, limits }: AuthenticatorConfig): readonly Fault[] {
  const asked = extensions.includes(EXTENSIONS.credBlob);
  const member = 'limits.maxCredBlobLength';
  const length = limits.maxCredBlobLength;
  const unprotected = asked && !extensions.includes(EXTENSIONS.credProtect);
  return [
    ...faultIf(asked && options.rk !== true, 'extensions', 'credBlob needs rk'),
    ...faultIf(unprotected, 'extensions', 'credBlob needs credProtect'),
    ...faultIf(asked && length === undefined, member, 'credBlob needs a length'),
    ...faultIf(!asked && length !== undefined, member, 'only credBlob has this length'),
    ...outside(member, length, ...RANGES.credBlob),
  ];
}

function largeBlobArrayFaults({ extensions, options, limits }: AuthenticatorConfig): readonly Fault[] {
  const asked = options.largeBlobs === true;
  const keys = extensions.includes(EXTENSIONS.largeBlobKey);
  const member = 'limits.maxSerializedLargeBlobArray';
  const size = limits.maxSerializedLargeBlobArray;
  return [
    ...faultIf(asked && !keys, 'extensions', 'largeBlobs needs largeBlobKey'),
    ...faultIf(keys && !asked, 'options.largeBlobs', 'largeBlobKey needs largeBlobs'),
    ...faultIf(asked && options.rk !== true, 'options.largeBlobs', 'largeBlobs needs rk'),
    ...faultIf(asked && size === undefined, member, 'largeBlobs needs a capacity'),
    ...faultIf(!asked && size !== undefined, member, 'only largeBlobs has this capacity'),
    ...outside(member, size, ...RANGES.array),
  ];
}

/** One way or the other: a key that keeps blobs with credentials has no array for them (CTAP 2.2 §12). */
function largeBlobFaults({ extensions, options, limits }: AuthenticatorConfig): readonly Fault[] {
  const asked = extensions.includes(EXTENSIONS.largeBlob);
  const member = 'limits.maxLargeBlobLength';
  const length = limits.maxLargeBlobLength;
  return [
    ...faultIf(asked && options.largeBlobs === true, 'extensions', 'largeBlob excludes largeBlobs'),
    ...faultIf(asked && options.rk !== true, 'extensions', 'largeBlob needs rk'),
    ...faultIf(asked && length === undefined, member, 'largeBlob needs a length'),
    ...faultIf(!asked && length !== undefined, member, 'only largeBlob has this length'),
    ...outside(member, length, ...RANGES.largeBlob),
  ];
}
