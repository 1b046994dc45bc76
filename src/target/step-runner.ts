/**
 * Carries out the HTTP steps of a verb: fills placeholders, sends, checks what was expected, saves what later steps need.
 */
import { KeyrigError } from '../errors.js';
import { describeRule, type Rule, ruleHolds, ruleReadsJson } from './adapter-rules.js';
import { type HttpStep, type Source, STEP_METHODS } from './adapter-steps.js';
import { describeAnswer, type HttpAnswer, parseJsonBody, type ReceivedAnswer } from './http-answer.js';
import type { HttpClient, HttpRequest, HttpSender } from './http-client.js';
import { formatJsonPath, readJsonPath } from './json-path.js';
import type { SavedSecrets } from './saved-secrets.js';
import { fillJson, type TemplateScope } from './template.js';

/** What a run of steps reads and writes. */
export interface StepContext {
  readonly client: HttpClient;
  readonly sender: HttpSender;
  /** Everything but `saved`, which grows on the way. */
  readonly scope: TemplateScope;
  readonly saved: Map<string, unknown>;
  readonly secrets: SavedSecrets;
}

/** How a run of steps ended: the last answer, and the unmet expectation if a step before the last had one. */
export interface StepsResult {
  readonly answer: HttpAnswer;
  /** In words; the steps after it were not sent. */
  readonly unmet?: string;
}

/**
 * Runs steps in order and stops at the first whose expectation isn't met.
 *
 * @param judgedLast The last answer is judged by the caller: only an expectation that the step itself has is checked.
 * @throws HttpError when a request has no answer; KeyrigError `target-answer` when a value to be saved isn't there.
 */
export async function runSteps(
  steps: readonly HttpStep[],
  context: StepContext,
  judgedLast: boolean,
): Promise<StepsResult> {
  let result: StepsResult | undefined;
  for (const [index, step] of steps.entries()) {
    const request = requestOf(step, scopeOf(context));
    const secretsIn = (received: ReceivedAnswer) => context.secrets.in(valuesToSave(step, received));
    const answer = await context.client.exchange({ ...request, secretsIn }, context.sender);
    const isJudged = judgedLast && index === steps.length - 1;
    const unmet = isJudged ? undefined : unmetExpectation(step.expect, answer);
    result = unmet === undefined ? { answer } : { answer, unmet };
    if (unmet !== undefined) break;
    if (!isJudged || answer.status < 400) saveAll(step, answer, context.saved);
  }
  if (result === undefined) throw new KeyrigError('internal', 'a verb without steps passed the schema');
  return result;
}

/**
 * Runs steps that must succeed.
 *
 * @throws KeyrigError `target-answer` when an expectation isn't met.
 */
export async function requireSteps(steps: readonly HttpStep[], context: StepContext): Promise<HttpAnswer> {
  const { answer, unmet } = await runSteps(steps, context, false);
  if (unmet !== undefined) throw unexpectedAnswer(answer, unmet);
  return answer;
}

/** Takes a value from an answer; `undefined` when it isn't there. */
export function takeValue(source: Source, answer: ReceivedAnswer): unknown {
  const value = rawValue(source, answer);
  return source.decode === 'json' && typeof value === 'string' ? parseJsonBody(value) : value;
}

/**
 * Takes a value that must be there.
 *
 * @throws KeyrigError `target-answer`, which says so when there was a page instead of JSON.
 */
export function requireValue(source: Source, answer: HttpAnswer): unknown {
  const value = takeValue(source, answer);
  if (value !== undefined) return value;
  if (source.json !== undefined && answer.json === undefined) throw notJson(answer);
  throw unexpectedAnswer(answer, `expected ${describeSource(source)}`);
}

/** The failure for an answer that the adapter doesn't describe. */
export function unexpectedAnswer(answer: HttpAnswer, expected: string): KeyrigError {
  const throttled = answer.status === 429 ? { throttled: true } : {};
  return new KeyrigError('target-answer', `${expected}, but ${describeAnswer(answer)}`, {
    hint: 'compare the adapter with the exchange in the trace',
    facts: { status: answer.status, ...throttled },
  });
}

/** The failure for a page where JSON was promised. */
export function notJson(answer: HttpAnswer): KeyrigError {
  return unexpectedAnswer(answer, 'expected JSON');
}

/** The request of a step, filled in. */
export function requestOf(step: HttpStep, scope: TemplateScope): HttpRequest {
  const method = STEP_METHODS.find((name) => step[name] !== undefined);
  const path = method === undefined ? undefined : step[method];
  if (method === undefined || path === undefined)
    throw new KeyrigError('internal', 'a step without a method passed the schema');
  const { body, contentType } = bodyOf(step, scope);
  const named = Object.entries(step.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value.text(scope)] as const,
  );
  const headers = {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...Object.fromEntries(named),
  };
  return {
    method: method.toUpperCase(),
    path: path.text(scope, encodeURIComponent),
    template: path.source,
    headers,
    followRedirects: step.redirects === 'follow',
    ...(body === undefined ? {} : { body }),
  };
}

function bodyOf(step: HttpStep, scope: TemplateScope): { body?: string; contentType?: string } {
  if (step.json !== undefined) {
    return { body: JSON.stringify(fillJson(step.json, scope)), contentType: 'application/json' };
  }
  if (step.form !== undefined) {
    const fields = Object.entries(step.form)
      .filter(([, value]) => value.value(scope) !== undefined)
      .map(([name, value]): [string, string] => [name, value.text(scope)]);
    return { body: String(new URLSearchParams(fields)), contentType: 'application/x-www-form-urlencoded' };
  }
  return step.body === undefined ? {} : { body: step.body.text(scope) };
}

function scopeOf(context: StepContext): TemplateScope {
  return { ...context.scope, saved: Object.fromEntries(context.saved) };
}

function unmetExpectation(expected: Rule | undefined, answer: HttpAnswer): string | undefined {
  if (expected === undefined) return answer.status < 400 ? undefined : 'expected a status below 400';
  if (ruleHolds(expected, answer)) return undefined;
  const kind = ruleReadsJson(expected) && answer.json === undefined ? 'JSON with ' : '';
  return `expected ${kind}${describeRule(expected)}`;
}

function saveAll(step: HttpStep, answer: HttpAnswer, saved: Map<string, unknown>): void {
  for (const [name, source] of Object.entries(step.save ?? {})) saved.set(name, requireValue(source, answer));
}

/** What `answer` has of the values that the step saves. None need be there: any answer may come. */
function valuesToSave(step: HttpStep, answer: ReceivedAnswer): [string, unknown][] {
  return Object.entries(step.save ?? {}).map(([name, source]) => [name, takeValue(source, answer)]);
}

function rawValue(source: Source, answer: ReceivedAnswer): unknown {
  if (source.json !== undefined) return readJsonPath(answer.json, source.json);
  if (source.header !== undefined) return answer.headers.get(source.header) ?? undefined;
  if (source.cookie !== undefined) return answer.cookies.get(source.cookie);
  return source.text?.exec(answer.text)?.[1];
}

function describeSource(source: Source): string {
  if (source.json !== undefined) return `something at ${formatJsonPath(source.json)}`;
  if (source.header !== undefined) return `the header ${source.header}`;
  if (source.cookie !== undefined) return `the cookie ${source.cookie}`;
  return `text like ${source.text}`;
}
