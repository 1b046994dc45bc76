/**
 * The persistentPinUvAuthToken and what is encrypted for its holders: read-only credential management that a platform does without asking
 * for the PIN each time (CTAP 2.2 §6.5.2.1; the members of getInfo from CTAP 2.2 and 2.3 §6.4).
 *
 * It outlives power cycles and all other tokens. Another PIN and a reset end it.
 */
import type { Crypto } from '../crypto/crypto.js';
import { PIN_UV_AUTH_TOKEN_LENGTH, type PinUvAuthProtocol } from '../crypto/pin-uv-auth-protocol.js';
import { concat, utf8 } from '../data/bytes.js';
import type { AuthenticatorState, PersistentState, StoreWriter } from './ports.js';
import { PERSISTENT_VALUE, requireState } from './state.js';

const NO_SALT = new Uint8Array(32);

/** The members of getInfo, which are also the HKDF infos that tell their keys apart. */
const MEMBERS = { identifier: 'encIdentifier', credStoreState: 'encCredStoreState' } as const;

/** Another PIN was set: whoever got the token with the old one holds nothing. */
export function renewPersistentToken({ random }: Crypto, writer: StoreWriter): void {
  change(writer, (persistent) => ({ ...persistent, token: random.bytes(PIN_UV_AUTH_TOKEN_LENGTH) }));
}

/** A discoverable credential was made, changed or deleted in this transaction: holders of the token can tell that they should look again. */
export function renewCredStoreState({ random }: Crypto, writer: StoreWriter): void {
  change(writer, (persistent) => ({ ...persistent, credStoreState: random.bytes(PERSISTENT_VALUE) }));
}

function change(writer: StoreWriter, changed: (persistent: PersistentState) => PersistentState): void {
  const state = requireState(writer);
  if (state.persistent !== undefined) writer.setState({ ...state, persistent: changed(state.persistent) });
}

/** Whether a proof was made with the token, by either protocol. Only read-only credential management accepts it. */
export function verifyPersistentToken(
  protocol: PinUvAuthProtocol,
  { persistent }: AuthenticatorState,
  param: Uint8Array,
  ...message: readonly Uint8Array[]
): boolean {
  return persistent !== undefined && protocol.verify(persistent.token, param, ...message);
}

/** What getInfo says to holders of the token; different bytes each time, so that nobody else recognises the key by them. */
export function encryptedMembers(
  crypto: Crypto,
  persistent: PersistentState | undefined,
): { readonly encIdentifier?: Uint8Array; readonly encCredStoreState?: Uint8Array } {
  if (persistent === undefined) return {};
  return {
    [MEMBERS.identifier]: encrypted(crypto, persistent.token, MEMBERS.identifier, persistent.identifier),
    [MEMBERS.credStoreState]: encrypted(
      crypto,
      persistent.token,
      MEMBERS.credStoreState,
      persistent.credStoreState,
    ),
  };
}

function encrypted(crypto: Crypto, token: Uint8Array, info: string, value: Uint8Array): Uint8Array {
  const key = crypto.hkdfSha256(token, NO_SALT, utf8(info), PERSISTENT_VALUE);
  const iv = crypto.random.bytes(PERSISTENT_VALUE);
  return concat(iv, crypto.aes128CbcEncrypt(key, iv, value));
}
