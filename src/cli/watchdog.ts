/**
 * Guards a run against scenarios that never yield: `for (;;);` keeps deadlines and signals from being heard, since both need the event loop.
 *
 * A thread of its own watches this thread's pulse. When it stops beyond a scenario's deadline, the thread breaks what is running, as a
 * debugger would; the deadline is then heard, and the run goes on and writes its report. Where nothing can be broken, as inside of a
 * native call that blocks, it kills the process.
 */
import { Worker } from 'node:worker_threads';

/** How often the pulse beats, in milliseconds. */
export const PULSE_MS = 250;

/** How long the pulse may be silent after the deadline, and again after the scenario was broken. */
export const GRACE_MS = 2_000;

/** What both threads see: when the pulse beat, and when the scenario is overdue, in milliseconds since the epoch; 0: nothing runs. */
export interface SharedTimes {
  readonly times: Float64Array<SharedArrayBuffer>;
  /** The length of the name in bytes, and the name. */
  readonly name: Uint8Array<SharedArrayBuffer>;
}

/** Places in `times`. */
export const TIME = { pulse: 0, overdue: 1 } as const;

/** Longer names are cut. */
const LONGEST_NAME = 255;

/** A running guard. */
export interface Watchdog {
  /** A scenario begins, and must have ended or yielded at `deadline` (milliseconds from now). */
  watch(name: string, deadline: number): void;
  /** Nothing is watched until the next one begins. */
  rest(): void;
  stop(): void;
}

/** Starts the thread. It keeps nobody from ending the process. */
export function startWatchdog(): Watchdog {
  const shared: SharedTimes = {
    times: new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT)),
    name: new Uint8Array(new SharedArrayBuffer(1 + LONGEST_NAME)),
  };
  const beat = () => {
    shared.times[TIME.pulse] = Date.now();
  };
  beat();
  const worker = new Worker(new URL('./watchdog-worker.js', import.meta.url), { workerData: shared });
  worker.unref();
  const pulse = setInterval(beat, PULSE_MS).unref();
  return {
    watch: (name, deadline) => {
      const { written } = new TextEncoder().encodeInto(name, shared.name.subarray(1));
      shared.name[0] = written;
      shared.times[TIME.overdue] = Date.now() + deadline;
    },
    rest: () => {
      shared.times[TIME.overdue] = 0;
    },
    stop: () => {
      clearInterval(pulse);
      void worker.terminate();
    },
  };
}
