/**
 * CTAP2 canonical CBOR (CTAP 2.1 §8), both directions.
 *
 * Writing: one pass that sorts, shortens and refuses. Reading: the linter, then a reader that trusts it. Both are our own, because no
 * library has CTAP2's rules: general ones write tags, floats and unsorted maps, and read whatever they can make sense of.
 */
import { KeyrigError } from '../errors.js';
import { checkedDepth, inspect, LINT_RULES, type Violation } from './cbor-lint.js';
import { readWellFormed } from './cbor-read.js';
import type { CborValue } from './cbor-value.js';
import { writeCanonical } from './cbor-write.js';

export type { CborKey, CborMap, CborValue } from './cbor-value.js';

/** Settings of all functions here. */
export interface CborOptions {
  /** Levels of arrays and maps that are allowed, the outermost being level 1: 0 to 256, default 4 (CTAP 2.1 §8). */
  readonly maxDepth?: number;
}

/** Settings of {@link decodeLeniently}. */
export interface LenientOptions extends CborOptions {
  /** `refuse` (default) makes bytes after the item a violation. */
  readonly trailing?: 'refuse' | 'allow';
}

/** What {@link decodeLeniently} made of the bytes. */
export interface LenientResult {
  /** Undefined when the bytes are not well-formed, so that nobody can say what they mean. */
  readonly value: CborValue | undefined;
  /** How many bytes the item takes; undefined together with `value`. */
  readonly length: number | undefined;
  /** In the order of reading; empty means that {@link decode} accepts the bytes. */
  readonly violations: readonly Violation[];
}

/**
 * CTAP2 canonical CBOR in a fresh array. The value is not changed.
 *
 * @throws KeyrigError `cbor-encode` when the value cannot be said; `where` and the facts `path` and `reason` tell why.
 * @throws KeyrigError `option-invalid` when `maxDepth` is out of range.
 * @example
 * ```ts
 * encode(new Map([['type', 'public-key'], ['id', Uint8Array.of(1)]])); // a2 62 6964 41 01 64 74797065 6a 7075…
 * ```
 */
export function encode(value: CborValue, options: CborOptions = {}): Uint8Array {
  return writeCanonical(value, checkedDepth(options.maxDepth));
}

/**
 * A message: one byte, command or status, and the value behind it.
 *
 * @throws KeyrigError like {@link encode}.
 */
export function encodeMessage(first: number, value: CborValue, options: CborOptions = {}): Uint8Array {
  return writeCanonical(value, checkedDepth(options.maxDepth), first);
}

/**
 * Strict: exactly one canonical item and nothing after it. Byte strings are copies.
 *
 * @throws KeyrigError `cbor-decode` for the first violation; its facts are `rule`, `offset`, `detail` and `hex`, the
 * bytes around it.
 * @throws KeyrigError `option-invalid` when `maxDepth` is out of range.
 */
export function decode(bytes: Uint8Array, options: CborOptions = {}): CborValue {
  const [violation] = inspect(bytes, options).violations;
  if (violation !== undefined) throw refusal(bytes, violation);
  return readWellFormed(bytes);
}

/**
 * Strict decode of the first item, with the number of bytes it takes: authenticator data holds a COSE key and then a
 * map of extensions.
 *
 * @throws KeyrigError like {@link decode}, bytes after the item excepted.
 */
export function decodeFirst(
  bytes: Uint8Array,
  options: CborOptions = {},
): { value: CborValue; length: number } {
  const { violations, length = 0 } = inspect(bytes, { ...options, trailing: 'allow' });
  const [violation] = violations;
  if (violation !== undefined) throw refusal(bytes, violation);
  return { value: readWellFormed(bytes), length };
}

/**
 * {@link decode} for the hot path: `undefined`, which no CborValue is, when there is any violation.
 *
 * @throws KeyrigError `option-invalid` when `maxDepth` is out of range, and for nothing else.
 */
export function tryDecode(bytes: Uint8Array, options: CborOptions = {}): CborValue | undefined {
  return inspect(bytes, options).violations.length === 0 ? readWellFormed(bytes) : undefined;
}

/**
 * What the bytes mean in spite of violations, as long as they are well-formed, together with all violations (up to a
 * thousand). For judging what others wrote.
 *
 * Tags are dropped and their content kept; undefined and other simple values become null; floats become numbers;
 * broken UTF-8 becomes U+FFFD. Entries whose key is neither an integer nor text are left out, and of equal keys the
 * last counts.
 *
 * @throws KeyrigError `option-invalid` when `maxDepth` is out of range, and for nothing else.
 */
export function decodeLeniently(bytes: Uint8Array, options: LenientOptions = {}): LenientResult {
  const { violations, length } = inspect(bytes, { ...options, mode: 'report' });
  return { value: length === undefined ? undefined : readWellFormed(bytes), length, violations };
}

/** How many bytes before and from the offset of a violation go into the error. */
const HEX_WINDOW = 8;

function refusal(bytes: Uint8Array, { rule, offset, detail }: Violation): KeyrigError {
  const window = bytes.subarray(Math.max(0, offset - HEX_WINDOW), offset + HEX_WINDOW);
  const hex = Array.from(window, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const found = detail === undefined ? '' : ` (${detail})`;
  return new KeyrigError('cbor-decode', `not CTAP2 canonical CBOR: ${LINT_RULES[rule]}${found}`, {
    where: `byte ${offset}`,
    facts: { rule, offset, ...(detail === undefined ? {} : { detail }), hex },
  });
}
