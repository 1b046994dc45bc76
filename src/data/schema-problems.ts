/**
 * What a zod schema has against a value, in words for the person who wrote the value.
 *
 * Wording is given to zod as the error map of one parse, so a message that the schema itself brings wins over ours.
 */
import type { z } from 'zod';
import { nearestName } from './nearest-name.js';

/** One thing that is wrong with a value. */
export interface SchemaProblem {
  /** From the root to the value at fault. */
  readonly path: readonly PropertyKey[];
  /** Starts with what was expected. */
  readonly message: string;
  /** An unknown key is shown at the key itself, everything else at the value. */
  readonly at: 'key' | 'value';
  /** The name that was probably meant. */
  readonly suggestion?: string;
  /** Nothing is there at all. */
  readonly isMissing?: true;
}

/** A checked value, or everything that is wrong with it. */
export type SchemaVerdict<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly problems: readonly [SchemaProblem, ...SchemaProblem[]] };

/** Checks `value` against `schema`. */
export function checkSchema<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): SchemaVerdict<z.output<Schema>> {
  const result = schema.safeParse(value, { error: describeIssue, reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.flatMap((issue) => problemsOf(schema, issue, []));
  const [first, ...rest] = withoutMisspelt(problems);
  const fallback: SchemaProblem = { path: [], message: 'expected something else', at: 'value' };
  return { ok: false, problems: [first ?? fallback, ...rest] };
}

/** A path as people write it: `register.submit[0].json`; the root is `(root)`. */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(root)';
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const name = String(segment);
      if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/** A misspelt key leaves the right one missing: one fault, not two. */
function withoutMisspelt(problems: readonly SchemaProblem[]): readonly SchemaProblem[] {
  const meant = problems.flatMap(({ path, suggestion }) => {
    return suggestion === undefined ? [] : [formatPath([...path.slice(0, -1), suggestion])];
  });
  return problems.filter(({ path, isMissing }) => isMissing !== true || !meant.includes(formatPath(path)));
}

function problemsOf(
  schema: z.ZodType,
  issue: z.core.$ZodIssue,
  prefix: readonly PropertyKey[],
): SchemaProblem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(schema, path, key));
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => problemsOf(schema, inner, path));
  }
  const suggestion = suggestValue(issue);
  // Whatever belongs there: a type, one of several values, one of several forms.
  const isMissing =
    ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code) && inputOf(issue) === undefined;
  return [
    {
      path,
      message: issue.message,
      at: 'value',
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(isMissing ? { isMissing } : {}),
    },
  ];
}

function unknownKey(schema: z.ZodType, path: readonly PropertyKey[], key: string): SchemaProblem {
  const known = knownKeys(schema, path);
  const suggestion = nearestName(key, known);
  const message =
    known.length === 0 ? 'expected no such key' : `expected one of the keys ${known.join(', ')}`;
  return {
    path: [...path, key],
    message,
    at: 'key',
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function suggestValue(issue: z.core.$ZodIssue): string | undefined {
  const input = inputOf(issue);
  if (typeof input !== 'string') return undefined;
  return nearestName(
    input,
    allowedValues(issue).filter((value) => typeof value === 'string'),
  );
}

/** The values that an issue says are allowed, over all alternatives of a union; none where they can't be listed. */
function allowedValues(issue: z.core.$ZodIssue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  if (issue.code !== 'invalid_union') return [];
  const roots = issue.errors.flat().filter((inner) => inner.path.length === 0);
  return [...(untold(issue)?.values ?? []), ...roots.flatMap(allowedValues)];
}

/** What stood at the issue's path. */
function inputOf(issue: z.core.$ZodIssue): unknown {
  const told = issue.code === 'invalid_union' ? untold(issue) : undefined;
  return told === undefined ? issue.input : told.input;
}

/**
 * Of a union whose alternatives are told apart by the value of one key, when it tells none: the values that do, and what stood there. zod
 * gives the whole object as the input then, although the path ends at the key.
 */
function untold(issue: {
  readonly options?: unknown;
  readonly discriminator?: unknown;
  readonly input?: unknown;
}): { readonly values: readonly unknown[]; readonly input: unknown } | undefined {
  const { options, discriminator, input } = issue;
  if (!Array.isArray(options) || typeof discriminator !== 'string') return undefined;
  if (typeof input !== 'object' || input === null) return undefined;
  return { values: options, input: Reflect.get(input, discriminator) };
}

/**
 * The alternative of a union that the author most likely meant: one whose own type fits, with the fewest faults.
 * Keys that no such alternative knows are the fault itself. `undefined` when the value fits no alternative's type at all: then the union's
 * own message lists them.
 */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some(isWrongAtItsRoot));
  const closest = fitting.toSorted((left, right) => left.length - right.length)[0];
  const unknown = closest?.flatMap(unknownAtItsRoot).filter((key) => {
    return fitting.every((issues) => issues.flatMap(unknownAtItsRoot).includes(key));
  });
  if (unknown === undefined || unknown.length === 0) return closest;
  return [{ code: 'unrecognized_keys', keys: unknown, path: [], message: '' }];
}

