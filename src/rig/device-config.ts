/**
 * From a device profile to what the authenticator is made from.
 */
import type { AuthenticatorConfig, AuthenticatorOptions, BuiltInUv } from '../authenticator/config.js';
import type { DeviceTrait } from '../scenarios/engine-ports.js';
import { compact } from '../webauthn/compact.js';
import { aaguidBytes, algorithmIds, type DeviceProfile } from './device-profile.js';

/** The authenticator's configuration. */
export function authenticatorConfig(profile: DeviceProfile): AuthenticatorConfig {
  const { authenticator } = profile;
  const { limits } = authenticator;
  return compact({
    aaguid: aaguidBytes(profile),
    versions: authenticator.versions,
    transports: authenticator.transports,
    algorithms: algorithmIds(profile),
    extensions: authenticator.extensions,
    options: optionsOf(profile),
    pinUvAuthProtocols: authenticator.pinUvAuthProtocols,
    builtInUv: builtInUvOf(profile),
    presence: presenceOf(profile),
    backup: {
      eligible: authenticator.backup !== 'device-bound',
      backedUp: authenticator.backup === 'synced',
    },
    counter: authenticator.signatureCounter,
    limits: compact({
      maxMsgSize: limits.maxMsgSize,
      maxCredentialCountInList: limits.maxCredentialCountInList,
      maxCredentialIdLength: limits.maxCredentialIdLength,
      discoverableCredentials: limits.discoverableCredentials,
      minPinLength: authenticator.pin?.minLength ?? LEAST_PIN_LENGTH,
    }),
    firmwareVersion: authenticator.firmwareVersion,
    minPinLengthRpIds: authenticator.pin?.minLengthRpIds,
  });
}

/** Code points (CTAP 2.1 §6.4, minPINLength). */
const LEAST_PIN_LENGTH = 4;

function presenceOf({ authenticator }: DeviceProfile): AuthenticatorConfig['presence'] {
  return authenticator.userVerification?.includesPresence ? 'with-uv' : 'touch';
}

function optionsOf({ kind, authenticator }: DeviceProfile): AuthenticatorOptions {
  return compact({
    plat: kind === 'platform',
    rk: authenticator.discoverable,
    clientPin: authenticator.pin === undefined ? undefined : true,
    pinUvAuthToken: authenticator.pinUvAuthToken ? true : undefined,
    makeCredUvNotRqd: authenticator.makeCredUvNotRqd,
    alwaysUv: authenticator.alwaysUv,
  });
}

function builtInUvOf({ authenticator: { userVerification: uv } }: DeviceProfile): BuiltInUv | undefined {
  return uv === undefined ? undefined : { modality: uv.modality, maxRetries: uv.maxRetries };
}

/** What a device like this can stand for in a scenario. */
export function deviceTraits({ authenticator }: DeviceProfile): ReadonlySet<DeviceTrait> {
  const traits = new Set<DeviceTrait>();
  if (authenticator.pin !== undefined) traits.add('pin');
  if (authenticator.discoverable) traits.add('discoverable');
  if (authenticator.backup === 'device-bound') traits.add('device-bound');
  if (authenticator.backup === 'synced') traits.add('synced');
  return traits;
}
