import { describe, expect, it } from 'vitest';
import { parseYaml } from '../data/located-yaml.js';
import { KeyrigError } from '../errors.js';
import { deviceProfileSchema } from './device-profile.js';
import { knownDevice, knownDevices, profileOf } from './known-devices.js';
import type { DeviceFacts } from './metadata-facts.js';
import { importedProfile } from './metadata-import.js';
import { CLAIM_REASONS } from './metadata-rules.js';
import { importedYaml } from './metadata-yaml.js';
import { loadDeviceProfile } from './profiles.js';

const OPTIONS = { id: 'a-key', source: 'a test' };

/** A modern key with everything; tests change one thing. */
const FACTS: DeviceFacts = {
  aaguid: '00000000-0000-0000-0000-0000000000aa',
  description: 'A key',
  version: 1,
  attestation: ['basic_full'],
  attachment: ['external', 'wired'],
  verification: ['passcode_external'],
  getInfo: {
    versions: ['FIDO_2_0', 'FIDO_2_1'],
    extensions: ['credProtect', 'hmac-secret', 'credBlob'],
    options: { rk: true, clientPin: false, pinUvAuthToken: true, credMgmt: true, up: true, plat: false },
    maxMsgSize: 1200,
    pinUvAuthProtocols: [2, 1],
    maxCredBlobLength: 32,
    transports: ['usb'],
    algorithms: [-7],
  },
};

type InfoChange = Partial<DeviceFacts['getInfo']>;

const imported = (change: InfoChange) =>
  importedProfile({ ...FACTS, getInfo: { ...FACTS.getInfo, ...change } }, OPTIONS);

/** What goes with the PIN when no protocol is named. */
const WITHOUT_PROTOCOL = [
  'version FIDO_2_1',
  'extension hmac-secret',
  'option clientPin',
  'option pinUvAuthToken',
  'option credMgmt',
  'member pinUvAuthProtocols',
];

describe('an imported profile', () => {
  it('has what is implemented, and claims nothing', () => {
    const profile = importedProfile(FACTS, OPTIONS);
    expect(profile.authenticator).toMatchObject({
      versions: ['FIDO_2_0', 'FIDO_2_1'],
      extensions: ['credProtect', 'hmac-secret', 'credBlob'],
      options: ['credMgmt'],
      limits: { maxMsgSize: 1200, maxCredBlobLength: 32 },
    });
    expect(profile.claimedOnly).toEqual([]);
    expect(profile.authenticator).not.toHaveProperty('claims');
  });

  it.each<readonly [string, InfoChange, readonly string[]]>([
    ['an unknown version', { versions: ['FIDO_2_0', 'FIDO_2_9'] }, ['version FIDO_2_9']],
    [
      'an unknown extension',
      { extensions: ['credProtect', 'hmac-secret', 'credBlob', 'new'] },
      ['extension new'],
    ],
    ['a blob of no length', { maxCredBlobLength: 0 }, ['extension credBlob', 'member maxCredBlobLength']],
    ['an algorithm that is not served', { algorithms: [-7, -37] }, ['algorithm PS256']],
    ['an algorithm that nobody knows', { algorithms: [-7, -999] }, ['algorithm -999']],
    ['messages that are too short', { maxMsgSize: 512 }, ['member maxMsgSize']],
    ['messages that HID can not carry', { maxMsgSize: 9000 }, ['member maxMsgSize']],
    ['no protocol for the PIN', { pinUvAuthProtocols: [] }, WITHOUT_PROTOCOL],
    ['an unknown transport', { transports: ['usb', 'smoke'] }, ['transport smoke']],
  ])('claims %s', (_, change, claims) => {
    expect(imported(change).claimedOnly).toEqual(claims);
  });

  it.each([
    ['PIN set', { options: { ...FACTS.getInfo.options, clientPin: true } }, { pin: 'set' }],
    ['PIN not set', {}, { pin: 'unset', verification: 'none' }],
    [
      'verification set up',
      { options: { ...FACTS.getInfo.options, uv: true } },
      { verification: 'configured' },
    ],
    ['PIN to be changed', { forcePINChange: true }, { forcePinChange: true }],
  ] as const)('names the state of its snapshot: %s', (_, change, snapshot) => {
    expect(imported(change).snapshot).toMatchObject(snapshot);
  });

  it('is refused when nothing is left to sign with', () => {
    expect(() => imported({ algorithms: [-37] })).toThrow(KeyrigError);
  });

  it.each<[string, InfoChange, string]>([
    ['no credentials in a list', { maxCredentialCountInList: 0 }, 'maxCredentialCountInList'],
    ['larger blobs than there are', { maxCredBlobLength: 100_000 }, 'redBlob'],
    ['a version twice', { versions: ['FIDO_2_0', 'FIDO_2_0'] }, 'versions'],
  ])('is refused by the device and its place for %s', (_, change, place) => {
    const refused = expect.objectContaining({
      code: 'profile-invalid',
      where: expect.stringContaining(place),
    });
    expect(() => imported(change)).toThrow(refused);
  });

  it('is the same after it was written as YAML', async () => {
    for (const device of await knownDevices()) {
      const text = importedYaml(device.facts, device);
      expect(parseYaml(deviceProfileSchema, text, 'x.yaml', 'profile-invalid')).toEqual(profileOf(device));
    }
  });

  it('says in YAML why each claim is one', () => {
    const facts = { ...FACTS, getInfo: { ...FACTS.getInfo, algorithms: [-7, -65535], maxMsgSize: 9000 } };
    const text = importedYaml(facts, OPTIONS);
    expect(text).toContain(`- algorithm RS1 # ${CLAIM_REASONS['algorithm RS1']}`);
    expect(text).toContain(`- member maxMsgSize # ${CLAIM_REASONS['member maxMsgSize']}`);
  });
});

describe('a device of the metadata service', () => {
  const TITAN = '42b4fb4a-2866-43b2-9bf7-6c6669c2e5d3';

  it.each([
    ['its AAGUID', TITAN],
    ['its AAGUID in capitals, without hyphens', TITAN.toUpperCase().replaceAll('-', '')],
    ['its name', 'google-titan-security-key-v2'],
    ['its description', 'Google Titan Security Key v2'],
  ])('is found by %s', async (_, name) => {
    expect((await loadDeviceProfile(name)).authenticator.aaguid).toBe(TITAN);
  });

  it('is asked for again when several have its name', async () => {
    await expect(knownDevice('YubiKey 5 FIPS Series')).rejects.toThrow('2 models are called');
  });

  it('is not found by half of its name', async () => {
    expect(await knownDevice('titan')).toBeUndefined();
  });
});
