/**
 * Fingers at a device with a sensor: set up before a scenario, or enrolled over CTAP like any platform does it.
 */
import type { CredentialStore } from '../authenticator/ports.js';
import { createBioClient } from '../client/bio-client.js';
import { createCtapClient } from '../client/ctap-client.js';
import { createPinClient } from '../client/pin-client.js';
import type { ClientDevice } from '../client/ports.js';
import type { Crypto } from '../crypto/crypto.js';
import { PERMISSIONS } from '../ctap/messages/client-pin.js';
import type { Answer } from '../ctap/messages/message.js';
import { statusName } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';

/** Bytes of a template's ID. */
const TEMPLATE_ID = 8;

/** A device as somebody left it who had set it up, or had not: with a finger, if it has none, or without any. */
export function setUpFingers(
  store: CredentialStore,
  crypto: Crypto,
  finger: string | undefined,
): Promise<void> {
  return store.write((writer) => {
    const templates = writer.templates();
    if (finger === undefined) for (const { id } of templates) writer.deleteTemplate(id);
    else if (templates.length === 0) writer.putTemplate({ id: crypto.random.bytes(TEMPLATE_ID), finger });
  });
}

/**
 * Enrols the finger that is put on the sensor.
 *
 * @throws KeyrigError `ctap-status` when the device has no sensor or no PIN, refuses the PIN, has no room or knows the finger
 */
export async function enrolFinger(
  device: ClientDevice,
  pin: string,
  ports: { readonly clock: Clock; readonly crypto: Crypto; readonly trace: TraceSink },
): Promise<void> {
  const transport = await device.connect();
  try {
    const ctap = createCtapClient(transport, ports);
    const info = succeeded(device, await ctap.getInfo());
    const pins = createPinClient(ctap, info, ports.crypto);
    if (pins === undefined) throw refused(device, 'it takes no PIN');
    const token = succeeded(device, await pins.tokenByPin(pin, { permissions: PERMISSIONS.be }));
    const bio = createBioClient(ctap, info, token);
    if (bio === undefined) throw refused(device, 'it has no sensor');
    const enrolment = succeeded(device, await bio.enrol());
    if (enrolment.kind === 'given-up') throw refused(device, GIVEN_UP[enrolment.why]);
  } finally {
    await transport.close();
  }
}

const GIVEN_UP = { exists: 'it knows the finger already', noUserActivity: 'nobody came' } as const;

function succeeded<T>(device: ClientDevice, answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw refused(device, statusName(answer.status), answer.status);
}

function refused(device: ClientDevice, why: string, status?: number): KeyrigError {
  return new KeyrigError('ctap-status', `${device.id} enrols no finger: ${why}`, {
    hint: 'use a device whose profile has userVerification.sensor, set its PIN first, and enrol each finger once',
    facts: { device: device.id, ...(status === undefined ? {} : { status }) },
  });
}
