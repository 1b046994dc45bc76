/**
 * Messages that no good platform sends, and what must hold for a key that gets them.
 */
import { encodeRequest } from '../ctap/messages/message.js';
import { type StatusName, statusName } from '../ctap/status.js';
import { toHex } from '../data/bytes.js';
import type { StoreReader } from './ports.js';
import { BYTE, type TestKey } from './test-platform.suite.js';

/** Pseudorandom numbers that repeat (xorshift32): `below(n)` is a whole number from 0 to n - 1. */
export function createDice(seed: number): { below(limit: number): number } {
  let state = seed | 0 || 1;
  return {
    below(limit) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % limit;
    },
  };
}

export type Dice = ReturnType<typeof createDice>;

/** Values that decide something somewhere: CBOR heads of every kind, the ends of ranges, command bytes. */
const TELLING = [
  0x00, 0x01, 0x17, 0x18, 0x1b, 0x20, 0x40, 0x58, 0x5f, 0x60, 0x78, 0x80, 0xa0, 0xbf, 0xc1, 0xf4, 0xf6, 0xf7,
  0xfb, 0xff,
];
const COMMANDS = Object.values(BYTE);

/** Up to 96 random bytes, most of them behind a command byte that exists. */
export function randomMessage(dice: Dice): Uint8Array {
  const message = Uint8Array.from({ length: dice.below(96) }, () =>
    dice.below(3) === 0 ? (TELLING[dice.below(TELLING.length)] ?? 0) : dice.below(256),
  );
  if (message.length > 0 && dice.below(8) > 0) message[0] = COMMANDS[dice.below(COMMANDS.length)] ?? 0;
  return message;
}

/** One to three small accidents behind the command byte of a good message. */
export function damagedMessage(dice: Dice, good: Uint8Array): Uint8Array {
  let message: Uint8Array = good.slice();
  for (let accidents = 1 + dice.below(3); accidents > 0; accidents--) message = damaged(dice, message);
  return message;
}

function damaged(dice: Dice, message: Uint8Array): Uint8Array {
  const at = 1 + dice.below(Math.max(1, message.length - 1));
  const byte = dice.below(2) === 0 ? dice.below(256) : (TELLING[dice.below(TELLING.length)] ?? 0);
  const [head, tail] = [message.subarray(0, at), message.subarray(at)];
  switch (dice.below(7)) {
    case 0:
      return message.slice(0, at);
    case 1:
      return Uint8Array.of(...head, byte, ...tail);
    case 2:
      return Uint8Array.of(...head, ...tail.subarray(1));
    case 3:
      return Uint8Array.of(...head, ...tail, ...tail.subarray(0, 1 + dice.below(8)));
    case 4:
      return message.map((old, index) => (index === at ? old ^ (1 << dice.below(8)) : old));
    default:
      return message.map((old, index) => (index === at ? byte : old));
  }
}

/** Structural refusals come before anything is done or anybody is asked. */
const STRUCTURAL: ReadonlySet<string> = new Set<StatusName>([
  'CTAP1_ERR_INVALID_COMMAND',
  'CTAP1_ERR_INVALID_LENGTH',
  'CTAP2_ERR_CBOR_UNEXPECTED_TYPE',
  'CTAP2_ERR_INVALID_CBOR',
  'CTAP2_ERR_MISSING_PARAMETER',
  'CTAP2_ERR_LIMIT_EXCEEDED',
  'CTAP2_ERR_REQUEST_TOO_LARGE',
  'CTAP2_ERR_INVALID_SUBCOMMAND',
]);

const CEREMONY: readonly StatusName[] = [
  'CTAP1_ERR_SUCCESS',
  'CTAP1_ERR_INVALID_PARAMETER',
  'CTAP2_ERR_UNSUPPORTED_OPTION',
  'CTAP2_ERR_INVALID_OPTION',
  'CTAP2_ERR_OPERATION_DENIED',
  'CTAP2_ERR_PIN_INVALID',
  'CTAP2_ERR_PIN_BLOCKED',
  'CTAP2_ERR_PIN_AUTH_INVALID',
  'CTAP2_ERR_PIN_NOT_SET',
  'CTAP2_ERR_PUAT_REQUIRED',
];

const MANAGEMENT: readonly StatusName[] = [
  'CTAP1_ERR_SUCCESS',
  'CTAP1_ERR_INVALID_PARAMETER',
  'CTAP2_ERR_PUAT_REQUIRED',
  'CTAP2_ERR_PIN_AUTH_INVALID',
  'CTAP2_ERR_NO_CREDENTIALS',
  'CTAP2_ERR_NOT_ALLOWED',
];

