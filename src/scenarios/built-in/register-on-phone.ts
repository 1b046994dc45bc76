import { registerPasskey } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { PHONE } from './devices.js';
import { expectPhoneFlags, PHONE_VARIANTS } from './phone.js';

/** A phone makes the passkey: device-bound in Authenticator-like apps, synced with most password managers. */
export const registerOnPhone = defineScenario({
  id: 'register-on-phone',
  title: 'a user registers a passkey on a phone',
  clause: 'WebAuthn L3 §6.1.3',
  needs: { capabilities: ['register'] },
  variants: PHONE_VARIANTS,
  async run(context) {
    const { options, response } = await registerPasskey(context, {
      user: context.user('alice'),
      device: PHONE.id,
    });
    expectPhoneFlags(context, response, options.authenticatorSelection?.userVerification);
  },
});
