/**
 * Status codes: the first byte of every CTAP answer (CTAP 2.1 §6.3, with the additions of 2.2).
 *
 * A status is a value of the protocol: handlers return it, nothing throws it.
 */

/** Every code that a current authenticator may send, by its specification name. */
export const STATUS = {
  /** The command did what it was asked to. */
  CTAP1_ERR_SUCCESS: 0x00,
  /** The command byte is unknown or not implemented. */
  CTAP1_ERR_INVALID_COMMAND: 0x01,
  /** A parameter has a value that the command does not allow. */
  CTAP1_ERR_INVALID_PARAMETER: 0x02,
  /** A message or a member is too long or too short. */
  CTAP1_ERR_INVALID_LENGTH: 0x03,
  /** A fragment arrived out of order. */
  CTAP1_ERR_INVALID_SEQ: 0x04,
  /** The message did not arrive in time. */
  CTAP1_ERR_TIMEOUT: 0x05,
  /** Another channel's transaction is running. */
  CTAP1_ERR_CHANNEL_BUSY: 0x06,
  /** The command needs the channel lock. */
  CTAP1_ERR_LOCK_REQUIRED: 0x0a,
  /** The channel is reserved or was never allocated. */
  CTAP1_ERR_INVALID_CHANNEL: 0x0b,
  /** A known member has the wrong CBOR type. */
  CTAP2_ERR_CBOR_UNEXPECTED_TYPE: 0x11,
  /** The bytes are not well-formed, canonical CBOR. */
  CTAP2_ERR_INVALID_CBOR: 0x12,
  /** A mandatory member is absent. */
  CTAP2_ERR_MISSING_PARAMETER: 0x14,
  /** A list or an identifier is longer than the authenticator said it takes. */
  CTAP2_ERR_LIMIT_EXCEEDED: 0x15,
  /** No room for another biometric template. */
  CTAP2_ERR_FP_DATABASE_FULL: 0x17,
  /** No room for the serialized large-blob array. */
  CTAP2_ERR_LARGE_BLOB_STORAGE_FULL: 0x18,
  /** A credential of the exclude list lives here. */
  CTAP2_ERR_CREDENTIAL_EXCLUDED: 0x19,
  /** Long work goes on. */
  CTAP2_ERR_PROCESSING: 0x21,
  /** The credential is not valid for this authenticator. */
  CTAP2_ERR_INVALID_CREDENTIAL: 0x22,
  /** Waiting for the user. */
  CTAP2_ERR_USER_ACTION_PENDING: 0x23,
  /** Another operation runs. */
  CTAP2_ERR_OPERATION_PENDING: 0x24,
  /** Nothing is running that could be waited for. */
  CTAP2_ERR_NO_OPERATIONS: 0x25,
  /** None of the offered algorithms is supported. */
  CTAP2_ERR_UNSUPPORTED_ALGORITHM: 0x26,
  /** The user, or a policy, refused. */
  CTAP2_ERR_OPERATION_DENIED: 0x27,
  /** No room for another discoverable credential. */
  CTAP2_ERR_KEY_STORE_FULL: 0x28,
  /** The option is not supported. */
  CTAP2_ERR_UNSUPPORTED_OPTION: 0x2b,
  /** The option has a value that makes no sense here. */
  CTAP2_ERR_INVALID_OPTION: 0x2c,
  /** The platform cancelled. */
  CTAP2_ERR_KEEPALIVE_CANCEL: 0x2d,
  /** No credential fits the request. */
  CTAP2_ERR_NO_CREDENTIALS: 0x2e,
  /** The user did nothing in time. */
  CTAP2_ERR_USER_ACTION_TIMEOUT: 0x2f,
  /** The command is not allowed in this state. */
  CTAP2_ERR_NOT_ALLOWED: 0x30,
  /** The PIN is wrong. */
  CTAP2_ERR_PIN_INVALID: 0x31,
  /** No PIN retries are left; only a reset helps. */
  CTAP2_ERR_PIN_BLOCKED: 0x32,
  /** The proof made with a PIN/UV auth token or shared secret does not verify. */
  CTAP2_ERR_PIN_AUTH_INVALID: 0x33,
  /** Three misses in a row; only a power cycle helps. */
  CTAP2_ERR_PIN_AUTH_BLOCKED: 0x34,
  /** No PIN is set. */
  CTAP2_ERR_PIN_NOT_SET: 0x35,
  /** The command needs a PIN/UV auth token (PIN_REQUIRED in CTAP 2.0). */
  CTAP2_ERR_PUAT_REQUIRED: 0x36,
  /** The new PIN breaks the policy, or the present one must be changed. */
  CTAP2_ERR_PIN_POLICY_VIOLATION: 0x37,
  /** Reserved since CTAP 2.1. */
  CTAP2_ERR_PIN_TOKEN_EXPIRED: 0x38,
  /** The message exceeds maxMsgSize. */
  CTAP2_ERR_REQUEST_TOO_LARGE: 0x39,
  /** The current action timed out. */
  CTAP2_ERR_ACTION_TIMEOUT: 0x3a,
  /** User presence is required. */
  CTAP2_ERR_UP_REQUIRED: 0x3b,
  /** Built-in user verification has no retries left. */
  CTAP2_ERR_UV_BLOCKED: 0x3c,
  /** A checksum does not match. */
  CTAP2_ERR_INTEGRITY_FAILURE: 0x3d,
  /** The sub-command is unknown or not implemented. */
  CTAP2_ERR_INVALID_SUBCOMMAND: 0x3e,
  /** Built-in user verification failed. */
  CTAP2_ERR_UV_INVALID: 0x3f,
  /** The permission can't be granted here. */
  CTAP2_ERR_UNAUTHORIZED_PERMISSION: 0x40,
  /** Anything else. */
  CTAP1_ERR_OTHER: 0x7f,
} as const;

/** A status code's specification name. */
export type StatusName = keyof typeof STATUS;

/** A status code that keyrig's authenticator sends. */
export type Status = (typeof STATUS)[StatusName];

/** First and last code that extensions may define. */
export const EXTENSION_STATUS_RANGE = { first: 0xe0, last: 0xef } as const;

/** First and last code that vendors may define. */
export const VENDOR_STATUS_RANGE = { first: 0xf0, last: 0xff } as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(STATUS).map(([name, code]) => [code, name]),
);

/**
 * The name of any byte, total: unknown, extension and vendor codes stay readable.
 *
 * @example statusName(0x31) // 'CTAP2_ERR_PIN_INVALID'
 * @example statusName(0xf1) // 'CTAP2_ERR_VENDOR(0xf1)'
 */
export function statusName(code: number): string {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  if (code >= VENDOR_STATUS_RANGE.first) return `CTAP2_ERR_VENDOR(${hex})`;
  if (code >= EXTENSION_STATUS_RANGE.first) return `CTAP2_ERR_EXTENSION(${hex})`;
  return NAMES.get(code) ?? `UNKNOWN(${hex})`;
}
