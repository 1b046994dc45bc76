/**
 * Failures of keyrig itself or of what it was given.
 *
 * CTAP statuses and DOMException names are values of their protocols and never travel as a KeyrigError.
 * Callers switch on `code`, never on the message.
 */

/** Every stable code, with what it means. The command line maps all of them to exit code 2. */
export const ERROR_CODES = {
  'cbor-encode': 'a value that has no CTAP2 canonical CBOR form was given to the encoder',
  'cbor-decode': 'bytes that are not CTAP2 canonical CBOR were given to the strict decoder',
  'message-malformed': 'a CTAP answer does not have the shape its command promises',
  'ctap-status': 'a CTAP command ended with an error status where the caller needed success',
  'transport-closed': 'the device went away while a request was running or before it was sent',
  'transport-too-large': 'a message exceeds what the transport or the device can carry',
  'deadline-exceeded': 'something that keyrig waited for did not happen in time',
  'crypto-unsupported': 'no implementation serves this algorithm or operation here',
  'crypto-invalid-key': 'key material is malformed or not on its curve',
  'attestation-failed': 'an attestation certificate or statement could not be made',
  'store-conflict': 'a store was used outside of its transaction or after closing',
  'store-invalid': 'a store is damaged, not one of keyrig, or of a newer keyrig; it was left as it is',
  'store-unavailable': 'a store can not be opened or written, or the package that it needs can not be loaded',
  'credentials-invalid': 'credentials to import do not have the shape of their kind of file',
  'profile-invalid': 'a profile does not match its schema',
  'profile-not-found': 'no profile has this name',
  'adapter-invalid': 'a relying-party adapter does not match its schema',
  'target-unreachable': 'the relying party did not accept a connection',
  'target-answer': 'the relying party answered something the adapter does not describe',
  'scenario-invalid': 'a scenario file does not match its schema or does not export a scenario',
  'scenario-not-found': 'no scenario has this name',
  'platform-script': 'the scripted user was told to do something that the prompt on screen does not offer',
  'option-invalid': 'a command-line option or a function argument has an unusable value',
  'report-write': 'a report file could not be written',
  'report-invalid': 'a file is not a report, or reports that were to be merged do not belong together',
  'trace-invalid': 'a trace file has a line that is not an event',
  internal: 'an invariant of keyrig itself does not hold; please report it',
} as const;

/** A stable, documented failure code. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The facts that come with a failure. */
export interface KeyrigErrorDetails {
  /** What the user can do about it, as an imperative sentence. */
  readonly hint?: string;
  /** Where it happened: `file:line:column`, a JSON path, or a byte offset. */
  readonly where?: string;
  /** Machine-readable facts, safe to print: no secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The failure underneath. */
  readonly cause?: unknown;
}

/**
 * A failure of the tool or of its input.
 *
 * @example
 * ```ts
 * throw new KeyrigError('profile-not-found', 'no device profile is named "yubikey5"', { hint: 'did you mean "yubikey-5"?' });
 * ```
 */
export class KeyrigError extends Error {
  override readonly name = 'KeyrigError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly where: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: KeyrigErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.where = details.where;
    this.facts = details.facts ?? {};
  }
}

/** One line for people: where, what, and what to do next. */
export function formatError(error: unknown): string {
  if (!(error instanceof KeyrigError)) return error instanceof Error ? error.message : String(error);
  const where = error.where === undefined ? '' : `${error.where}: `;
  const hint = error.hint === undefined ? '' : ` (${error.hint})`;
  return `${where}${error.message}${hint}`;
}
