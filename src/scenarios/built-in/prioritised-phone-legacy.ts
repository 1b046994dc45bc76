import { ANY_SIGN_IN, anyFlow } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY, PHONE } from './devices.js';
import { type KnownWay, openToAllDevices, signInBesidePhone, USE_THE_KEY } from './prioritised.js';

/** A QR code for the phone is shown, but a key that is inserted meanwhile is used as well. */
const INSERT_AT_THE_QR_CODE: KnownWay = {
  expected: { defaultChoice: 'phone', clicksToSecurityKey: 0, phoneOffered: true },
  instructions: USE_THE_KEY,
};

/** Earlier Windows versions, as Microsoft documents them. */
export const prioritisedPhoneLegacy = defineScenario({
  id: 'prioritised-phone-legacy',
  title: 'earlier Windows shows a QR code first, and inserting and touching the key signs in',
  needs: {
    capabilities: ['register', ANY_SIGN_IN, 'whoami'],
    devices: [KEY, PHONE],
    platforms: ['win-legacy-docs'],
  },
  async run(context) {
    const flow = anyFlow(context);
    await signInBesidePhone(context, { flow, wishes: openToAllDevices(flow), way: INSERT_AT_THE_QR_CODE });
  },
});
