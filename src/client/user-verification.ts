/**
 * How the user is verified on one device: by its own sensor, by a PIN, or with the command itself (CTAP 2.1 §6.5.5.7, §6.1.2 step 5).
 */
import { STATUS } from '../ctap/status.js';
import { WebAuthnError } from '../webauthn/errors.js';
import { givesTokens, hasBuiltInUv, hasUsablePin, type VerificationPlan } from './capabilities.js';
import type { DeviceSession } from './device-session.js';
import { done, ended, type Outcome, refused } from './outcome.js';
import type { PinUvAuthToken, TokenGrant } from './pin-client.js';
import { setFirstPin, tokenByPin } from './pin-dialogue.js';

/** What goes into a request for it. */
export type Verification =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: PinUvAuthToken }
  /** `options.uv`: authenticators of CTAP 2.0 verify while they run the command. */
  | { readonly kind: 'with-command' };

/** Whether a verification asks for the user before the command itself does. */
export function asksFirst(session: DeviceSession, plan: VerificationPlan): boolean {
  return plan === 'set-pin' || (plan === 'verify' && !verifiesWithCommand(session));
}

function verifiesWithCommand({ info }: DeviceSession): boolean {
  return hasBuiltInUv(info) && !givesTokens(info);
}

/** Verifies the user as planned. A device that could not be used for it drops out. */
export async function verifyUser(
  session: DeviceSession,
  plan: VerificationPlan,
  grant: TokenGrant,
): Promise<Outcome<Verification>> {
  if (plan === 'skip') return done({ kind: 'none' });
  if (plan === 'impossible') return refused('cannot-verify');
  if (plan === 'verify' && verifiesWithCommand(session)) return done({ kind: 'with-command' });
  if (plan === 'verify' && hasBuiltInUv(session.info))
    return asVerification(await tokenBySensor(session, grant));
  return verifyByPin(session, plan, grant);
}

/** Verifies by PIN, setting one first where that is the plan. */
export async function verifyByPin(
  session: DeviceSession,
  plan: VerificationPlan,
  grant: TokenGrant,
): Promise<Outcome<Verification>> {
  const { pin } = session;
  if (pin === undefined) return refused('cannot-verify');
  if (plan === 'set-pin') {
    const set = await setFirstPin(session, pin);
    if (set.kind !== 'done') return set;
    // The PIN was typed a moment ago: nobody is asked for it again.
    const token = await pin.tokenByPin(set.value, grant);
    return token.ok
      ? done({ kind: 'token', token: token.value })
      : refused('status', { status: token.status });
  }
  return asVerification(await tokenByPin(session, pin, grant));
}

function asVerification(token: Outcome<PinUvAuthToken>): Outcome<Verification> {
  return token.kind === 'done' ? done({ kind: 'token', token: token.value }) : token;
}

/** Statuses after which the sensor is of no more use and the PIN is. */
const SENSOR_FAILED: readonly number[] = [
  STATUS.CTAP2_ERR_UV_INVALID,
  STATUS.CTAP2_ERR_UV_BLOCKED,
  STATUS.CTAP2_ERR_NOT_ALLOWED,
];

/** The most that uvRetries can start from (§6.5.5.2), so nobody has more attempts. */
const MOST_ATTEMPTS = 25;

/** One attempt, or as many as preferredPlatformUvAttempts allows; then the PIN, where there is one. */
async function tokenBySensor(session: DeviceSession, grant: TokenGrant): Promise<Outcome<PinUvAuthToken>> {
  const { pin, info } = session;
  if (pin === undefined) return refused('cannot-verify');
  const attempts = Math.min(info.preferredPlatformUvAttempts ?? 1, MOST_ATTEMPTS);
  let status: number = STATUS.CTAP2_ERR_UV_INVALID;
  for (let left = attempts; left > 0 && status === STATUS.CTAP2_ERR_UV_INVALID; left--) {
    const token = await pin.tokenByUv(grant);
    if (token.ok) return done(token.value);
    status = token.status;
  }
  if (SENSOR_FAILED.includes(status) && hasUsablePin(info)) return tokenByPin(session, pin, grant);
  return userStatus(status);
}

/** What a status says about the user rather than about the device. */
export function userStatus(status: number): Outcome<never> {
  if (status === STATUS.CTAP2_ERR_OPERATION_DENIED)
    return ended(new WebAuthnError('NotAllowedError', 'the user refused at the device'));
  if (status === STATUS.CTAP2_ERR_USER_ACTION_TIMEOUT || status === STATUS.CTAP2_ERR_ACTION_TIMEOUT)
    return refused('no-touch', { status });
  return refused('status', { status });
}

/** Statuses by which a device asks for its PIN although it was not planned: a sensor that failed, an option that appeared. */
const ASKS_FOR_PIN: readonly number[] = [
  STATUS.CTAP2_ERR_PUAT_REQUIRED,
  STATUS.CTAP2_ERR_UV_BLOCKED,
  STATUS.CTAP2_ERR_UV_INVALID,
];

/** Whether a command that failed is worth repeating with a PIN. */
export function needsPinAfterAll(
  session: DeviceSession,
  tried: Verification,
  outcome: Outcome<unknown>,
): boolean {
  const asks =
    outcome.kind === 'refused' && outcome.status !== undefined && ASKS_FOR_PIN.includes(outcome.status);
  return asks && tried.kind !== 'token' && hasUsablePin(session.info);
}
