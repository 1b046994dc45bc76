import { afterEach, describe, expect, it } from 'vitest';
import { createTestRoot } from '../attestation/attestation.js';
import { createConfigClient } from '../client/config-client.js';
import { createCtapClient } from '../client/ctap-client.js';
import { createNodeCrypto } from '../crypto/node.js';
import type { MakeCredentialRequest } from '../ctap/messages/make-credential.js';
import { statusName } from '../ctap/status.js';
import { parseYaml } from '../data/located-yaml.js';
import { VirtualClock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { authenticatorConfig } from './device-config.js';
import { deviceProfileSchema } from './device-profile.js';
import { createEmulatedDevice, type EmulatedDevice } from './emulated-device.js';
import { ending } from './rig.suite.js';

const PIN = '4071';
const crypto = createNodeCrypto();

/** A key with a sensor; tests say whether a finger is enrolled from the beginning. */
const profile = (configured: boolean, more = '') =>
  parseYaml(
    deviceProfileSchema,
    `id: bio-key
title: A key with a sensor
summary: A key for tests.
kind: security-key
label: Security key
transport: usb
sources: { made-up: 'nobody sells it' }
authenticator:
  aaguid: 00000000-0000-0000-0000-000000000001
  versions: [FIDO_2_0, FIDO_2_1]
  transports: [usb, nfc]
  algorithms: [ES256]
  extensions: [credProtect, hmac-secret]
  attestation: packed-self
  pin: { minLength: 4, maxLength: 32 }
  userVerification: { modality: fingerprint, configured: ${configured}, counted: true, sensor: { samples: 2 } }
  discoverable: true
  pinUvAuthToken: true
  alwaysUv: false
  options: [bioEnroll, credMgmt, authnrCfg]
  reset: { longTouch: configurable, transports: [usb] }
${more}`,
    'bio-key.yaml',
    'profile-invalid',
  );

const open: EmulatedDevice[] = [];
afterEach(async () => {
  for (const device of open.splice(0)) await device.close();
});

async function deviceWith(configured: boolean) {
  const clock = new VirtualClock({ automatic: true });
  const trace: TraceSink = { emit: () => {} };
  const root = await createTestRoot(crypto, 0);
  const device = await createEmulatedDevice({
    ...{ id: 'key', profile: profile(configured), crypto, clock, trace, root },
  });
  open.push(device);
  const ctap = createCtapClient(await device.client.connect(), {
    clock,
    // Its owner is at hand.
    onKeepAlive: (status) => status === 'user-presence-needed' && device.reach(),
  });
  const uv = async () => {
    const info = await ctap.getInfo();
    return info.ok ? info.value.options?.get('uv') : undefined;
  };
  const verified = async () => {
    const answer = await ctap.makeCredential(REGISTRATION);
    return answer.ok ? 'done' : statusName(answer.status);
  };
  return { device, ctap, clock, uv, verified };
}

const REGISTRATION: MakeCredentialRequest = {
  clientDataHash: new Uint8Array(32),
  rp: { id: 'example.org' },
  user: { id: Uint8Array.of(1) },
  pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
  options: { uv: true },
};

describe('a device with a sensor', () => {
  it('comes with a finger when its profile says that it is set up', async () => {
    const { uv, verified } = await deviceWith(true);
    expect(await uv()).toBe(true);
    expect(await verified()).toBe('done');
  });

  it('comes without one when it does not', async () => {
    const { uv, verified } = await deviceWith(false);
    expect(await uv()).toBe(false);
    expect(await verified()).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('enrols fingers over CTAP and knows them from others', async () => {
    const { device, uv, verified } = await deviceWith(false);
    await device.initialisePin(PIN);
    await device.enrolFinger('left thumb', PIN);
    expect(await uv()).toBe(true);
    // The finger that usually comes is another one.
    expect(await verified()).toBe('CTAP2_ERR_PUAT_REQUIRED');
    device.useFinger('left thumb');
    expect(await verified()).toBe('done');
    expect(await ending(device.enrolFinger('left thumb', PIN))).toBe('ctap-status');
  });

  it.each([
    ['the wrong PIN', '0000'],
    ['no PIN yet', PIN],
  ])('enrols none with %s', async (why, pin) => {
    const { device, uv } = await deviceWith(false);
    if (why === 'the wrong PIN') await device.initialisePin(PIN);
    expect(await ending(device.enrolFinger('left thumb', pin))).toBe('ctap-status');
    expect(await uv()).toBe(false);
  });

  it.each([
    ['succeed', true, 'done'],
    ['fail', true, 'CTAP2_ERR_OPERATION_DENIED'],
    ['not-configured', false, 'CTAP2_ERR_INVALID_OPTION'],
  ] as const)('set to %s has uv %s and ends with %s', async (behaviour, configured, status) => {
    for (const before of [true, false]) {
      const { device, uv, verified } = await deviceWith(before);
      device.setVerification(behaviour);
      expect(await uv()).toBe(configured);
      expect(await verified()).toBe(status);
    }
  });

  it('is set up as its profile says', async () => {
    const { ctap } = await deviceWith(true);
    const info = await ctap.getInfo();
    if (!info.ok) throw new TypeError('no getInfo');
    expect(info.value).toMatchObject({
      maxPINLength: 32,
      longTouchForReset: false,
      transportsForReset: ['usb'],
      uvCountSinceLastPinEntry: 0,
    });
    expect((await createConfigClient(ctap).enableLongTouchForReset()).ok).toBe(false);
  });

  it('takes everything of its reset and its alwaysUv from its profile', () => {
    const fixed = profile(true, '  alwaysUvFixed: true\n');
    expect(authenticatorConfig(fixed)).toMatchObject({
      alwaysUvFixed: true,
      countsVerifications: true,
      reset: { longTouch: 'configurable', transports: ['usb'] },
      bio: { samples: 2, templates: 5 },
    });
  });
});
