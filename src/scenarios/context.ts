/**
 * What a scenario's body works with: the rig, and ways to do, expect and measure things that leave evidence.
 */
import { formatError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { PromptSummary, Rig } from '../rig/rig.js';
import type { SubmitOutcome, TargetSession, TargetUser } from '../target/target.js';
import type { TimedTraceEvent } from '../trace/events.js';
import type { DomExceptionName } from '../webauthn/types.js';
import type { RunRecord } from './record.js';
import type { Observation } from './results.js';
import { makeUser } from './users.js';
import { domExceptionNameOf, ScenarioStop } from './verdict.js';

/** What the user of keyrig demands of the prompts; without it they are observed only. */
export interface PromptPolicy {
  /** What the first list or sheet must preselect or show by itself. */
  readonly defaultChoice?: PromptSummary['defaultChoice'];
  readonly maxClicksToSecurityKey?: number;
}

/** Values that expectations compare. */
export type Comparable = string | number | boolean | undefined | readonly string[];

/** What a context is made from. */
export interface ContextParts {
  readonly rig: Rig;
  readonly record: RunRecord;
  readonly variant: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The run's own seed. */
  readonly seed: string;
  readonly policy: PromptPolicy | undefined;
}

/**
 * One run, as its scenario sees it.
 *
 * An expectation that does not hold ends the run with FAIL; every one leaves a step that says what was expected and what came.
 */
export class ScenarioContext {
  readonly rig: Rig;
  /** The variant's name, if the scenario has variants. */
  readonly variant: string | undefined;
  readonly clock: Clock;
  /** Aborts when the run is over. */
  readonly signal: AbortSignal;
  readonly seed: string;
  readonly #record: RunRecord;
  readonly #policy: PromptPolicy | undefined;

  constructor(parts: ContextParts) {
    this.rig = parts.rig;
    this.variant = parts.variant;
    this.clock = parts.clock;
    this.signal = parts.signal;
    this.seed = parts.seed;
    this.#record = parts.record;
    this.#policy = parts.policy;
  }

  /** An account made up for this run; the same name is the same account. */
  user(name: string): TargetUser {
    return makeUser(this.seed, name);
  }

  /** Does something that has a title in the report. Steps may contain steps. */
  async step<T>(title: string, body: () => T | Promise<T>): Promise<T> {
    const end = this.#record.begin(title);
    try {
      const value = await body();
      end('ok');
      return value;
    } catch (error) {
      end('failed', formatError(error));
      throw error;
    }
  }

  /** Expects equal values; arrays by their members. */
  expectEqual(title: string, got: Comparable, expected: Comparable): void {
    const same = isSame(got, expected);
    this.#expect(title, same, same ? show(got) : `expected ${show(expected)}, got ${show(got)}`);
  }

  /** Expects anything else; `detail` says what was seen. */
  expectThat(title: string, holds: boolean, detail: string): void {
    this.#expect(title, holds, detail);
  }

  /** Expects the relying party to have accepted a response. */
  expectAccepted(title: string, outcome: SubmitOutcome): void {
    this.#expectVerdict(title, outcome, 'accepted');
  }

  /** Expects the relying party to have refused a response, in a controlled way: falling over gives CRASH. */
  expectRefused(title: string, outcome: SubmitOutcome): void {
    if (outcome.verdict === 'crashed') {
      this.#record.check(title, false, `it fell over: ${outcome.detail}`);
      throw new ScenarioStop('CRASH', `${title}: it fell over: ${outcome.detail}`);
    }
    this.#expectVerdict(title, outcome, 'refused');
  }

  /**
   * Asks the oracle who is signed in. A relying party without one is believed on its answer, and the report says so.
   */
  async expectSignedIn(session: TargetSession, user: TargetUser): Promise<void> {
    const title = `signed in as ${user.name}`;
    if (!this.rig.target.capabilities.has('whoami'))
      return this.note(`no oracle for "${title}"`, 'the adapter has no whoami, so the answer alone counts');
    this.expectEqual(title, await session.whoami(), user.name);
  }

  /** Asks the oracle that nobody is signed in; without one nothing is checked. */
  async expectSignedOut(session: TargetSession): Promise<void> {
    if (!this.rig.target.capabilities.has('whoami')) return;
    this.expectEqual('nobody is signed in yet', await session.whoami(), undefined);
  }

  /** Expects a ceremony to end with a DOMException of this name. Other failures pass through. */
  async expectDomException(
    title: string,
    name: DomExceptionName,
    body: () => Promise<unknown>,
  ): Promise<void> {
    const seen = await this.#outcomeOf(title, body);
    this.#expect(title, seen === name, seen === name ? name : `expected ${name}, got ${seen ?? 'success'}`);
  }

  /** Records a measured value. */
  observe(name: string, value: Observation['value']): void {
    this.#record.observe(name, value);
  }

  /** Records what the last ceremony showed, and holds it against the user's policy if there is one. */
  observePrompts(): PromptSummary {
    const prompts = this.rig.lastPrompts();
    if (prompts.simulated) this.#record.markSimulated();
    for (const name of OBSERVED) {
      const value = prompts[name];
      this.observe(name, typeof value === 'object' ? [...value] : value);
    }
    this.#holdAgainstPolicy(prompts);
    return prompts;
  }

  /** Says something in the report that is not judged. */
  note(title: string, detail?: string): void {
    this.#record.note(title, detail);
  }

  /** A recommendation was not followed: the run ends with WARN unless something worse happens. */
  warn(reason: string): void {
    this.#record.warn(reason);
  }

  /** Ends the run: nothing can be said, and why. */
  inconclusive(reason: string): never {
    throw new ScenarioStop('INCONCLUSIVE', reason);
  }

  /** Ends the run: it does not apply here, and why. */
  skip(reason: string): never {
    throw new ScenarioStop('SKIP', reason);
  }

  /** A place on the timeline, for {@link eventsSince}. */
  mark(): number {
    return this.#record.mark();
  }

  /** What has happened since, on every layer. */
  eventsSince(mark: number): readonly TimedTraceEvent[] {
    return this.#record.events(mark);
  }

  async #outcomeOf(title: string, body: () => Promise<unknown>): Promise<DomExceptionName | undefined> {
    const end = this.#record.begin(title);
    try {
      await body();
      end('ok', 'it succeeded');
      return undefined;
    } catch (error) {
      const name = domExceptionNameOf(error);
      end(name === undefined ? 'failed' : 'ok', formatError(error));
      if (name === undefined) throw error;
      return name;
    }
  }

  #expectVerdict(title: string, outcome: SubmitOutcome, wanted: 'accepted' | 'refused'): void {
    const unsure = outcome.verdict === 'throttled' || outcome.verdict === 'unknown';
    if (unsure)
      this.inconclusive(`${title}: the relying party's answer is ${outcome.verdict}: ${outcome.detail}`);
    const holds = outcome.verdict === wanted;
    const differs = `expected ${wanted}, got ${outcome.verdict}: ${outcome.detail}`;
    this.#expect(title, holds, holds ? outcome.detail : differs);
  }

  #holdAgainstPolicy(prompts: PromptSummary): void {
    const { defaultChoice, maxClicksToSecurityKey: most } = this.#policy ?? {};
    if (defaultChoice !== undefined)
      this.expectEqual('policy: what comes first', prompts.defaultChoice, defaultChoice);
    if (most === undefined) return;
    // Negative: no way leads to the key from the first screen. Without a screen there is nothing to click.
    const clicks = prompts.firstScreen === 'none' ? 0 : prompts.clicksToSecurityKey;
    this.expectThat(
      'policy: clicks to the security key',
      clicks >= 0 && clicks <= most,
      `expected at most ${most}, got ${clicks < 0 ? 'no way' : clicks}`,
    );
  }

  #expect(title: string, holds: boolean, detail: string): void {
    this.#record.check(title, holds, detail);
    if (!holds) throw new ScenarioStop('FAIL', `${title}: ${detail}`);
  }
}

/** The members of a prompt summary that are reported, in this order. */
const OBSERVED = [
  'firstScreen',
  'firstTitle',
  'defaultChoice',
  'order',
  'clicksToSecurityKey',
  'keystrokes',
  'phoneOffered',
  'screens',
] as const satisfies readonly (keyof PromptSummary)[];

function isSame(left: Comparable, right: Comparable): boolean {
  if (typeof left !== 'object' || typeof right !== 'object') return left === right;
  return left.length === right.length && left.every((item, at) => item === right[at]);
}

function show(value: Comparable): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}
