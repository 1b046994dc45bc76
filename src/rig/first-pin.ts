/**
 * Setting a device up before a scenario: its first PIN, over CTAP like any platform does it.
 */
import { createCtapClient } from '../client/ctap-client.js';
import { createPinClient } from '../client/pin-client.js';
import type { ClientDevice } from '../client/ports.js';
import type { Crypto } from '../crypto/crypto.js';
import type { Answer } from '../ctap/messages/message.js';
import { statusName } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';

/**
 * Sets a PIN on a device that has none.
 *
 * @throws KeyrigError `ctap-status` when the device takes no PIN, has one, or refuses this one
 */
export async function setFirstPin(
  device: ClientDevice,
  pin: string,
  ports: { readonly clock: Clock; readonly crypto: Crypto; readonly trace: TraceSink },
): Promise<void> {
  const transport = await device.connect();
  try {
    const ctap = createCtapClient(transport, ports);
    const info = succeeded(device, await ctap.getInfo());
    const client = createPinClient(ctap, info, ports.crypto);
    if (client === undefined || info.options?.get('clientPin') === undefined) {
      throw new KeyrigError('ctap-status', `${device.id} takes no PIN`, {
        hint: 'use a device whose profile has a PIN',
      });
    }
    succeeded(device, await client.setPin(pin));
  } finally {
    await transport.close();
  }
}

function succeeded<T>(device: ClientDevice, answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new KeyrigError('ctap-status', `${device.id} refused a first PIN: ${statusName(answer.status)}`, {
    hint: 'a PIN has at least 4 characters, and can be set this way only once',
    facts: { device: device.id, status: answer.status },
  });
}
