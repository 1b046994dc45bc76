/**
 * Everything around a PIN that a person has to be asked for: entering, mistyping, changing, setting (CTAP 2.1 §6.5.5).
 */
import type { Answer } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type { DeviceSession } from './device-session.js';
import { done, type Ended, ended, type Outcome, type Refusal, refused } from './outcome.js';
import { PIN_LIMITS, type PinClient, type PinUvAuthToken, type TokenGrant } from './pin-client.js';
import type { PinRequest } from './ports.js';

/**
 * How often one ceremony asks. An authenticator has at most eight retries (CTAP 2.1 §6.5.5.1), so a right one ends this sooner; one that
 * never counts would not.
 */
const MAX_ATTEMPTS = 8;

/** Asks for the PIN until it is right, and gets a token for it. */
export async function tokenByPin(
  session: DeviceSession,
  pin: PinClient,
  grant: TokenGrant,
): Promise<Outcome<PinUvAuthToken>> {
  let wrong = false;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const retries = await pin.pinRetries();
    if (!retries.ok) return refused('status', { status: retries.status });
    const { retries: left, untilPowerCycle } = retries.value;
    if (left === 0 || untilPowerCycle) return blocked(session, untilPowerCycle);
    const entered = await ask(session, { reason: 'verify', retries: left, wrong });
    if (entered === undefined) return cancelled();
    const token = await tokenFor(session, pin, entered, grant);
    if (token.kind !== 'refused' || token.status !== STATUS.CTAP2_ERR_PIN_INVALID) return token;
    wrong = true;
  }
  return refused('pin-blocked');
}

/** Sets the first PIN. */
export async function setFirstPin(session: DeviceSession, pin: PinClient): Promise<Outcome<string>> {
  return newPin(session, 'set', (entered) => pin.setPin(entered));
}

async function tokenFor(
  session: DeviceSession,
  pin: PinClient,
  entered: string,
  grant: TokenGrant,
): Promise<Outcome<PinUvAuthToken>> {
  // A PIN that has to be changed yields no token (§6.5.5.7.1), so it is changed first.
  const valid = session.info.forcePINChange === true ? await replaced(session, pin, entered) : done(entered);
  if (valid.kind !== 'done') return valid;
  const token = await pin.tokenByPin(valid.value, grant);
  return token.ok ? done(token.value) : refusalOf(session, token.status);
}

async function replaced(session: DeviceSession, pin: PinClient, current: string): Promise<Outcome<string>> {
  return newPin(session, 'change', (entered) => pin.changePin(current, entered));
}

/** Asks for a new PIN until the authenticator takes it. */
async function newPin(
  session: DeviceSession,
  reason: 'set' | 'change',
  use: (entered: string) => Promise<Answer<unknown>>,
): Promise<Outcome<string>> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const entered = await ask(session, { reason, wrong: attempt > 0 });
    if (entered === undefined) return cancelled();
    const answer = await use(entered);
    if (answer.ok) return done(entered);
    if (answer.status !== STATUS.CTAP2_ERR_PIN_POLICY_VIOLATION) return refusalOf(session, answer.status);
  }
  return refused('status', { status: STATUS.CTAP2_ERR_PIN_POLICY_VIOLATION });
}

function ask(
  session: DeviceSession,
  request: Omit<PinRequest, 'device' | 'minPinLength'>,
): Promise<string | undefined> {
  const minPinLength = session.info.minPINLength ?? PIN_LIMITS.minCodePoints;
  return session.prompts.enterPin({ device: session.device.id, minPinLength, ...request });
}

function refusalOf(session: DeviceSession, status: number): Refusal {
  if (status === STATUS.CTAP2_ERR_PIN_AUTH_BLOCKED) return blocked(session, true, status);
  if (status === STATUS.CTAP2_ERR_PIN_BLOCKED) return blocked(session, false, status);
  return refused('status', { status });
}

function blocked(session: DeviceSession, untilPowerCycle: boolean, status?: number): Refusal {
  session.prompts.notify({ kind: 'pin-blocked', device: session.device.id, untilPowerCycle });
  return refused('pin-blocked', status === undefined ? {} : { status });
}

function cancelled(): Ended {
  return ended(new WebAuthnError('NotAllowedError', 'the user entered no PIN'));
}
