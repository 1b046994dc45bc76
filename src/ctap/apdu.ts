/**
 * Command and response APDUs (ISO/IEC 7816-4 §5.1 and §5.2): the envelope of U2F messages over every transport, and of everything over NFC.
 */
import { concat } from '../data/bytes.js';

/** A command as it was read. */
export interface CommandApdu {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** Le: how many bytes the answer may have; 0 without that field. */
  readonly expected: number;
  /** Lengths of two bytes: the answer may be longer than 256 bytes. */
  readonly extended: boolean;
}

/** An answer as it was read. */
export interface ResponseApdu {
  readonly data: Uint8Array;
  /** SW1 and SW2, big-endian. */
  readonly status: number;
}

const HEADER = 4;
/** Bytes of the status word. */
const STATUS_WORD = 2;
/** What a length field of zeros stands for where a length of zero makes no sense. */
const WHOLE = { short: 256, extended: 65_536 } as const;

/**
 * Reads a command of any of the seven cases, short and extended. Also read is an extended one with an Lc of zero before its Le, which the
 * standard knows not and libfido2 and python-fido2 send. `undefined` for anything else.
 */
export function readCommandApdu(bytes: Uint8Array): CommandApdu | undefined {
  if (bytes.length < HEADER) return undefined;
  const body = readBody(bytes.subarray(HEADER));
  if (body === undefined) return undefined;
  const [cla = 0, ins = 0, p1 = 0, p2 = 0] = bytes;
  return { cla, ins, p1, p2, ...body };
}

type Body = Pick<CommandApdu, 'data' | 'expected' | 'extended'>;

const NOTHING = new Uint8Array(0);

function readBody(body: Uint8Array): Body | undefined {
  const [first] = body;
  if (first === undefined) return { data: NOTHING, expected: 0, extended: false };
  if (body.length === 1) return { data: NOTHING, expected: first || WHOLE.short, extended: false };
  if (first === 0) return readExtendedBody(body);
  const rest = body.subarray(1);
  const le = rest[first];
  if (rest.length === first) return { data: rest.slice(), expected: 0, extended: false };
  if (rest.length !== first + 1 || le === undefined) return undefined;
  return { data: rest.slice(0, first), expected: le || WHOLE.short, extended: false };
}

/** Behind a zero: Le alone, or Lc, data and perhaps Le, all of two bytes. */
function readExtendedBody(body: Uint8Array): Body | undefined {
  if (body.length < 3) return undefined;
  if (body.length === 3) return { data: NOTHING, expected: expectedAt(body, 1), extended: true };
  const length = shortAt(body, 1);
  const rest = body.subarray(3);
  const data = rest.slice(0, length);
  if (rest.length === length) return { data, expected: 0, extended: true };
  if (rest.length !== length + 2) return undefined;
  return { data, expected: expectedAt(rest, length), extended: true };
}

function shortAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function expectedAt(bytes: Uint8Array, at: number): number {
  return shortAt(bytes, at) || WHOLE.extended;
}

/** What a command is written from. */
export interface CommandApduParts {
  readonly cla?: number;
  readonly ins: number;
  readonly p1?: number;
  readonly p2?: number;
  readonly data?: Uint8Array;
}

/**
 * Writes an extended command for an answer of any length, as U2F over HID uses it.
 *
 * @example
 * ```ts
 * writeCommandApdu({ ins: 0x03 }); // 00 03 00 00 00 00 00
 * ```
 */
export function writeCommandApdu({
  cla = 0,
  ins,
  p1 = 0,
  p2 = 0,
  data = NOTHING,
}: CommandApduParts): Uint8Array {
  const header = Uint8Array.of(cla, ins, p1, p2, 0);
  const any = Uint8Array.of(0, 0);
  if (data.length === 0) return concat(header, any);
  return concat(header, Uint8Array.of(data.length >> 8, data.length & 0xff), data, any);
}

/** Writes an answer. */
export function writeResponseApdu(status: number, data: Uint8Array = NOTHING): Uint8Array {
  return concat(data, Uint8Array.of(status >> 8, status & 0xff));
}

/** Reads an answer; `undefined` when it has no status word. */
export function readResponseApdu(bytes: Uint8Array): ResponseApdu | undefined {
  if (bytes.length < STATUS_WORD) return undefined;
  const end = bytes.length - STATUS_WORD;
  return { data: bytes.slice(0, end), status: shortAt(bytes, end) };
}