const BIO_ENROLLMENT: readonly StatusName[] = [
  'CTAP1_ERR_SUCCESS',
  'CTAP1_ERR_INVALID_PARAMETER',
  'CTAP2_ERR_PUAT_REQUIRED',
  'CTAP2_ERR_PIN_AUTH_INVALID',
  'CTAP2_ERR_INVALID_OPTION',
  'CTAP2_ERR_FP_DATABASE_FULL',
];

/** What each command may answer besides structural refusals. */
const ALLOWED: ReadonlyMap<number, ReadonlySet<string>> = new Map<number, ReadonlySet<string>>([
  [
    BYTE.makeCredential,
    new Set<StatusName>([
      ...CEREMONY,
      'CTAP2_ERR_CREDENTIAL_EXCLUDED',
      'CTAP2_ERR_UNSUPPORTED_ALGORITHM',
      'CTAP2_ERR_KEY_STORE_FULL',
    ]),
  ],
  [BYTE.getAssertion, new Set<StatusName>([...CEREMONY, 'CTAP2_ERR_NO_CREDENTIALS'])],
  [BYTE.getInfo, new Set<StatusName>(['CTAP1_ERR_SUCCESS'])],
  [
    BYTE.clientPin,
    new Set<StatusName>([
      'CTAP1_ERR_SUCCESS',
      'CTAP1_ERR_INVALID_PARAMETER',
      'CTAP2_ERR_PIN_INVALID',
      'CTAP2_ERR_PIN_BLOCKED',
      'CTAP2_ERR_PIN_AUTH_INVALID',
      'CTAP2_ERR_PIN_AUTH_BLOCKED',
      'CTAP2_ERR_PIN_POLICY_VIOLATION',
      'CTAP2_ERR_PIN_NOT_SET',
      'CTAP2_ERR_UNAUTHORIZED_PERMISSION',
      'CTAP2_ERR_UV_BLOCKED',
      'CTAP2_ERR_UV_INVALID',
      'CTAP2_ERR_NOT_ALLOWED',
    ]),
  ],
  [BYTE.reset, new Set<StatusName>(['CTAP1_ERR_SUCCESS', 'CTAP2_ERR_NOT_ALLOWED'])],
  [BYTE.next, new Set<StatusName>(['CTAP1_ERR_SUCCESS', 'CTAP2_ERR_NOT_ALLOWED'])],
  [BYTE.selection, new Set<StatusName>(['CTAP1_ERR_SUCCESS'])],
  [BYTE.credentialManagement, new Set<StatusName>(MANAGEMENT)],
  [BYTE.credentialManagementPreview, new Set<StatusName>(MANAGEMENT)],
  [BYTE.bioEnrollment, new Set<StatusName>(BIO_ENROLLMENT)],
  [BYTE.bioEnrollmentPreview, new Set<StatusName>(BIO_ENROLLMENT)],
  [
    BYTE.config,
    new Set<StatusName>([
      'CTAP1_ERR_SUCCESS',
      'CTAP1_ERR_INVALID_PARAMETER',
      'CTAP2_ERR_PUAT_REQUIRED',
      'CTAP2_ERR_PIN_AUTH_INVALID',
      'CTAP2_ERR_PIN_POLICY_VIOLATION',
      'CTAP2_ERR_PIN_NOT_SET',
      'CTAP2_ERR_KEY_STORE_FULL',
    ]),
  ],
  [
    BYTE.largeBlobs,
    new Set<StatusName>([
      'CTAP1_ERR_SUCCESS',
      'CTAP1_ERR_INVALID_PARAMETER',
      'CTAP1_ERR_INVALID_SEQ',
      'CTAP2_ERR_PUAT_REQUIRED',
      'CTAP2_ERR_PIN_AUTH_INVALID',
      'CTAP2_ERR_LARGE_BLOB_STORAGE_FULL',
      'CTAP2_ERR_INTEGRITY_FAILURE',
    ]),
  ],
]);

function durable(reader: StoreReader) {
  return {
    pin: reader.pin(),
    state: reader.state(),
    counter: reader.counter(),
    count: reader.credentialCount(),
    largeBlobs: reader.largeBlobs(),
    templates: reader.templates(),
    // The memory store hands out the same list until it changes.
    lists: reader.rpIds().map((rpId) => reader.credentialsOf(rpId)),
  };
}

