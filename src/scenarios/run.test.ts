import { describe, expect, it, vi } from 'vitest';
import { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import type { ScenarioContext } from './context.js';
import type { MakeRig } from './engine-ports.js';
import { FAKE_SETTINGS, FakeWebAuthnError, fakeRigs, fakeRunOptions } from './fake-rig.suite.js';
import { type PlannedRun, plan } from './plan.js';
import { exitCodeOf, type Result, reportSchema } from './results.js';
import { CLOSE_DEADLINE_MS, DEFAULT_DEADLINE_MS, type RunOptions, runPlan } from './run.js';
import { defineScenario, type Scenario } from './scenario.js';
import { ScenarioStop } from './verdict.js';

type Body = (context: ScenarioContext) => Promise<void>;

const passes: Body = async (context) => context.expectEqual('one is one', 1, 1);
const waitsForEver: Body = () => new Promise(() => {});

const scenario = (run: Body, changes: Partial<Scenario> = {}) =>
  defineScenario({ id: 'one', title: 'a scenario', needs: {}, run, ...changes });

/** Each gets an id of its own unless a test has given it one. */
const planned = (...scenarios: readonly Scenario[]): readonly PlannedRun[] =>
  plan(
    scenarios.map((one, at) => (one.id === 'one' ? { ...one, id: `scenario-${at + 1}` } : one)),
    FAKE_SETTINGS,
  );

/** Runs one body and gives its result. */
async function resultOf(
  run: Body,
  options: Partial<RunOptions> = {},
  changes: Partial<Scenario> = {},
): Promise<Result> {
  const report = await runPlan(planned(scenario(run, changes)), fakeRunOptions(options));
  const [result] = report.results;
  if (result === undefined) throw new KeyrigError('internal', 'there should be a result');
  return result;
}

/** Rigs whose `close` is watched. */
function watchedRigs(close: () => Promise<void> = async () => {}): {
  makeRig: MakeRig;
  closed: () => number;
} {
  const spy = vi.fn(close);
  const make = fakeRigs();
  return {
    makeRig: async (request) => Object.assign(await make(request), { close: spy }),
    closed: () => spy.mock.calls.length,
  };
}

describe('a report', () => {
  it('matches its schema, whatever came of its runs', async () => {
    const report = await runPlan(
      planned(
        scenario(passes, { clause: 'WebAuthn L3 §7.2', severity: 'high', level: 'MUST' }),
        scenario(async (context) => context.expectEqual('one is two', 1, 2)),
        scenario(passes, { needs: { platforms: ['beos'] } }),
        scenario(async () => {
          throw new KeyrigError('target-unreachable', 'nobody listens', { hint: 'start it', where: 'a:1' });
        }),
      ),
      fakeRunOptions(),
    );
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({ seed: 'seed', command: 'keyrig run', interrupted: false });
    expect(report.totals).toMatchObject({ PASS: 1, FAIL: 1, SKIP: 1, INCONCLUSIVE: 1 });
  });
  it('says with its exit code what happened: a broken rule, else a failure of the tool or its input', () => {
    const failure = { code: 'target-unreachable', message: 'nobody listens' };
    expect(exitCodeOf([{ verdict: 'PASS' }, { verdict: 'SKIP' }, { verdict: 'INCONCLUSIVE' }])).toBe(0);
    expect(exitCodeOf([{ verdict: 'SKIP' }, { verdict: 'INCONCLUSIVE' }])).toBe(2);
    expect(exitCodeOf([{ verdict: 'SKIP' }])).toBe(2);
    expect(exitCodeOf([{ verdict: 'SKIP' }, { verdict: 'OBS' }])).toBe(0);
    expect(exitCodeOf([])).toBe(0);
    expect(exitCodeOf([{ verdict: 'PASS' }, { verdict: 'INCONCLUSIVE', error: failure }])).toBe(2);
    expect(exitCodeOf([{ verdict: 'INCONCLUSIVE', error: failure }, { verdict: 'CRASH' }])).toBe(1);
  });
});

describe('a verdict', () => {
  const stop =
    (verdict: ScenarioStop['verdict']): Body =>
    async () => {
      throw new ScenarioStop(verdict, 'a reason');
    };
  const throws =
    (error: unknown): Body =>
    async () => {
      throw error;
    };
  it.each<[Result['verdict'], string, Body]>([
    ['PASS', 'everything expected was seen', passes],
    ['FAIL', 'an expectation did not hold', async (context) => context.expectThat('it rains', false, 'sun')],
    [
      'WARN',
      'a recommendation was not followed',
      async (context) => {
        await passes(context);
        context.warn('hm');
      },
    ],
    ['OBS', 'something was only measured', async (context) => context.observe('clicks', 2)],
    ['INCONCLUSIVE', 'nothing was expected or measured', async () => {}],
    ['SKIP', 'the scenario said so', stop('SKIP')],
    ['CRASH', 'the relying party fell over', stop('CRASH')],
    ['FAIL', 'a ceremony was refused unexpectedly', throws(new FakeWebAuthnError('NotAllowedError'))],
    ['FAIL', 'a screen did not offer the instruction', throws(new KeyrigError('platform-script', 'no Next'))],
    ['INCONCLUSIVE', 'the target is down', throws(new KeyrigError('target-unreachable', 'refused'))],
    ['INCONCLUSIVE', 'the target answers HTML', throws(new KeyrigError('target-answer', 'HTML for JSON'))],
    ['INCONCLUSIVE', 'the target never answers', throws(new KeyrigError('deadline-exceeded', '10 s'))],
    ['INCONCLUSIVE', 'the scenario has a mistake', throws(new TypeError('x is not a function'))],
  ])('is %s when %s', async (verdict, _, body) => {
    const result = await resultOf(body);
    expect(result.verdict).toBe(verdict);
    expect(result.reason === undefined).toBe(verdict === 'PASS');
  });
  it('tells whose failure it was', async () => {
    const down = new KeyrigError('target-unreachable', 'refused', {
      where: 'http://127.0.0.1:1',
      hint: 'start it',
    });
    expect((await resultOf(throws(down))).error).toEqual({
      code: 'target-unreachable',
      message: 'refused',
      where: 'http://127.0.0.1:1',
      hint: 'start it',
    });
    const mistake = await resultOf(throws(new TypeError('x is not a function')));
    expect(mistake.error?.code).toBe('scenario-invalid');
    expect(mistake.error?.where).toMatch(/run\.test\.ts:\d+:\d+$/);
  });
  it.each([
    ['MUST', 'FAIL'],
    ['POL', 'FAIL'],
    ['SHOULD', 'WARN'],
    ['HARD', 'WARN'],
    ['OBS', 'OBS'],
  ] as const)('of a broken %s rule is %s', async (level, verdict) => {
    const broken: Body = async (context) => context.expectThat('it holds', false, 'it does not');
    expect((await resultOf(broken, {}, { level })).verdict).toBe(verdict);
  });
});

describe('a run', () => {
  it('goes on after one that failed in any way', async () => {
    const ids = ['fails', 'breaks', 'passes'];
    const bodies: Body[] = [
      async (context) => context.expectThat('no', false, 'no'),
      async () => {
        throw new KeyrigError('target-answer', 'redirected for ever');
      },
      passes,
    ];
    const seen: string[] = [];
    const scenarios = bodies.map((run, at) => scenario(run, { id: ids[at] ?? '' }));
    await runPlan(
      planned(...scenarios),
      fakeRunOptions({ onResult: ({ id, verdict }) => seen.push(`${id} ${verdict}`) }),
    );
    expect(seen).toEqual(['fails FAIL', 'breaks INCONCLUSIVE', 'passes PASS']);
  });
  it('gets a fresh rig, with a seed that does not depend on what ran before', async () => {
    const requests: string[] = [];
    const make = fakeRigs();
    const makeRig: MakeRig = (request) => {
      requests.push(`${request.run} ${request.seed}`);
      return make(request);
    };
    const [first, second] = [scenario(passes, { id: 'a' }), scenario(passes, { id: 'b' })];
    await runPlan(planned(first, second), fakeRunOptions({ makeRig }));
    await runPlan(planned(second), fakeRunOptions({ makeRig }));
    expect(requests).toEqual(['a seed/a', 'b seed/b', 'b seed/b']);
  });
  it('has the same users for the same seed, and others for another', async () => {
    const names: string[] = [];
    const body: Body = async (context) => {
      names.push(context.user('alice').name, context.user('bob').name);
    };
    for (const seed of ['x', 'x', 'y']) await resultOf(body, { seed });
    const [alice, bob, again, , other] = names;
    expect(alice).toMatch(/^alice-[0-9a-f]{10}$/);
    expect(again).toBe(alice);
    expect(new Set([alice, bob, other]).size).toBe(3);
  });
  it('keeps the events of its own time', async () => {
    const body: Body = async (context) => {
      context.rig.trace.emit({ layer: 'http', kind: 'request', jar: 'alice', name: 'GET /' });
      context.observe('clicks', 2);
    };
    const report = await runPlan(planned(scenario(body), scenario(passes)), fakeRunOptions());
    const layers = report.results.map(({ events }) => events.map((event) => `${event.layer} ${event.kind}`));
    expect(layers).toEqual([['http request', 'scenario observation'], ['scenario check']]);
  });
  it('shows the events that led to a failure of the target', async () => {
    const result = await resultOf(async (context) => {
      context.rig.trace.emit({ layer: 'http', kind: 'response', jar: 'alice', name: '200 text/html' });
      throw new KeyrigError('target-answer', 'HTML where JSON should be');
    });
    expect(result.events).toMatchObject([{ layer: 'http', name: '200 text/html' }]);
  });
  it('that can not run makes no rig', async () => {
    const makeRig = vi.fn(fakeRigs());
    const result = await resultOf(passes, { makeRig }, { needs: { platforms: ['beos'] } });
    expect(result).toMatchObject({ verdict: 'SKIP', reason: 'no platform profile is named beos' });
    expect(makeRig).not.toHaveBeenCalled();
  });
  it('names its platform only where it has devices: without them there are no screens', async () => {
    const devices = [{ id: 'key', kind: 'security-key' as const }];
    expect((await resultOf(passes, {}, { needs: { devices } })).platform).toBeTypeOf('string');
    expect(await resultOf(passes)).not.toHaveProperty('platform');
  });
  it('is inconclusive when its rig can not be made', async () => {
    const makeRig: MakeRig = () => {
      throw new KeyrigError('profile-not-found', 'no device profile is named "x"');
    };
    expect(await resultOf(passes, { makeRig })).toMatchObject({
      verdict: 'INCONCLUSIVE',
      error: { code: 'profile-not-found' },
    });
  });
});

describe('steps', () => {
  it('stand in the order in which they began, with their time', async () => {
    const clock = new VirtualClock();
    const result = await resultOf(
      async (context) => {
        await context.step('outer', async () => {
          await clock.advance(20);
          context.expectEqual('inner', 'a', 'a');
        });
        context.note('afterwards', 'because');
      },
      { clock },
    );
    expect(result.steps).toEqual([
      { title: 'outer', outcome: 'ok', at: 0 },
      { title: 'inner', outcome: 'ok', at: 20, detail: 'a' },
      { title: 'afterwards', outcome: 'observed', at: 20, detail: 'because' },
    ]);
    expect(result.durationMs).toBe(20);
  });
  it('fail with the reason of what they did', async () => {
    const result = await resultOf((context) =>
      context.step('ask', () => {
        throw new KeyrigError('target-answer', 'HTML where JSON should be');
      }),
    );
    expect(result.steps).toEqual([
      { title: 'ask', outcome: 'failed', at: 0, detail: 'HTML where JSON should be' },
    ]);
  });
});

describe('the deadline', () => {
  it('ends a run that waits for ever, at the step where it waits', async () => {
    const clock = new VirtualClock();
    const { makeRig, closed } = watchedRigs();
    const running = resultOf((context) => context.step('wait for a touch', () => waitsForEver(context)), {
      makeRig,
      clock,
      deadline: { clock },
    });
    await clock.advance(DEFAULT_DEADLINE_MS - 1);
    expect(closed()).toBe(0);
    await clock.advance(1);
    const result = await running;
    expect(result).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reason: 'it did not end within 60 s during "wait for a touch"',
      error: { code: 'deadline-exceeded' },
      durationMs: DEFAULT_DEADLINE_MS,
      steps: [{ title: 'wait for a touch', outcome: 'failed' }],
    });
    expect(closed()).toBe(1);
    expect(clock.pending).toBe(0);
  });
  it("can be the run's or the scenario's own", async () => {
    for (const changes of [{ deadlineMs: 500 }, {}]) {
      const clock = new VirtualClock();
      const running = resultOf(waitsForEver, { deadline: { clock, milliseconds: 700 } }, changes);
      await clock.advance(changes.deadlineMs ?? 700);
      expect((await running).error?.code).toBe('deadline-exceeded');
    }
  });
  it('tells the body, which can do nothing more', async () => {
    const clock = new VirtualClock();
    let afterwards: unknown;
    const running = resultOf(
      async (context) => {
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        await context
          .step('too late', () => {})
          .catch((error: unknown) => {
            afterwards = error;
          });
      },
      { deadline: { clock } },
    );
    await clock.advance(DEFAULT_DEADLINE_MS);
    const result = await running;
    expect(result.steps).toEqual([]);
    expect(afterwards).toBeInstanceOf(ScenarioStop);
  });
  it('holds while the rig is being made, and closes it when it comes after all', async () => {
    const clock = new VirtualClock();
    const { makeRig, closed } = watchedRigs();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const body = vi.fn(passes);
    const running = resultOf(body, {
      makeRig: async (request) => {
        await held;
        return makeRig(request);
      },
      deadline: { clock },
    });
    await clock.advance(DEFAULT_DEADLINE_MS + CLOSE_DEADLINE_MS);
    expect(await running).toMatchObject({
      verdict: 'INCONCLUSIVE',
      steps: [{ title: 'close the rig', detail: 'it did not close within 5 s' }],
    });
    expect(closed()).toBe(0);
    release();
    await vi.waitFor(() => expect(closed()).toBe(1));
    expect(body).not.toHaveBeenCalled();
  });
});

