/**
 * Parts of a device profile beyond the essentials: what is managed over CTAP, what getInfo shows and hides, and how long commands take.
 */
import { z } from 'zod';
import type { CLAIMABLE_MEMBERS } from '../authenticator/claims.js';
import type { HideableInfo } from '../authenticator/config.js';

const line = z.string().min(1);
const count = z.int().min(1);

/** No list of ours has anything twice. */
export function unique<T>(values: readonly T[]): boolean {
  return new Set(values).size === values.length;
}

/** Options of getInfo that a device has or lacks as a whole; those with a value of their own are members of the authenticator. */
export const MORE_OPTIONS = [
  'credMgmt',
  'credentialMgmtPreview',
  'perCredMgmtRO',
  'bioEnroll',
  'userVerificationMgmtPreview',
  'uvBioEnroll',
  'largeBlobs',
  'authnrCfg',
  'uvAcfg',
  'setMinPINLength',
  'ep',
  'noMcGaPermissionsWithClientPin',
] as const;

/** Options that a device can know and not have: getInfo shows them as false, and nothing else differs from one that shows nothing. */
export const KNOWN_OPTIONS = [
  'pinUvAuthToken',
  'credMgmt',
  'credentialMgmtPreview',
  'uvBioEnroll',
  'largeBlobs',
  'authnrCfg',
  'uvAcfg',
  'setMinPINLength',
  'noMcGaPermissionsWithClientPin',
] as const;

/** A sensor whose fingers are enrolled over CTAP (CTAP 2.1 §6.7). */
export const fingerprintSensor = z.strictObject({
  kind: z.enum(['touch', 'swipe']).default('touch'),
  /** Good samples that make a template. */
  samples: count.max(255).default(4),
  /** How many fingers there is room for. */
  templates: count.max(255).default(5),
  /** Bytes that the name of a finger may have. */
  friendlyNameBytes: count.max(255).default(64),
});

/** Who may learn which device it is (CTAP 2.1 §7.1). */
export const enterprise = z.strictObject({
  /** Vendor-facilitated: relying parties that the vendor has put in. */
  rpIds: z.array(line).refine(unique, 'expected each RP ID once').default([]),
  /** Whether platforms may name others. */
  platformManaged: z.boolean().default(true),
});

/** PINs that have to be hard to guess (CTAP 2.2 §6.4). */
export const pinComplexity = z.strictObject({
  enforced: z.boolean(),
  configurable: z.boolean().optional(),
  url: z.url().optional(),
});

/** When and how it lets itself be reset (CTAP 2.2 §6.6). */
export const reset = z.strictObject({
  /** `always`: it has a display, which says what the touch is for. */
  window: z.enum(['power-up', 'always']).optional(),
  /** The only transports over which it can be reset. */
  transports: z
    .array(z.enum(['usb', 'nfc', 'ble', 'hybrid', 'internal', 'smart-card']))
    .min(1)
    .refine(unique, 'expected each transport once')
    .optional(),
  /** `configurable`: a long touch can be demanded. `always`: it takes one from the beginning. */
  longTouch: z.enum(['configurable', 'always']).optional(),
});

/** Members that a profile can hide. */
export const HIDEABLE = [
  'extensions',
  'maxMsgSize',
  'pinUvAuthProtocols',
  'maxCredentialCountInList',
  'maxCredentialIdLength',
  'transports',
  'algorithms',
  'maxSerializedLargeBlobArray',
  'forcePINChange',
  'minPINLength',
  'firmwareVersion',
  'maxCredBlobLength',
  'maxRPIDsForSetMinPINLength',
  'preferredPlatformUvAttempts',
  'uvModality',
  'certifications',
  'remainingDiscoverableCredentials',
  'attestationFormats',
  'uvCountSinceLastPinEntry',
  'longTouchForReset',
  'transportsForReset',
  'pinComplexityPolicy',
  'pinComplexityPolicyURL',
  'maxPINLength',
  'encIdentifier',
  'encCredStoreState',
  'authenticatorConfigCommands',
] as const satisfies readonly HideableInfo[];

/** What getInfo doesn't show although it is so: older keys know fewer members. */
export const hides = z.strictObject({
  members: z.array(z.enum(HIDEABLE)).refine(unique, 'expected each member once').default([]),
  /** `up` and `plat`, for one: a missing option has a default. */
  options: z.array(line).refine(unique, 'expected each option once').default([]),
});

const names = z.array(line).refine(unique, 'expected each once');
const whole = z.int().min(0);

/** One with a value for each member that can be claimed, so that the compiler misses none. */
const claimedMembers = z.strictObject({
  maxMsgSize: whole,
  pinUvAuthProtocols: z.array(whole),
  maxCredentialCountInList: whole,
  maxCredentialIdLength: whole,
  maxSerializedLargeBlobArray: whole,
  forcePINChange: z.boolean(),
  minPINLength: whole,
  firmwareVersion: whole,
  maxCredBlobLength: whole,
  maxRPIDsForSetMinPINLength: whole,
  preferredPlatformUvAttempts: whole,
  uvModality: whole,
  certifications: z.record(line, whole),
  remainingDiscoverableCredentials: whole,
} satisfies Record<(typeof CLAIMABLE_MEMBERS)[number], z.ZodType>);

/** What getInfo shows and the device does not do, or does otherwise: each is listed under `claimedOnly` as well. */
export const claims = z.strictObject({
  /** The whole list, as it is shown. */
  versions: names.optional(),
  extensions: names.optional(),
  transports: names.optional(),
  /** COSE numbers. */
  algorithms: z.array(z.int()).refine(unique, 'expected each once').optional(),
  options: z.record(line, z.boolean()).optional(),
  members: claimedMembers.partial().optional(),
});

/** Claims of a profile, checked. */
export type ProfileClaims = z.infer<typeof claims>;

/** The state of the real device when its getInfo was written down: in this state ours shows the same. */
export const snapshot = z.strictObject({
  pin: z.enum(['set', 'unset', 'none']),
  /** Whether built-in verification was set up. */
  verification: z.enum(['configured', 'not-configured', 'none']),
  /** Fingers that were enrolled, at least. */
  fingerprints: whole.default(0),
  enterpriseAttestation: z.boolean().default(false),
  forcePinChange: z.boolean().default(false),
});

/** Snapshot of a profile, checked. */
export type Snapshot = z.infer<typeof snapshot>;

const milliseconds = z.int().min(1).max(60_000);

/** How long commands take before they are done, in milliseconds; what isn't named takes no time. */
export const latency = z.strictObject({
  makeCredential: milliseconds.optional(),
  getAssertion: milliseconds.optional(),
  getNextAssertion: milliseconds.optional(),
  getInfo: milliseconds.optional(),
  clientPin: milliseconds.optional(),
  reset: milliseconds.optional(),
  selection: milliseconds.optional(),
  bioEnrollment: milliseconds.optional(),
  credentialManagement: milliseconds.optional(),
  largeBlobs: milliseconds.optional(),
  config: milliseconds.optional(),
});

/** Latencies of a profile, checked. */
export type Latency = z.infer<typeof latency>;
