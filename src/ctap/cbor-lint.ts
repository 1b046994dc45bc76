/**
 * The linter for CTAP2 canonical CBOR (CTAP 2.1 §8).
 */
import { KeyrigError } from '../errors.js';

/** Every rule with its meaning. */
export const LINT_RULES = {
  empty: 'there is no item at all',
  truncated: 'the input ends inside an item',
  'length-beyond-input': 'a length or a count announces more than the input still holds',
  'reserved-info': 'the additional information of an initial byte has no meaning',
  'stray-break': 'a break stands where no indefinite-length item can end',
  'bad-chunk': 'an indefinite-length string holds something other than definite-length strings of its type',
  'non-minimal-integer': 'an integer takes more bytes than it needs',
  'non-minimal-length': 'a length or a count takes more bytes than it needs',
  'integer-range': 'a negative integer lies below -2^63',
  'indefinite-length': 'a string, array or map does not say its length up front',
  tag: 'an item carries a tag',
  float: 'there is a floating-point number',
  'simple-value': 'there is a simple value other than false, true and null',
  'invalid-utf8': 'a text string is not valid UTF-8',
  'key-type': 'a map key is neither an integer nor a text string',
  'duplicate-key': 'a map has the same key twice',
  'unsorted-keys': 'a map key stands after one that it should precede',
  depth: 'arrays and maps are nested too deeply',
  'trailing-bytes': 'there are bytes after the item',
} as const;

/** The id of a rule. */
export type LintRule = keyof typeof LINT_RULES;

/** One broken rule and where. */
export interface Violation {
  readonly rule: LintRule;
  /** Byte offset of the initial byte of the item at fault, or where the missing byte should be. */
  readonly offset: number;
  /** What was found, for people. */
  readonly detail?: string;
}

/** What to look for, and when to stop. */
export interface LintOptions {
  /** `refuse` (default) stops at the first violation, `report` returns all. */
  readonly mode?: 'refuse' | 'report';
  /** How many levels of arrays and maps are allowed; default 4. */
  readonly maxDepth?: number;
  /** `refuse` (default) makes bytes after the item a violation. */
  readonly trailing?: 'refuse' | 'allow';
}

/** Checks one item; an empty list means CTAP2 canonical CBOR. */
export function lint(_bytes: Uint8Array, _options: LintOptions = {}): readonly Violation[] {
  throw new KeyrigError('internal', 'the linter arrives with the next commit');
}
