import { describe, expect, it } from 'vitest';
import type { OptionsWishes, TargetCapability } from '../target/target.js';
import type { PublicKeyCredentialRequestOptionsJSON } from '../webauthn/types.js';
import { type Fault, runInFakes } from './fake-rig.suite.js';
import { ALL_CAPABILITIES } from './fake-target.suite.js';
import { registerPasskey, setUpPin } from './flows.js';
import { defineScenario } from './scenario.js';
import { askRegistrationOptions, askSignInOptions, withCreationWishes, withRequestWishes } from './wishes.js';

const REQUEST: PublicKeyCredentialRequestOptionsJSON = {
  challenge: 'AAAA',
  allowCredentials: [{ type: 'public-key', id: 'BBBB', transports: ['usb', 'hybrid'] }],
};

const CREATION = {
  rp: { name: 'Acme' },
  user: { id: 'AAAA', name: 'alice', displayName: 'Alice' },
  challenge: 'AAAA',
  pubKeyCredParams: [],
};

describe('wishes', () => {
  it('go into request options, and leave the original alone', () => {
    const before = structuredClone(REQUEST);
    expect(withRequestWishes(REQUEST, { hints: ['security-key'], transports: ['usb', 'nfc'] })).toEqual({
      challenge: 'AAAA',
      allowCredentials: [{ type: 'public-key', id: 'BBBB', transports: ['usb', 'nfc'] }],
      hints: ['security-key'],
    });
    expect(REQUEST).toEqual(before);
  });
  it('for no transports take the member out', () => {
    const [descriptor] = withRequestWishes(REQUEST, { transports: [] }).allowCredentials ?? [];
    expect(descriptor).toEqual({ type: 'public-key', id: 'BBBB' });
  });
  it('go into creation options', () => {
    const wishes: OptionsWishes = {
      attachment: 'cross-platform',
      residentKey: 'discouraged',
      hints: ['hybrid'],
    };
    expect(withCreationWishes(CREATION, wishes)).toEqual({
      ...CREATION,
      hints: ['hybrid'],
      authenticatorSelection: { authenticatorAttachment: 'cross-platform', residentKey: 'discouraged' },
    });
  });
  it('keep the older residentKey member in step with the newer one', () => {
    const options = { ...CREATION, authenticatorSelection: { requireResidentKey: true } };
    expect(withCreationWishes(options, { residentKey: 'preferred' }).authenticatorSelection).toEqual({
      requireResidentKey: false,
      residentKey: 'preferred',
    });
  });
  it.each<OptionsWishes>([{}, { transports: ['usb'] }])('without a place change nothing: %j', (wishes) => {
    expect(withCreationWishes(CREATION, wishes)).toEqual(CREATION);
    expect(withRequestWishes({ challenge: 'AAAA' }, wishes)).toEqual({ challenge: 'AAAA' });
  });
});

describe('asking', () => {
  const asking = defineScenario({
    id: 'asking',
    title: 'wishes are fulfilled',
    needs: { devices: [{ id: 'key', kind: 'security-key' }] },
    async run(context) {
      const user = context.user('alice');
      await setUpPin(context, 'key');
      const { session } = await registerPasskey(context, { user, device: 'key' });
      const request = { flow: 'username', user } as const;
      const get = await askSignInOptions(context, session, request, { hints: ['security-key'] });
      context.expectEqual('hints of the request', get.hints, ['security-key']);
      const create = await askRegistrationOptions(context, session, user, { hints: ['hybrid'] });
      context.expectEqual('hints of the creation', create.hints, ['hybrid']);
    },
  });
  const run = async (faults: readonly Fault[] = [], capabilities?: readonly TargetCapability[]) => {
    const report = await runInFakes([asking], faults, capabilities);
    return report.results[0];
  };
  const titles = (result: Awaited<ReturnType<typeof run>>) => result?.steps.map(({ title }) => title) ?? [];

  it('the relying party, where the adapter can, is said', async () => {
    const result = await run();
    expect(result?.verdict).toBe('PASS');
    expect(titles(result)).toContain('ask for sign-in options (username), wishing hints [security-key]');
  });
  it('a relying party that sends something else makes the run inconclusive', async () => {
    expect(await run(['wishes-ignored'])).toMatchObject({
      verdict: 'INCONCLUSIVE',
      reason: 'the relying party did not send what it was asked for: hints [security-key]',
    });
  });
  it('nobody, where the adapter can not, edits the options and says so', async () => {
    const result = await run(
      [],
      ALL_CAPABILITIES.filter((it) => it !== 'options.wishes'),
    );
    expect(result?.verdict).toBe('PASS');
    expect(titles(result)).toContain(
      'edit the options as the relying party would send them: hints [security-key]',
    );
  });
});
