/**
 * Command bytes: the first byte of every CTAP request (CTAP 2.1 §6).
 */

/** Every command by its specification name. */
export const COMMANDS = {
  /** Create a credential (§6.1). */
  authenticatorMakeCredential: 0x01,
  /** Sign an assertion (§6.2). */
  authenticatorGetAssertion: 0x02,
  /** Describe the authenticator (§6.4). */
  authenticatorGetInfo: 0x04,
  /** PIN and user-verification management, and tokens (§6.5). */
  authenticatorClientPIN: 0x06,
  /** Forget everything (§6.6). */
  authenticatorReset: 0x07,
  /** The next of several assertions (§6.3). */
  authenticatorGetNextAssertion: 0x08,
  /** Fingerprint enrolment (§6.7). */
  authenticatorBioEnrollment: 0x09,
  /** List, change and delete discoverable credentials (§6.8). */
  authenticatorCredentialManagement: 0x0a,
  /** Ask for a touch, so that the user can pick one of several devices (§6.9). */
  authenticatorSelection: 0x0b,
  /** The large-blob array (§6.10). */
  authenticatorLargeBlobs: 0x0c,
  /** Configuration (§6.11). */
  authenticatorConfig: 0x0d,
  /** Fingerprint enrolment as FIDO_2_1_PRE had it, in the vendors' range. */
  authenticatorBioEnrollmentPreview: 0x40,
  /** Credential management as FIDO_2_1_PRE had it, in the vendors' range. */
  authenticatorCredentialManagementPreview: 0x41,
} as const;

/** A command's specification name. */
export type CommandName = keyof typeof COMMANDS;

/** First and last byte that vendors may define. */
export const VENDOR_COMMAND_RANGE = { first: 0x40, last: 0xbf } as const;

const NAMES: ReadonlyMap<number, CommandName> = new Map(
  (Object.keys(COMMANDS) as CommandName[]).map((name) => [COMMANDS[name], name]),
);

/** The command of a byte, `undefined` for unknown and vendor commands. */
export function commandOf(byte: number): CommandName | undefined {
  return NAMES.get(byte);
}

/** A readable name for any byte. */
export function commandName(byte: number): string {
  return NAMES.get(byte) ?? `command(0x${byte.toString(16).padStart(2, '0')})`;
}
