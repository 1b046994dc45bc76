import { expectNewCredential, expectUser, observeFlags } from '../flags.js';
import { registerPasskey, setUpPin } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY } from './devices.js';

/** A new passkey arrives in the relying party's list, made by a user who touched the key. */
export const register = defineScenario({
  id: 'register',
  title: 'a user registers a security key',
  clause: 'WebAuthn L3 §7.1',
  needs: { capabilities: ['register'], devices: [KEY] },
  async run(context) {
    const user = context.user('alice');
    await setUpPin(context, KEY.id);
    const { session, options, response } = await registerPasskey(context, { user, device: KEY.id });
    const required = options.authenticatorSelection?.userVerification;
    expectUser(context, observeFlags(context, response), required);
    expectNewCredential(context, response);
    if (!context.rig.target.capabilities.has('credentials.list'))
      return context.note('the list of passkeys was not looked at', 'the adapter has no credentials.list');
    const listed = await context.step('list the passkeys', () => session.credentials());
    const ids = listed.map(({ id }) => id);
    context.expectThat('the new passkey is listed', ids.includes(response.id), `listed: ${ids.join(', ')}`);
  },
});
