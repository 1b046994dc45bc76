/**
 * Configurations of keys that can be managed: every option needs what it stands on, and nothing is configurable that isn't there.
 */
import type { Voucher } from '../attestation/attestation.js';
import { EXTENSIONS } from '../ctap/messages/extensions.js';
import type { AuthenticatorConfig } from './config.js';
import { type Fault, faultIf, outside } from './config-fault.js';
import { configSubcommands } from './config-subcommands.js';

/** Most RP IDs that a list in a message of the largest size could have; real keys take a handful. */
const MOST_RP_IDS = 255;

/**
 * The extensions minPinLength and pinComplexityPolicy tell relying parties what they can't see otherwise. Which ones is set by
 * authenticatorConfig or built in (CTAP 2.1 §6.4, minPINLength): an extension that nobody ever gets an answer from is not offered.
 */
export function tellingFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { extensions, minPinLengthRpIds: told = [], options, pinComplexity } = config;
  const length = extensions.includes(EXTENSIONS.minPinLength);
  const policy = extensions.includes(EXTENSIONS.pinComplexityPolicy);
  const more = options.setMinPINLength === true ? (config.limits.maxRpIdsForMinPinLength ?? 0) : 0;
  const silent = told.length + more === 0;
  const member = 'minPinLengthRpIds';
  return [
    ...faultIf(length && options.clientPin !== true, 'extensions', 'minPinLength needs clientPin'),
    ...faultIf(
      policy && pinComplexity === undefined,
      'extensions',
      'pinComplexityPolicy needs pinComplexity',
    ),
    ...faultIf(length && silent, member, 'minPinLength has no relying party to tell'),
    ...faultIf(policy && silent, member, 'pinComplexityPolicy has no relying party to tell'),
    ...faultIf(
      !length && !policy && told.length > 0,
      member,
      'only the extensions minPinLength and pinComplexityPolicy tell relying parties',
    ),
  ];
}

/** authenticatorConfig and what it configures (CTAP 2.1 §6.4, §9). */
export function managementFaults(config: AuthenticatorConfig): readonly Fault[] {
  return [
    ...configurationFaults(config),
    ...pinPolicyFaults(config),
    ...resetFaults(config),
    ...sensorFaults(config),
  ];
}

function configurationFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { options, alwaysUvFixed, countsVerifications, builtInUv } = config;
  const manages = options.authnrCfg === true;
  const idle = manages && configSubcommands(config).length === 0;
  return [
    ...faultIf(idle, 'options.authnrCfg', 'authnrCfg has nothing to configure'),
    ...faultIf(!manages && options.ep === true, 'options.ep', 'ep needs authnrCfg, which enables it'),
    ...faultIf(
      options.perCredMgmtRO === true && !(options.credMgmt === true && options.pinUvAuthToken === true),
      'options.perCredMgmtRO',
      'perCredMgmtRO needs credMgmt, which it reads, and pinUvAuthToken, which grants it',
    ),
    ...faultIf(
      alwaysUvFixed === true && options.alwaysUv === undefined,
      'alwaysUvFixed',
      'only a key with alwaysUv can have it for good',
    ),
    ...faultIf(
      countsVerifications === true && builtInUv === undefined,
      'countsVerifications',
      'only built-in verification is counted',
    ),
    ...faultIf(
      options.uvAcfg === true && !(manages && builtInUv !== undefined),
      'options.uvAcfg',
      'uvAcfg needs authnrCfg and built-in verification',
    ),
  ];
}

function pinPolicyFaults({
  options,
  extensions,
  limits,
  pinComplexity,
}: AuthenticatorConfig): readonly Fault[] {
  const sets = options.setMinPINLength === true;
  const member = 'options.setMinPINLength';
  const takes = limits.maxRpIdsForMinPinLength;
  const configures = pinComplexity?.configurable === true;
  return [
    ...faultIf(sets && options.authnrCfg !== true, member, 'setMinPINLength needs authnrCfg'),
    ...faultIf(sets && options.clientPin !== true, member, 'setMinPINLength needs clientPin'),
    ...faultIf(
      sets && !extensions.includes(EXTENSIONS.minPinLength),
      member,
      'setMinPINLength needs the extension minPinLength',
    ),
    ...faultIf(
      takes !== undefined && !sets,
      'limits.maxRpIdsForMinPinLength',
      'only setMinPINLength takes RP IDs',
    ),
    ...outside('limits.maxRpIdsForMinPinLength', takes, 0, MOST_RP_IDS),
    ...faultIf(
      pinComplexity !== undefined && options.clientPin !== true,
      'pinComplexity',
      'a policy for PINs needs clientPin',
    ),
    ...faultIf(
      configures && !sets,
      'pinComplexity.configurable',
      'the policy is configured with setMinPINLength',
    ),
  ];
}

/** Enterprise attestation needs rules of its own, and somebody who attests. */
export function enterpriseFaults(
  { options, enterprise }: AuthenticatorConfig,
  voucher: Voucher,
): readonly Fault[] {
  const capable = options.ep === true;
  const nobody = enterprise?.rpIds.length === 0 && !enterprise.platformManaged;
  return [
    ...faultIf(
      capable !== (enterprise !== undefined),
      'enterprise',
      'rules for enterprise attestation are those of ep',
    ),
    ...faultIf(nobody, 'enterprise.rpIds', 'enterprise attestation has no relying party to be for'),
    ...faultIf(
      capable && voucher.enterprise === undefined,
      'options.ep',
      'ep needs an attester with an enterprise attester beside it',
    ),
  ];
}

/** Numbers of what a sensor has, in one byte as real ones have them. */
const SENSOR_RANGE = [1, 255] as const;

function sensorFaults({ bio, builtInUv, options }: AuthenticatorConfig): readonly Fault[] {
  const enrols = options.bioEnroll === true || options.userVerificationMgmtPreview === true;
  const fingers = builtInUv?.modality === 'fingerprint';
  return [
    ...faultIf(
      enrols !== (bio !== undefined),
      'bio',
      'a sensor is what bioEnroll and its preview enrol with',
    ),
    ...faultIf(bio !== undefined && !fingers, 'bio', 'only fingerprints are enrolled'),
    // The first finger has to be authorised by something else than a finger
    ...faultIf(
      bio !== undefined && options.clientPin !== true,
      'bio',
      'the first finger needs a PIN: clientPin',
    ),
    ...faultIf(
      options.uvBioEnroll === true && options.bioEnroll !== true,
      'options.uvBioEnroll',
      'uvBioEnroll needs bioEnroll',
    ),
    ...faultIf(
      options.bioEnroll === true && options.pinUvAuthToken !== true,
      'options.bioEnroll',
      'bioEnroll needs pinUvAuthToken, whose permission authorises it',
    ),
    ...outside('bio.samples', bio?.samples, ...SENSOR_RANGE),
    ...outside('bio.templates', bio?.templates, ...SENSOR_RANGE),
    ...outside('bio.friendlyNameBytes', bio?.friendlyNameBytes, ...SENSOR_RANGE),
  ];
}

function resetFaults({ reset, options, transports }: AuthenticatorConfig): readonly Fault[] {
  const over = reset?.transports;
  return [
    ...faultIf(
      reset?.longTouch === 'configurable' && options.authnrCfg !== true,
      'reset.longTouch',
      'a long touch is configured with authnrCfg',
    ),
    ...faultIf(over?.length === 0, 'reset.transports', 'a key that has no transport for a reset has none'),
    ...(over ?? []).flatMap((name, at) =>
      faultIf(!transports.includes(name), `reset.transports[${at}]`, `the key is not reached over ${name}`),
    ),
  ];
}
