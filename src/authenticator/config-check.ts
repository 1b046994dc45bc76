/**
 * Refuses configurations that ask for what isn't implemented, or that no key could be.
 */

import { attestersOf, type Voucher } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import { isPinUvAuthProtocol } from '../crypto/pin-uv-auth-protocol.js';
import { COSE_ALGORITHMS, coseAlgorithm } from '../ctap/cose.js';
import { deviceFaultProblem } from '../ctap/device-fault-input.js';
import { DEFAULT_MAX_MESSAGE_SIZE } from '../ctap/messages/get-info.js';
import { U2F_VERSION } from '../ctap/u2f.js';
import { KeyrigError } from '../errors.js';
import { claimFaults } from './claims.js';
import {
  type AuthenticatorConfig,
  IMPLEMENTED,
  MAX_PIN_LENGTH,
  MAX_PIN_RETRIES,
  UV_MODALITIES,
} from './config.js';
import { type Fault, faultIf, outside } from './config-fault.js';
import { credentialFaults } from './credential-check.js';
import { longestAnswers } from './longest-answers.js';
import { enterpriseFaults, managementFaults, tellingFaults } from './management-check.js';
import { QUIRKS } from './quirks.js';
import { u2fAttestationKey } from './u2f/attestation-key.js';
import { speaksU2f } from './u2f/availability.js';
import { versionFaults } from './version-check.js';
import { wrappedCredentialLength } from './wrapped-credential.js';

/**
 * Checks a configuration, and that the answers of a key with this attester fit into its messages.
 *
 * @throws KeyrigError `option-invalid`, `where` is the member's path, e.g. `versions[1]`
 *
 * @example
 * ```ts
 * checkConfig({ ...config, versions: ['FIDO_2_1'] }, crypto, selfAttester); // versions[0]: FIDO_2_1 is not implemented
 * ```
 */
export function checkConfig(config: AuthenticatorConfig, crypto: Crypto, voucher: Voucher): void {
  const checks = [
    unimplemented(config),
    algorithmFaults(config, crypto),
    optionFaults(config),
    tellingFaults(config),
    managementFaults(config),
    enterpriseFaults(config, voucher),
    credentialFaults(config),
    pinFaults(config),
    verificationFaults(config),
    limitFaults(config),
    identityFaults(config),
    claimFaults(config),
    deliberateFaults(config),
    voucherFaults(config, voucher),
    u2fFaults(config, voucher),
    versionFaults(config),
  ];
  // Measured last: only answers of a configuration that makes sense have a length.
  const fault = checks.flat()[0] ?? answerFault(config, voucher);
  if (fault === undefined) return;
  throw new KeyrigError('option-invalid', `the authenticator's configuration: ${fault.why}`, {
    where: fault.member,
    hint: 'change this member of the configuration, or list it as claimed only in the device profile',
    facts: { member: fault.member },
  });
}

/** Every member that there is, so that none is forgotten when one is added. */
const MEMBERS: Readonly<Record<keyof AuthenticatorConfig, true>> = {
  aaguid: true,
  versions: true,
  transports: true,
  algorithms: true,
  extensions: true,
  options: true,
  pinUvAuthProtocols: true,
  builtInUv: true,
  bio: true,
  presence: true,
  backup: true,
  counter: true,
  limits: true,
  firmwareVersion: true,
  minPinLengthRpIds: true,
  enterprise: true,
  pinComplexity: true,
  reset: true,
  countsVerifications: true,
  alwaysUvFixed: true,
  hiddenInfo: true,
  claims: true,
  quirks: true,
  faults: true,
};

function unimplemented(config: AuthenticatorConfig): readonly Fault[] {
  return [
    ...strangers('', config, Object.keys(MEMBERS)),
    ...unknownIn('versions', config.versions, IMPLEMENTED.versions),
    ...unknownIn('extensions', config.extensions, IMPLEMENTED.extensions),
    ...unknownIn('pinUvAuthProtocols', config.pinUvAuthProtocols, IMPLEMENTED.pinUvAuthProtocols),
    ...strangers('options.', config.options, IMPLEMENTED.options),
    ...strangers('quirks.', config.quirks ?? {}, Object.keys(QUIRKS)),
    ...quirkFaults(config.quirks ?? {}),
  ];
}

