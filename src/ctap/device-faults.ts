/**
 * Deliberate faults: what an emulated authenticator can be told to do wrong, by name.
 *
 * The words only, shared by profiles, scenarios and everybody who controls a device; the deeds are the authenticator's.
 */
import { COMMANDS, type CommandName } from './commands.js';
import type { StatusName } from './status.js';
import type { U2fStatusName } from './u2f.js';

/** U2F's commands, which have no command byte of CTAP2. */
export const U2F_COMMANDS = ['U2F_REGISTER', 'U2F_AUTHENTICATE', 'U2F_VERSION'] as const;

/** A command that a fault can be limited to. */
export type FaultCommand = CommandName | (typeof U2F_COMMANDS)[number];

/** What stands behind the name of a fault. The first choice is the usual one. */
export type FaultValueKind =
  | { readonly kind: 'choice'; readonly choices: readonly [string, ...(readonly string[])] }
  | { readonly kind: 'amount'; readonly unit: string; readonly most: number; readonly usual: number }
  /** A status by name, or any byte. */
  | { readonly kind: 'status' }
  /** A status word by name. */
  | { readonly kind: 'status-word' };

/** A fault as the table has it. */
export interface FaultKind {
  readonly value: FaultValueKind;
  /** The commands that can have it. */
  readonly commands: readonly FaultCommand[];
}

/** Its values in words. */
function choice<const C extends readonly [string, ...(readonly string[])]>(...choices: C) {
  return { kind: 'choice', choices } as const;
}

function amount(unit: string, most: number, usual: number) {
  return { kind: 'amount', unit, most, usual } as const;
}

const CTAP2 = Object.keys(COMMANDS) as readonly CommandName[];
const EVERY = [...CTAP2, ...U2F_COMMANDS];
const ASSERTIONS = ['authenticatorGetAssertion', 'authenticatorGetNextAssertion'] as const;
const REGISTRATIONS = ['authenticatorMakeCredential'] as const;
const CEREMONIES = [...REGISTRATIONS, ...ASSERTIONS] as const;
const SIGNATURES = [...ASSERTIONS, 'U2F_AUTHENTICATE'] as const;
/** Whatever a pinUvAuthParam authorises. */
const PROVEN = [
  'authenticatorMakeCredential',
  'authenticatorGetAssertion',
  'authenticatorBioEnrollment',
  'authenticatorCredentialManagement',
  'authenticatorLargeBlobs',
  'authenticatorConfig',
  'authenticatorBioEnrollmentPreview',
  'authenticatorCredentialManagementPreview',
] as const;

const flag = { value: choice('set', 'clear'), commands: CEREMONIES } as const;

/** Ten minutes: longer than any platform waits. */
const LONGEST_DELAY = 600_000;

/** More than any transport carries. */
const MOST_BYTES = 65_535;

