/** A few of the kills of `npm run soak`, and that it would notice what must not happen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT, run } from './keyrig.js';

const SOAK = join(ROOT, 'scripts/soak.mjs');

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'keyrig-soak-test-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const soak = (...argv: readonly string[]) =>
  run(process.execPath, [SOAK, ...argv], { cwd, env: { TMPDIR: cwd } });

describe('a key on the durable store', () => {
  it('forgets nothing that it has answered, killed twenty times at any moment', async () => {
    const { code, stdout, stderr } = await soak('--kills', '20', '--seed', 'twenty');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^soak: 20 kills, \d+ of them in the middle .* 0 lost or repeated; seed twenty, \d+ s\n$/,
    );
    const [, answers] = /; (\d+) acknowledged answers/.exec(stdout) ?? [];
    expect(Number(answers)).toBeGreaterThan(10);
  });

  it('is not killed a number of times that is none', async () => {
    expect((await soak('--kills', 'many')).code).toBe(2);
  });
});

const functions = z.object({
  freshModel: z.function({ input: [], output: z.looseObject({ pending: z.unknown() }) }),
  begin: z.function({ input: [z.unknown(), z.unknown()], output: z.unknown() }),
  acknowledge: z.function({ input: [z.unknown(), z.unknown()], output: z.array(z.string()) }),
  faultsOf: z.function({ input: [z.unknown(), z.unknown()], output: z.array(z.string()) }),
  pinHash: z.function({ input: [z.string()], output: z.string() }),
});

describe('what the soak looks for', async () => {
  const model = functions.parse(await import(pathToFileURL(join(ROOT, 'scripts/soak-model.mjs')).href));

  /** A key with a PIN, one wrong try, a credential and a signature. */
  function used() {
    const key = model.freshModel();
    for (const done of [
      { op: 'set-pin', pin: '1234' },
      { op: 'register', id: 'aa', userId: 'u', rpId: 'a.example' },
      { op: 'sign-in', counter: 5 },
      { op: 'wrong-pin', retries: 7 },
    ])
      expect(model.acknowledge(key, done)).toEqual([]);
    return key;
  }
  const seen = {
    counter: 5,
    retries: 7,
    pinHash: model.pinHash('1234'),
    credentials: [{ id: 'aa', userId: 'u' }],
    count: 1,
  };
  const wiped = { ...seen, retries: 8, pinHash: undefined, credentials: [], count: 0 };
  const another = [...seen.credentials, { id: 'bb', userId: 'v' }];

  it('is everything that was answered', () => {
    expect(model.faultsOf(used(), seen)).toEqual([]);
  });

  it.each([
    ['a lost credential', { credentials: [], count: 0 }],
    ['a credential from nowhere', { credentials: another, count: 2 }],
    ['a wrong count', { count: 2 }],
    ['a counter that went back', { counter: 4 }],
    ['a counter that ran ahead', { counter: 6 }],
    ['tries that grew back', { retries: 8 }],
    ['tries that are gone', { retries: 6 }],
    ['a PIN that is gone', { pinHash: undefined }],
    ['another PIN', { pinHash: model.pinHash('9999') }],
  ])('is never %s', (_, change) => {
    expect(model.faultsOf(used(), { ...seen, ...change })).toHaveLength(1);
  });

  it.each([
    ['a registration', { op: 'register', userId: 'v' }, { retries: 8, credentials: another, count: 2 }],
    ['a sign-in', { op: 'sign-in' }, { counter: 6 }],
    ['a wrong PIN', { op: 'wrong-pin' }, { retries: 6 }],
    ['the right PIN', { op: 'right-pin' }, { retries: 8 }],
    ['a new PIN', { op: 'set-pin', pin: '9999' }, { retries: 8, pinHash: model.pinHash('9999') }],
    ['a reset', { op: 'reset' }, wiped],
  ])('allows what %s did without an answer, or all as it was', (_, command, change) => {
    const key = used();
    model.begin(key, command);
    expect(model.faultsOf(key, seen)).toEqual([]);
    expect(model.faultsOf(key, { ...seen, ...change })).toEqual([]);
    expect(model.faultsOf(key, { ...seen, credentials: [], count: 0 })).not.toEqual([]);
  });

  it('is half of a reset', () => {
    const key = used();
    model.begin(key, { op: 'reset' });
    for (const part of [{ retries: 8 }, { pinHash: undefined }, { counter: 0 }])
      expect(model.faultsOf(key, { ...seen, ...part })).not.toEqual([]);
    expect(model.faultsOf(key, { ...wiped, counter: 0 })).not.toEqual([]);
  });

  it.each([
    ['a counter that repeats', { op: 'sign-in', counter: 5 }],
    ['tries that did not go down', { op: 'wrong-pin', retries: 7 }],
  ])('hears %s in an answer', (_, done) => {
    expect(model.acknowledge(used(), done)).toHaveLength(1);
  });
});
