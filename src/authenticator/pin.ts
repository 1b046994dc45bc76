/**
 * The PIN: what may become one, and comparing one (CTAP 2.1 §6.5.1, §6.5.5.5 to §6.5.5.7).
 */

import type { Crypto } from '../crypto/crypto.js';
import type { PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import { sameBytes } from '../data/bytes.js';
import { MAX_PIN_LENGTH } from './config.js';
import type { CommandContext } from './context.js';
import { isHardToGuess } from './pin-complexity.js';
import type { AuthenticatorState } from './ports.js';
import type { Quirks } from './quirks.js';
import { done, type Result, refuse } from './result.js';
import { maxPinRetries, pinState } from './state.js';

/** Bytes that a new PIN is padded to, so that its length doesn't show. */
export const PIN_BLOCK = 64;
/** Bytes of the hash that is kept and compared. */
export const PIN_HASH = 16;
/** Wrong PINs in a row that block until the power goes (CTAP 2.1 §6.5.2.3). */
const MISMATCHES_UNTIL_POWER_CYCLE = 3;

/** A PIN that passed the policy. */
export interface NewPin {
  /** LEFT(SHA-256(PIN), 16). */
  readonly hash: Uint8Array;
  readonly codePoints: number;
  /** Whether it meets the complexity policy, in force or not. */
  readonly complex: boolean;
}

/** What a new PIN is judged by. */
export interface PinPolicy extends Pick<AuthenticatorState, 'minPinLength' | 'pinComplexityPolicy'> {
  /** Bytes. */
  readonly maxPinLength?: number | undefined;
  readonly quirks: Quirks;
}

/** Judges the decrypted block of setPIN or changePIN. */
export function judgeNewPin(crypto: Crypto, block: Uint8Array, policy: PinPolicy): Result<NewPin> {
  if (block.length !== PIN_BLOCK) {
    return policy.quirks.newPinBlockLength === 'pin-policy-violation'
      ? refuse('CTAP2_ERR_PIN_POLICY_VIOLATION')
      : refuse('CTAP1_ERR_INVALID_PARAMETER');
  }
  const pin = withoutPadding(block);
  // At most 63 bytes: the block has to end with at least one zero.
  if (pin.length > (policy.maxPinLength ?? MAX_PIN_LENGTH)) return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  const characters = charactersOf(pin, policy.quirks);
  if (characters === undefined || characters.length < policy.minPinLength) {
    return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  }
  const complex = isHardToGuess(characters);
  if (policy.pinComplexityPolicy && !complex) return refuse('CTAP2_ERR_PIN_POLICY_VIOLATION');
  return done({ hash: crypto.sha256(pin).slice(0, PIN_HASH), codePoints: characters.length, complex });
}

/** Trailing zeros are padding; one in the middle is part of the PIN. */
function withoutPadding(block: Uint8Array): Uint8Array {
  return block.subarray(0, block.findLastIndex((byte) => byte !== 0) + 1);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Code points, not bytes and not UTF-16 units; `undefined` for what isn't UTF-8 and shall be. */
function charactersOf(pin: Uint8Array, quirks: Quirks): readonly string[] | undefined {
  try {
    return [...utf8.decode(pin)];
  } catch {
    if (quirks.malformedPin !== 'count-leniently') return undefined;
    // Every byte but a continuation byte (0b10xxxxxx) begins a code point; what it stands for is anybody's guess.
    return [...pin.filter((byte) => (byte & 0xc0) !== 0x80)].map((byte) => String.fromCodePoint(byte));
  }
}

/**
 * Compares a PIN (the common middle of changePIN, getPinToken and getPinUvAuthTokenUsingPinWithPermissions). The retry is taken away
 * and made durable first, so that pulling the key out after a look at the answer gains nothing.
 */
export async function comparePin(
  context: CommandContext,
  version: PinUvAuthProtocolVersion,
  sharedSecret: Uint8Array,
  pinHashEnc: Uint8Array,
): Promise<Result<void>> {
  const { config, crypto, session, store } = context;
  if (session.pinMismatches >= MISMATCHES_UNTIL_POWER_CYCLE) return refuse('CTAP2_ERR_PIN_AUTH_BLOCKED');
  // Looked at again in here: another owner of the store may have used up the last one since.
  const pin = await store.write((writer) => {
    const before = pinState(config, writer);
    if (before.pinRetries === 0) return undefined;
    const after = { ...before, pinRetries: before.pinRetries - 1 };
    writer.setPin(after);
    return after;
  });
  if (pin === undefined) return refuse('CTAP2_ERR_PIN_BLOCKED');
  const hash = session.tokens.protocol(version).decrypt(sharedSecret, pinHashEnc);
  if (hash === undefined || pin.hash === undefined || !crypto.equal(hash, pin.hash)) {
    return mismatch(context, version, pin.pinRetries);
  }
  if (!(await giveRetriesBack(context, hash))) return mismatch(context, version, pin.pinRetries);
  session.pinMismatches = 0;
  return done(undefined);
}

/** After the right PIN; false when it is the right one no more, because another owner of the store set another. */
async function giveRetriesBack({ config, store }: CommandContext, hash: Uint8Array): Promise<boolean> {
  const uvRetries = config.builtInUv?.maxRetries ?? 0;
  return store.write((writer) => {
    const pin = pinState(config, writer);
    if (pin.hash === undefined || !sameBytes(pin.hash, hash)) return false;
    writer.setPin({ ...pin, pinRetries: maxPinRetries(config), uvRetries, uvCount: 0 });
    return true;
  });
}

function mismatch(context: CommandContext, version: PinUvAuthProtocolVersion, retries: number): Result<void> {
  const { session } = context;
  session.tokens.agreement(version).regenerate();
  session.pinMismatches += 1;
  if (retries === 0) return refuse('CTAP2_ERR_PIN_BLOCKED');
  if (session.pinMismatches >= MISMATCHES_UNTIL_POWER_CYCLE) return refuse('CTAP2_ERR_PIN_AUTH_BLOCKED');
  return refuse('CTAP2_ERR_PIN_INVALID');
}

/** Whether no PIN helps before the next power cycle: `powerCycleState`. */
export function needsPowerCycle(context: CommandContext): boolean {
  return context.session.pinMismatches >= MISMATCHES_UNTIL_POWER_CYCLE;
}