describe('closing', () => {
  it.each<[string, Body]>([
    ['passes', passes],
    ['fails', async (context) => context.expectThat('no', false, 'no')],
    ['throws', () => Promise.reject(new TypeError('x'))],
  ])('happens once when the body %s', async (_, body) => {
    const { makeRig, closed } = watchedRigs();
    await resultOf(body, { makeRig });
    expect(closed()).toBe(1);
  });
  it('that fails leaves the verdict, and a step that says so', async () => {
    const { makeRig } = watchedRigs(() => Promise.reject(new KeyrigError('internal', 'a socket stays open')));
    const result = await resultOf(passes, { makeRig });
    expect(result.verdict).toBe('PASS');
    expect(result.steps.at(-1)).toMatchObject({
      title: 'close the rig',
      outcome: 'failed',
      detail: 'a socket stays open',
    });
  });
  it('that hangs is given up', async () => {
    const clock = new VirtualClock();
    const { makeRig } = watchedRigs(() => new Promise(() => {}));
    const running = resultOf(passes, { makeRig, deadline: { clock } });
    // One turn for the body, whose end starts the bound.
    await clock.advance(0);
    await clock.advance(CLOSE_DEADLINE_MS);
    expect((await running).steps.at(-1)?.detail).toBe('it did not close within 5 s');
  });
});

