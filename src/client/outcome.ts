/**
 * How a device's part in a ceremony ends, or one step of it. Statuses and refusals are values; only failures of a device or of keyrig throw.
 */
import type { WebAuthnError } from '../webauthn/errors.js';

/** Why a device leaves a ceremony, with what it means. */
export const REFUSALS = {
  /** It was unplugged or went out of range. */
  gone: 'the device went away',
  /** It answered something that is no answer, too much, or nothing at all. */
  faulty: 'the device broke the protocol',
  /** It answered with a status that leaves nothing to try. */
  status: 'the device refused',
  /** None of the credentials asked for is on it. */
  'no-credentials': 'the device has no matching credential',
  /** Its PIN can't be tried any more. */
  'pin-blocked': 'the PIN of the device is blocked',
  /** Nobody touched it in time. It may be asked again. */
  'no-touch': 'nobody touched the device in time',
  /** The request wants a platform authenticator and this is none, or the other way round. */
  attachment: 'the device is attached in the wrong way',
  /** Discoverable credentials are required and it stores none. */
  'cannot-store': "the device can't store discoverable credentials",
  /** User verification is required and it has no means of it. */
  'cannot-verify': "the device can't verify its user",
  /** It supports none of the algorithms. */
  algorithm: 'the device supports none of the algorithms',
  /** A protection policy is to be enforced and it doesn't know the extension. */
  'cannot-protect': 'the device does not know the credProtect extension',
  /** A large blob is to be possible and it keeps none. */
  'cannot-keep-blobs': 'the device keeps no large blobs with such credentials',
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** The device is out of this ceremony; others go on. */
export interface Refusal {
  readonly kind: 'refused';
  readonly why: RefusalReason;
  /** The CTAP status, where one was the cause. */
  readonly status?: number;
  /** The failure, where one was the cause. */
  readonly cause?: unknown;
}

/** The ceremony is over, on all devices. */
export interface Ended {
  readonly kind: 'ended';
  readonly error: WebAuthnError;
}

/** What came of a step. */
export type Outcome<T> = { readonly kind: 'done'; readonly value: T } | Refusal | Ended;

/** The step did what it should. */
export function done<T>(value: T): Outcome<T> {
  return { kind: 'done', value };
}

/** The device drops out. */
export function refused(why: RefusalReason, details: Pick<Refusal, 'status' | 'cause'> = {}): Refusal {
  return { kind: 'refused', why, ...details };
}

/** Nothing can come of the ceremony any more. */
export function ended(error: WebAuthnError): Ended {
  return { kind: 'ended', error };
}
