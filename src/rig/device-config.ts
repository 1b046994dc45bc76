/**
 * From a device profile to what the authenticator is made from.
 */
import type { InfoClaims } from '../authenticator/claims.js';
import type { AuthenticatorConfig, AuthenticatorOptions, BuiltInUv } from '../authenticator/config.js';
import { readDeviceFault } from '../ctap/device-fault-input.js';
import type { DeviceTrait } from '../scenarios/engine-ports.js';
import { compact } from '../webauthn/compact.js';
import type { DeviceProfile } from './device-profile.js';
import { aaguidBytes, algorithmIds } from './profile-bytes.js';
import { MORE_OPTIONS } from './profile-parts.js';

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
      maxPinLength: authenticator.pin?.maxLength,
      maxPinRetries: authenticator.pin?.maxRetries,
      maxRpIdsForMinPinLength: limits.maxRpIdsForMinPinLength,
      maxCredBlobLength: limits.maxCredBlobLength,
      maxSerializedLargeBlobArray: limits.maxSerializedLargeBlobArray,
      maxLargeBlobLength: limits.maxLargeBlobLength,
    }),
    bio: authenticator.userVerification?.sensor,
    enterprise: authenticator.enterprise,
    alwaysUvFixed: authenticator.alwaysUvFixed,
    reset: authenticator.reset && compact(authenticator.reset),
    countsVerifications: authenticator.userVerification?.counted,
    pinComplexity: authenticator.pin?.complexity && compact(authenticator.pin.complexity),
    firmwareVersion: authenticator.firmwareVersion,
    minPinLengthRpIds: authenticator.pin?.minLengthRpIds,
    hiddenInfo: authenticator.hides?.members,
    claims: claimsOf(authenticator),
    quirks: authenticator.quirks === undefined ? undefined : compact(authenticator.quirks),
    faults: authenticator.faults?.map(readDeviceFault),
  });
}

/** What getInfo shows, without what it hides. */
function claimsOf({ claims, hides }: DeviceProfile['authenticator']): InfoClaims | undefined {
  const hiddenOptions = hides?.options.length ? hides.options : undefined;
  if (claims === undefined && hiddenOptions === undefined) return undefined;
  const { members, ...lists } = claims ?? {};
  const certifications = members?.certifications && new Map(Object.entries(members.certifications));
  return compact({ ...lists, hiddenOptions, members: members && compact({ ...members, certifications }) });
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
    makeCredUvNotRqd: authenticator.makeCredUvNotRqd,
    alwaysUv: authenticator.alwaysUv,
    ...Object.fromEntries((authenticator.optionsOff ?? []).map((name) => [name, false])),
    ...(authenticator.pinUvAuthToken ? { pinUvAuthToken: true } : {}),
    ...Object.fromEntries(
      MORE_OPTIONS.filter((name) => authenticator.options?.includes(name)).map((name) => [name, true]),
    ),
  });
}

function builtInUvOf({ authenticator: { userVerification: uv } }: DeviceProfile): BuiltInUv | undefined {
  if (uv === undefined) return undefined;
  const { modality, maxRetries, preferredPlatformAttempts, internalAttempts } = uv;
  return compact({ modality, maxRetries, preferredPlatformAttempts, internalAttempts });
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