describe('an interruption', () => {
  it('cuts the run that is going on, and the report holds the results until then', async () => {
    const controller = new AbortController();
    const { makeRig, closed } = watchedRigs();
    const interrupting: Body = async (context) => {
      await context.step('wait for a touch', () => {
        controller.abort();
        return waitsForEver(context);
      });
    };
    const report = await runPlan(
      planned(scenario(passes), scenario(interrupting), scenario(passes)),
      fakeRunOptions({ makeRig, signal: controller.signal }),
    );
    expect(report.interrupted).toBe(true);
    expect(report.results.map(({ verdict, reason }) => [verdict, reason])).toEqual([
      ['PASS', undefined],
      ['INCONCLUSIVE', 'interrupted during "wait for a touch"'],
    ]);
    expect(closed()).toBe(2);
    expect(report.totals).toMatchObject({ PASS: 1, INCONCLUSIVE: 1 });
  });
  it('of the last run is one, too', async () => {
    const controller = new AbortController();
    const interrupting: Body = (context) => {
      controller.abort();
      return waitsForEver(context);
    };
    const report = await runPlan(
      planned(scenario(interrupting)),
      fakeRunOptions({ signal: controller.signal }),
    );
    expect(report).toMatchObject({ interrupted: true, results: [{ reason: 'interrupted' }] });
  });
  it('before the first run leaves none', async () => {
    const report = await runPlan(planned(scenario(passes)), fakeRunOptions({ signal: AbortSignal.abort() }));
    expect(report).toMatchObject({ interrupted: true, results: [] });
  });
  it('between two runs leaves those that ended', async () => {
    const controller = new AbortController();
    const report = await runPlan(
      planned(scenario(passes), scenario(passes)),
      fakeRunOptions({ signal: controller.signal, onResult: () => controller.abort() }),
    );
    expect(report).toMatchObject({ interrupted: true, results: [{ verdict: 'PASS' }] });
  });
  it('after the last run is none', async () => {
    const controller = new AbortController();
    const report = await runPlan(
      planned(scenario(passes)),
      fakeRunOptions({ signal: controller.signal, onResult: () => controller.abort() }),
    );
    expect(report.interrupted).toBe(false);
  });
});
