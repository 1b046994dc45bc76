import { ANY_SIGN_IN, anyFlow, registerPasskey, signInWithPasskey } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { PHONE } from './devices.js';
import { expectPhoneFlags, PHONE_VARIANTS } from './phone.js';

/** The passkey is on the phone, and the phone signs in on this machine. */
export const signInPhone = defineScenario({
  id: 'sign-in-phone',
  title: 'a user signs in with a passkey on a phone',
  clause: 'WebAuthn L3 §7.2 step 18',
  needs: { capabilities: ['register', ANY_SIGN_IN] },
  variants: PHONE_VARIANTS,
  async run(context) {
    const user = context.user('alice');
    const made = await registerPasskey(context, { user, device: PHONE.id });
    const { options, response } = await signInWithPasskey(context, {
      flow: anyFlow(context),
      user,
      credential: made.response.id,
      device: PHONE.id,
    });
    expectPhoneFlags(context, response, options.userVerification);
  },
});
