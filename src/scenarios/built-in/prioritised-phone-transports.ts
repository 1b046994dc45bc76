import { defineScenario } from '../scenario.js';
import { KEY, PHONE } from './devices.js';
import { type KnownWay, platformOf, STRAIGHT_TO_THE_KEY, signInBesidePhone } from './prioritised.js';

/** What is known of platforms whose request names only places where no phone is. */
const WAYS: Readonly<Record<string, KnownWay>> = { 'win11-23h2': STRAIGHT_TO_THE_KEY };

/** Mitigation: every descriptor says that its credential can only be reached over USB or NFC. */
export const prioritisedPhoneTransports = defineScenario({
  id: 'prioritised-phone-transports',
  title: 'what comes first when allowCredentials names only usb and nfc',
  clause: 'WebAuthn L3 §5.8.3',
  needs: {
    capabilities: ['register', 'signIn.username', 'whoami'],
    devices: [KEY, PHONE],
    prefersPlatform: 'win11-23h2',
  },
  async run(context) {
    await signInBesidePhone(context, {
      flow: 'username',
      wishes: { transports: ['usb', 'nfc'] },
      way: WAYS[platformOf(context)],
    });
  },
});
