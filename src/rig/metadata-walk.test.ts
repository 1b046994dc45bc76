/**
 * Every device of the metadata service runs, and says of itself what the real one says, member by member. An outside decoder reads it.
 */
import { decode } from 'cborg';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestRoot } from '../attestation/attestation.js';
import type { CertifiedKey } from '../attestation/certificates.js';
import { createAuthenticator } from '../authenticator/authenticator.js';
import { createMemoryStore } from '../authenticator/store/memory.js';
import { createScriptedUser, USUAL_FINGER } from '../authenticator/user.js';
import { createNodeCrypto } from '../crypto/node.js';
import { utf8 } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import { makeAttester } from './device-attestation.js';
import { authenticatorConfig } from './device-config.js';
import { aaguidBytes, type DeviceProfile } from './device-profile.js';
import { type KnownDevice, knownDevices, profileOf } from './known-devices.js';
import type { MetadataInfo } from './metadata-facts.js';
import { CLAIM_REASONS } from './metadata-rules.js';
import { listProfiles, loadDeviceProfile } from './profiles.js';

const crypto = createNodeCrypto();
const GET_INFO = Uint8Array.of(0x04);
const devices = await knownDevices();
let root: CertifiedKey;
beforeAll(async () => {
  root = await createTestRoot(crypto, 0);
});

/** Members of getInfo by their numbers (CTAP 2.1 §6.4). */
const NUMBERS = {
  versions: 0x01,
  extensions: 0x02,
  aaguid: 0x03,
  options: 0x04,
  maxMsgSize: 0x05,
  pinUvAuthProtocols: 0x06,
  maxCredentialCountInList: 0x07,
  maxCredentialIdLength: 0x08,
  transports: 0x09,
  algorithms: 0x0a,
  maxSerializedLargeBlobArray: 0x0b,
  forcePINChange: 0x0c,
  minPINLength: 0x0d,
  firmwareVersion: 0x0e,
  maxCredBlobLength: 0x0f,
  maxRPIDsForSetMinPINLength: 0x10,
  preferredPlatformUvAttempts: 0x11,
  uvModality: 0x12,
  certifications: 0x13,
  remainingDiscoverableCredentials: 0x14,
} as const satisfies Record<keyof MetadataInfo | 'aaguid', number>;

/** What the real device would send. */
function realInfo({ facts }: KnownDevice): ReadonlyMap<number, unknown> {
  const { aaguid, getInfo } = facts;
  const { algorithms, options, certifications } = getInfo;
  const members = {
    ...getInfo,
    aaguid: Uint8Array.from(Buffer.from(aaguid.replaceAll('-', ''), 'hex')),
    ...(algorithms && { algorithms: algorithms.map(parameters) }),
    ...(options && { options: new Map(Object.entries(options)) }),
    ...(certifications && { certifications: new Map(Object.entries(certifications)) }),
  };
  const said = Object.entries(members).map(([name, value]) => [numberOf(name), value] as const);
  return new Map(said);
}

const numberOf = (name: string): number =>
  Object.entries(NUMBERS).find(([known]) => known === name)?.[1] ?? -1;

const parameters = (alg: number) =>
  new Map<string, unknown>([
    ['alg', alg],
    ['type', 'public-key'],
  ]);

/** A running key in the state of its profile's snapshot. */
async function inSnapshot(profile: DeviceProfile) {
  const { snapshot, authenticator } = profile;
  const clock = new VirtualClock();
  const store = createMemoryStore();
  const aaguid = aaguidBytes(profile);
  const { transports } = authenticator;
  const material = { crypto, root, aaguid, transports, serialNumber: '1', now: 0 };
  const attester = await makeAttester(authenticator, material);
  const configured = snapshot?.verification === 'configured';
  const user = createScriptedUser({ clock, verification: configured ? 'succeed' : 'not-configured' });
  const config = authenticatorConfig(profile);
  const key = createAuthenticator({ config, store, user, crypto, clock, attester });
  const ask = () => key.handle(GET_INFO, { signal: new AbortController().signal, keepAlive: () => {} });
  // The first command makes the state, which the real device's owner has changed since.
  await ask();
  await store.write((writer) => {
    const state = writer.state();
    const pin = { codePoints: 8, pinRetries: 8, uvRetries: 5, complex: true, uvCount: 0 };
    if (snapshot?.pin === 'set')
      writer.setPin({ ...pin, hash: crypto.sha256(utf8('12345678')).subarray(0, 16) });
    for (let finger = 0; finger < (snapshot?.fingerprints ?? 0); finger++)
      writer.putTemplate({ id: Uint8Array.of(finger), finger: USUAL_FINGER });
    if (state === undefined) return;
    writer.setState({
      ...state,
      enterpriseAttestation: snapshot?.enterpriseAttestation ?? false,
      forcePinChange: snapshot?.forcePinChange ?? false,
    });
  });
  return ask;
}

describe('the devices of the metadata service', () => {
  it('are 217, each with a name and an AAGUID of its own', () => {
    expect(devices).toHaveLength(217);
    expect(new Set(devices.map(({ id }) => id)).size).toBe(217);
    expect(new Set(devices.map(({ facts }) => facts.aaguid)).size).toBe(217);
  });

  it.each(devices.map((device) => [device.id, device] as const))(
    '%s says what the real one says',
    async (_, device) => {
      const answer = await (await inSnapshot(profileOf(device)))();
      expect(answer[0]).toBe(0);
      expect(decode(answer.subarray(1), { useMaps: true })).toEqual(realInfo(device));
    },
  );

  it('claim what the table of reasons has, and the table has nothing else', () => {
    const claims = new Set(devices.flatMap((device) => profileOf(device).claimedOnly));
    expect([...claims].sort()).toEqual(Object.keys(CLAIM_REASONS).sort());
  });

  it('keep to messages that HID can carry, whatever they claim', () => {
    const sizes = devices.map((device) => profileOf(device).authenticator.limits.maxMsgSize);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(7609);
    const claimed = devices.map(({ facts }) => facts.getInfo.maxMsgSize ?? 0);
    expect(Math.max(...claimed)).toBeGreaterThan(7609);
  });
});

const profiles = await Promise.all((await listProfiles('device')).map(({ name }) => loadDeviceProfile(name)));
const checked = profiles.flatMap((profile) => {
  const known = devices.find(({ facts }) => facts.aaguid === profile.authenticator.aaguid);
  return known === undefined || profile.snapshot === undefined ? [] : [[profile.id, profile, known] as const];
});

describe('the profiles that come with keyrig', () => {
  it('are more than two dozen of real devices', () => {
    expect(checked.length).toBeGreaterThanOrEqual(24);
  });

  it.each(checked)('%s says what its statement says', async (_, profile, known) => {
    const answer = await (await inSnapshot(profile))();
    expect(decode(answer.subarray(1), { useMaps: true })).toEqual(realInfo(known));
  });
});
