import type { TargetUser } from '../../target/target.js';
import type { ScenarioContext } from '../context.js';
import { expectUser, observeFlags } from '../flags.js';
import { type RegisteredPasskey, registerPasskey, setUpPin, signInWithPasskey } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY } from './devices.js';

/** Nobody types a name: the key says whose passkey it was, and with two accounts on it the person picks. */
export const signInUsernameless = defineScenario({
  id: 'sign-in-usernameless',
  title: 'either of two accounts on one security key can be picked and is signed in',
  clause: 'WebAuthn L3 §7.2 step 6',
  needs: { capabilities: ['register', 'signIn.usernameless', 'whoami'], devices: [KEY] },
  async run(context) {
    const alice = context.user('alice');
    const bob = context.user('bob');
    await setUpPin(context, KEY.id);
    const ofAlice = await registerPasskey(context, { user: alice, device: KEY.id });
    const ofBob = await registerPasskey(context, { user: bob, device: KEY.id });
    // The older one last: a platform that takes the newest, or the first, fails on one of them.
    await signInPicking(context, bob, ofBob);
    await signInPicking(context, alice, ofAlice);
  },
});

async function signInPicking(
  context: ScenarioContext,
  user: TargetUser,
  { options: registration, response: made }: RegisteredPasskey,
): Promise<void> {
  const { options, response } = await signInWithPasskey(context, {
    flow: 'usernameless',
    user,
    credential: made.id,
    device: KEY.id,
    // The account picker shows the name that the relying party gave the passkey.
    account: registration.user.name,
  });
  const named = options.allowCredentials?.length ?? 0;
  context.expectEqual('the options name no credential', named, 0);
  context.expectEqual('the user handle is that account', response.response.userHandle, registration.user.id);
  expectUser(context, observeFlags(context, response), options.userVerification);
}
