/**
 * The linter for CTAP2 canonical CBOR (CTAP 2.1 §8 "Message Encoding"; RFC 8949 for what is well-formed).
 *
 * It walks one item, allocates nothing but findings, and says which rule is broken at which byte. An authenticator
 * stops at the first finding; a judge of somebody else's bytes wants all of them and goes on as long as the structure
 * can still be followed.
 */
import { KeyrigError } from '../errors.js';
import { KeySequence } from './cbor-order.js';
import { argumentWidth, BREAK, INFO, invalidUtf8, LEAST_ARGUMENT, MAJOR, SIMPLE } from './cbor-wire.js';

/** Every rule with its meaning. From `empty` on, a broken rule ends the reading: nobody knows what follows. */
export const LINT_RULES = {
  'non-minimal-integer': 'an integer takes more bytes than it needs',
  'non-minimal-length': 'a length or a count takes more bytes than it needs',
  'integer-range': 'a negative integer lies below -2^63, which no 64-bit integer type holds',
  'indefinite-length': 'a string, an array or a map does not say its length up front',
  tag: 'an item carries a tag',
  float: 'there is a floating-point number',
  'simple-value': 'there is a simple value other than false, true and null',
  'invalid-utf8': 'a text string is not valid UTF-8',
  'key-type': 'a map key is neither an integer nor a text string',
  'unsorted-keys': 'a map key stands after one that it should precede',
  'duplicate-key': 'a map has the same key twice',
  depth: 'arrays and maps are nested deeper than allowed',
  'trailing-bytes': 'there are bytes after the item',
  empty: 'there is no item at all',
  oversized: 'the input is longer than 16 MiB, more than any CTAP structure',
  truncated: 'the input ends inside an item',
  'length-beyond-input': 'a length or a count announces more than the input still holds',
  'reserved-info': 'the additional information of an initial byte has no meaning',
  'stray-break': 'a break stands where no indefinite-length item can end',
  'bad-chunk': 'an indefinite-length string holds something other than definite-length strings of its type',
} as const;

/** The id of a rule. */
export type LintRule = keyof typeof LINT_RULES;

/** A broken rule, and where. */
export interface Violation {
  readonly rule: LintRule;
  /** Offset of the initial byte of the item at fault; for `truncated`, of the first byte that is missing. */
  readonly offset: number;
  /** What was found there, for people. */
  readonly detail?: string;
}

/** What to look for, and when to stop. */
export interface LintOptions {
  /** `refuse` (default) stops at the first violation; `report` returns all that can be told apart. */
  readonly mode?: 'refuse' | 'report';
  /** Levels of arrays and maps that are allowed, the outermost being level 1: 0 to {@link DEPTH_LIMIT}, default 4. */
  readonly maxDepth?: number;
  /** `refuse` (default) makes bytes after the item a violation; `allow` is for an item that opens a longer text. */
  readonly trailing?: 'refuse' | 'allow';
}

/** What the linter learned about the item at the start of the bytes. */
export interface Inspection {
  readonly violations: readonly Violation[];
  /** How many bytes the item takes; undefined when it was not read to its end. */
  readonly length: number | undefined;
}

/** CTAP 2.1 §8: messages nest arrays and maps at most four levels deep. */
export const MESSAGE_DEPTH = 4;

/** No reader here follows more levels than this, whatever it is asked for: the stack must not depend on the input. */
export const DEPTH_LIMIT = 256;

/** 16 MiB: no CTAP structure comes near, and what is smaller fits into the engine's strings, maps and sets. */
export const INPUT_LIMIT = 2 ** 24;

/** More violations than this are not listed. The walk goes on without listing, so that the item's length is known. */
export const REPORT_LIMIT = 1000;

/** The count of a container that a break ends. */
const UNTIL_BREAK = Number.POSITIVE_INFINITY;

/**
 * Checks that the bytes are one item of CTAP2 canonical CBOR.
 *
 * @returns the violations in the order of reading; empty means canonical.
 * @throws KeyrigError `option-invalid` when `maxDepth` is out of range.
 * @example
 * ```ts
 * lint(Uint8Array.of(0x18, 0x01)); // [{ rule: 'non-minimal-integer', offset: 0, detail: '1 in 2 bytes' }]
 * ```
 */
export function lint(bytes: Uint8Array, options: LintOptions = {}): readonly Violation[] {
  return inspect(bytes, options).violations;
}

