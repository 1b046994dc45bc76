/**
 * The durable state that a new, or a reset, key begins with.
 */
import type { Crypto } from '../crypto/crypto.js';
import { KeyrigError } from '../errors.js';
import { type AuthenticatorConfig, MAX_PIN_RETRIES } from './config.js';
import type { AuthenticatorState, CredentialStore, PinState, StoreReader } from './ports.js';

/** Bytes of an AES-256 key. */
const WRAPPING_KEY = 32;

/** A new state: nothing that was wrapped before can be opened again. */
export function newState(config: AuthenticatorConfig, crypto: Crypto): AuthenticatorState {
  return {
    wrappingKey: crypto.random.bytes(WRAPPING_KEY),
    forcePinChange: false,
    minPinLength: config.limits.minPinLength,
    minPinLengthRpIds: config.minPinLengthRpIds ?? [],
    alwaysUv: config.options.alwaysUv ?? false,
    enterpriseAttestation: false,
    longTouchForReset: false,
    pinComplexityPolicy: config.pinComplexity?.enforced ?? false,
  };
}

/** The state of the store, made when it has none. */
export async function ensureState(
  store: CredentialStore,
  config: AuthenticatorConfig,
  crypto: Crypto,
): Promise<void> {
  await store.write((writer) => {
    if (writer.state() === undefined) writer.setState(newState(config, crypto));
  });
}

/** The state of a store in which it was made. @throws KeyrigError `internal` when somebody has emptied the store since */
export function requireState(reader: StoreReader): AuthenticatorState {
  const state = reader.state();
  if (state !== undefined) return state;
  throw new KeyrigError('internal', 'the store lost the state of its authenticator', {
    hint: 'create the authenticator again after emptying its store',
  });
}

/** Wrong PINs until the key is blocked. */
export function maxPinRetries(config: AuthenticatorConfig): number {
  return config.limits.maxPinRetries ?? MAX_PIN_RETRIES;
}

/** The PIN state; on a key that never had one, no PIN and all retries. */
export function pinState(config: AuthenticatorConfig, reader: StoreReader): PinState {
  return (
    reader.pin() ?? {
      codePoints: 0,
      pinRetries: maxPinRetries(config),
      uvRetries: config.builtInUv?.maxRetries ?? 0,
      complex: false,
      uvCount: 0,
    }
  );
}
