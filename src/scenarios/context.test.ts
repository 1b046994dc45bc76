import { describe, expect, it } from 'vitest';
import type { PromptSummary } from '../rig/rig.js';
import type { SubmitOutcome } from '../target/target.js';
import type { PromptPolicy, ScenarioContext } from './context.js';
import { FAKE_SETTINGS, FakeWebAuthnError, type Fault, fakeRigs, fakeRunOptions } from './fake-rig.suite.js';
import { ALL_CAPABILITIES } from './fake-target.suite.js';
import { registerPasskey, setUpPin } from './flows.js';
import { plan } from './plan.js';
import type { Result } from './results.js';
import { runPlan } from './run.js';
import { defineScenario } from './scenario.js';

interface Setting {
  readonly faults?: readonly Fault[];
  readonly lacks?: string;
  readonly policy?: PromptPolicy;
}

/** Runs one body with a key and a phone. */
async function run(
  body: (context: ScenarioContext) => Promise<void>,
  setting: Setting = {},
): Promise<Result> {
  const scenario = defineScenario({
    id: 'any',
    title: 'anything',
    needs: {
      devices: [
        { id: 'key', kind: 'security-key' },
        { id: 'phone', kind: 'phone' },
      ],
    },
    run: body,
  });
  const capabilities = ALL_CAPABILITIES.filter((it) => it !== setting.lacks);
  const makeRig = fakeRigs(setting.faults, capabilities);
  const report = await runPlan(
    plan([scenario], FAKE_SETTINGS),
    fakeRunOptions({ makeRig, policy: setting.policy }),
  );
  const [result] = report.results;
  expect(result).toBeDefined();
  return result as Result;
}

describe('an expectation', () => {
  it.each([
    ['text', 'a', 'a', 'b', 'expected b, got a'],
    ['numbers', 1, 1, 2, 'expected 2, got 1'],
    ['nothing', undefined, undefined, 'alice', 'expected alice, got nothing'],
    ['lists', ['a', 'b'], ['a', 'b'], ['b', 'a'], 'expected [b, a], got [a, b]'],
    ['lists of other lengths', ['a'], ['a'], ['a', 'b'], 'expected [a, b], got [a]'],
  ])('compares %s, and says what it saw', async (_, got, same, other, detail) => {
    expect((await run(async (context) => context.expectEqual('it', got, same))).verdict).toBe('PASS');
    const broken = await run(async (context) => context.expectEqual('it', got, other));
    expect(broken).toMatchObject({ verdict: 'FAIL', reason: `it: ${detail}` });
    expect(broken.steps).toMatchObject([{ title: 'it', outcome: 'failed', detail }]);
  });
});

describe('what the relying party makes of a response', () => {
  const outcome = (verdict: SubmitOutcome['verdict']): SubmitOutcome => ({ verdict, detail: 'HTTP' });
  it.each([
    ['accepted', 'PASS', 'FAIL'],
    ['refused', 'FAIL', 'PASS'],
    ['crashed', 'FAIL', 'CRASH'],
    ['throttled', 'INCONCLUSIVE', 'INCONCLUSIVE'],
    ['unknown', 'INCONCLUSIVE', 'INCONCLUSIVE'],
  ] as const)('%s gives %s where it should accept, %s where it should refuse', async (seen, good, bad) => {
    const accepts = await run(async (context) => context.expectAccepted('it takes it', outcome(seen)));
    expect(accepts.verdict).toBe(good);
    const refuses = await run(async (context) => context.expectRefused('it refuses it', outcome(seen)));
    expect(refuses.verdict).toBe(bad);
  });
});

describe('the oracle', () => {
  const signIn = async (context: ScenarioContext) => {
    const user = context.user('alice');
    await context.rig.target.createUser(user);
    const session = context.rig.target.openSession('alice');
    await context.expectSignedOut(session);
    await session.signInWithPassword(user);
    await context.expectSignedIn(session, user);
  };
  it('says nobody before and the user after', async () => {
    const result = await run(signIn);
    expect(result.verdict).toBe('PASS');
    expect(result.steps).toMatchObject([{ outcome: 'ok' }, { outcome: 'ok' }]);
  });
  it('fails when it says somebody before, or nobody after', async () => {
    expect((await run(signIn, { faults: ['everybody-is-signed-in'] })).verdict).toBe('FAIL');
    expect((await run(signIn, { faults: ['password-refused'] })).verdict).toBe('FAIL');
  });
  it('that is missing is said, and proves nothing', async () => {
    const result = await run(signIn, { lacks: 'whoami' });
    expect(result.verdict).toBe('INCONCLUSIVE');
    expect(result.steps).toMatchObject([
      { outcome: 'observed', detail: 'the adapter has no whoami, so the answer alone counts' },
    ]);
  });
});