/** Like {@link lint}, and tells how long the item is. @throws KeyrigError `option-invalid` like {@link lint}. */
export function inspect(bytes: Uint8Array, options: LintOptions = {}): Inspection {
  const maxDepth = checkedDepth(options.maxDepth);
  return new Linter(bytes, maxDepth, options.mode === 'report').run(options.trailing === 'allow');
}

/** The depth to hold to. @throws KeyrigError `option-invalid` when it is not an integer from 0 to {@link DEPTH_LIMIT}. */
export function checkedDepth(maxDepth: number = MESSAGE_DEPTH): number {
  if (Number.isInteger(maxDepth) && maxDepth >= 0 && maxDepth <= DEPTH_LIMIT) return maxDepth;
  throw new KeyrigError('option-invalid', `maxDepth must be an integer from 0 to ${DEPTH_LIMIT}`, {
    facts: { maxDepth },
  });
}

/**
 * One walk over one input. Methods return whether the walk goes on: after `found` that depends on the mode, after
 * `lost` it never does, because nobody knows where the next item starts.
 */
class Linter {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #maxDepth: number;
  readonly #report: boolean;
  readonly #violations: Violation[] = [];
  #at = 0;
  /** The argument of the last head; rounded above MAX_SAFE_INTEGER, where only its size matters. */
  #argument = 0;

