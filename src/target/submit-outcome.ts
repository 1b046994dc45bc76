/**
 * How a submission was taken: the adapter's rules first, then what any server means by its status.
 */
import type { Rule } from './adapter-rules.js';
import { ruleHolds, ruleNamesStatus, ruleReadsJson } from './adapter-rules.js';
import type { HttpStep } from './adapter-steps.js';
import { describeAnswer, type HttpAnswer } from './http-answer.js';
import { HttpError } from './http-failure.js';
import { runSteps, type StepContext } from './step-runner.js';
import type { SubmitOutcome } from './target.js';

/** The rules of one verb. */
export interface JudgingRules {
  readonly success: Rule;
  readonly refused: Rule;
}

/**
 * Sends a submission and judges the last answer.
 *
 * @throws KeyrigError `target-unreachable` when nobody listens, `target-answer` when redirects or bodies don't end.
 */
export async function submit(
  steps: readonly HttpStep[],
  rules: JudgingRules,
  context: StepContext,
): Promise<SubmitOutcome> {
  try {
    const { answer, unmet } = await runSteps(steps, context, true);
    return unmet === undefined ? judge(answer, rules) : judgeHalfway(answer, unmet, rules);
  } catch (error) {
    // A server that falls silent or drops the connection over a response has answered after all: it crashed.
    if (error instanceof HttpError && (error.failure === 'reset' || error.failure === 'silence')) {
      return { verdict: 'crashed', detail: error.message };
    }
    throw error;
  }
}

/** Judges one answer. Rules that both hold say nothing. */
export function judge(answer: HttpAnswer, rules: JudgingRules): SubmitOutcome {
  const said = { status: answer.status, detail: describeAnswer(answer) };
  const accepted = ruleHolds(rules.success, answer);
  const refused = ruleHolds(rules.refused, answer);
  if (accepted && refused) {
    return {
      ...said,
      verdict: 'unknown',
      detail: `the rules for success and refusal both hold: ${said.detail}`,
    };
  }
  if (accepted) return { ...said, verdict: 'accepted' };
  // A 429 is no refusal, although it is a 4xx: nothing was looked at.
  if (answer.status === 429) return { ...said, verdict: 'throttled' };
  // Frameworks dress a crash in JSON that many a rule fits: a 5xx refuses only where the adapter names exactly that status.
  const fell = answer.status >= 500 && !ruleNamesStatus(rules.refused, answer);
  if (fell) return { ...said, verdict: 'crashed' };
  if (refused) return { ...said, verdict: 'refused' };
  const wantsJson = ruleReadsJson(rules.success) && answer.json === undefined;
  return {
    ...said,
    verdict: 'unknown',
    detail: wantsJson ? `expected JSON, but ${said.detail}` : said.detail,
  };
}

/** A step before the last went wrong: what it said can be a refusal, but never an acceptance. */
function judgeHalfway(answer: HttpAnswer, unmet: string, rules: JudgingRules): SubmitOutcome {
  const outcome = judge(answer, rules);
  const verdict = outcome.verdict === 'accepted' ? 'unknown' : outcome.verdict;
  return { ...outcome, verdict, detail: `${unmet}, but ${outcome.detail}` };
}
