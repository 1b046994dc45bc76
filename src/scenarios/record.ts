/**
 * What a run leaves behind: steps, observations and its slice of the timeline.
 */
import type { Clock } from '../ports.js';
import type { Json, TimedTraceEvent, TraceSink } from '../trace/events.js';
import type { Recorder } from './engine-ports.js';
import type { Observation, Result, Step } from './results.js';
import { type RunFacts, ScenarioStop } from './verdict.js';

/** A step while it may still be going on. */
interface StepDraft {
  readonly title: string;
  readonly at: number;
  outcome: Step['outcome'] | undefined;
  detail: string | undefined;
}

/**
 * Collects what happens in one run.
 *
 * Once it is closed nothing can be added: a body that goes on after its deadline is stopped at its next step.
 */
export class RunRecord {
  /** Where everything of this run reports to. */
  readonly trace: TraceSink;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #startedAt: number;
  readonly #events: TimedTraceEvent[] = [];
  readonly #steps: StepDraft[] = [];
  readonly #observations: Observation[] = [];
  readonly #warnings: string[] = [];
  #checks = 0;
  #simulated = false;
  #closed = false;

  /** @param recorder Of this run alone. */
  constructor(clock: Clock, recorder: Recorder) {
    this.trace = recorder;
    this.#clock = clock;
    this.#recorder = recorder;
    this.#startedAt = clock.now();
  }

  /** Starts a step; what it returns ends it. */
  begin(title: string): (outcome: Step['outcome'], detail?: string) => void {
    this.#assertOpen();
    const draft = this.#add(title, undefined, undefined);
    this.trace.emit({ layer: 'scenario', kind: 'step', name: title });
    return (outcome, detail) => {
      if (this.#closed) return;
      draft.outcome = outcome;
      draft.detail = detail;
    };
  }

  /** Something that had to hold. */
  check(title: string, holds: boolean, detail: string | undefined): void {
    this.#assertOpen();
    this.#add(title, holds ? 'ok' : 'failed', detail);
    if (holds) this.#checks += 1;
    const fields: Json = { holds, ...(detail === undefined ? {} : { detail }) };
    this.trace.emit({ layer: 'scenario', kind: 'check', name: title, fields });
  }

  /** Something worth knowing that is not judged. */
  note(title: string, detail?: string): void {
    this.#assertOpen();
    this.#add(title, 'observed', detail);
    this.trace.emit({ layer: 'scenario', kind: 'note', name: title, ...withFields(detail) });
  }

  /** A recommendation that was not followed. */
  warn(reason: string): void {
    this.note(reason);
    this.#warnings.push(reason);
  }

  /** A measured value. A second value under the same name takes the first one's place. */
  observe(name: string, value: Observation['value']): void {
    this.#assertOpen();
    const at = this.#observations.findIndex((observation) => observation.name === name);
    const observation: Observation = { name, value };
    if (at < 0) this.#observations.push(observation);
    else this.#observations[at] = observation;
    this.trace.emit({ layer: 'scenario', kind: 'observation', name, fields: { value } });
  }

  /** Screens were simulated rather than observed. */
  markSimulated(): void {
    this.#simulated = true;
  }

  /** The events since the run began, or since `mark`. */
  events(mark = 0): readonly TimedTraceEvent[] {
    this.#events.push(...this.#recorder.take().events);
    return this.#events.slice(mark);
  }

  /** A place on the timeline, for {@link events}. */
  mark(): number {
    return this.events().length;
  }

  /** Ends the record; later additions by the run's body stop that body. */
  close(): void {
    this.#closed = true;
  }

  /** A step of the engine itself, after the run's body has ended. */
  addClosing(title: string, detail: string): void {
    this.#add(title, 'failed', detail);
    this.trace.emit({ layer: 'scenario', kind: 'note', name: title, fields: { detail } });
  }

  /** What the verdict follows from. */
  facts(level: Result['level']): RunFacts {
    return {
      checks: this.#checks,
      observations: this.#observations.length,
      warnings: this.#warnings,
      openStep: this.#steps.findLast((step) => step.outcome === undefined)?.title,
      level,
    };
  }

  /** The record as members of a result. */
  toResult(): Pick<Result, 'startedAt' | 'durationMs' | 'steps' | 'observations' | 'events' | 'simulated'> {
    return {
      startedAt: new Date(this.#startedAt).toISOString(),
      durationMs: this.#clock.now() - this.#startedAt,
      simulated: this.#simulated,
      steps: this.#steps.map(finishStep),
      observations: [...this.#observations],
      events: this.events().map((event) => ({ ...event })),
    };
  }

  #add(title: string, outcome: Step['outcome'] | undefined, detail: string | undefined): StepDraft {
    const draft = { title, at: this.#clock.now() - this.#startedAt, outcome, detail };
    this.#steps.push(draft);
    return draft;
  }

  #assertOpen(): void {
    if (this.#closed) throw new ScenarioStop('INCONCLUSIVE', 'the run is over');
  }
}

function withFields(detail: string | undefined): { readonly fields?: Json } {
  return detail === undefined ? {} : { fields: { detail } };
}

function finishStep({ title, at, outcome, detail }: StepDraft): Step {
  const shown = outcome === undefined ? 'it had not ended when the run did' : detail;
  return { title, outcome: outcome ?? 'failed', at, ...(shown === undefined ? {} : { detail: shown }) };
}
