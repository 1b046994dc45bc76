/**
 * Rules: how an adapter recognises an answer. Schema and judgement side by side.
 *
 * Everything in one rule must hold. `all`, `any` and `not` combine rules.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { HttpAnswer } from './http-answer.js';
import { formatJsonPath, type JsonPath, parseJsonPath, readJsonPath } from './json-path.js';

/** A path such as `$.user.name`. */
export const jsonPathSchema = z.string().transform((text, context): JsonPath => {
  const path = parseJsonPath(text);
  if (path !== undefined) return path;
  context.addIssue({
    code: 'custom',
    message: `expected a path such as $.user.name, got ${JSON.stringify(text)}`,
  });
  return z.NEVER;
});

/** A regular expression, in JavaScript's syntax with the `u` flag. */
export const patternSchema = z.string().transform((text, context): RegExp => {
  try {
    return new RegExp(text, 'u');
  } catch {
    context.addIssue({
      code: 'custom',
      message: `expected a regular expression, got ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  }
});

const oneStatus = z.union([z.int().min(100).max(599), z.enum(['2xx', '3xx', '4xx', '5xx'])]);

/** What a rule looks at in one place: JSON, a header or a cookie. */
const conditionShape = {
  status: z
    .union([oneStatus, z.array(oneStatus).min(1)])
    .optional()
    .describe('a status, a class such as 4xx, or a list of them'),
  json: jsonPathSchema
    .optional()
    .describe('a path into the JSON body; alone it means that something is there'),
  header: z.string().min(1).optional().describe('an answer header'),
  cookie: z.string().min(1).optional().describe('a cookie that this session holds after the answer'),
  text: patternSchema.optional().describe('a regular expression that the body must match'),
  exists: z.boolean().optional().describe('whether something (other than null) is there'),
  equals: z.json().optional().describe('the exact value'),
  matches: patternSchema.optional().describe('a regular expression for a text value'),
};

/** A condition on an answer. */
export interface Rule {
  readonly status?: Status | readonly Status[] | undefined;
  readonly json?: JsonPath | undefined;
  readonly header?: string | undefined;
  readonly cookie?: string | undefined;
  readonly text?: RegExp | undefined;
  readonly exists?: boolean | undefined;
  readonly equals?: unknown;
  readonly matches?: RegExp | undefined;
  readonly all?: readonly Rule[] | undefined;
  readonly any?: readonly Rule[] | undefined;
  readonly not?: Rule | undefined;
}

type Status = z.infer<typeof oneStatus>;

/** The YAML form of {@link Rule}. */
export const ruleSchema: z.ZodType<Rule> = z
  .strictObject({
    ...conditionShape,
    get all() {
      return z.array(ruleSchema).min(1).optional();
    },
    get any() {
      return z.array(ruleSchema).min(1).optional();
    },
    get not() {
      return ruleSchema.optional();
    },
  })
  .superRefine((rule, context) => {
    const fault = faultOf(rule);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

function faultOf(rule: Rule): string | undefined {
  if (Object.keys(rule).length === 0) return 'expected a rule that says something';
  const places = [rule.json, rule.header, rule.cookie].filter((place) => place !== undefined).length;
  if (places > 1) return 'expected one of json, header and cookie; combine several with all';
  const hasTest = rule.exists !== undefined || rule.equals !== undefined || rule.matches !== undefined;
  if (hasTest && places === 0) return 'expected json, header or cookie beside exists, equals and matches';
  return undefined;
}

/** Whether `rule` holds for an answer. */
export function ruleHolds(rule: Rule, answer: HttpAnswer): boolean {
  return (
    statusHolds(rule.status, answer.status) &&
    placeHolds(rule, answer) &&
    (rule.text === undefined || rule.text.test(answer.text)) &&
    (rule.all ?? []).every((inner) => ruleHolds(inner, answer)) &&
    (rule.any === undefined || rule.any.some((inner) => ruleHolds(inner, answer))) &&
    (rule.not === undefined || !ruleHolds(rule.not, answer))
  );
}

/** Whether `rule` holds for an answer through a part that names exactly its status: not by a class such as 5xx, and not by its body alone. */
export function ruleNamesStatus(rule: Rule, answer: HttpAnswer): boolean {
  if (!ruleHolds(rule, answer)) return false;
  const named = [rule.status].flat().includes(answer.status);
  return named || [...(rule.all ?? []), ...(rule.any ?? [])].some((inner) => ruleNamesStatus(inner, answer));
}

/** Whether judging by `rule` needs a JSON body: then an answer of another kind is worth a word. */
export function ruleReadsJson(rule: Rule): boolean {
  const inner = [...(rule.all ?? []), ...(rule.any ?? []), ...(rule.not === undefined ? [] : [rule.not])];
  return rule.json !== undefined || inner.some(ruleReadsJson);
}

/** The rule in one line, for messages. */
export function describeRule(rule: Rule): string {
  const said = [
    rule.status === undefined ? undefined : `status ${[rule.status].flat().join(' or ')}`,
    rule.json === undefined ? undefined : `${formatJsonPath(rule.json)}${describeTest(rule)}`,
    rule.header === undefined ? undefined : `header ${rule.header}${describeTest(rule)}`,
    rule.cookie === undefined ? undefined : `cookie ${rule.cookie}${describeTest(rule)}`,
    rule.text === undefined ? undefined : `text ${rule.text}`,
    rule.all?.map(describeRule).join(' and '),
    rule.any === undefined ? undefined : `(${rule.any.map(describeRule).join(' or ')})`,
    rule.not === undefined ? undefined : `not (${describeRule(rule.not)})`,
  ];
  return said.filter((part) => part !== undefined).join(' and ');
}

function describeTest(rule: Rule): string {
  if (rule.equals !== undefined) return ` = ${JSON.stringify(rule.equals)}`;
  if (rule.matches !== undefined) return ` like ${rule.matches}`;
  return rule.exists === false ? ' absent' : ' present';
}

function statusHolds(wanted: Rule['status'], status: number): boolean {
  if (wanted === undefined) return true;
  return [wanted].flat().some((one) => one === status || one === `${Math.floor(status / 100)}xx`);
}

function placeHolds(rule: Rule, answer: HttpAnswer): boolean {
  // A page of HTML has no members, and must not pass for JSON that lacks one.
  if (rule.json !== undefined) {
    return answer.json !== undefined && testHolds(rule, readJsonPath(answer.json, rule.json));
  }
  if (rule.header !== undefined) return testHolds(rule, answer.headers.get(rule.header) ?? undefined);
  if (rule.cookie !== undefined) return testHolds(rule, answer.cookies.get(rule.cookie));
  return true;
}

function testHolds(rule: Rule, value: unknown): boolean {
  const present = value !== undefined && value !== null;
  if (rule.exists !== undefined && rule.exists !== present) return false;
  if (rule.equals !== undefined && !isDeepStrictEqual(value, rule.equals)) return false;
  if (rule.matches !== undefined && !(typeof value === 'string' && rule.matches.test(value))) return false;
  return present || rule.exists === false || rule.equals === null;
}
