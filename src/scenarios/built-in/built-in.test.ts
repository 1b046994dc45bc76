import { describe, expect, it } from 'vitest';
import { type Fault, runInFakes, summarise } from '../fake-rig.suite.js';
import { ALL_CAPABILITIES } from '../fake-target.suite.js';
import { builtInScenarios, findScenario } from '../registry.js';
import type { Result } from '../results.js';

/** What each fault comes to light as: the start of the reason. */
const REASONS: Readonly<Partial<Record<Fault, string>>> = {
  'password-refused': 'the relying party accepts the password',
  'registration-refused': 'the relying party accepts the new passkey',
  'registration-crashes': 'the relying party accepts the new passkey: expected accepted, got crashed',
  'registration-forgotten': 'the relying party accepts the assertion',
  'assertion-refused': 'the relying party accepts the assertion',
  'signs-in-nobody': 'signed in as ',
  'signs-in-the-first-user': 'signed in as bob',
  'everybody-is-signed-in': 'nobody is signed in yet',
  'names-credentials': 'the options name no credential',
  'passkey-comes-first': 'the password, used last, comes first',
  'passkey-is-not-offered': 'the passkey is among the other ways',
  'password-stays-first': 'the passkey, used last, comes first',
  'key-never-blocks': 'the third wrong PIN blocks the key',
  'key-takes-the-right-pin-while-blocked': 'the right PIN is refused while the key is blocked',
  'key-takes-any-pin': 'a wrong PIN signs nobody in',
  'key-stays-blocked': 'the ceremony ended with NotAllowedError',
  'no-user-presence-flag': 'the user was there (UP)',
  'no-user-verified-flag': 'the user was verified (UV), as required',
  'other-attested-credential': 'the authenticator data holds the new credential',
  'wrong-backup-flags': 'the passkey is ',
  'no-user-handle': 'the user handle is that account',
  'other-user-handle': 'the user handle is that account',
  'key-comes-first': 'what comes first',
  'three-clicks': 'clicks to the key',
  'phone-is-not-offered': 'the phone is offered',
  'key-tops-the-list': 'the security key comes last in the list',
  'no-next-button': 'the screen W1 does not offer "press Next"',
  'first-account-always': 'the passkey made before signs',
  'another-credential-signs': 'the passkey made before signs',
};

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

/** Only the scenario that looks at the list notices a forgotten passkey at once; the others do when it is used. */
function reasonFor(id: string, fault: Fault): string {
  if (id === 'register' && fault === 'registration-forgotten') return 'the new passkey is listed';
  return REASONS[fault] ?? 'no reason is known';
}

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
      expect(summarise(result)).toContain(`${id}: FAIL: ${reasonFor(id, fault)}`);
    },
  );
  it('passes, or says that it has no place, where the relying party discourages user verification', async () => {
    const { results } = await runInFakes(builtInScenarios, ['discourages-verification']);
    const others = results.filter(({ verdict }) => verdict !== 'PASS');
    expect(others.map(summarise)).toEqual([
      'wrong-pin-three-times: SKIP: the relying party discourages user verification, so no PIN is asked for',
    ]);
  });
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
