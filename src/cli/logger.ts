/**
 * Logs for people who look for a fault: pino, on stderr, redacted.
 */
import { pino } from 'pino';
import { redact } from '../trace/redact.js';
import type { Output } from './io.js';
import type { LogLevel } from './options.js';

/** What commands log through. */
export type Logger = pino.Logger;

/** A logger that writes JSON lines; secrets are taken out of everything before it is written, messages included. */
export function createLogger(level: LogLevel, output: Output): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        logMethod(args, method) {
          method.apply(this, redact(args));
        },
      },
    },
    { write: (line: string) => output.write(line) },
  );
}
