/**
 * A platform that manages a key: BioEnrollment and Config with their proofs, put together by hand.
 */
import type { PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import { type CborMap, encode } from '../ctap/cbor.js';
import {
  BIO_ENROLLMENT_SUBCOMMANDS,
  type BioEnrollmentParams,
  type BioEnrollmentRequest,
  type BioEnrollmentSubcommandName,
  bioEnrollmentParams,
  bioEnrollmentRequest,
  bioEnrollmentResponse,
} from '../ctap/messages/bio-enrollment.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import {
  CONFIG_SUBCOMMANDS,
  type ConfigRequest,
  type ConfigSubcommandName,
  configRequest,
  type SetMinPinLengthParams,
  setMinPinLengthParams,
} from '../ctap/messages/config.js';
import { concat } from '../data/bytes.js';
import {
  type ConfigChange,
  call,
  FINGERPRINT,
  mustSucceed,
  pinToken,
  prove,
  type TestKey,
} from './test-platform.suite.js';

/** Everything about PINs, always verification and reset that can be configured. */
export const CONFIGURABLE = {
  extensions: ['credProtect', 'hmac-secret', 'minPinLength', 'pinComplexityPolicy'],
  options: { authnrCfg: true, setMinPINLength: true, alwaysUv: false },
  limits: { maxRpIdsForMinPinLength: 2 },
  minPinLengthRpIds: ['builtin.example'],
  pinComplexity: { enforced: false, configurable: true },
  reset: { longTouch: 'configurable' },
} as const satisfies ConfigChange;

/** Fingers that are enrolled over CTAP: two samples each, room for three. */
export const BIO = {
  ...FINGERPRINT,
  options: { bioEnroll: true, uvBioEnroll: true },
  bio: { kind: 'touch', samples: 2, templates: 3, friendlyNameBytes: 16 },
} as const satisfies ConfigChange;

/** A token with one permission, as bytes. */
export async function tokenFor(
  key: TestKey,
  permission: keyof typeof PERMISSIONS,
  version: PinUvAuthProtocolVersion = 2,
): Promise<Uint8Array> {
  const answer = await pinToken(key, { permissions: PERMISSIONS[permission], version });
  return mustSucceed(answer).bytes;
}

const PADDING = new Uint8Array(32).fill(0xff);

/** A request with a proof, if there is a token for one. */
export function configMembers(
  key: TestKey,
  name: ConfigSubcommandName,
  params?: SetMinPinLengthParams,
  token?: Uint8Array,
  version: PinUvAuthProtocolVersion = 2,
): ConfigRequest {
  const subCommand = CONFIG_SUBCOMMANDS[name];
  const subCommandParams = params && setMinPinLengthParams.write(params);
  const tail = subCommandParams === undefined ? new Uint8Array(0) : encode(subCommandParams);
  const message = concat(PADDING, Uint8Array.of(0x0d, subCommand), tail);
  return {
    subCommand,
    ...(subCommandParams === undefined ? {} : { subCommandParams }),
    ...(token === undefined ? {} : prove(key, token, version, message)),
  };
}

/** Sends a sub-command of Config; the change is for tests of what is wrong with it. */
export async function configure(
  key: TestKey,
  name: ConfigSubcommandName,
  params?: SetMinPinLengthParams,
  token?: Uint8Array,
): Promise<string> {
  return sendConfig(key, configRequest.write(configMembers(key, name, params, token)));
}

export async function sendConfig(key: TestKey, members: CborMap): Promise<string> {
  return (await call(key, 'authenticatorConfig', members)).status;
}

/** The same with a fresh token. */
export async function configureWithPin(
  key: TestKey,
  name: ConfigSubcommandName,
  params?: SetMinPinLengthParams,
): Promise<string> {
  return configure(key, name, params, await tokenFor(key, 'acfg'));
}

/** A request of BioEnrollment with a proof, if there is a token for one. */
export function bioMembers(
  key: TestKey,
  name: BioEnrollmentSubcommandName,
  params?: BioEnrollmentParams,
  token?: Uint8Array,
  version: PinUvAuthProtocolVersion = 2,
): BioEnrollmentRequest {
  const subCommand = BIO_ENROLLMENT_SUBCOMMANDS[name];
  const subCommandParams = params && bioEnrollmentParams.write(params);
  const tail = subCommandParams === undefined ? new Uint8Array(0) : encode(subCommandParams);
  const message = concat(Uint8Array.of(0x01, subCommand), tail);
  return {
    modality: 0x01,
    subCommand,
    ...(subCommandParams === undefined ? {} : { subCommandParams }),
    ...(token === undefined ? {} : prove(key, token, version, message)),
  };
}

/** Sends a request of BioEnrollment as it is. */
export async function sendBio(
  key: TestKey,
  members: BioEnrollmentRequest,
  command: 'authenticatorBioEnrollment' | 'authenticatorBioEnrollmentPreview' = 'authenticatorBioEnrollment',
  signal?: AbortSignal,
) {
  return call(key, command, bioEnrollmentRequest.write(members), bioEnrollmentResponse, signal);
}

/** Sends a sub-command of BioEnrollment. */
export async function bio(
  key: TestKey,
  name: BioEnrollmentSubcommandName,
  params?: BioEnrollmentParams,
  token?: Uint8Array,
) {
  return sendBio(key, bioMembers(key, name, params, token));
}

/** Enrols the finger that is on the sensor, from the first sample to the last: its template's ID. */
export async function enrol(key: TestKey, token: Uint8Array): Promise<Uint8Array> {
  const begun = mustSucceed(await bio(key, 'enrollBegin', undefined, token));
  const { templateId = new Uint8Array(0) } = begun;
  let remaining = begun.remainingSamples ?? 0;
  while (remaining > 0) {
    const next = mustSucceed(await bio(key, 'enrollCaptureNextSample', { templateId }, token));
    remaining = next.remainingSamples ?? 0;
  }
  return templateId;
}
