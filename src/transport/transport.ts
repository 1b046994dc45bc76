/**
 * The interface between the two ends of a wire: types only.
 *
 * A message is what CTAPHID_CBOR carries: command byte and CBOR one way, status byte and CBOR the other (CTAP 2.1 §8). U2F's messages are
 * APDUs, which wires keep apart from those, as CTAPHID_MSG does.
 */

/** What a device says while it works: CTAPHID_KEEPALIVE status codes (CTAP 2.1 §11.2.9.2.3). */
export type KeepAliveStatus = 'processing' | 'user-presence-needed';

/** How a device is attached, in the words of WebAuthn's AuthenticatorTransport. */
export type TransportName = 'usb' | 'nfc' | 'ble' | 'hybrid' | 'internal' | 'smart-card';

/** The host's side of one running exchange. */
export interface SendOptions {
  /** Aborting sends CTAPHID_CANCEL or its like; the exchange still ends with the device's answer. */
  readonly signal?: AbortSignal;
  readonly onKeepAlive?: (status: KeepAliveStatus) => void;
}

/** The host side: what a CTAP client talks through. */
export interface Transport {
  readonly name: TransportName;
  /** For traces and reports, e.g. `yubikey-5`. */
  readonly device: string;
  /**
   * Sends one message and waits for its answer.
   *
   * @throws KeyrigError `transport-closed` when the device goes away, `transport-too-large` when the message can't be carried.
   */
  send(message: Uint8Array, options?: SendOptions): Promise<Uint8Array>;
  /** The same for one U2F message; absent when the device doesn't take any. */
  sendU2f?(message: Uint8Array, options?: SendOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The device's side of one running exchange. */
export interface Exchange {
  /** Aborted when the host cancels; the device answers with CTAP2_ERR_KEEPALIVE_CANCEL. */
  readonly signal: AbortSignal;
  readonly keepAlive: (status: KeepAliveStatus) => void;
  /** How the message came, for devices that can be reached in several ways. Absent where the transport does not say. */
  readonly transport?: TransportName;
}

/** What a transport's device side asks of the device: message in, answer out. It never throws. */
export type MessageHandler = (message: Uint8Array, exchange: Exchange) => Promise<Uint8Array>;
