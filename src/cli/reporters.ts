/**
 * Who follows a run from the command line: the person at the terminal, and the log.
 */
import type { Reporter, ReportPlaces } from '../report/reporter.js';
import { terminalReporter } from '../report/terminal.js';
import { pathFrom } from './command-line.js';
import { type Io, wantsColour } from './io.js';
import type { Logger } from './logger.js';

/** Prints to stderr. Places below the working directory are named from there. */
export function personReporter(io: Io): Reporter {
  const { onEnd, ...terminal } = terminalReporter({
    write: (text) => io.stderr.write(text),
    colours: wantsColour(io),
    width: io.stderr.columns,
  });
  return {
    ...terminal,
    onEnd: (report, places) => onEnd?.(report, places && placesFrom(io.cwd, places)),
  };
}

function placesFrom(cwd: string, places: ReportPlaces): ReportPlaces {
  const { directory, json, junit, html, trace, latest } = places;
  const from = (path: string) => pathFrom(cwd, path);
  return {
    directory: from(directory),
    json: from(json),
    junit: from(junit),
    html: from(html),
    trace: from(trace),
    ...(latest === undefined ? {} : { latest: from(latest) }),
  };
}

/** What happened, for `--log-level`. */
export function logReporter(logger: Logger): Reporter {
  return {
    onBegin: (start) => logger.info(start, 'begin'),
    onResult: ({ id, verdict, reason, durationMs, error }) =>
      logger.info({ id, verdict, reason, durationMs, error }, 'result'),
    onEnd: ({ totals, interrupted }, places) => logger.info({ totals, interrupted, places }, 'end'),
  };
}
