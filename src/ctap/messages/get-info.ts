/**
 * authenticatorGetInfo (CTAP 2.1 §6.4; members 0x16 to 0x1D from CTAP 2.2, 0x1E and 0x1F from CTAP 2.3).
 */
import { credentialParameters } from './entities.js';
import {
  anything,
  arrayOf,
  bool,
  bytes,
  optional,
  required,
  shape,
  text,
  textMapOf,
  uint,
  type Value,
} from './shape.js';

/** The authenticator's description of itself; the request has no parameters. */
export const getInfoResponse = shape({
  /** What it speaks, e.g. `FIDO_2_0`, `U2F_V2`. */
  versions: required(0x01, arrayOf(text)),
  extensions: optional(0x02, arrayOf(text)),
  /** 16 bytes. */
  aaguid: required(0x03, bytes),
  /** Absent, false and true mean three different things. */
  options: optional(0x04, textMapOf(bool)),
  /** Bytes, 1024 when absent. */
  maxMsgSize: optional(0x05, uint),
  /** Most preferred first. */
  pinUvAuthProtocols: optional(0x06, arrayOf(uint)),
  maxCredentialCountInList: optional(0x07, uint),
  /** Bytes. */
  maxCredentialIdLength: optional(0x08, uint),
  transports: optional(0x09, arrayOf(text)),
  /** Most preferred first. */
  algorithms: optional(0x0a, arrayOf(credentialParameters)),
  /** Bytes. */
  maxSerializedLargeBlobArray: optional(0x0b, uint),
  forcePINChange: optional(0x0c, bool),
  /** Code points, 4 when absent. */
  minPINLength: optional(0x0d, uint),
  firmwareVersion: optional(0x0e, uint),
  /** Bytes. */
  maxCredBlobLength: optional(0x0f, uint),
  maxRPIDsForSetMinPINLength: optional(0x10, uint),
  preferredPlatformUvAttempts: optional(0x11, uint),
  /** A bit field of the FIDO Registry's user verification methods. */
  uvModality: optional(0x12, uint),
  certifications: optional(0x13, textMapOf(uint)),
  remainingDiscoverableCredentials: optional(0x14, uint),
  /** 64-bit numbers. */
  vendorPrototypeConfigCommands: optional(0x15, arrayOf(anything)),
  attestationFormats: optional(0x16, arrayOf(text)),
  uvCountSinceLastPinEntry: optional(0x17, uint),
  longTouchForReset: optional(0x18, bool),
  encIdentifier: optional(0x19, bytes),
  transportsForReset: optional(0x1a, arrayOf(text)),
  pinComplexityPolicy: optional(0x1b, bool),
  /** UTF-8. */
  pinComplexityPolicyURL: optional(0x1c, bytes),
  /** Bytes, 63 when absent. */
  maxPINLength: optional(0x1d, uint),
  encCredStoreState: optional(0x1e, bytes),
  authenticatorConfigCommands: optional(0x1f, arrayOf(uint)),
});
export type GetInfoResponse = Value<typeof getInfoResponse>;

/** Bytes that every CTAP2 authenticator takes when it says nothing of maxMsgSize (CTAP 2.1 §6.4). */
export const DEFAULT_MAX_MESSAGE_SIZE = 1024;
