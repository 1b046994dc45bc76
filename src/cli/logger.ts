/**
 * Logs for people who look for a fault: pino, on stderr, redacted.
 */
import { pino } from 'pino';
import { redact } from '../trace/redact.js';
import type { Output } from './io.js';

/** The levels of `--log-level`, quiet to loud. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What commands log through. */
export type Logger = pino.Logger;

/** A logger that writes JSON lines; secrets are taken out of everything before it is written. */
export function createLogger(level: LogLevel, output: Output): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redact },
    },
    { write: (line: string) => output.write(line) },
  );
}
