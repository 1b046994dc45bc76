/**
 * What a key is like: everything that a device profile says of it, as plain data.
 */

import type { PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import type { DeviceFault } from '../ctap/device-faults.js';
import type { FingerprintKind } from '../ctap/messages/bio-enrollment.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { TransportName } from '../transport/transport.js';
import type { InfoClaims } from './claims.js';
import type { Quirks } from './quirks.js';

/** What is implemented, completely. A configuration that asks for more is refused; a device profile lists the rest as claimed only. */
export const IMPLEMENTED = {
  /** There is no `FIDO_2_2`: a key of CTAP 2.2 says `FIDO_2_1` (CTAP 2.2 §6.4). */
  versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1_PRE', 'FIDO_2_1', 'FIDO_2_3'],
  extensions: [
    'credProtect',
    'hmac-secret',
    'hmac-secret-mc',
    'minPinLength',
    'pinComplexityPolicy',
    'credBlob',
    'largeBlobKey',
    'largeBlob',
    'thirdPartyPayment',
  ],
  pinUvAuthProtocols: [1, 2],
  options: [
    'plat',
    'rk',
    'clientPin',
    'pinUvAuthToken',
    'noMcGaPermissionsWithClientPin',
    'makeCredUvNotRqd',
    'alwaysUv',
    'bioEnroll',
    'userVerificationMgmtPreview',
    'uvBioEnroll',
    'perCredMgmtRO',
    'ep',
    'authnrCfg',
    'uvAcfg',
    'setMinPINLength',
    'credMgmt',
    'credentialMgmtPreview',
    'largeBlobs',
  ],
} as const;

/** An extension that is implemented. */
export type ExtensionName = (typeof IMPLEMENTED.extensions)[number];

/** The options of getInfo as far as the profile decides them; the rest follows from the key's state. */
export interface AuthenticatorOptions {
  /** A part of the platform rather than a roaming key. */
  readonly plat?: boolean;
  /** Discoverable credentials. Absent: the option itself is unknown to the key. */
  readonly rk?: boolean;
  /** Whether a PIN can be set. getInfo shows `false` until one is. */
  readonly clientPin?: boolean;
  /** Tokens with permissions: ClientPIN 0x06 and 0x09. */
  readonly pinUvAuthToken?: boolean;
  /** Tokens obtained with a PIN don't serve MakeCredential and GetAssertion. */
  readonly noMcGaPermissionsWithClientPin?: boolean;
  /** Server-side credentials are made without user verification. */
  readonly makeCredUvNotRqd?: boolean;
  /** Always require user verification. Absent: unsupported; otherwise the state from the factory. */
  readonly alwaysUv?: boolean;
  /** authenticatorBioEnrollment. getInfo shows `false` until a finger is enrolled, like `uv`. */
  readonly bioEnroll?: boolean;
  /** The same as FIDO_2_1_PRE has it. */
  readonly userVerificationMgmtPreview?: boolean;
  /** Built-in verification may authorise enrolling. */
  readonly uvBioEnroll?: boolean;
  /** Built-in verification may authorise authenticatorConfig. */
  readonly uvAcfg?: boolean;
  /** Read-only credential management with a token that outlives power cycles (CTAP 2.2). */
  readonly perCredMgmtRO?: boolean;
  /** Enterprise attestation, which authenticatorConfig enables. getInfo shows `false` until then. */
  readonly ep?: boolean;
  /** authenticatorConfig, with the sub-commands that there is something for. */
  readonly authnrCfg?: boolean;
  /** authenticatorConfig may raise the minimum PIN length and say who is told. */
  readonly setMinPINLength?: boolean;
  /** authenticatorCredentialManagement. */
  readonly credMgmt?: boolean;
  /** The same as FIDO_2_1_PRE has it. */
  readonly credentialMgmtPreview?: boolean;
  /** authenticatorLargeBlobs. */
  readonly largeBlobs?: boolean;
}

/** Bits of uvModality (FIDO Registry §3.1, user verification methods). */
export const UV_MODALITIES = {
  presence: 0x01,
  fingerprint: 0x02,
  passcode: 0x04,
  voice: 0x08,
  face: 0x10,
  location: 0x20,
  eye: 0x40,
  pattern: 0x80,
  hand: 0x100,
} as const;

/** A way of verifying the user on the device itself. */
export type UvModality = keyof typeof UV_MODALITIES;

/** Built-in user verification. Whether it is set up is for the user to know. */
export interface BuiltInUv {
  readonly modality: UvModality;
  /** Failed attempts until it is blocked, 1 to 25 (CTAP 2.1 §6.5.1 maxUvRetries). */
  readonly maxRetries: number;
  /** Attempts within one command, 1 to 5 (CTAP 2.1 §6.5.3.1 maxUvAttemptsForInternalRetries); 1 when absent. */
  readonly internalAttempts?: number;
  /** How often a platform should try before it falls back to the PIN; shown in getInfo. */
  readonly preferredPlatformAttempts?: number;
}

/** A fingerprint sensor whose templates are enrolled over CTAP (CTAP 2.1 §6.7). */
export interface BioSensor {
  readonly kind: FingerprintKind;
  /** Good samples that make a template. */
  readonly samples: number;
  /** How many templates there is room for. */
  readonly templates: number;
  /** Bytes that a template's name may have. */
  readonly friendlyNameBytes: number;
}

/** Sizes. What is optional and absent is neither shown nor enforced. */
export interface Limits {
  /** Bytes of a message, command byte included. */
  readonly maxMsgSize: number;
  readonly maxCredentialCountInList?: number;
  /** Bytes; `wrapped-credential.ts` says what server-side credentials need. */
  readonly maxCredentialIdLength?: number;
  /** How many discoverable credentials there is room for. */
  readonly discoverableCredentials: number;
  /** Code points, 4 to 63. */
  readonly minPinLength: number;
  /** Bytes, 8 to 63; shown in getInfo where it is said, 63 where it isn't (CTAP 2.2 §6.4, maxPINLength). */
  readonly maxPinLength?: number;
  /** How many RP IDs setMinPINLength takes besides those from the factory; with the option setMinPINLength only. */
  readonly maxRpIdsForMinPinLength?: number;
  /** Bytes that credBlob keeps of a blob, at least 32; with that extension only. */
  readonly maxCredBlobLength?: number;
  /** Bytes of the large-blob array, at least 1024; with the option largeBlobs only. */
  readonly maxSerializedLargeBlobArray?: number;
  /** Bytes of a blob that the extension largeBlob keeps with a credential; with that extension only. */
  readonly maxLargeBlobLength?: number;
  /** Wrong PINs until the key is blocked, 1 to 8; 8 when absent. */
  readonly maxPinRetries?: number;
  /** Milliseconds that an unused token and a cached touch last; by default what CTAP 2.1 §6.5.2.1 says for the transports. */
  readonly tokenUsageLimit?: number;
}

/** Whether PINs have to be hard to guess (CTAP 2.2 §6.4, pinComplexityPolicy); `pin-complexity.ts` says when one is. */
export interface PinComplexity {
  /** From the factory. */
  readonly enforced: boolean;
  /** authenticatorConfig can enforce it later (CTAP 2.3 §6.11.4). */
  readonly configurable?: boolean;
  /** Where people can read about it. */
  readonly url?: string;
}

/** Who may learn which device it is (CTAP 2.1 §7.1). */
export interface EnterpriseRules {
  /** Vendor-facilitated: relying parties that the vendor has put in. */
  readonly rpIds: readonly string[];
  /** Whether platforms may name others. Without, the list holds for them too. */
  readonly platformManaged: boolean;
}

/** When and how the key lets itself be reset (CTAP 2.2 §6.6). */
export interface ResetRules {
  /** `power-up`, as keys without a display have it: only within ten seconds of it. `always`: a display says what the touch is for. */
  readonly window?: 'power-up' | 'always';
  /** The only transports over which it can be reset, shown in getInfo; all when absent. */
  readonly transports?: readonly TransportName[];
  /** `configurable`: authenticatorConfig can demand a long touch. `always`: it takes one from the factory. Absent: it never does. */
  readonly longTouch?: 'configurable' | 'always';
}

/** Members of getInfo that a device may keep to itself. */
export type HideableInfo = Exclude<keyof GetInfoResponse, 'versions' | 'aaguid' | 'options'>;

/** A key's configuration. */
export interface AuthenticatorConfig {
  /** 16 bytes. */
  readonly aaguid: Uint8Array;
  readonly versions: readonly string[];
  readonly transports: readonly TransportName[];
  /** Most preferred first. */
  readonly algorithms: readonly CoseAlgorithmId[];
  readonly extensions: readonly string[];
  readonly options: AuthenticatorOptions;
  /** Most preferred first; used when there is a PIN or a token. */
  readonly pinUvAuthProtocols: readonly PinUvAuthProtocolVersion[];
  readonly builtInUv?: BuiltInUv;
  /** With the options bioEnroll and userVerificationMgmtPreview only. */
  readonly bio?: BioSensor;
  /** `with-uv`: the gesture of built-in verification counts as presence; `touch`: presence always takes a touch of its own. */
  readonly presence: 'touch' | 'with-uv';
  /** The backup flags of every credential (WebAuthn L3 §6.1.3). */
  readonly backup: { readonly eligible: boolean; readonly backedUp: boolean };
  /** One counter for all credentials, or none: then it is always 0. */
  readonly counter: 'global' | 'zero';
  readonly limits: Limits;
  readonly firmwareVersion?: number;
  /** Relying parties that may learn the minimum PIN length and the complexity policy, from the factory. */
  readonly minPinLengthRpIds?: readonly string[];
  /** Absent: the key knows of no such policy. */
  readonly pinComplexity?: PinComplexity;
  /** With the option ep only; the attester then needs an enterprise attester beside it. */
  readonly enterprise?: EnterpriseRules;
  /** How a reset differs from the usual one. */
  readonly reset?: ResetRules;
  /** Whether getInfo tells uvCountSinceLastPinEntry (CTAP 2.2). */
  readonly countsVerifications?: boolean;
  /** alwaysUv can't be switched off. */
  readonly alwaysUvFixed?: boolean;
  /** Members of getInfo that this device does not show. */
  readonly hiddenInfo?: readonly HideableInfo[];
  /** What it shows besides what it does; only for devices whose profile lists each as claimed only. */
  readonly claims?: InfoClaims;
  /** Differences to `DEFAULT_QUIRKS`. */
  readonly quirks?: Partial<Quirks>;
  /** What it does wrong from the beginning, on purpose. */
  readonly faults?: readonly DeviceFault[];
}

/** The longest PIN in bytes (CTAP 2.1 §6.5.1), hence in code points. */
export const MAX_PIN_LENGTH = 63;

/** Most wrong PINs that any key forgives (CTAP 2.1 §6.5.2.2). */
export const MAX_PIN_RETRIES = 8;

/** Initial usage limit and user-present limit in milliseconds by transport (CTAP 2.1 §6.5.2.1). A key with several takes the longest. */
export const TOKEN_USAGE_LIMITS: Readonly<Record<TransportName, number>> = {
  usb: 30_000,
  nfc: 19_800,
  ble: 30_000,
  hybrid: 30_000,
  internal: 30_000,
  'smart-card': 19_800,
};
