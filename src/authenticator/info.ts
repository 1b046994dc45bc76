/**
 * What the key says of itself (CTAP 2.1 §6.4): derived from its configuration and its state, member by member.
 */
import type { AttestationFormatName } from '../attestation/attestation.js';
import { PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { type AuthenticatorConfig, UV_MODALITIES } from './config.js';
import type { Options, OptionValues } from './options.js';
import type { AuthenticatorState, PinState } from './ports.js';

/** What getInfo depends on besides the configuration. */
export interface InfoSources {
  readonly pin: PinState | undefined;
  readonly state: AuthenticatorState;
  readonly verificationConfigured: boolean;
  /** Discoverable credentials in the store. */
  readonly credentialCount: number;
  readonly attestationFormat: AttestationFormatName;
}

/** The members of getInfo, without those that the device hides. */
export function authenticatorInfo(
  config: AuthenticatorConfig,
  optionsNow: Options,
  sources: InfoSources,
): GetInfoResponse {
  const options = optionsNow(sources);
  const info: GetInfoResponse = {
    versions: config.versions,
    ...(config.extensions.length === 0 ? {} : { extensions: config.extensions }),
    aaguid: config.aaguid,
    options: new Map(Object.entries(options)),
    ...sizes(config),
    ...(config.transports.length === 0 ? {} : { transports: config.transports }),
    algorithms: config.algorithms.map((alg) => ({ alg, type: PUBLIC_KEY_TYPE })),
    ...aboutPin(config, options, sources.state),
    ...(config.firmwareVersion === undefined ? {} : { firmwareVersion: config.firmwareVersion }),
    ...aboutVerification(config),
    ...aboutRoom(config, sources.credentialCount),
    // "none" is what every key can do and never listed (CTAP 2.2 §6.4).
    ...(sources.attestationFormat === 'none' ? {} : { attestationFormats: [sources.attestationFormat] }),
  };
  return without(info, config.hiddenInfo ?? []);
}

function sizes({ limits }: AuthenticatorConfig) {
  const { maxMsgSize, maxCredentialCountInList, maxCredentialIdLength } = limits;
  return {
    maxMsgSize,
    ...(maxCredentialCountInList === undefined ? {} : { maxCredentialCountInList }),
    ...(maxCredentialIdLength === undefined ? {} : { maxCredentialIdLength }),
  };
}

function aboutPin(config: AuthenticatorConfig, options: OptionValues, state: AuthenticatorState) {
  const speaks = options.clientPin !== undefined || options.pinUvAuthToken === true;
  return {
    ...(speaks ? { pinUvAuthProtocols: config.pinUvAuthProtocols } : {}),
    ...(options.clientPin === undefined
      ? {}
      : { forcePINChange: state.forcePinChange, minPINLength: state.minPinLength }),
  };
}

function aboutVerification({ builtInUv }: AuthenticatorConfig) {
  if (builtInUv === undefined) return {};
  const { preferredPlatformAttempts, modality } = builtInUv;
  return {
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