function unknownAtItsRoot(issue: z.core.$ZodIssue): string[] {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [];
}

function isWrongAtItsRoot(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** Every key that an object at `path` may have, over all alternatives of unions on the way. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const segment of path) here = here.flatMap((type) => childTypes(type, segment)).flatMap(unwrap);
  const keys = here.flatMap((type) =>
    type._zod.def.type === 'object' ? Object.keys(type._zod.def.shape) : [],
  );
  return [...new Set(keys)];
}

function childTypes(type: z.core.$ZodTypes, segment: PropertyKey): z.core.$ZodType[] {
  const { def } = type._zod;
  switch (def.type) {
    case 'object': {
      const child = def.shape[String(segment)] ?? def.catchall;
      return child === undefined ? [] : [child];
    }
    case 'array':
      return [def.element];
    case 'record':
      return [def.valueType];
    case 'tuple': {
      const child = def.items[Number(segment)] ?? def.rest;
      return child ? [child] : [];
    }
    default:
      return [];
  }
}

/** The types behind optional, default, lazy, pipe and union wrappers. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodTypes[] {
  // zod's documented way to look into a schema: every type that it can build is a member of this union.
  const type = schema as z.core.$ZodTypes;
  const { def } = type._zod;
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrap(def.innerType);
    case 'lazy':
      return unwrap(def.getter());
    case 'pipe':
      return unwrap(def.in);
    case 'union':
      return def.options.flatMap(unwrap);
    case 'intersection':
      return [...unwrap(def.left), ...unwrap(def.right)];
    default:
      return [type];
  }
}

/** zod's error map: one issue in our words. `undefined` keeps zod's own. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}, ${describeInput(issue.input)}`;
    case 'invalid_value':
      return `expected ${listValues(issue.values ?? [])}, ${describeInput(issue.input)}`;
    case 'invalid_union':
      return describeUnion(issue);
    case 'too_small':
      return `expected ${boundOf(issue.origin)} ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}, ${describeInput(issue.input)}`;
    case 'too_big':
      return `expected ${boundOf(issue.origin)} ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}, ${describeInput(issue.input)}`;
    case 'invalid_format':
      return `expected ${issue.format === 'regex' ? `text like ${issue.pattern}` : issue.format}, ${describeInput(issue.input)}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}, ${describeInput(issue.input)}`;
    case 'invalid_key':
      return `expected a different key: ${(issue.issues ?? []).map((inner) => inner.message).join('; ')}`;
    default:
      return undefined;
  }
}

function describeUnion(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const told = untold(issue);
  if (told !== undefined) return `expected ${listValues(told.values)}, ${describeInput(told.input)}`;
  const roots = (issue.errors ?? []).flat().filter((inner) => inner.path.length === 0);
  const expected = roots.flatMap((inner) => {
    if (inner.code === 'invalid_type') return [String(inner.expected)];
    return inner.code === 'invalid_value' ? inner.values.map((value) => JSON.stringify(value)) : [];
  });
  return `expected ${[...new Set(expected)].join(' or ') || 'another form'}, ${describeInput(issue.input)}`;
}

function boundOf(origin: unknown): string {
  if (origin === 'string') return 'a length of';
  if (origin === 'array' || origin === 'set') return 'a count of';
  return 'a value of';
}

function listValues(values: readonly unknown[]): string {
  const listed = values.map((value) => JSON.stringify(value)).join(', ');
  return values.length === 1 ? listed : `one of ${listed}`;
}

const SHOWN_LENGTH = 40;

function describeInput(input: unknown): string {
  if (input === undefined) return 'but it is missing';
  if (Array.isArray(input)) return 'got array';
  if (typeof input === 'object' && input !== null) return 'got object';
  const shown = typeof input === 'string' ? JSON.stringify(input) : String(input);
  return `got ${shown.length > SHOWN_LENGTH ? `${shown.slice(0, SHOWN_LENGTH)}…` : shown}`;
}