function volatile({ machine: { session } }: TestKey) {
  const { tokens } = session;
  const { identity, rpId, userVerified, userPresent } = tokens;
  const permissions = (['mc', 'ga', 'cm', 'be', 'lbw', 'acfg'] as const)
    .map((name) => tokens.has(name))
    .join();
  const agreements = [tokens.agreement(1), tokens.agreement(2)].map((agreement) =>
    agreement.publicKey.get(-2),
  );
  const keys = agreements.map((x) => (x instanceof Uint8Array ? x.join() : 'none')).join();
  return { identity, rpId, userVerified, userPresent, permissions, keys, mismatches: session.pinMismatches };
}

/** The first member that is not the very same value, `undefined` when all are. */
function difference(before: object, after: object): string | undefined {
  const later = new Map<string, unknown>(Object.entries(after));
  return Object.entries(before).find(([name, value]) => !same(value, later.get(name)))?.[0];
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, at) => one === b[at]);
  return a === b;
}

/** Statuses that say that a PIN or a finger was tried, or come after a right PIN. */
const TRIED: ReadonlySet<string> = new Set<StatusName>([
  'CTAP2_ERR_PIN_INVALID',
  'CTAP2_ERR_PIN_BLOCKED',
  'CTAP2_ERR_PIN_AUTH_BLOCKED',
  'CTAP2_ERR_PIN_POLICY_VIOLATION',
  'CTAP2_ERR_UV_BLOCKED',
  'CTAP2_ERR_UV_INVALID',
]);

/** What is wrong with how the key took a message, `undefined` when nothing is. */
export async function judge(
  key: TestKey,
  message: Uint8Array,
  onAnswer?: (answer: Uint8Array) => void,
): Promise<string | undefined> {
  const before = { durable: await key.store.read(durable), volatile: volatile(key) };
  const events = key.events.length;
  const answer = await key.send(message);
  onAnswer?.(answer);
  const status = statusName(answer[0] ?? -1);
  const fault =
    judgeAnswer(message, answer, status) ?? (key.failures.length > 0 ? 'the key failed inside' : undefined);
  const asked = key.events.length > events;
  const change =
    status === 'CTAP1_ERR_SUCCESS'
      ? undefined
      : judgeChanges(message, status, asked, {
          durable: difference(before.durable, await key.store.read(durable)),
          volatile: difference(before.volatile, volatile(key)),
        });
  key.events.length = 0;
  const why = fault ?? change;
  return why === undefined ? undefined : `${why}: ${status} to ${toHex(message)}`;
}

function judgeAnswer(message: Uint8Array, answer: Uint8Array, status: string): string | undefined {
  const allowed = ALLOWED.get(message[0] ?? -1);
  if (!STRUCTURAL.has(status) && allowed?.has(status) !== true)
    return 'the status is not one of this command';
  if (allowed === undefined && message.length > 0 && status !== 'CTAP1_ERR_INVALID_COMMAND') {
    // Only its length can be wrong with a command that does not exist.
    return status === 'CTAP2_ERR_REQUEST_TOO_LARGE' ? undefined : 'an unknown command was understood';
  }
  return status !== 'CTAP1_ERR_SUCCESS' && answer.length !== 1 ? 'an error has a payload' : undefined;
}

function judgeChanges(
  message: Uint8Array,
  status: string,
  asked: boolean,
  change: { readonly durable: string | undefined; readonly volatile: string | undefined },
): string | undefined {
  const tries = message[0] === BYTE.clientPin && TRIED.has(status);
  if (STRUCTURAL.has(status) && asked) return 'somebody was bothered for nothing';
  if (
    change.durable !== undefined &&
    !(tries && change.durable === 'pin') &&
    !(asked && change.durable === 'pin')
  ) {
    return `a refusal changed the stored ${change.durable}`;
  }
  // A touch uses up the token even when the command fails later.
  if (change.volatile !== undefined && !tries && !asked) return `a refusal changed the ${change.volatile}`;
  return undefined;
}

/** GetInfo, Reset, GetNextAssertion and Selection: their good messages are one byte. */
export const BARE_MESSAGES = [
  encodeRequest('authenticatorGetInfo'),
  encodeRequest('authenticatorReset'),
  encodeRequest('authenticatorGetNextAssertion'),
  encodeRequest('authenticatorSelection'),
];