function quirkFaults(quirks: object): readonly Fault[] {
  return Object.entries(QUIRKS).flatMap(([name, values]: [string, readonly string[]]) => {
    const value: unknown = Reflect.get(quirks, name);
    const wrong = value !== undefined && !values.some((one) => one === value);
    return faultIf(wrong, `quirks.${name}`, `expected ${values.join(', ')}, got ${String(value)}`);
  });
}

function unknownIn<T>(member: string, asked: readonly T[], known: readonly T[]): readonly Fault[] {
  return [
    ...faultIf(new Set(asked).size !== asked.length, member, `${member} has the same entry twice`),
    ...asked.flatMap((entry, at) =>
      faultIf(!known.includes(entry), `${member}[${at}]`, `${entry} is not implemented`),
    ),
  ];
}

/** Members that nobody knows: profiles come from files, where the types don't reach. */
function strangers(prefix: string, asked: object, known: readonly string[]): readonly Fault[] {
  return Object.keys(asked)
    .filter((name) => !known.includes(name))
    .map((name) => ({ member: `${prefix}${name}`, why: `${name} is not implemented` }));
}

function algorithmFaults(config: AuthenticatorConfig, crypto: Crypto): readonly Fault[] {
  const { algorithms } = config;
  return [
    ...faultIf(algorithms.length === 0, 'algorithms', 'there is no algorithm'),
    ...faultIf(
      new Set(algorithms).size !== algorithms.length,
      'algorithms',
      'algorithms has the same entry twice',
    ),
    ...algorithms.flatMap((id, at) => algorithmFault(config, crypto, id, `algorithms[${at}]`)),
  ];
}

function algorithmFault(
  config: AuthenticatorConfig,
  crypto: Crypto,
  id: (typeof config.algorithms)[number],
  member: string,
): readonly Fault[] {
  const name = coseAlgorithm(id)?.name ?? String(id);
  if (!crypto.supports(id))
    return [{ member, why: `the ${crypto.name} implementation does not serve ${name}` }];
  const needed = wrappedCredentialLength(id);
  const limit = config.limits.maxCredentialIdLength ?? Number.POSITIVE_INFINITY;
  const why = `server-side credentials of ${name} have IDs of ${needed} bytes`;
  return faultIf(needed > limit, 'limits.maxCredentialIdLength', why);
}

function optionFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { options } = config;
  const orphan = options.noMcGaPermissionsWithClientPin === true && options.clientPin !== true;
  const tokenless = options.pinUvAuthToken === true && options.clientPin !== true && !config.builtInUv;
  const keyless = config.extensions.includes('hmac-secret') && !options.clientPin && !options.pinUvAuthToken;
  return [
    ...faultIf(
      config.extensions.includes('hmac-secret-mc') && !config.extensions.includes('hmac-secret'),
      'extensions',
      'hmac-secret-mc needs hmac-secret',
    ),
    ...faultIf(keyless, 'extensions', 'hmac-secret needs key agreement: clientPin or pinUvAuthToken'),
    ...faultIf(orphan, 'options.noMcGaPermissionsWithClientPin', 'this option needs clientPin'),
    ...faultIf(tokenless, 'options.pinUvAuthToken', 'tokens need a PIN or built-in verification'),
  ];
}

function pinFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { options, limits, pinUvAuthProtocols } = config;
  const mute =
    (options.clientPin === true || options.pinUvAuthToken === true) && pinUvAuthProtocols.length === 0;
  return [
    ...faultIf(mute, 'pinUvAuthProtocols', 'a PIN or a token needs a protocol'),
    ...faultIf(!pinUvAuthProtocols.every(isPinUvAuthProtocol), 'pinUvAuthProtocols', 'unknown protocol'),
    ...outside('limits.minPinLength', limits.minPinLength, 4, MAX_PIN_LENGTH),
    ...outside('limits.maxPinLength', limits.maxPinLength, Math.max(8, limits.minPinLength), MAX_PIN_LENGTH),
    ...outside('limits.maxPinRetries', limits.maxPinRetries, 1, MAX_PIN_RETRIES),
    ...outside('limits.tokenUsageLimit', limits.tokenUsageLimit, 1, 600_000),
  ];
}

