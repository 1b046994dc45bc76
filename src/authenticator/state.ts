/**
 * The durable state that a new, or a reset, key begins with.
 */
import type { Crypto } from '../crypto/crypto.js';
import { PIN_UV_AUTH_TOKEN_LENGTH } from '../crypto/pin-uv-auth-protocol.js';
import { KeyrigError } from '../errors.js';
import { type AuthenticatorConfig, MAX_PIN_RETRIES } from './config.js';
import type { AuthenticatorState, CredentialStore, PersistentState, PinState, StoreReader } from './ports.js';

/** Bytes of an AES-256 key. */
const WRAPPING_KEY = 32;

/** Bytes of what getInfo sends encrypted, of the key for it and of its initialization vector: one AES block. */
export const PERSISTENT_VALUE = 16;

/** A new persistent token with a new identity behind it; nothing for a key that has none. */
function newPersistentState(
  { options }: AuthenticatorConfig,
  { random }: Crypto,
): Pick<AuthenticatorState, 'persistent'> {
  if (options.perCredMgmtRO !== true) return {};
  const persistent = {
    token: random.bytes(PIN_UV_AUTH_TOKEN_LENGTH),
    identifier: random.bytes(PERSISTENT_VALUE),
    credStoreState: random.bytes(PERSISTENT_VALUE),
  };
  return { persistent };
}

/** A new state: nothing that was wrapped before can be opened again. */
export function newState(config: AuthenticatorConfig, crypto: Crypto): AuthenticatorState {
  return {
    wrappingKey: crypto.random.bytes(WRAPPING_KEY),
    forcePinChange: false,
    minPinLength: config.limits.minPinLength,
    minPinLengthRpIds: config.minPinLengthRpIds ?? [],
    alwaysUv: config.options.alwaysUv ?? false,
    enterpriseAttestation: false,
    longTouchForReset: config.reset?.longTouch === 'always',
    pinComplexityPolicy: config.pinComplexity?.enforced ?? false,
    ...newPersistentState(config, crypto),
  };
}

/** The state of the store, made when it has none, and completed when its key learned something since. */
export async function ensureState(
  store: CredentialStore,
  config: AuthenticatorConfig,
  crypto: Crypto,
): Promise<void> {
  await store.write((writer) => {
    const state = writer.state();
    if (state === undefined) writer.setState(newState(config, crypto));
    else if (state.persistent === undefined && config.options.perCredMgmtRO === true) {
      writer.setState({ ...state, ...newPersistentState(config, crypto) });
    }
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

/** What read-only credential management hangs on. @throws KeyrigError `internal` on a key without it */
export function requirePersistent(reader: StoreReader): PersistentState {
  const { persistent } = requireState(reader);
  if (persistent !== undefined) return persistent;
  throw new KeyrigError('internal', 'this key has no persistent token');
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
