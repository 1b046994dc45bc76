/**
 * Every device of the metadata service registers and signs in, with its PIN set where it takes one, each time judged by an outside verifier.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestRoot } from '../../src/attestation/attestation.js';
import type { CertifiedKey } from '../../src/attestation/certificates.js';
import { VirtualClock } from '../../src/ports.js';
import { algorithmIds, type DeviceProfile } from '../../src/rig/device-profile.js';
import { createEmulatedDevice, type EmulatedDevice } from '../../src/rig/emulated-device.js';
import { knownDevices, profileOf } from '../../src/rig/known-devices.js';
import { UNUSABLE } from '../../src/rig/metadata-rules.js';
import {
  allow,
  creation,
  crypto,
  JUDGED_ALGORITHMS,
  machine,
  PAGE,
  register,
  request,
  signIn,
} from './key-and-client.js';

const devices = await knownDevices();
const usable = devices.filter(({ facts }) => !(facts.aaguid in UNUSABLE));
const PIN = '1234567890';
/** Twice for each algorithm of whoever has most. */
const MOST_PROMPTS = 12;
let root: CertifiedKey;
let device: EmulatedDevice | undefined;
beforeAll(async () => {
  root = await createTestRoot(crypto, Date.UTC(2026, 0, 1));
});
afterEach(() => device?.close());

/** A device with a PIN where it takes one, and a client whose owner knows it. */
async function inFrontOf(profile: DeviceProfile) {
  const clock = new VirtualClock({ automatic: true });
  const made = await createEmulatedDevice({
    id: 'key',
    profile,
    crypto,
    clock,
    root,
    trace: { emit: () => {} },
  });
  device = made;
  if (profile.authenticator.pin !== undefined) await made.initialisePin(PIN);
  const { client, person } = machine(clock, made);
  person.pins = Array.from({ length: MOST_PROMPTS }, () => PIN);
  // Its owner reaches for it whenever it says that it waits.
  person.notify = ({ kind }) => {
    if (kind === 'keepalive') made.reach();
  };
  return client;
}

describe('a device of the metadata service registers and signs in', () => {
  it.each(usable.map((one) => [one.id, one] as const))('%s', async (_, known) => {
    const profile = profileOf(known);
    const client = await inFrontOf(profile);
    const judged = algorithmIds(profile).filter((alg) => JUDGED_ALGORITHMS.has(alg));
    expect(judged.length).toBeGreaterThan(0);
    const residentKey = profile.authenticator.discoverable ? 'required' : 'discouraged';
    for (const alg of judged) {
      const made = await client.createJson(
        PAGE,
        creation({
          pubKeyCredParams: [{ type: 'public-key', alg }],
          authenticatorSelection: { residentKey, userVerification: 'preferred' },
          attestation: 'direct',
        }),
      );
      const registered = await register(made);
      expect(registered.aaguid).toBe(known.facts.aaguid);
      const asked = profile.authenticator.discoverable ? {} : allow(registered.credential.id);
      await signIn(await client.getJson(PAGE, request(asked)), registered);
    }
  });

  it('but those whose claims keep every client away', async () => {
    const unusable = devices.filter(({ facts }) => facts.aaguid in UNUSABLE);
    expect(unusable).toHaveLength(Object.keys(UNUSABLE).length);
    for (const known of unusable) {
      const client = await inFrontOf(profileOf(known));
      await expect(client.createJson(PAGE, creation())).rejects.toThrow(
        expect.objectContaining({ name: 'NotAllowedError' }),
      );
      await device?.close();
    }
  });
});
