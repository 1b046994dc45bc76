/**
 * Lists of credentials that are longer than a device takes, and which of them are on it (CTAP 2.1 §6.1.2 step 12, §6.2.2 step 7;
 * WebAuthn L3 §5.1.4 "client platform-specific procedure").
 *
 * A device is asked silently: GetAssertion without user presence over a hash that nothing else is signed for.
 */
import { type CredentialDescriptor, PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import { DEFAULT_MAX_MESSAGE_SIZE, type GetInfoResponse } from '../ctap/messages/get-info.js';
import { STATUS } from '../ctap/status.js';
import { sameBytes, utf8 } from '../data/bytes.js';
import type { PublicKeyCredentialDescriptor } from '../webauthn/types.js';
import type { DeviceSession } from './device-session.js';
import type { PinUvAuthToken } from './pin-client.js';

/** Descriptors as they go to a device: type and ID, no transports. */
export type Batch = readonly CredentialDescriptor[];

/** Where the credentials of a list are. */
export type Located =
  | { readonly kind: 'here'; readonly credential: CredentialDescriptor }
  | { readonly kind: 'absent' }
  /** The device would not say without its user; `batch` is where it stopped. */
  | { readonly kind: 'unknown'; readonly batch: Batch };

/** Bytes of a CBOR descriptor around its ID. */
const DESCRIPTOR_BYTES = 32;
/** Bytes of a GetAssertion request around RP ID and list: hash, pinUvAuthParam, options, keys. */
const REQUEST_BYTES = 128;

/**
 * Cuts a list into requests that the device takes. IDs that are too long for it can't be its own and are left out. A device that names
 * no maxCredentialCountInList is asked one by one: some take no more, and say so by failing.
 */
export function batchesOf(
  list: readonly PublicKeyCredentialDescriptor[],
  rpId: string,
  info: GetInfoResponse,
): readonly Batch[] {
  const most = Math.max(info.maxCredentialCountInList ?? 1, 1);
  const room = (info.maxMsgSize ?? DEFAULT_MAX_MESSAGE_SIZE) - REQUEST_BYTES - utf8(rpId).length;
  const longest = Math.min(info.maxCredentialIdLength ?? room, room - DESCRIPTOR_BYTES);
  const batches: CredentialDescriptor[][] = [];
  let left = 0;
  for (const { id } of list.filter((one) => one.type === PUBLIC_KEY_TYPE && one.id.length <= longest)) {
    const size = DESCRIPTOR_BYTES + id.length;
    const last = batches.at(-1);
    if (last === undefined || last.length >= most || size > left) {
      batches.push([{ id, type: PUBLIC_KEY_TYPE }]);
      left = room - size;
    } else {
      last.push({ id, type: PUBLIC_KEY_TYPE });
      left -= size;
    }
  }
  return batches;
}

/** What no ceremony's client data hashes to. */
const NO_CLIENT_DATA = new Uint8Array(32);

/**
 * Finds the first batch with a credential on the device. With a token it also sees the credentials that hide without user verification.
 */
export async function locate(
  session: DeviceSession,
  rpId: string,
  batches: readonly Batch[],
  token?: PinUvAuthToken,
): Promise<Located> {
  let unknown: Batch | undefined;
  for (const batch of batches) {
    const answer = await session.ctap.getAssertion({
      rpId,
      clientDataHash: NO_CLIENT_DATA,
      allowList: batch,
      options: { up: false },
      ...(token && {
        pinUvAuthParam: token.authenticate(NO_CLIENT_DATA),
        pinUvAuthProtocol: token.protocol,
      }),
    });
    if (answer.ok) {
      const found = named(answer.value.credential?.id, batch);
      if (found !== undefined) return { kind: 'here', credential: found };
    } else if (answer.status !== STATUS.CTAP2_ERR_NO_CREDENTIALS) unknown ??= batch;
  }
  return unknown === undefined ? { kind: 'absent' } : { kind: 'unknown', batch: unknown };
}

/** The descriptor that an answer means: after a list of one it may name none (CTAP 2.0). */
export function named(id: Uint8Array | undefined, batch: Batch): CredentialDescriptor | undefined {
  if (id === undefined) return batch.length === 1 ? batch[0] : undefined;
  return batch.find((one) => sameBytes(one.id, id));
}
