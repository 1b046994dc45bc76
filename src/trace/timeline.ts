/**
 * The recorder: numbers, stamps and redacts events, hands them to sinks, and remembers a bounded number for each result.
 */
import type { Clock } from '../ports.js';
import type { TimedTraceEvent, TraceEvent, TraceSink } from './events.js';
import { redactEvent } from './redact.js';

/** Takes finished events, e.g. to write `trace.jsonl`. It must not wait; one that throws is not asked again. */
export interface TimelineSink {
  write(event: TimedTraceEvent): void;
}

/** How a timeline is made. */
export interface TimelineOptions {
  readonly clock: Clock;
  readonly sinks?: readonly TimelineSink[];
  /** How many events are remembered between two calls of `take`; the oldest go first. By default 5,000. */
  readonly capacity?: number;
}

/** What happened since the last `take`. */
export interface TimelineSlice {
  /** In order. Starts with a note `trace-dropped` when something is missing, so that every report shows it. */
  readonly events: readonly TimedTraceEvent[];
  /** How many events were forgotten to bound memory, or could not be recorded. */
  readonly dropped: number;
}

/** A recorder with a memory of its own. */
export interface Timeline extends TraceSink {
  /** A recorder for one result, in this timeline's numbering and with its sinks, also while others run beside it. */
  child(): Timeline;
  /** Hands over what was remembered since the last call, and forgets it. */
  take(): TimelineSlice;
  /** What sinks threw, in order. A sink is asked no more after its first failure. */
  readonly sinkFailures: readonly unknown[];
}

const DEFAULT_CAPACITY = 5_000;

/**
 * Starts a timeline.
 *
 * @example
 * ```ts
 * const run = createTimeline({ clock, sinks: [traceFile] });
 * const trace = run.child();
 * await scenario(rigWith(trace));
 * const { events } = trace.take();
 * ```
 */
export function createTimeline(options: TimelineOptions): Timeline {
  return new Channel(new Recorder(options), Math.max(1, options.capacity ?? DEFAULT_CAPACITY));
}

/** What a timeline and its children share: one numbering, one clock, one set of sinks. */
class Recorder {
  readonly failures: unknown[] = [];
  #sequence = 0;
  readonly #clock: Clock;
  readonly #sinks: Set<TimelineSink>;

  constructor(options: TimelineOptions) {
    this.#clock = options.clock;
    this.#sinks = new Set(options.sinks);
  }

  /** `undefined` when the event can't be redacted: then nobody gets it. */
  record(event: TraceEvent): TimedTraceEvent | undefined {
    const place = { sequence: this.#sequence++, at: this.#clock.now() };
    try {
      const timed = { ...redactEvent(event), ...place };
      this.#fanOut(timed);
      return timed;
    } catch {
      return undefined;
    }
  }

  #fanOut(event: TimedTraceEvent): void {
    for (const sink of this.#sinks) {
      try {
        sink.write(event);
      } catch (failure) {
        this.#sinks.delete(sink);
        this.failures.push(failure);
      }
    }
  }
}

class Channel implements Timeline {
  readonly #recorder: Recorder;
  readonly #capacity: number;
  /** A ring: the oldest event stands at `#recorded % capacity` once it is full. */
  #ring: TimedTraceEvent[] = [];
  #recorded = 0;
  #lost = 0;

  constructor(recorder: Recorder, capacity: number) {
    this.#recorder = recorder;
    this.#capacity = capacity;
  }

  get sinkFailures(): readonly unknown[] {
    return this.#recorder.failures;
  }

  emit(event: TraceEvent): void {
    const timed = this.#recorder.record(event);
    if (timed === undefined) {
      this.#lost += 1;
      return;
    }
    this.#ring[this.#recorded % this.#capacity] = timed;
    this.#recorded += 1;
  }

  child(): Timeline {
    return new Channel(this.#recorder, this.#capacity);
  }

  take(): TimelineSlice {
    const forgotten = Math.max(0, this.#recorded - this.#capacity);
    const oldest = forgotten === 0 ? 0 : this.#recorded % this.#capacity;
    const kept = [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
    const dropped = forgotten + this.#lost;
    this.#ring = [];
    this.#recorded = 0;
    this.#lost = 0;
    return { events: dropped === 0 ? kept : [droppedNote(dropped, kept[0]), ...kept], dropped };
  }
}

/** Stands where the first missing event stood, as far as that is known. */
function droppedNote(count: number, next: TimedTraceEvent | undefined): TimedTraceEvent {
  const place = { sequence: Math.max(0, (next?.sequence ?? 0) - 1), at: next?.at ?? 0 };
  return { layer: 'scenario', kind: 'note', name: 'trace-dropped', fields: { count }, ...place };
}
