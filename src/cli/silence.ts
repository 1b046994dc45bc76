/**
 * Runs in which nothing was judged, told apart: a part of a plan that has other parts may be silent, a whole run may not.
 */
import type { PlannedRun } from '../scenarios/plan.js';
import type { Result } from '../scenarios/results.js';
import { EXIT } from './io.js';

/** Why nothing was judged, and what it means. */
export interface Silence {
  readonly line: string;
  readonly code: typeof EXIT.ok | typeof EXIT.failed;
}

/**
 * `undefined` unless there is no result, or every one is SKIP.
 *
 * @param whole The plan of all shards. A shard that has nothing to judge is no failure when another one has: the merged run is judged.
 */
export function silenceOf(
  results: readonly Pick<Result, 'id' | 'verdict' | 'reason'>[],
  whole: readonly PlannedRun[],
): Silence | undefined {
  const [first] = results;
  if (results.some(({ verdict }) => verdict !== 'SKIP')) return undefined;
  const code = whole.some(({ skip }) => skip === undefined) ? EXIT.ok : EXIT.failed;
  if (first === undefined)
    return { line: `Nothing ran: this shard is empty, all runs (${whole.length}) are in others.`, code };
  const others = code === EXIT.ok ? 'Nothing was judged in this shard' : 'Nothing was judged';
  const all = results.length === 1 ? 'the only run' : `every one of ${results.length} runs`;
  return {
    line: `${others}: ${all} was skipped, ${first.id} because ${first.reason ?? 'it can not run'}.`,
    code,
  };
}
