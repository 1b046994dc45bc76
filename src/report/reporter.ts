/**
 * What follows a run while it goes on. Every hook is optional.
 */
import { KeyrigError } from '../errors.js';
import type { Result, RunReport } from '../scenarios/results.js';

/** What is known when a run begins. */
export interface RunStart extends Pick<RunReport, 'tool' | 'startedAt' | 'seed' | 'command'> {
  /** How many results are to come. */
  readonly planned: number;
  /** Their ids, where they are known: whoever prints can line them up. */
  readonly ids?: readonly string[];
}

/** Where the files of a report lie. */
export interface ReportPlaces {
  readonly directory: string;
  readonly json: string;
  readonly junit: string;
  readonly html: string;
  readonly trace: string;
  /** What points at the newest report, where it could be written. */
  readonly latest?: string;
}

/** One way of reporting. */
export interface Reporter {
  onBegin?(start: RunStart): void;
  /** Called as each result ends, in the order of ending. */
  onResult?(result: Result): void;
  /** Called once, also when the run was interrupted. `places` is there when files were written. */
  onEnd?(report: RunReport, places?: ReportPlaces): void | Promise<void>;
}

/**
 * Several reporters as one. A reporter that fails is not asked again, and the others don't notice.
 *
 * @returns a reporter whose `onEnd` rejects with KeyrigError `report-write` after everybody had their turn, if one had failed.
 */
export function combineReporters(reporters: readonly Reporter[]): Reporter {
  const working = new Set(reporters);
  const failures: unknown[] = [];
  const leaveOut = (reporter: Reporter, failure: unknown): void => {
    working.delete(reporter);
    failures.push(failure);
  };
  const each = (call: (reporter: Reporter) => void): void => {
    for (const reporter of working) {
      try {
        call(reporter);
      } catch (failure) {
        leaveOut(reporter, failure);
      }
    }
  };
  return {
    onBegin: (start) => each((reporter) => reporter.onBegin?.(start)),
    onResult: (result) => each((reporter) => reporter.onResult?.(result)),
    onEnd: async (report, places) => {
      for (const reporter of working) {
        try {
          await reporter.onEnd?.(report, places);
        } catch (failure) {
          leaveOut(reporter, failure);
        }
      }
      if (failures.length > 0) throw asOne(failures);
    },
  };
}

function asOne(failures: readonly unknown[]): KeyrigError {
  const [first] = failures;
  if (first instanceof KeyrigError && failures.length === 1) return first;
  return new KeyrigError('report-write', `${failures.length} of the reporters failed`, {
    facts: { failures: failures.map(String) },
    cause: first,
  });
}
