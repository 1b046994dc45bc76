/**
 * The shortest wire there is: host side and device side in one process, with plugging and unplugging.
 *
 * Both ends get copies of every message, as they would over a real wire.
 */
import { KeyrigError } from '../errors.js';
import type { MessageHandler, SendOptions, Transport, TransportName } from './transport.js';

/** A place on the machine where a device is plugged in, or not. */
export interface InProcessPort {
  /** Whether the device can be reached. */
  readonly plugged: boolean;
  plug(): void;
  /** Ends everything that runs with `transport-closed`, as pulling a key does. */
  unplug(): void;
  /**
   * A connection for one client.
   *
   * @throws KeyrigError `transport-closed` while nothing is plugged in
   */
  open(): Transport;
}

/** What is plugged in there. */
export interface InProcessDevice {
  /** For traces, e.g. `yubikey-5`. */
  readonly device: string;
  readonly name: TransportName;
  /** The device's side. */
  readonly handle: MessageHandler;
}

/**
 * Makes a port with a device plugged into it.
 *
 * @example
 * ```ts
 * const port = createInProcessPort({ device: 'key', name: 'usb', handle: authenticator.handle });
 * const answer = await port.open().send(Uint8Array.of(0x04));
 * ```
 */
export function createInProcessPort(device: InProcessDevice): InProcessPort {
  let session = new AbortController();
  let plugged = true;
  return {
    get plugged() {
      return plugged;
    },
    plug() {
      if (plugged) return;
      plugged = true;
      session = new AbortController();
    },
    unplug() {
      plugged = false;
      session.abort();
    },
    open() {
      if (!plugged) throw gone(device);
      return connect(device, session.signal);
    },
  };
}

function gone(device: InProcessDevice): KeyrigError {
  return new KeyrigError('transport-closed', `${device.device} is not plugged in`, {
    hint: 'plug it in and try again',
    facts: { device: device.device },
  });
}

/** A connection that dies with the session that it was opened in: plugging in again needs a new one. */
function connect(device: InProcessDevice, unplugged: AbortSignal): Transport {
  let open = true;
  return {
    name: device.name,
    device: device.device,
    async send(message, options = {}) {
      if (!open || unplugged.aborted) throw gone(device);
      return exchange(device, unplugged, message, options);
    },
    async close() {
      open = false;
    },
  };
}

/** The reason why the device's side stops; made once, because an exception takes long to make. */
const PULLED = new DOMException('the device was pulled', 'AbortError');

async function exchange(
  device: InProcessDevice,
  unplugged: AbortSignal,
  message: Uint8Array,
  { signal: host, onKeepAlive }: SendOptions,
): Promise<Uint8Array> {
  const stop = new AbortController();
  const cancel = () => stop.abort(host?.reason);
  let pull = () => {};
  // Whatever the device itself still does.
  const pulled = new Promise<never>((_, reject) => {
    pull = () => {
      stop.abort(PULLED);
      reject(gone(device));
    };
  });
  if (host?.aborted) cancel();
  host?.addEventListener('abort', cancel, { once: true });
  unplugged.addEventListener('abort', pull, { once: true });
  try {
    const keepAlive = onKeepAlive ?? (() => {});
    const running = device.handle(message.slice(), { signal: stop.signal, keepAlive });
    const answer = await Promise.race([running, pulled]);
    // A device that answers its own unplugging is faster than the race.
    if (unplugged.aborted) throw gone(device);
    return answer.slice();
  } finally {
    host?.removeEventListener('abort', cancel);
    unplugged.removeEventListener('abort', pull);
  }
}
