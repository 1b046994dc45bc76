import { ANY_SIGN_IN, anyFlow } from '../flows.js';
import { defineScenario } from '../scenario.js';
import { KEY, PHONE } from './devices.js';
import { openToAllDevices, PAST_THE_PHONE, signInBesidePhone } from './prioritised.js';

/** The known issue: Windows selects the phone for a user whose passkey is on a security key. */
export const prioritisedPhone = defineScenario({
  id: 'prioritised-phone',
  title: 'Windows offers the phone first, and the documented way leads to the security key',
  needs: {
    capabilities: ['register', ANY_SIGN_IN, 'whoami'],
    devices: [KEY, PHONE],
    platforms: ['win11-23h2'],
  },
  // The dialog is the operating system's: it must not matter which browser asked for it.
  variants: [
    { name: 'chrome', browser: 'chrome' },
    { name: 'edge', browser: 'edge' },
  ],
  async run(context) {
    const flow = anyFlow(context);
    const wishes = openToAllDevices(flow);
    const { order } = await signInBesidePhone(context, { flow, wishes, way: PAST_THE_PHONE });
    const last = order.at(-1);
    context.expectEqual('the security key comes last in the list', last, 'Security key');
  },
});
