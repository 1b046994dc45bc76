import { expectUser, observeFlags } from '../flags.js';
import { registerPasskey, setUpPin, signInWithPasskey } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY } from './devices.js';

/** The user types a name, and the key answers for the credential that the relying party knows of. */
export const signInUsername = defineScenario({
  id: 'sign-in-username',
  title: 'a user types a username and signs in with a security key',
  clause: 'WebAuthn L3 §7.2',
  needs: { capabilities: ['register', 'signIn.username'], devices: [KEY] },
  async run(context) {
    const user = context.user('alice');
    await setUpPin(context, KEY.id);
    const made = await registerPasskey(context, { user, device: KEY.id });
    const { options, response } = await signInWithPasskey(context, {
      flow: 'username',
      user,
      credential: made.response.id,
      device: KEY.id,
    });
    expectUser(context, observeFlags(context, response), options.userVerification);
  },
});