/** Every fault by its name. */
export const DEVICE_FAULTS = {
  /** Of an assertion: one bit flipped; made over other client data; without a byte. */
  signature: { value: choice('wrong', 'other-data', 'empty'), commands: SIGNATURES },
  /** Of an attestation statement: one bit flipped; the statement made over other client data. */
  'attestation-signature': { value: choice('wrong', 'other-data'), commands: REGISTRATIONS },
  /** Authenticator data is that of another relying party, and signed as such. */
  'rp-id-hash': { value: choice('other'), commands: CEREMONIES },
  /** A flag of authenticator data that is a lie, and signed. AT and ED say wrongly what follows. */
  'flag-up': flag,
  'flag-uv': flag,
  'flag-be': flag,
  'flag-bs': flag,
  'flag-at': flag,
  'flag-ed': flag,
  /** The counter of an assertion: the last one again; each lower than the one before; a million too far; 0. */
  counter: { value: choice('stuck', 'regressing', 'jumping', 'zero'), commands: SIGNATURES },
  /** A token that has expired, was used up or replaced is taken; a good one is refused. */
  token: { value: choice('stale-accepted', 'refused'), commands: PROVEN },
  /** The command is not run, and answered with this status. */
  status: { value: { kind: 'status' }, commands: CTAP2 },
  /** The command is run, and answered with this status. */
  'late-status': { value: { kind: 'status' }, commands: CTAP2 },
  /** A U2F command is not run, and answered with this status word. */
  'status-word': { value: { kind: 'status-word' }, commands: U2F_COMMANDS },
  /** The answer is CBOR that is not canonical, or not what the command promises. */
  cbor: {
    value: choice(
      'unsorted-keys',
      'duplicate-key',
      'long-integer',
      'indefinite-length',
      'tag',
      'invalid-utf8',
      'not-a-map',
    ),
    commands: CTAP2,
  },
  /** So many bytes are missing at the end of the answer. */
  truncated: { value: amount('bytes', MOST_BYTES, 1), commands: EVERY },
  /** So many zero bytes follow the answer. */
  trailing: { value: amount('bytes', MOST_BYTES, 1), commands: EVERY },
  /** The answer has a member that nobody knows, which makes it so many bytes longer than maxMsgSize. */
  oversized: { value: amount('bytes', MOST_BYTES, 1), commands: CTAP2 },
  /** The command begins so much later. */
  'delay-before': { value: amount('milliseconds', LONGEST_DELAY, 1_000), commands: EVERY },
  /** The answer leaves so much later. */
  'delay-after': { value: amount('milliseconds', LONGEST_DELAY, 1_000), commands: EVERY },
  /** No answer until a cancel or the end of the power: instead of running the command; after it; deaf to a cancel as well. */
  hang: { value: choice('before', 'after', 'deaf'), commands: EVERY },
  /** The key starts anew: instead of running the command; while it waits for its user; before or after its first durable change; at the end. */
  'power-cut': {
    value: choice('before', 'waiting', 'before-change', 'after-change', 'after'),
    commands: EVERY,
  },
  /** The credential ID of an answer is that of another credential, or (of an assertion) not there. */
  'credential-id': { value: choice('other', 'omitted'), commands: CEREMONIES },
  /** The user of an assertion is somebody else, or not there. */
  'user-handle': { value: choice('other', 'omitted'), commands: ASSERTIONS },
  /** Extension outputs are not there; have wrong values; or there is one that nobody asked for. */
  'extension-output': { value: choice('missing', 'wrong', 'unasked'), commands: CEREMONIES },
  /** The answer says that it is an enterprise attestation. */
  'enterprise-attestation': { value: choice('unasked'), commands: REGISTRATIONS },
} as const satisfies Readonly<Record<string, FaultKind>>;

/** The name of a fault. */
export type DeviceFaultName = keyof typeof DEVICE_FAULTS;

/** Every name. */
export const DEVICE_FAULT_NAMES = Object.keys(DEVICE_FAULTS) as readonly DeviceFaultName[];

type ValueOf<K extends FaultValueKind> = K extends { readonly kind: 'choice' }
  ? K['choices'][number]
  : K extends { readonly kind: 'amount' }
    ? number
    : K extends { readonly kind: 'status-word' }
      ? U2fStatusName
      : StatusName | number;

/** Where and how often a fault strikes. */
export interface FaultScope {
  /** Only in this command; in all that can have it when absent. */
  readonly command?: FaultCommand;
  /** Only in this sub-command of `command`, by its specification name. */
  readonly subCommand?: string;
  /** How many answers it damages before it is over; all of them when absent. A command that it can't damage does not count. */
  readonly times?: number;
}

/**
 * One fault with its value.
 *
 * @example
 * ```ts
 * const fault: DeviceFault = { fault: 'signature', value: 'wrong', times: 1 };
 * ```
 */
export type DeviceFault = {
  readonly [N in DeviceFaultName]: FaultScope & {
    readonly fault: N;
    readonly value: ValueOf<(typeof DEVICE_FAULTS)[N]['value']>;
  };
}[DeviceFaultName];

/** A fault as people write it, before it is read: without a value it has the usual one. */
export interface DeviceFaultInput {
  readonly fault: string;
  readonly value?: string | number;
  readonly command?: string;
  readonly subCommand?: string;
  readonly times?: number;
}
