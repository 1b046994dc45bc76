import { openAccount, registerPasskey, setUpPin, signInWithPasskey, signInWithPassword } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY } from './devices.js';

/** After a password sign-in the password comes first, and the passkey is found under "other ways to sign in". */
export const otherWaysToSignIn = defineScenario({
  id: 'other-ways-to-sign-in',
  title: 'a user whose last sign-in was with a password chooses the passkey instead',
  needs: {
    capabilities: ['register', 'signIn.username', 'signIn.password', 'signIn.methods', 'whoami'],
    devices: [KEY],
  },
  async run(context) {
    const { target } = context.rig;
    const user = context.user('alice');
    await setUpPin(context, KEY.id);
    const session = await openAccount(context, user);
    await registerPasskey(context, { user, session, device: KEY.id });
    await signInWithPassword(context, target.openSession(`${user.name} with the password`), user);

    const page = target.openSession(`${user.name} signing in`);
    const first = await context.step('type the username', () => page.signInMethods(user));
    context.observe('methods', [...first.available]);
    context.expectEqual('the password, used last, comes first', first.preferred, 'password');
    context.expectThat(
      'the passkey is among the other ways',
      first.available.includes('passkey'),
      `offered: ${first.available.join(', ')}`,
    );

    context.note('the person chooses the passkey');
    await signInWithPasskey(context, { flow: 'username', user, session: page, device: KEY.id });
    const next = await context.step('type the username in a new browser', () =>
      target.openSession(`${user.name} later`).signInMethods(user),
    );
    context.expectEqual('the passkey, used last, comes first', next.preferred, 'passkey');
  },
});
