/**
 * One device in use: connected, described, and closed again whatever happens.
 */

import type { Crypto } from '../crypto/crypto.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { type ErrorCode, KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import type { KeepAliveStatus, Transport } from '../transport/transport.js';
import { settlesAtOnce } from './at-once.js';
import { OVER } from './cancellation.js';
import { ABORTED, untilAborted } from './ceremony.js';
import { type CtapClient, createCtapClient, DEADLINES } from './ctap-client.js';
import { type Outcome, refused } from './outcome.js';
import { createPinClient, type PinClient } from './pin-client.js';
import type { ClientDevice } from './ports.js';
import type { Prompts } from './prompts.js';

/** What sessions need from outside. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly trace?: TraceSink;
  readonly prompts: Prompts;
}

/** A device that is being talked to. */
export interface DeviceSession {
  readonly device: ClientDevice;
  readonly ctap: CtapClient;
  readonly info: GetInfoResponse;
  /** `undefined` when key and platform share no PIN/UV auth protocol. */
  readonly pin: PinClient | undefined;
  readonly crypto: Crypto;
  readonly prompts: Prompts;
}

/** Failures that are the device's: it drops out, the ceremony goes on. */
const DEVICE_FAULTS: Partial<Record<ErrorCode, 'gone' | 'faulty'>> = {
  'transport-closed': 'gone',
  'transport-too-large': 'faulty',
  'message-malformed': 'faulty',
  'deadline-exceeded': 'faulty',
  'crypto-invalid-key': 'faulty',
};

/**
 * Connects, asks what the device is, and lets `use` work with it. `signal` cancels whatever the device is doing.
 *
 * @throws what `use` throws, unless it is a failure of the device: that is a refusal
 */
export async function withDevice<T>(
  device: ClientDevice,
  ports: SessionPorts,
  signal: AbortSignal,
  use: (session: DeviceSession) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  try {
    const transport = await connect(device, signal);
    if (transport === ABORTED) return refused('gone');
    const ctap = clientOf(device, transport, ports, signal);
    try {
      return await talk(device, ctap, ports, use);
    } finally {
      await close(ctap, ports.clock);
    }
  } catch (cause) {
    const why = cause instanceof KeyrigError ? DEVICE_FAULTS[cause.code] : undefined;
    if (why === undefined) throw cause;
    return refused(why, { cause });
  }
}

/** A connection that comes too late is closed by whoever still holds it: us. */
async function connect(device: ClientDevice, signal: AbortSignal): Promise<Transport | typeof ABORTED> {
  const connecting = device.connect();
  const transport = await untilAborted(connecting, signal);
  if (transport === ABORTED) void connecting.then((late) => late.close()).catch(() => {});
  return transport;
}

function clientOf(
  { id }: ClientDevice,
  transport: Transport,
  { clock, trace, prompts }: SessionPorts,
  signal: AbortSignal,
): CtapClient {
  const onKeepAlive = (status: KeepAliveStatus) => prompts.notify({ kind: 'keepalive', device: id, status });
  return createCtapClient(transport, { clock, signal, onKeepAlive, ...(trace && { trace }) });
}

async function talk<T>(
  device: ClientDevice,
  ctap: CtapClient,
  { crypto, prompts }: SessionPorts,
  use: (session: DeviceSession) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const info = await ctap.getInfo();
  if (!info.ok) return refused('status', { status: info.status });
  const pin = createPinClient(ctap, info.value, crypto);
  return use({ device, ctap, info: info.value, pin, crypto, prompts });
}

/** Closing is a courtesy: it has its time, and its failure changes nothing. */
async function close(ctap: CtapClient, clock: Clock): Promise<void> {
  const closing = ctap.close().catch(() => {});
  if (await settlesAtOnce(closing)) return;
  const closed = new AbortController();
  const waiting = clock.sleep(DEADLINES.cancel, closed.signal);
  await Promise.race([closing.finally(() => closed.abort(OVER)), waiting]);
}
