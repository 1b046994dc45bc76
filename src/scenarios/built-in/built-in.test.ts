import { describe, expect, it } from 'vitest';
import { type Fault, runInFakes, summarise } from '../fake-rig.suite.js';
import { ALL_CAPABILITIES } from '../fake-target.suite.js';
import { builtInScenarios, findScenario } from '../registry.js';
import type { Result } from '../results.js';

/** Everything the fakes can get wrong that each scenario must notice. One fault each, and nothing else is wrong. */
const MUST_FAIL: Readonly<Record<string, readonly Fault[]>> = {
  register: [
    'password-refused',
    'registration-refused',
    'registration-crashes',
    'registration-forgotten',
    'no-user-presence-flag',
    'no-user-verified-flag',
    'other-attested-credential',
  ],
  'sign-in-username': [
    'registration-refused',
    'registration-forgotten',
    'assertion-refused',
    'signs-in-nobody',
    'everybody-is-signed-in',
    'another-credential-signs',
    'no-user-presence-flag',
    'no-user-verified-flag',
  ],
  'sign-in-usernameless': [
    'registration-forgotten',
    'assertion-refused',
    'signs-in-nobody',
    'signs-in-the-first-user',
    'everybody-is-signed-in',
    'first-account-always',
    'names-credentials',
    'no-user-handle',
    'other-user-handle',
    'another-credential-signs',
    'no-user-presence-flag',
  ],
  'other-ways-to-sign-in': [
    'password-refused',
    'passkey-comes-first',
    'passkey-is-not-offered',
    'password-stays-first',
    'assertion-refused',
    'signs-in-nobody',
  ],
  'wrong-pin-three-times': [
    'key-never-blocks',
    'key-takes-any-pin',
    'key-takes-the-right-pin-while-blocked',
    'key-stays-blocked',
    'signs-in-nobody',
  ],
  'register-on-phone/device-bound': ['registration-refused', 'wrong-backup-flags', 'no-user-presence-flag'],
  'register-on-phone/synced': ['registration-refused', 'wrong-backup-flags', 'no-user-presence-flag'],
  'sign-in-phone/device-bound': ['assertion-refused', 'wrong-backup-flags', 'signs-in-nobody'],
  'sign-in-phone/synced': ['another-credential-signs', 'wrong-backup-flags', 'no-user-presence-flag'],
  'prioritised-phone/chrome': [
    'key-comes-first',
    'three-clicks',
    'phone-is-not-offered',
    'key-tops-the-list',
    'no-next-button',
    'another-credential-signs',
    'signs-in-nobody',
  ],
  'prioritised-phone/edge': ['key-comes-first', 'no-next-button'],
  'prioritised-phone-legacy': ['key-comes-first', 'three-clicks', 'phone-is-not-offered', 'signs-in-nobody'],
  'prioritised-phone-transports': [
    'key-comes-first',
    'three-clicks',
    'phone-is-not-offered',
    'another-credential-signs',
    'signs-in-nobody',
  ],
  'prioritised-phone-hints': ['key-comes-first', 'three-clicks', 'phone-is-not-offered', 'no-next-button'],
};

async function resultOf(name: string, faults: readonly Fault[] = []): Promise<Result> {
  const report = await runInFakes([findScenario(name)], faults);
  expect(report.results.length).toBe(1);
  return report.results[0] as Result;
}

describe('every built-in scenario', () => {
  it('passes where everything is as it should be', async () => {
    const { results } = await runInFakes(builtInScenarios);
    expect(results.map(summarise)).toEqual(Object.keys(MUST_FAIL).map((id) => `${id}: PASS`));
  });
  it('passes too where the adapter only knows usernames and passwords', async () => {
    const few = ALL_CAPABILITIES.filter((it) => !['signIn.usernameless', 'options.wishes'].includes(it));
    const { results } = await runInFakes(builtInScenarios, [], few);
    const ran = results.filter(({ verdict }) => verdict !== 'SKIP');
    expect(ran.map(summarise)).toEqual(
      Object.keys(MUST_FAIL)
        .filter((id) => id !== 'sign-in-usernameless')
        .map((id) => `${id}: PASS`),
    );
  });
  it.each(Object.entries(MUST_FAIL).flatMap(([id, faults]) => faults.map((fault) => [id, fault] as const)))(
    '%s fails on %s',
    async (id, fault) => {
      const result = await resultOf(id, [fault]);
      expect(summarise(result)).toContain(`${id}: FAIL: `);
    },
  );
  it.each(Object.keys(MUST_FAIL))('%s says nothing when the relying party throttles', async (id) => {
    const result = await resultOf(id, ['assertion-throttled']);
    expect(result.verdict).toBe(id.startsWith('register') ? 'PASS' : 'INCONCLUSIVE');
  });
  it('leaves evidence: steps, and what it measured', async () => {
    const { results } = await runInFakes(builtInScenarios);
    for (const { id, steps, observations } of results) {
      expect(steps.length, id).toBeGreaterThan(3);
      if (id !== 'wrong-pin-three-times') expect(observations.length, id).toBeGreaterThan(0);
    }
  });
});

describe('the scenarios about the phone that comes first', () => {
  const measured = ({ observations }: Result) =>
    Object.fromEntries(observations.map(({ name, value }) => [name, value]));
  it('measure what each mitigation changes', async () => {
    expect(measured(await resultOf('prioritised-phone/edge'))).toMatchObject({
      firstScreen: 'W1',
      defaultChoice: 'phone',
      clicksToSecurityKey: 2,
      phoneOffered: true,
    });
    expect(measured(await resultOf('prioritised-phone-transports'))).toMatchObject({
      firstScreen: 'WK',
      defaultChoice: 'security-key',
      clicksToSecurityKey: 0,
      phoneOffered: false,
    });
    expect(measured(await resultOf('prioritised-phone-hints'))).toMatchObject({ defaultChoice: 'phone' });
  });
  it('say that the screens were simulated', async () => {
    expect((await resultOf('prioritised-phone/chrome')).simulated).toBe(true);
  });
});
