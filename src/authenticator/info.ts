/**
 * What the key says of itself (CTAP 2.1 §6.4): derived from its configuration and its state, member by member.
 */

import { CONFIG_SUBCOMMANDS } from '../ctap/messages/config.js';
import { PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { utf8 } from '../data/bytes.js';
import { withClaims } from './claims.js';
import { type AuthenticatorConfig, UV_MODALITIES } from './config.js';
import { configSubcommands } from './config-subcommands.js';
import type { Options, OptionValues } from './options.js';
import type { AuthenticatorState, PinState } from './ports.js';
import { versionsNow } from './u2f/availability.js';

/** What getInfo depends on besides the configuration. */
export interface InfoSources {
  readonly pin: PinState | undefined;
  readonly state: AuthenticatorState;
  readonly verificationConfigured: boolean;
  /** Discoverable credentials in the store. */
  readonly credentialCount: number;
  /** Without `none`, which every key can do. */
  readonly attestationFormats: readonly string[];
  /** See `persistent-token.ts`. */
  readonly encrypted: Pick<GetInfoResponse, 'encIdentifier' | 'encCredStoreState'>;
}

/** The members of getInfo, without those that the device hides. */
export function authenticatorInfo(
  config: AuthenticatorConfig,
  optionsNow: Options,
  sources: InfoSources,
): GetInfoResponse {
  const options = optionsNow(sources);
  const info: GetInfoResponse = {
    versions: versionsNow(config, options),
    ...(config.extensions.length === 0 ? {} : { extensions: config.extensions }),
    aaguid: config.aaguid,
    options: new Map(Object.entries(options)),
    ...sizes(config),
    ...(config.transports.length === 0 ? {} : { transports: config.transports }),
    algorithms: config.algorithms.map((alg) => ({ alg, type: PUBLIC_KEY_TYPE })),
    ...aboutPin(config, options, sources.state),
    ...(config.firmwareVersion === undefined ? {} : { firmwareVersion: config.firmwareVersion }),
    ...aboutVerification(config, sources.pin),
    ...aboutReset(config, sources.state),
    ...aboutHolder(config, sources.encrypted),
    ...aboutConfiguration(config),
    ...aboutRoom(config, sources.credentialCount),
    ...(sources.attestationFormats.length === 0 ? {} : { attestationFormats: sources.attestationFormats }),
  };
  return withClaims(without(info, config.hiddenInfo ?? []), config.claims);
}

function sizes({ limits }: AuthenticatorConfig) {
  const { maxMsgSize, maxCredentialCountInList, maxCredentialIdLength } = limits;
  const { maxSerializedLargeBlobArray, maxCredBlobLength } = limits;
  return {
    maxMsgSize,
    ...(maxCredentialCountInList === undefined ? {} : { maxCredentialCountInList }),
    ...(maxCredentialIdLength === undefined ? {} : { maxCredentialIdLength }),
    ...(maxSerializedLargeBlobArray === undefined ? {} : { maxSerializedLargeBlobArray }),
    ...(maxCredBlobLength === undefined ? {} : { maxCredBlobLength }),
  };
}

function aboutPin(config: AuthenticatorConfig, options: OptionValues, state: AuthenticatorState) {
  const speaks = options.clientPin !== undefined || options.pinUvAuthToken === true;
  return {
    ...(speaks ? { pinUvAuthProtocols: config.pinUvAuthProtocols } : {}),
    ...(options.clientPin === undefined ? {} : pinRules(config, state)),
  };
}

function pinRules({ limits, options, pinComplexity }: AuthenticatorConfig, state: AuthenticatorState) {
  const { maxPinLength, maxRpIdsForMinPinLength } = limits;
  return {
    forcePINChange: state.forcePinChange,
    minPINLength: state.minPinLength,
    ...(maxPinLength === undefined ? {} : { maxPINLength: maxPinLength }),
    ...(options.setMinPINLength === true ? { maxRPIDsForSetMinPINLength: maxRpIdsForMinPinLength ?? 0 } : {}),
    ...(pinComplexity === undefined ? {} : { pinComplexityPolicy: state.pinComplexityPolicy }),
    ...(pinComplexity?.url === undefined ? {} : { pinComplexityPolicyURL: utf8(pinComplexity.url) }),
  };
}

function aboutReset({ reset }: AuthenticatorConfig, state: AuthenticatorState) {
  return {
    ...(reset?.longTouch === undefined ? {} : { longTouchForReset: state.longTouchForReset }),
    ...(reset?.transports === undefined ? {} : { transportsForReset: reset.transports }),
  };
}

/** The state of the store is told since CTAP 2.3. */
function aboutHolder({ versions }: AuthenticatorConfig, encrypted: InfoSources['encrypted']) {
  const { encCredStoreState: _, ...identifier } = encrypted;
  return versions.includes('FIDO_2_3') ? encrypted : identifier;
}

/** The list came with CTAP 2.3, so a key of an earlier version does not have it. */
function aboutConfiguration(config: AuthenticatorConfig) {
  if (config.options.authnrCfg !== true || !config.versions.includes('FIDO_2_3')) return {};
  return { authenticatorConfigCommands: configSubcommands(config).map((name) => CONFIG_SUBCOMMANDS[name]) };
}

function aboutVerification(
  { builtInUv, countsVerifications }: AuthenticatorConfig,
  pin: PinState | undefined,
) {
  if (builtInUv === undefined) return {};
  const { preferredPlatformAttempts, modality } = builtInUv;
  return {
    ...(countsVerifications === true ? { uvCountSinceLastPinEntry: pin?.uvCount ?? 0 } : {}),
    ...(preferredPlatformAttempts === undefined
      ? {}
      : { preferredPlatformUvAttempts: preferredPlatformAttempts }),
    uvModality: UV_MODALITIES[modality],
  };
}

function aboutRoom(config: AuthenticatorConfig, used: number) {
  if (config.options.rk !== true) return {};
  return { remainingDiscoverableCredentials: Math.max(0, config.limits.discoverableCredentials - used) };
}

function without(info: GetInfoResponse, hidden: readonly string[]): GetInfoResponse {
  if (hidden.length === 0) return info;
  const { versions, aaguid } = info;
  const shown = Object.entries(info).filter(([name]) => !hidden.includes(name));
  return { ...Object.fromEntries(shown), versions, aaguid };
}
