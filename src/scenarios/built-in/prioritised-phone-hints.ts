import { ANY_SIGN_IN, anyFlow } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY, PHONE } from './devices.js';
import {
  type KnownWay,
  openToAllDevices,
  PAST_THE_PHONE,
  platformOf,
  signInBesidePhone,
} from './prioritised.js';

/** What is known of platforms that get the hint. The Windows of 2023 has no way to be told of it, so nothing changes there. */
const WAYS: Readonly<Record<string, KnownWay>> = { 'win11-23h2': PAST_THE_PHONE };

/** Mitigation: the relying party hints at a security key. */
export const prioritisedPhoneHints = defineScenario({
  id: 'prioritised-phone-hints',
  title: 'what comes first when the relying party hints at a security key',
  clause: 'WebAuthn L3 #enum-hints',
  needs: {
    capabilities: ['register', ANY_SIGN_IN, 'whoami'],
    devices: [KEY, PHONE],
    prefersPlatform: 'win11-23h2',
  },
  async run(context) {
    const flow = anyFlow(context);
    await signInBesidePhone(context, {
      flow,
      wishes: { ...openToAllDevices(flow), hints: ['security-key'] },
      way: WAYS[platformOf(context)],
    });
  },
});
