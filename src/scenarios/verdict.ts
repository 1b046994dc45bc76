/**
 * From how a run ended to what may be said about it.
 */
import { type ErrorCode, formatError, KeyrigError } from '../errors.js';
import type { DomExceptionName } from '../webauthn/types.js';
import type { Result, Verdict } from './results.js';

/** Ends a run on purpose: an expectation that did not hold, or a reason to say nothing. */
export class ScenarioStop extends Error {
  override readonly name = 'ScenarioStop';
  readonly verdict: 'FAIL' | 'CRASH' | 'INCONCLUSIVE' | 'SKIP';

  /** @param reason One line for reports. */
  constructor(verdict: ScenarioStop['verdict'], reason: string) {
    super(reason);
    this.verdict = verdict;
  }
}

/** How the body of a run came to its end. */
export type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'threw'; readonly error: unknown }
  | { readonly kind: 'deadline'; readonly milliseconds: number }
  | { readonly kind: 'interrupted' };

/** What was noted on the way. */
export interface RunFacts {
  /** Expectations that held. */
  readonly checks: number;
  readonly observations: number;
  /** Recommendations that were not followed. */
  readonly warnings: readonly string[];
  /** What was going on when the run ended early. */
  readonly openStep: string | undefined;
  readonly level: Result['level'];
}

/** A verdict with its reason and, if a failure of the tool or its input ended the run, that. */
export type Judgement = Pick<Result, 'verdict' | 'reason' | 'error'>;

/** Judges a run. */
export function judge(ending: Ending, facts: RunFacts): Judgement {
  switch (ending.kind) {
    case 'finished':
      return judgeFinished(facts);
    case 'threw':
      return soften(judgeThrown(ending.error), facts.level);
    case 'deadline': {
      const message = `it did not end within ${ending.milliseconds / 1000} s${during(facts)}`;
      return inconclusive(new KeyrigError('deadline-exceeded', message));
    }
    case 'interrupted':
      return { verdict: 'INCONCLUSIVE', reason: `interrupted${during(facts)}` };
  }
}

function during(facts: RunFacts): string {
  return facts.openStep === undefined ? '' : ` during "${facts.openStep}"`;
}

/** A run that expected nothing could not have failed, so it proves nothing. */
function judgeFinished(facts: RunFacts): Judgement {
  if (facts.warnings.length > 0) return { verdict: 'WARN', reason: facts.warnings.join('; ') };
  if (facts.checks > 0) return { verdict: 'PASS' };
  if (facts.observations > 0) return { verdict: 'OBS', reason: 'measured, not judged' };
  return { verdict: 'INCONCLUSIVE', reason: 'the scenario expected nothing and observed nothing' };
}

function judgeThrown(error: unknown): Judgement {
  if (error instanceof ScenarioStop) return { verdict: error.verdict, reason: error.message };
  if (error instanceof KeyrigError) {
    const verdict = FAILING.has(error.code) ? 'FAIL' : 'INCONCLUSIVE';
    return { ...inconclusive(error), verdict };
  }
  const name = domExceptionNameOf(error);
  if (name !== undefined)
    return { verdict: 'FAIL', reason: `the ceremony ended with ${name}: ${formatError(error)}` };
  // Anything else is a mistake in the scenario's own code.
  return inconclusive(
    new KeyrigError('scenario-invalid', `the scenario itself failed: ${describe(error)}`, placeOf(error)),
  );
}

/** The failures that break what the scenario claims; after all others nothing can be said about the relying party. */
const FAILING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['platform-script']);

function inconclusive(error: KeyrigError): Judgement {
  return {
    verdict: 'INCONCLUSIVE',
    reason: formatError(error),
    error: {
      code: error.code,
      message: error.message,
      ...(error.where === undefined ? {} : { where: error.where }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    },
  };
}

/** A recommendation that was not followed is a warning; an observation is not judged at all. */
function soften(judgement: Judgement, level: Result['level']): Judgement {
  if (judgement.verdict !== 'FAIL' || level === undefined) return judgement;
  return { ...judgement, verdict: BROKEN[level] };
}

const BROKEN: Readonly<Record<NonNullable<Result['level']>, Verdict>> = {
  MUST: 'FAIL',
  POL: 'FAIL',
  ACC: 'FAIL',
  SHOULD: 'WARN',
  HARD: 'WARN',
  OBS: 'OBS',
};

const DOM_EXCEPTION_NAMES: ReadonlySet<string> = new Set([
  'NotAllowedError',
  'InvalidStateError',
  'NotSupportedError',
  'SecurityError',
  'ConstraintError',
  'EncodingError',
  'SyntaxError',
  'AbortError',
  'UnknownError',
  'TypeError',
] satisfies DomExceptionName[]);

/**
 * The DOMException name that a ceremony was rejected with; `undefined` for any other failure.
 * JavaScript's own TypeError and SyntaxError share their names with WebAuthn's, but come from mistakes in code.
 */
export function domExceptionNameOf(error: unknown): DomExceptionName | undefined {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof SyntaxError)
    return undefined;
  return isDomExceptionName(error.name) ? error.name : undefined;
}

function isDomExceptionName(name: string): name is DomExceptionName {
  return DOM_EXCEPTION_NAMES.has(name);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Where an error comes from: the first line of its stack that has a place. */
function placeOf(error: unknown): { readonly where?: string } {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const where = STACK_PLACE.exec(stack)?.[1];
  return where === undefined ? {} : { where };
}

/** `at name (place)` or `at place`, the place being a path or URL with line and column. */
const STACK_PLACE = /^ +at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:\\).*:\d+:\d+)\)?$/m;
