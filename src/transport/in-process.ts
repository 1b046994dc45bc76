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

async function exchange(
  device: InProcessDevice,
  unplugged: AbortSignal,
  message: Uint8Array,
  options: SendOptions,
): Promise<Uint8Array> {
  const over = new AbortController();
  const stop = options.signal === undefined ? unplugged : AbortSignal.any([unplugged, options.signal]);
  const keepAlive = options.onKeepAlive ?? (() => {});
  try {
    const running = device.handle(message.slice(), { signal: stop, keepAlive });
    const answer = await Promise.race([running, pulled(device, unplugged, over.signal)]);
    // A device that answers its own unplugging is faster than the race.
    if (unplugged.aborted) throw gone(device);
    return answer.slice();
  } finally {
    over.abort();
  }
}

/** Rejects when the device is pulled, whatever the device itself still does; forgotten when the exchange is over. */
function pulled(device: InProcessDevice, unplugged: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    unplugged.addEventListener('abort', () => reject(gone(device)), { once: true, signal: over });
  });
}