function verificationFaults(config: AuthenticatorConfig): readonly Fault[] {
  const uv = config.builtInUv;
  if (uv === undefined) {
    return faultIf(config.presence === 'with-uv', 'presence', 'with-uv needs built-in verification');
  }
  return [
    ...faultIf(!(uv.modality in UV_MODALITIES), 'builtInUv.modality', `there is no modality ${uv.modality}`),
    ...outside('builtInUv.maxRetries', uv.maxRetries, 1, 25),
    ...outside('builtInUv.internalAttempts', uv.internalAttempts, 1, 5),
    ...outside('builtInUv.preferredPlatformAttempts', uv.preferredPlatformAttempts, 1, 25),
  ];
}

/** U2F makes credentials of ES256 that CTAP2 uses too (CTAP 2.1 §10), and registers with a certificate or not at all. */
function u2fFaults(config: AuthenticatorConfig, voucher: Voucher): readonly Fault[] {
  if (!speaksU2f(config)) return [];
  const at = `versions[${config.versions.indexOf(U2F_VERSION)}]`;
  const inept = !config.algorithms.includes(COSE_ALGORITHMS.ES256.id);
  const unattested = u2fAttestationKey(voucher) === undefined;
  return [
    ...faultIf(inept, at, 'U2F_V2 needs ES256'),
    ...faultIf(unattested, at, 'U2F_V2 needs an attestation key with a certificate'),
  ];
}

/** Every credential needs somebody who can vouch for it: not every attestation format takes every key. */
function voucherFaults({ algorithms }: AuthenticatorConfig, voucher: Voucher): readonly Fault[] {
  return algorithms.flatMap((id, at) => {
    const able = attestersOf(voucher).some(({ vouchesFor }) => vouchesFor?.(id) ?? true);
    const why = `${voucher.format} attestation can't vouch for credentials of ${coseAlgorithm(id)?.name ?? id}`;
    return faultIf(!able, `algorithms[${at}]`, why);
  });
}

/** What the specification leaves open: no key may take less than platforms may send unasked (CTAP 2.1 §6.4, maxMsgSize). */
const RANGES = {
  message: [DEFAULT_MAX_MESSAGE_SIZE, 65_535],
  list: [1, 65_535],
  id: [16, 1023],
  capacity: [0, 2 ** 31],
} as const;

function limitFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { limits } = config;
  return [
    ...outside('limits.maxMsgSize', limits.maxMsgSize, ...RANGES.message),
    ...outside('limits.maxCredentialCountInList', limits.maxCredentialCountInList, ...RANGES.list),
    ...outside('limits.maxCredentialIdLength', limits.maxCredentialIdLength, ...RANGES.id),
    ...outside('limits.discoverableCredentials', limits.discoverableCredentials, ...RANGES.capacity),
  ];
}

/** The first answer that can get longer than a message of the key. */
function answerFault(config: AuthenticatorConfig, voucher: Voucher): Fault | undefined {
  const { maxMsgSize } = config.limits;
  const tooLong = longestAnswers(config, voucher).find(({ length }) => length > maxMsgSize);
  if (tooLong === undefined) return undefined;
  const { command, algorithm, length } = tooLong;
  const about = algorithm === undefined ? '' : ` with ${coseAlgorithm(algorithm)?.name ?? algorithm}`;
  const why = `answers to ${command}${about} have up to ${length} bytes, more than its messages of ${maxMsgSize}`;
  return { member: 'limits.maxMsgSize', why };
}

function deliberateFaults({ faults = [] }: AuthenticatorConfig): readonly Fault[] {
  return faults.flatMap((one, at) => {
    const problem = deviceFaultProblem(one);
    if (problem === undefined) return [];
    const { member, message, nearest } = problem;
    const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
    return [{ member: `faults[${at}].${member}`, why: `${message}${hint}` }];
  });
}

function identityFaults(config: AuthenticatorConfig): readonly Fault[] {
  const { backup, hiddenInfo = [] } = config;
  return [
    // Whoever has a PIN or a token has to say by which protocols (CTAP 2.1 §6.4).
    ...faultIf(
      hiddenInfo.includes('pinUvAuthProtocols'),
      'hiddenInfo',
      'pinUvAuthProtocols can not be hidden: getInfo would contradict itself',
    ),
    ...faultIf(
      config.versions.every((version) => version === U2F_VERSION),
      'versions',
      'there is no version of CTAP2',
    ),
    ...faultIf(config.aaguid.length !== 16, 'aaguid', 'an AAGUID has 16 bytes'),
    ...faultIf(
      backup.backedUp && !backup.eligible,
      'backup.backedUp',
      'only what is eligible for backup can be backed up',
    ),
  ];
}
