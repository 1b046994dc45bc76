/**
 * Setting and changing the PIN (CTAP 2.1 §6.5.5.5, §6.5.5.6).
 */
import { sameBytes } from '../../data/bytes.js';
import type { CommandContext } from '../context.js';
import { renewPersistentToken } from '../persistent-token.js';
import { comparePin, judgeNewPin, type NewPin } from '../pin.js';
import { chooseProtocol } from '../protocol-choice.js';
import { type CommandResult, type Result, refuse, SUCCESS } from '../result.js';
import { maxPinRetries, pinState, requireState } from '../state.js';
import { EXCHANGE, must, openExchange, PIN_MEMBERS, type SharedSecret, subcommand } from './subcommand.js';

const SET_PIN = {
  ...EXCHANGE,
  pinUvAuthParam: must(PIN_MEMBERS.pinUvAuthParam),
  newPinEnc: must(PIN_MEMBERS.newPinEnc),
} as const;

const CHANGE_PIN = { ...SET_PIN, pinHashEnc: must(PIN_MEMBERS.pinHashEnc) } as const;

/** setPIN: the first PIN of a key. */
export const setPin = subcommand(SET_PIN, async (context, request) => {
  // The protocol
  const version = chooseProtocol(context.config, request.pinUvAuthProtocol);
  if (!version.ok) return version;
  // Only once
  if ((await readPin(context)).pin.hash !== undefined) return refuseSecond(context);
  // Decapsulate
  const shared = openExchange(context, version.value, request.keyAgreement);
  if (!shared.ok) return shared;
  // Verify
  const { protocol, secret } = shared.value;
  if (!protocol.verify(secret, request.pinUvAuthParam, request.newPinEnc)) {
    return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  }
  // Decrypt, judge, store
  const pin = await openNewPin(context, shared.value, request.newPinEnc);
  return pin.ok ? storePin(context, pin.value, 'first') : pin;
});

function refuseSecond({ quirks }: CommandContext): CommandResult {
  return quirks.setPinWhenSet === 'not-allowed'
    ? refuse('CTAP2_ERR_NOT_ALLOWED')
    : refuse('CTAP2_ERR_PIN_AUTH_INVALID');
}

/** changePIN: another PIN, for who knows the present one. */
export const changePin = subcommand(CHANGE_PIN, async (context, request) => {
  // The protocol
  const version = chooseProtocol(context.config, request.pinUvAuthProtocol);
  if (!version.ok) return version;
  // Nothing to change, or no retries left
  const { pin: present, state } = await readPin(context);
  if (present.hash === undefined) return refuse('CTAP2_ERR_PIN_NOT_SET');
  if (present.pinRetries === 0) return refuse('CTAP2_ERR_PIN_BLOCKED');
  // Decapsulate
  const shared = openExchange(context, version.value, request.keyAgreement);
  if (!shared.ok) return shared;
  // Verify, over both ciphertexts
  const { protocol, secret } = shared.value;
  if (!protocol.verify(secret, request.pinUvAuthParam, request.newPinEnc, request.pinHashEnc)) {
    return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  }
  // The present PIN
  const compared = await comparePin(context, version.value, secret, request.pinHashEnc);
  if (!compared.ok) return compared;
  // The new one
  const pin = await openNewPin(context, shared.value, request.newPinEnc);
  if (!pin.ok) return pin;
  // A change that was demanded has to be one
  if (state.forcePinChange && sameBytes(pin.value.hash, present.hash)) {
    return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  }
  // Store; what was obtained with the old PIN ends
  const stored = await storePin(context, pin.value, 'another');
  context.session.tokens.resetAll();
  return stored;
});

async function readPin({ config, store }: CommandContext) {
  return store.read((reader) => ({ pin: pinState(config, reader), state: requireState(reader) }));
}

async function openNewPin(
  context: CommandContext,
  { protocol, secret }: SharedSecret,
  newPinEnc: Uint8Array,
): Promise<Result<NewPin>> {
  const block = protocol.decrypt(secret, newPinEnc);
  if (block === undefined) return refuse('CTAP2_ERR_PIN_AUTH_INVALID');
  const { minPinLength, pinComplexityPolicy } = (await readPin(context)).state;
  const { maxPinLength } = context.config.limits;
  const policy = { minPinLength, maxPinLength, pinComplexityPolicy, quirks: context.quirks };
  return judgeNewPin(context.crypto, block, policy);
}

async function storePin(
  context: CommandContext,
  pin: NewPin,
  which: 'first' | 'another',
): Promise<CommandResult> {
  const { config, crypto, store } = context;
  const stored = await store.write((writer) => {
    // Another owner of the store may have been first.
    if (which === 'first' && pinState(config, writer).hash !== undefined) return false;
    if (which === 'another') renewPersistentToken(crypto, writer);
    writer.setPin({ ...pinState(config, writer), ...pin, pinRetries: maxPinRetries(config) });
    const state = requireState(writer);
    if (state.forcePinChange) writer.setState({ ...state, forcePinChange: false });
    return true;
  });
  return stored ? SUCCESS : refuseSecond(context);
}
