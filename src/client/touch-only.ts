/**
 * A touch and nothing else: how a person points at one of several devices.
 */
import { STATUS } from '../ctap/status.js';
import { hasSelection } from './capabilities.js';
import type { DeviceSession } from './device-session.js';
import { done, type Outcome } from './outcome.js';
import { userStatus } from './user-verification.js';

/** How authenticators end a request with an empty pinUvAuthParam once they were touched (CTAP 2.1 §6.1.2 step 1). */
const TOUCHED: readonly number[] = [
  STATUS.CTAP2_ERR_PIN_INVALID,
  STATUS.CTAP2_ERR_PIN_NOT_SET,
  // Some authenticators of CTAP 2.0 judge the empty parameter like any other.
  STATUS.CTAP2_ERR_PIN_AUTH_INVALID,
];

/** Waits for a touch: authenticatorSelection, or for authenticators of CTAP 2.0 a MakeCredential that can't succeed. */
export async function touchOnly(session: DeviceSession): Promise<Outcome<undefined>> {
  const answer = hasSelection(session.info) ? await session.ctap.selection() : await hollowRequest(session);
  if (answer.ok || TOUCHED.includes(answer.status)) return done(undefined);
  return userStatus(answer.status);
}

/** For no relying party that could exist, so that nothing is lost should a device fulfil it. */
function hollowRequest({ ctap, pin }: DeviceSession) {
  return ctap.makeCredential({
    clientDataHash: new Uint8Array(32),
    rp: { id: '.touch', name: '.touch' },
    user: { id: Uint8Array.of(0), name: '.touch', displayName: '.touch' },
    pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
    pinUvAuthParam: new Uint8Array(0),
    pinUvAuthProtocol: pin?.protocol ?? 1,
  });
}
