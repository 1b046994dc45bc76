/**
 * authenticatorBioEnrollment (CTAP 2.1 §6.7), and its preview of FIDO_2_1_PRE, which differs in the command byte alone.
 */
import { concat } from '../../data/bytes.js';
import { type CborMap, encode } from '../cbor.js';
import { arrayOf, bool, bytes, map, optional, required, shape, text, uint, type Value } from './shape.js';

/** Sub-commands by their specification names. */
export const BIO_ENROLLMENT_SUBCOMMANDS = {
  /** Starts an enrolment, or starts it over, with the first sample. */
  enrollBegin: 0x01,
  enrollCaptureNextSample: 0x02,
  /** Needs no proof. */
  cancelCurrentEnrollment: 0x03,
  enumerateEnrollments: 0x04,
  setFriendlyName: 0x05,
  removeEnrollment: 0x06,
  /** Needs no proof. */
  getFingerprintSensorInfo: 0x07,
} as const;
export type BioEnrollmentSubcommandName = keyof typeof BIO_ENROLLMENT_SUBCOMMANDS;

/** What can be enrolled: one modality so far (§6.7, modality). */
export const BIO_MODALITIES = { fingerprint: 0x01 } as const;

/** How the finger is put on the sensor (§6.7.3). */
export const FINGERPRINT_KINDS = { touch: 1, swipe: 2 } as const;
export type FingerprintKind = keyof typeof FINGERPRINT_KINDS;

/** What became of one sample (§6.7.4, lastEnrollSampleStatus). All of them come with success. */
export const SAMPLE_STATUS = {
  good: 0x00,
  tooHigh: 0x01,
  tooLow: 0x02,
  tooLeft: 0x03,
  tooRight: 0x04,
  tooFast: 0x05,
  tooSlow: 0x06,
  poorQuality: 0x07,
  tooSkewed: 0x08,
  tooShort: 0x09,
  /** It does not fit the samples before it. */
  mergeFailure: 0x0a,
  /** The finger is enrolled already. */
  exists: 0x0b,
  /** Nobody came in time. */
  noUserActivity: 0x0d,
  /** The finger stayed where it was. */
  noUserPresenceTransition: 0x0e,
} as const;
export type SampleStatusName = keyof typeof SAMPLE_STATUS;

/** Parameters of the sub-commands that have any. */
export const bioEnrollmentParams = shape({
  templateId: optional(0x01, bytes),
  templateFriendlyName: optional(0x02, text),
  /** How long to wait for a finger. */
  timeoutMilliseconds: optional(0x03, uint),
});
export type BioEnrollmentParams = Value<typeof bioEnrollmentParams>;

/** What the platform asks: a sub-command, or with `getModality` alone what can be enrolled. */
export const bioEnrollmentRequest = shape({
  modality: optional(0x01, uint),
  subCommand: optional(0x02, uint),
  /** Kept as it came, for the proof is over its bytes; see {@link bioEnrollmentParams}. */
  subCommandParams: optional(0x03, map),
  pinUvAuthProtocol: optional(0x04, uint),
  pinUvAuthParam: optional(0x05, bytes),
  getModality: optional(0x06, bool),
});
export type BioEnrollmentRequest = Value<typeof bioEnrollmentRequest>;

/** One enrolled template. */
export const templateInfo = shape({
  templateId: required(0x01, bytes),
  templateFriendlyName: optional(0x02, text),
});
export type TemplateInfo = Value<typeof templateInfo>;

/** What the authenticator answers; which members depends on the sub-command. */
export const bioEnrollmentResponse = shape({
  modality: optional(0x01, uint),
  fingerprintKind: optional(0x02, uint),
  maxCaptureSamplesRequiredForEnroll: optional(0x03, uint),
  templateId: optional(0x04, bytes),
  /** One of {@link SAMPLE_STATUS}. */
  lastEnrollSampleStatus: optional(0x05, uint),
  remainingSamples: optional(0x06, uint),
  templateInfos: optional(0x07, arrayOf(templateInfo)),
  /** Bytes. */
  maxTemplateFriendlyName: optional(0x08, uint),
});
export type BioEnrollmentResponse = Value<typeof bioEnrollmentResponse>;

/** What the pinUvAuthParam of a sub-command is made over: modality, sub-command, parameters if there are any (§6.7.4). */
export function bioEnrollmentProofMessage(
  modality: number,
  subCommand: number,
  params: CborMap | undefined,
): Uint8Array {
  const head = Uint8Array.of(modality, subCommand);
  return params === undefined ? head : concat(head, encode(params));
}