describe('a ceremony that should be refused', () => {
  const expecting = (body: () => Promise<unknown>) =>
    run((context) => context.expectDomException('it is refused', 'NotAllowedError', body));
  it.each<[Result['verdict'], string, () => Promise<unknown>]>([
    ['PASS', 'ends as expected', () => Promise.reject(new FakeWebAuthnError('NotAllowedError'))],
    ['FAIL', 'ends with another name', () => Promise.reject(new FakeWebAuthnError('InvalidStateError'))],
    ['FAIL', 'succeeds', () => Promise.resolve('an assertion')],
    ['INCONCLUSIVE', 'fails in the code', () => Promise.reject(new TypeError('x is not a function'))],
  ])('gives %s when it %s', async (verdict, _, body) => {
    expect((await expecting(body)).verdict).toBe(verdict);
  });
});

describe('the prompts', () => {
  const ceremony = async (context: ScenarioContext) => {
    await setUpPin(context, 'key');
    await registerPasskey(context, { user: context.user('alice'), device: 'key' });
    context.observePrompts();
  };
  it('are observed, and said to be simulated', async () => {
    const result = await run(ceremony);
    expect(result).toMatchObject({ verdict: 'PASS', simulated: true });
    expect(result.observations).toContainEqual({ name: 'clicksToSecurityKey', value: 2 });
    expect(result.observations).toContainEqual({
      name: 'order',
      value: ['iPhone, iPad, or Android device', 'Security key'],
    });
  });
  it('count as simulated also when nobody looked at them, and not when none were shown', async () => {
    const unseen = await run(async (context) => {
      await setUpPin(context, 'key');
      await registerPasskey(context, { user: context.user('alice'), device: 'key' });
    });
    expect(unseen.simulated).toBe(true);
    const realAfterwards = await run(async (context) => {
      await ceremony(context);
      const observed = { ...context.rig.lastPrompts(), simulated: false };
      Object.assign(context.rig, { lastPrompts: () => observed });
    });
    expect(realAfterwards.simulated).toBe(true);
    expect((await run(async (context) => context.expectEqual('it', 1, 1))).simulated).toBe(false);
  });
  it.each<[Result['verdict'], string, Partial<PromptSummary>]>([
    ['FAIL', 'no way leads to the key', { clicksToSecurityKey: -1 }],
    ['PASS', 'no screen came up', { clicksToSecurityKey: -1, firstScreen: 'none' }],
  ])('give %s under a policy of clicks when %s', async (verdict, _, changes) => {
    const policy = { maxClicksToSecurityKey: 2 };
    const result = await run(
      async (context) => {
        await ceremony(context);
        const seen = { ...context.rig.lastPrompts(), ...changes };
        Object.assign(context.rig, { lastPrompts: () => seen });
        context.observePrompts();
      },
      { policy },
    );
    expect(result.verdict).toBe(verdict);
  });
  it.each<[Result['verdict'], PromptPolicy]>([
    ['PASS', { defaultChoice: 'phone', maxClicksToSecurityKey: 2 }],
    ['FAIL', { defaultChoice: 'security-key' }],
    ['FAIL', { maxClicksToSecurityKey: 1 }],
  ])('give %s under the policy %j', async (verdict, policy) => {
    expect((await run(ceremony, { policy })).verdict).toBe(verdict);
  });
});

it('events since a mark leave out what was before', async () => {
  const seen: string[] = [];
  await run(async (context) => {
    context.note('before');
    const mark = context.mark();
    context.note('after');
    for (const event of context.eventsSince(mark)) if (event.layer === 'scenario') seen.push(event.name);
  });
  expect(seen).toEqual(['after']);
});
