/**
 * `trace.jsonl`: one event per line, as JSON.
 */
import { z } from 'zod';
import { KeyrigError } from '../errors.js';
import type { Json, TimedTraceEvent } from './events.js';

const json: z.ZodType<Json> = z.json();

/** Every event has a place, and whatever its producer added under `fields`. */
const place = { sequence: z.number().int().min(0), at: z.number(), fields: json.exactOptional() };

const timedTraceEvent = z.discriminatedUnion('layer', [
  z.strictObject({
    layer: z.literal('ctap'),
    kind: z.enum(['request', 'response', 'keepalive', 'cancel']),
    device: z.string(),
    name: z.string(),
    hex: z.string().exactOptional(),
    ...place,
  }),
  z.strictObject({
    layer: z.literal('webauthn'),
    kind: z.enum(['create', 'get', 'device', 'result', 'error']),
    origin: z.string(),
    name: z.string(),
    ...place,
  }),
  z.strictObject({
    layer: z.literal('prompt'),
    kind: z.enum(['show', 'act', 'close']),
    step: z.string(),
    title: z.string().exactOptional(),
    ...place,
  }),
  z.strictObject({
    layer: z.literal('user'),
    kind: z.enum([
      'wait',
      'touch',
      'deny',
      'verify',
      'pin',
      'plug',
      'unplug',
      'power-cycle',
      'timeout',
      'fault',
    ]),
    device: z.string(),
    ...place,
  }),
  z.strictObject({
    layer: z.literal('http'),
    kind: z.enum(['request', 'response', 'failure']),
    jar: z.string(),
    name: z.string(),
    ...place,
  }),
  z.strictObject({
    layer: z.literal('scenario'),
    kind: z.enum(['step', 'check', 'observation', 'note']),
    name: z.string(),
    ...place,
  }),
]);

/** What a trace file held. */
export interface ParsedTrace {
  readonly events: readonly TimedTraceEvent[];
  /** True when the last line was cut off, as a run that was killed leaves it. */
  readonly truncated: boolean;
}

/**
 * The line of one event, with its line feed.
 *
 * U+2028 and U+2029 are escaped: JSON allows them in strings, but line readers (Node's readline among them) split there.
 */
export function formatTraceLine(event: TimedTraceEvent): string {
  // Doesn't compile when there is an event that couldn't be read back.
  const readable: z.infer<typeof timedTraceEvent> = event;
  const line = JSON.stringify(readable).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return `${line}\n`;
}

/**
 * Reads one line. `number` counts from 1 and `file` names the source, both for the error alone.
 *
 * @throws KeyrigError `trace-invalid` with `where` when the line is not an event.
 */
export function parseTraceLine(line: string, number: number, file = 'trace'): TimedTraceEvent {
  const parsed = timedTraceEvent.safeParse(readJson(line, number, file));
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  throw invalid(
    number,
    file,
    `${path === '' ? 'the line' : path}: ${parsed.error.issues[0]?.message}`,
    parsed.error,
  );
}

/**
 * Reads a whole file. Empty lines are passed over; a last line without a line feed that can't be read was cut off.
 *
 * @throws KeyrigError `trace-invalid` with `file:line` when another line is not an event.
 */
export function parseTrace(text: string, file = 'trace'): ParsedTrace {
  const lines = text.split('\n');
  const events: TimedTraceEvent[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const isTail = at === lines.length - 1;
    if (isTail && !isJson(line)) return { events, truncated: true };
    events.push(parseTraceLine(line, at + 1, file));
  }
  return { events, truncated: false };
}

function readJson(line: string, number: number, file: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(number, file, 'the line is not JSON', cause);
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function invalid(number: number, file: string, message: string, cause: unknown): KeyrigError {
  return new KeyrigError('trace-invalid', message, {
    where: `${file}:${number}`,
    hint: 'give a trace.jsonl that this version of keyrig wrote',
    cause,
  });
}
