import { describe, expect, it } from 'vitest';
import { KeyrigError } from '../errors.js';
import { memoryOutput } from './io.suite.js';
import { createLogger, type Logger } from './logger.js';
import type { LogLevel } from './options.js';

/** The lines that are written at a level, parsed. */
function logged(level: LogLevel, log: (logger: Logger) => void): readonly Record<string, unknown>[] {
  const output = memoryOutput();
  log(createLogger(level, output));
  return output
    .text()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('is a JSON object per line, with level, time and message', () => {
    expect(logged('info', (logger) => logger.info({ id: 'register' }, 'result'))).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        id: 'register',
        msg: 'result',
      },
    ]);
  });

  it.each([
    ['silent', 0],
    ['error', 1],
    ['info', 2],
    ['trace', 3],
  ] as const)('of level %s has %i of three lines', (level, count) => {
    const lines = logged(level, (logger) => {
      logger.error('a');
      logger.info('b');
      logger.trace('c');
    });
    expect(lines).toHaveLength(count);
  });

  it.each<[string, (logger: Logger) => void]>([
    ['a member that is called so', (logger) => logger.info({ user: { password: 'hunter2' } }, 'x')],
    ['a header', (logger) => logger.info({ headers: { cookie: 'sid=hunter2' } }, 'x')],
    ['a pair in a text', (logger) => logger.info({ body: 'user=a&password=hunter2' }, 'x')],
    ['the message', (logger) => logger.info('login with password=hunter2')],
    ['a value for the message', (logger) => logger.info('login with %s', 'password=hunter2')],
    ['a command line', (logger) => logger.info({ command: 'keyrig run --token hunter2' }, 'x')],
    ['an error', (logger) => logger.error(new KeyrigError('target-answer', 'got {"password":"hunter2"}'))],
    [
      'the facts of an error',
      (logger) =>
        logger.error({ err: new KeyrigError('target-answer', 'x', { facts: { pin: 'hunter2' } }) }, 'x'),
    ],
  ])('holds no secret from %s', (_, log) => {
    const lines = logged('trace', log);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
    expect(JSON.stringify(lines)).toContain('[redacted]');
  });
});
