/**
 * Runs a plan: each run in a rig of its own, within a deadline, whatever the one before it did.
 */
import { formatError } from '../errors.js';
import { type Clock, systemClock } from '../ports.js';
import type { Rig } from '../rig/rig.js';
import { type PromptPolicy, ScenarioContext } from './context.js';
import type { MakeRig, Recorder } from './engine-ports.js';
import type { PlannedRun } from './plan.js';
import { RunRecord } from './record.js';
import { countVerdicts, type Result, type RunReport } from './results.js';
import { type Ending, type Judgement, judge } from './verdict.js';

/** How long one run may take. */
export const DEFAULT_DEADLINE_MS = 60_000;

/** How long a rig may take to close before the run goes on without it. */
export const CLOSE_DEADLINE_MS = 5_000;

/** How to run a plan. */
export interface RunOptions {
  readonly makeRig: MakeRig;
  /** The run's time: what steps and results are stamped with. */
  readonly clock: Clock;
  readonly trace: Recorder;
  /** Given or drawn; every run derives its own from it, so that shards and order change nothing. */
  readonly seed: string;
  readonly tool: { readonly version: string; readonly node: string };
  /** What the user typed, for the report. */
  readonly command: string;
  /** A deadline is real even where the run's time is virtual: sockets and servers know no other. */
  readonly deadline?: { readonly milliseconds?: number; readonly clock?: Clock } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly policy?: PromptPolicy | undefined;
  readonly onStart?: ((run: PlannedRun) => void) | undefined;
  readonly onResult?: ((result: Result) => void) | undefined;
}

/**
 * Runs everything that can run, in the plan's order. Never rejects for what a run does: that becomes its result.
 * After `signal` aborts the report holds what there is until then, the run that was cut included.
 */
export async function runPlan(runs: readonly PlannedRun[], options: RunOptions): Promise<RunReport> {
  const startedAt = new Date(options.clock.now()).toISOString();
  const results: Result[] = [];
  let cut = false;
  for (const run of runs) {
    if (options.signal?.aborted) cut = true;
    if (cut) break;
    options.onStart?.(run);
    const outcome = await runOne(run, options);
    cut = outcome.interrupted;
    results.push(outcome.result);
    options.onResult?.(outcome.result);
  }
  return {
    schema: 'keyrig-report/1',
    tool: { name: 'keyrig', ...options.tool },
    startedAt,
    endedAt: new Date(options.clock.now()).toISOString(),
    seed: options.seed,
    command: options.command,
    interrupted: cut,
    results,
    totals: countVerdicts(results),
  };
}

interface RunOutcome {
  readonly result: Result;
  readonly interrupted: boolean;
}

async function runOne(run: PlannedRun, options: RunOptions): Promise<RunOutcome> {
  const record = new RunRecord(options.clock, options.trace.child());
  if (run.skip !== undefined)
    return { result: toResult(run, record, { verdict: 'SKIP', reason: run.skip }), interrupted: false };
  const over = new AbortController();
  const attempt = startAttempt(run, options, record, over.signal);
  const ending = await firstEnding(run, options, attempt.ending, over.signal);
  // Closed before the body is told: what an abandoned body still does must not change what is said about it.
  record.close();
  over.abort();
  const judgement = judge(ending, record.facts(run.scenario.level));
  await closeRig(attempt.rig, record, options.deadline?.clock ?? systemClock);
  return { result: toResult(run, record, judgement), interrupted: ending.kind === 'interrupted' };
}

interface Attempt {
  /** How the body ended. Never rejects; may never settle. */
  readonly ending: Promise<Ending>;
  /** Settles when the rig has been made or failed to be. Never rejects. */
  readonly rig: Promise<Rig | undefined>;
}

function startAttempt(run: PlannedRun, options: RunOptions, record: RunRecord, signal: AbortSignal): Attempt {
  const { clock, policy } = options;
  const { trace } = record;
  const { platform, browser, devices, variant } = run;
  const seed = `${options.seed}/${run.id}`;
  // Async so that a factory that throws at once rejects like one that throws later.
  const making = (async () =>
    options.makeRig({ run: run.id, seed, platform, browser, devices, trace, clock, signal }))();
  const perform = async (): Promise<Ending> => {
    try {
      const rig = await making;
      if (signal.aborted) return { kind: 'interrupted' };
      const parts = { rig, record, variant: variant?.name, clock, signal, seed, policy };
      await run.scenario.run(new ScenarioContext(parts));
      return { kind: 'finished' };
    } catch (error) {
      return { kind: 'threw', error };
    }
  };
  return { ending: perform(), rig: making.catch(() => undefined) };
}

/** The body, the deadline or the interruption, whichever is first. */
function firstEnding(
  run: PlannedRun,
  options: RunOptions,
  body: Promise<Ending>,
  over: AbortSignal,
): Promise<Ending> {
  const milliseconds = run.scenario.deadlineMs ?? options.deadline?.milliseconds ?? DEFAULT_DEADLINE_MS;
  const clock = options.deadline?.clock ?? systemClock;
  const deadline = async (): Promise<Ending> => {
    await clock.sleep(milliseconds, over);
    return { kind: 'deadline', milliseconds };
  };
  return Promise.race([body, interruption(options.signal, over), deadline()]);
}

/** Resolves when `signal` aborts. */
function interruption(signal: AbortSignal | undefined, over: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    const interrupt = () => resolve({ kind: 'interrupted' });
    if (signal?.aborted) interrupt();
    else signal?.addEventListener('abort', interrupt, { once: true, signal: over });
  });
}

/** Closes the rig within a bound. One that is still being made is closed as soon as it is there. */
async function closeRig(making: Promise<Rig | undefined>, record: RunRecord, clock: Clock): Promise<void> {
  const closed = new AbortController();
  const closing = async (): Promise<string | undefined> => {
    try {
      const rig = await making;
      if (rig === undefined) return undefined;
      try {
        noteSimulated(rig, record);
      } finally {
        await rig.close();
      }
      return undefined;
    } catch (error) {
      return formatError(error);
    }
  };
  const tooLate = async (): Promise<string> => {
    await clock.sleep(CLOSE_DEADLINE_MS, closed.signal);
    return `it did not close within ${CLOSE_DEADLINE_MS / 1000} s`;
  };
  const problem = await Promise.race([closing(), tooLate()]);
  closed.abort();
  if (problem !== undefined) record.addClosing('close the rig', problem);
}

/** A scenario that never asked what its prompts looked like still says where they came from. */
function noteSimulated(rig: Rig, record: RunRecord): void {
  const shown = record.events().some((event) => event.layer === 'prompt' && event.kind === 'show');
  if (shown && rig.lastPrompts().simulated) record.markSimulated();
}

function toResult(run: PlannedRun, record: RunRecord, judgement: Judgement): Result {
  const { scenario } = run;
  const { level, severity, clause } = scenario;
  return {
    id: run.id,
    title: scenario.title,
    kind: scenario.kind ?? 'scenario',
    ...judgement,
    ...(level === undefined ? {} : { level }),
    ...(severity === undefined ? {} : { severity }),
    ...(clause === undefined ? {} : { clause }),
    target: run.target,
    ...platformOf(run),
    devices: run.devices.map((device) => device.profile),
    ...record.toResult(),
  };
}

/** A check that makes its own responses has no devices, and no screens of a platform either. */
function platformOf(run: PlannedRun): Pick<Result, 'platform'> {
  const { devices = [] } = { ...run.scenario.needs, ...run.variant?.needs };
  if (devices.length === 0) return {};
  return { platform: run.browser === undefined ? run.platform : `${run.platform}/${run.browser}` };
}
