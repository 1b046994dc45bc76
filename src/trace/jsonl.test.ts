import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import type { Json, TimedTraceEvent } from './events.js';
import { formatTraceLine, parseTrace, parseTraceLine } from './jsonl.js';

const place = { sequence: 3, at: 1_767_225_600_000 };

const everyLayer: TimedTraceEvent[] = [
  {
    layer: 'ctap',
    kind: 'request',
    device: 'a',
    name: 'authenticatorGetInfo',
    fields: {},
    hex: '04',
    ...place,
  },
  { layer: 'webauthn', kind: 'get', origin: 'https://example.com', name: 'get', ...place },
  { layer: 'prompt', kind: 'show', step: 'W1', title: 'Sign in', ...place },
  { layer: 'user', kind: 'power-cycle', device: 'a', ...place },
  { layer: 'http', kind: 'failure', jar: 'alice', name: 'POST /', ...place },
  { layer: 'scenario', kind: 'note', name: 'line\nfeed\u2028and separators\u2029', ...place },
];

function failure(run: () => unknown): KeyrigError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof KeyrigError) return error;
  }
  return undefined;
}

describe('trace.jsonl', () => {
  it('gives back events of every layer', () => {
    const text = everyLayer.map(formatTraceLine).join('');
    expect(parseTrace(text)).toEqual({ events: everyLayer, truncated: false });
  });

  it('gives back any fields', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, name) => {
        const fields: Json = JSON.parse(JSON.stringify(value));
        const event: TimedTraceEvent = { layer: 'http', kind: 'request', jar: 'a', name, fields, ...place };
        expect(parseTrace(formatTraceLine(event)).events).toEqual([event]);
      }),
    );
  });

  it('is one line for every line reader, Node’s included', async () => {
    const lines: string[] = [];
    for await (const line of createInterface({ input: Readable.from(everyLayer.map(formatTraceLine)) }))
      lines.push(line);
    expect(lines.map((line, at) => parseTraceLine(line, at + 1))).toEqual(everyLayer);
  });

  it('says that the last line was cut off', () => {
    const text = everyLayer.map(formatTraceLine).join('').slice(0, -20);
    expect(parseTrace(text)).toEqual({ events: everyLayer.slice(0, -1), truncated: true });
  });

  it('takes a last line without its line feed', () => {
    expect(parseTrace(everyLayer.map(formatTraceLine).join('').trimEnd()).truncated).toBe(false);
  });

  it.each<[string, string, RegExp]>([
    ['not JSON', '{"layer":', /not JSON/],
    ['a layer nobody knows', JSON.stringify({ ...everyLayer[0], layer: 'radio' }), /layer/],
    ['a kind of another layer', JSON.stringify({ ...everyLayer[0], kind: 'touch' }), /kind/],
    ['no place', JSON.stringify({ ...everyLayer[0], sequence: undefined }), /sequence/],
    ['a member too many', JSON.stringify({ ...everyLayer[0], extra: 1 }), /extra/],
  ])('refuses %s, and says where', (_, line, message) => {
    const error = failure(() =>
      parseTrace(`${everyLayer.map(formatTraceLine).join('')}${line}\n`, 'trace.jsonl'),
    );
    expect(error).toMatchObject({ code: 'trace-invalid', where: 'trace.jsonl:7' });
    expect(error?.message).toMatch(message);
  });
});