  constructor(bytes: Uint8Array, maxDepth: number, report: boolean) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#maxDepth = maxDepth;
    this.#report = report;
  }

  run(allowTrailing: boolean): Inspection {
    const complete = this.#fits() && this.#item(1);
    const length = complete ? this.#at : undefined;
    const rest = this.#end - this.#at;
    if (complete && rest > 0 && !allowTrailing)
      this.#found('trailing-bytes', this.#at, `${rest} of ${this.#end} bytes`);
    return { violations: this.#violations, length };
  }

  #fits(): boolean {
    if (this.#end === 0) return this.#lost('empty', 0);
    return this.#end <= INPUT_LIMIT || this.#lost('oversized', INPUT_LIMIT, `${this.#end} bytes`);
  }

  #found(rule: LintRule, offset: number, detail?: string): boolean {
    if (this.#violations.length < REPORT_LIMIT) {
      this.#violations.push(detail === undefined ? { rule, offset } : { rule, offset, detail });
    }
    return this.#report;
  }

  #lost(rule: LintRule, offset: number, detail?: string): false {
    this.#found(rule, offset, detail);
    return false;
  }

  /** One item; if it is an array or a map, it is one of this level. */
  #item(level: number): boolean {
    const offset = this.#at;
    const initial = this.#bytes[offset];
    if (initial === undefined) return this.#lost('truncated', offset);
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (major === MAJOR.tag) return this.#tags() && this.#item(level);
    if (info === INFO.indefinite && major >= MAJOR.bytes) return this.#indefinite(offset, major, level);
    if (!this.#head(offset, info)) return false;
    if (major === MAJOR.other) return this.#simpleOrFloat(offset, info);
    if (info >= INFO.oneByte && !this.#wide(offset, major, info)) return false;
    if (major <= MAJOR.negative) return true;
    if (major <= MAJOR.text) return this.#string(offset, major);
    return this.#container(offset, major, level, this.#argument);
  }

  /** Reads an argument from the initial byte or the 1, 2, 4 or 8 bytes behind it (RFC 8949 §3) and steps over it. */
  #head(offset: number, info: number): boolean {
    let at = offset + 1;
    let argument = info;
    if (info >= INFO.oneByte) {
      if (info > INFO.eightBytes)
        return this.#lost('reserved-info', offset, `additional information ${info}`);
      const end = at + argumentWidth(info);
      if (end > this.#end) return this.#lost('truncated', this.#end);
      for (argument = 0; at < end; at++) argument = argument * 0x100 + (this.#bytes[at] ?? 0);
    }
    this.#argument = argument;
    this.#at = at;
    return true;
  }

  /** What can be wrong with an argument that has bytes of its own. */
  #wide(offset: number, major: number, info: number): boolean {
    if (this.#argument < (LEAST_ARGUMENT[info - INFO.oneByte] ?? 0)) {
      const rule = major <= MAJOR.negative ? 'non-minimal-integer' : 'non-minimal-length';
      return this.#found(rule, offset, `${this.#argument} in ${1 + argumentWidth(info)} bytes`);
    }
    // -1 - n is in range as long as n < 2^63. The top bit says so exactly; the argument is rounded by now.
    const tooLow =
      major === MAJOR.negative && info === INFO.eightBytes && (this.#bytes[offset + 1] ?? 0) >= 0x80;
    return !tooLow || this.#found('integer-range', offset);
  }

  /** Tags can stand on tags: a loop, because how many is the sender's choice. */
  #tags(): boolean {
    for (let offset = this.#at; ; offset = this.#at) {
      const initial = this.#bytes[offset] ?? 0;
      if (initial >> 5 !== MAJOR.tag) return true;
      if (!this.#head(offset, initial & 0x1f)) return false;
      if (!this.#found('tag', offset, `tag ${this.#argument}`)) return false;
    }
  }

  #simpleOrFloat(offset: number, info: number): boolean {
    if (info >= SIMPLE.false && info <= SIMPLE.null) return true;
    if (info > INFO.oneByte) return this.#found('float', offset, `${8 * argumentWidth(info)} bits`);
    return this.#found('simple-value', offset, `simple value ${this.#argument}`);
  }

  #string(offset: number, major: number): boolean {
    const start = this.#at;
    if (this.#argument > this.#end - start) return this.#beyond(offset);
    this.#at = start + this.#argument;
    if (major === MAJOR.bytes) return true;
    const fault = invalidUtf8(this.#bytes, start, this.#at);
    return fault < 0 || this.#found('invalid-utf8', offset, `at byte ${fault - start} of the text`);
  }

  #beyond(offset: number): false {
    const left = this.#end - this.#at;
    return this.#lost('length-beyond-input', offset, `${this.#argument} announced, ${left} bytes left`);
  }

  #indefinite(offset: number, major: number, level: number): boolean {
    if (major === MAJOR.other) return this.#lost('stray-break', offset);
    this.#at = offset + 1;
    if (!this.#found('indefinite-length', offset)) return false;
    return major <= MAJOR.text ? this.#chunks(major) : this.#container(offset, major, level, UNTIL_BREAK);
  }

  #chunks(major: number): boolean {
    while (!this.#takeBreak()) {
      const initial = this.#bytes[this.#at];
      if (initial === undefined) return this.#lost('truncated', this.#at);
      if (initial >> 5 !== major || (initial & 0x1f) === INFO.indefinite)
        return this.#lost('bad-chunk', this.#at);
      if (!this.#item(1)) return false;
    }
    return true;
  }

  #takeBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false;
    this.#at += 1;
    return true;
  }

  #container(offset: number, major: number, level: number, count: number): boolean {
    const isMap = major === MAJOR.map;
    // Every item takes a byte at least, so a count that cannot be met is refused before anything is read.
    if (count !== UNTIL_BREAK && (isMap ? 2 * count : count) > this.#end - this.#at)
      return this.#beyond(offset);
    if (level > DEPTH_LIMIT) return this.#lost('depth', offset, `level ${level}, not read further`);
    // Once, where the limit is passed: what lies inside is too deep as a matter of course.
    if (level === this.#maxDepth + 1 && !this.#found('depth', offset, `level ${level}`)) return false;
    return isMap ? this.#entries(level, count) : this.#elements(level, count);
  }

  #elements(level: number, count: number): boolean {
    for (let index = 0; index < count; index++) {
      if (count === UNTIL_BREAK && this.#takeBreak()) return true;
      if (!this.#item(level + 1)) return false;
    }
    return true;
  }

  #entries(level: number, count: number): boolean {
    const keys = new KeySequence(this.#bytes, this.#report);
    for (let index = 0; index < count; index++) {
      if (count === UNTIL_BREAK && this.#takeBreak()) return true;
      if (!this.#key(level, keys) || !this.#item(level + 1)) return false;
    }
    return true;
  }

  #key(level: number, keys: KeySequence): boolean {
    const start = this.#at;
    const major = (this.#bytes[start] ?? MAJOR.unsigned) >> 5;
    const isLegal = major <= MAJOR.negative || major === MAJOR.text || this.#bytes[start] === BREAK;
    if (!isLegal && !this.#found('key-type', start, `major type ${major}`)) return false;
    if (!this.#item(level + 1)) return false;
    // Containers as keys stay out of the comparison: following them again at every level would not be linear.
    if (major >= MAJOR.array && major !== MAJOR.other) return true;
    for (const rule of keys.next(start, this.#at)) if (!this.#found(rule, start)) return false;
    return true;
  }
}
