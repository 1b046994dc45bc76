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
  /** How often it was plugged in, the first time included. */
  readonly insertions: number;
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
  /** The device's side of U2F, if it speaks that. */
  readonly handleU2f?: MessageHandler;
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
  let insertion = new Insertion();
  let insertions = 1;
  return {
    get plugged() {
      return !insertion.over;
    },
    get insertions() {
      return insertions;
    },
    plug() {
      if (!insertion.over) return;
      insertion = new Insertion();
      insertions += 1;
    },
    unplug() {
      insertion.end();
    },
    open() {
      if (insertion.over) throw gone(device);
      return connect(device, insertion);
    },
  };
}

/** From plugging in to pulling out. A plain set, because any number of exchanges may wait for its end. */
class Insertion {
  over = false;
  readonly #ends = new Set<() => void>();

  end(): void {
    this.over = true;
    for (const onEnd of this.#ends) onEnd();
  }

  /** Calls back once it ends; the result stops that. */
  whenOver(onEnd: () => void): () => void {
    this.#ends.add(onEnd);
    return () => this.#ends.delete(onEnd);
  }
}

function gone(device: InProcessDevice): KeyrigError {
  return new KeyrigError('transport-closed', `${device.device} is not plugged in`, {
    hint: 'plug it in and try again',
    facts: { device: device.device },
  });
}

/** A connection that dies with the insertion that it was opened in: plugging in again needs a new one. */
function connect(device: InProcessDevice, insertion: Insertion): Transport {
  let open = true;
  const through =
    (handle: MessageHandler) =>
    async (message: Uint8Array, options: SendOptions = {}) => {
      if (!open || insertion.over) throw gone(device);
      return exchange(device, insertion, handle, { message, options });
    };
  return {
    name: device.name,
    device: device.device,
    send: through(device.handle),
    ...(device.handleU2f === undefined ? {} : { sendU2f: through(device.handleU2f) }),
    async close() {
      open = false;
    },
  };
}

/** The reason why the device's side stops; made once, because an exception takes long to make. */
const PULLED = new DOMException('the device was pulled', 'AbortError');

const silent = () => {};

async function exchange(
  device: InProcessDevice,
  insertion: Insertion,
  handle: MessageHandler,
  sent: { readonly message: Uint8Array; readonly options: SendOptions },
): Promise<Uint8Array> {
  const { signal: host, onKeepAlive = silent } = sent.options;
  const stop = new AbortController();
  const cancel = () => stop.abort(host?.reason);
  let pull = silent;
  // Whatever the device itself still does.
  const pulled = new Promise<never>((_, reject) => {
    pull = () => {
      stop.abort(PULLED);
      reject(gone(device));
    };
  });
  if (host?.aborted) cancel();
  host?.addEventListener('abort', cancel, { once: true });
  const stay = insertion.whenOver(pull);
  try {
    const heard = { signal: stop.signal, keepAlive: onKeepAlive, transport: device.name };
    const running = handle(sent.message.slice(), heard);
    const answer = await Promise.race([running, pulled]);
    // A device that answers its own unplugging is faster than the race.
    if (insertion.over) throw gone(device);
    return answer.slice();
  } finally {
    host?.removeEventListener('abort', cancel);
    stay();
  }
}
