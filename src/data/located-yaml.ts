/**
 * YAML that people write, checked against a zod schema, with faults shown where they are: `file:line:column: path: expected …`.
 *
 * JSON is YAML, so JSON files go through here too. Nothing is read from disk: the caller brings the text.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type ErrorCode, KeyrigError } from '../errors.js';
import { checkSchema, formatPath, type SchemaProblem } from './schema-problems.js';

/** Parsed YAML that remembers where everything stood. */
export interface LocatedYaml {
  /** Plain JavaScript data; nothing is known about its shape. */
  readonly value: unknown;
  readonly fileName: string;
  /**
   * `file:line:column` of the value at `path`, or of its key. When there is nothing at `path`, of the nearest thing around it.
   */
  where(path: readonly PropertyKey[], part?: 'key' | 'value'): string;
}

/**
 * Parses `text` and checks it against `schema`.
 *
 * @param fileName For messages only.
 * @throws KeyrigError with `code`: `where` is the first fault's place, `facts.problems` lists every fault in full.
 *
 * @example
 * ```ts
 * const profile = parseYaml(z.strictObject({ name: z.string() }), 'nmae: yubikey-5', 'key.yaml', 'profile-invalid');
 * // KeyrigError: nmae: expected one of the keys name; where 'key.yaml:1:1', hint 'did you mean "name"?'
 * ```
 */
export function parseYaml<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  fileName: string,
  code: ErrorCode,
): z.output<Schema> {
  return checkYaml(schema, readYaml(text, fileName, code), code);
}

/**
 * The first half of {@link parseYaml}: text to data with positions. For callers that merge or inspect before they check.
 *
 * @throws KeyrigError with `code` on a syntax error, a duplicate key, an unknown tag, or aliases that grow without bound.
 */
export function readYaml(text: string, fileName: string, code: ErrorCode): LocatedYaml {
  const lines = new LineCounter();
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${fileName}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const document = parseText(text, lines, fileName, code);
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined)
    throw new KeyrigError(code, fault.message, { where: place(fault.pos[0]), cause: fault });
  return {
    value: toPlain(document, fileName, code),
    fileName,
    where: (path, part = 'value') => place(offsetOf(document, path, part)),
  };
}

/**
 * The second half of {@link parseYaml}: data to a named type.
 *
 * @throws KeyrigError with `code`, as {@link parseYaml}.
 */
export function checkYaml<Schema extends z.ZodType>(
  schema: Schema,
  yaml: LocatedYaml,
  code: ErrorCode,
): z.output<Schema> {
  const verdict = checkSchema(schema, yaml.value);
  if (verdict.ok) return verdict.value;
  const [first, ...others] = verdict.problems;
  const more = others.length === 0 ? '' : `; ${others.length} more after that`;
  throw new KeyrigError(code, `${lineOf(first)}${more}`, {
    where: yaml.where(first.path, first.at),
    facts: { problems: verdict.problems.map((problem) => fullLineOf(problem, yaml)) },
    ...(first.suggestion === undefined ? {} : { hint: hintOf(first.suggestion) }),
  });
}

function lineOf(problem: SchemaProblem): string {
  return `${formatPath(problem.path)}: ${problem.message}`;
}

function fullLineOf(problem: SchemaProblem, yaml: LocatedYaml): string {
  const hint = problem.suggestion === undefined ? '' : ` (${hintOf(problem.suggestion)})`;
  return `${yaml.where(problem.path, problem.at)}: ${lineOf(problem)}${hint}`;
}

function hintOf(suggestion: string): string {
  return `did you mean "${suggestion}"?`;
}

/** The parser recurses: nesting by the thousand ends it with a RangeError, which is a fault of the text. */
function parseText(text: string, lines: LineCounter, fileName: string, code: ErrorCode): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  } catch (cause) {
    throw new KeyrigError(code, 'this is not usable YAML: it is nested too deeply', {
      where: `${fileName}:1:1`,
      cause,
    });
  }
}

/** Aliases are counted by the library, and more than 100 expansions refused. */
function toPlain(document: Document.Parsed, fileName: string, code: ErrorCode): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new KeyrigError(code, "this YAML can't be read: its aliases don't resolve or grow without bound", {
      where: `${fileName}:1:1`,
      cause,
    });
  }
}

interface Child {
  readonly node: unknown;
  readonly keyOffset: number;
  readonly valueOffset: number;
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let here: Child = { node, keyOffset: startOf(node) ?? 0, valueOffset: startOf(node) ?? 0 };
  for (const segment of path) {
    const child = childOf(isAlias(node) ? node.resolve(document) : node, segment);
    // Nothing there: something is missing, and the key that lacks it is the best place to look.
    if (child === undefined) return here.keyOffset;
    here = child;
    node = child.node;
  }
  return part === 'key' ? here.keyOffset : here.valueOffset;
}

function childOf(node: unknown, segment: PropertyKey): Child | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    const offset = startOf(item);
    return offset === undefined ? undefined : { node: item, keyOffset: offset, valueOffset: offset };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
  const keyOffset = startOf(pair?.key);
  if (pair === undefined || keyOffset === undefined) return undefined;
  return { node: pair.value, keyOffset, valueOffset: startOf(pair.value) ?? keyOffset };
}

/** Where a node starts in the text. Nodes that no text stands for have no range. */
function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
