/**
 * Credentials and blobs of a device as a platform deals with them: our client's half against our authenticator's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestRoot } from '../attestation/attestation.js';
import { createCredentialClient } from '../client/credential-client.js';
import { createCtapClient } from '../client/ctap-client.js';
import { createLargeBlobClient } from '../client/large-blob-client.js';
import { createPinClient } from '../client/pin-client.js';
import { createNodeCrypto } from '../crypto/node.js';
import { PERMISSIONS, type PermissionName } from '../ctap/messages/client-pin.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { Answer } from '../ctap/messages/message.js';
import { statusName } from '../ctap/status.js';
import { utf8 } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { createEmulatedDevice } from './emulated-device.js';
import { loadDeviceProfile } from './profiles.js';
import { benchWith, CREATION, ending, REQUEST } from './rig.suite.js';

const PIN = '246810';
const crypto = createNodeCrypto();
const hashOf = (rpId: string) => crypto.sha256(utf8(rpId));

function value<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw new TypeError(`expected success, got ${statusName(answer.status)}`);
}

/** A key with a PIN and two accounts of one relying party, and a platform that is connected to it. */
async function connected() {
  const clock = new VirtualClock({ automatic: true });
  const trace: TraceSink = { emit: () => {} };
  const profile = await loadDeviceProfile('yubikey-5');
  const root = await createTestRoot(crypto, 0);
  const device = await createEmulatedDevice({ id: 'key', profile, crypto, clock, trace, root });
  const ctap = createCtapClient(await device.client.connect(), {
    clock,
    onKeepAlive: (status) => status === 'user-presence-needed' && device.reach(),
  });
  const info = value(await ctap.getInfo());
  const pins = createPinClient(ctap, info, crypto);
  if (pins === undefined) throw new TypeError('the device takes no PIN');
  value(await pins.setPin(PIN));
  const token = async (name: PermissionName, rpId?: string) => {
    const grant = { permissions: PERMISSIONS[name], ...(rpId === undefined ? {} : { rpId }) };
    return value(await pins.tokenByPin(PIN, grant));
  };
  const clientDataHash = crypto.sha256(utf8('client data'));
  for (const name of ['ada', 'bob']) {
    const mc = await token('mc', 'example.org');
    const made = await ctap.makeCredential({
      clientDataHash,
      rp: { id: 'example.org', name: 'Example' },
      user: { id: utf8(name), name },
      pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
      extensions: new Map([['largeBlobKey', true]]),
      options: { rk: true },
      pinUvAuthParam: mc.authenticate(clientDataHash),
      pinUvAuthProtocol: mc.protocol,
    });
    value(made);
  }
  return { device, ctap, info, token };
}

const only = (info: GetInfoResponse, ...names: readonly string[]): GetInfoResponse => ({
  ...info,
  options: new Map([...(info.options ?? [])].filter(([name]) => names.includes(name))),
});

describe.each(['credMgmt', 'credentialMgmtPreview'])('managing credentials by %s', (option) => {
  const managing = async () => {
    const { ctap, info, token, device } = await connected();
    const client = createCredentialClient(ctap, only(info, option), await token('cm'));
    if (client === undefined) throw new TypeError('the device manages nothing');
    return { client, device };
  };

  it('counts and lists them, newest first', async () => {
    const { client, device } = await managing();
    expect(value(await client.room())).toEqual({ used: 2, free: 98 });
    const rpIdHash = hashOf('example.org');
    expect(value(await client.relyingParties())).toEqual([
      { rp: { id: 'example.org', name: 'Example' }, rpIdHash },
    ]);
    const all = value(await client.credentials(rpIdHash));
    expect(all.map(({ user }) => user.name)).toEqual(['bob', 'ada']);
    expect(all[0]).toMatchObject({ credProtect: 1, largeBlobKey: expect.any(Uint8Array) });
    expect(value(await client.credentials(hashOf('example.com')))).toEqual([]);
    await device.close();
  });

  it('renames and removes them, until there are none', async () => {
    const { client, device } = await managing();
    const rpIdHash = hashOf('example.org');
    const [bob, ada] = value(await client.credentials(rpIdHash));
    if (ada === undefined || bob === undefined) throw new TypeError('an account is missing');
    value(await client.rename(ada.descriptor, { id: ada.user.id, name: 'Ada Lovelace' }));
    value(await client.remove(bob.descriptor));
    expect(value(await client.credentials(rpIdHash)).map(({ user }) => user.name)).toEqual(['Ada Lovelace']);
    value(await client.remove(ada.descriptor));
    expect(value(await client.relyingParties())).toEqual([]);
    const again = await client.remove(ada.descriptor);
    expect(again.ok ? 'done' : statusName(again.status)).toBe('CTAP2_ERR_NO_CREDENTIALS');
    await device.close();
  });
});

describe('a device', () => {
  it('that says nothing of management or large blobs has no client for them', async () => {
    const { ctap, info, token, device } = await connected();
    const none = only(info);
    expect(createCredentialClient(ctap, none, await token('cm'))).toBeUndefined();
    expect(createLargeBlobClient(ctap, none, crypto)).toBeUndefined();
    await device.close();
  });

  it('takes large blobs of many credentials, in fragments', async () => {
    const { ctap, info, token, device } = await connected();
    const blobs = createLargeBlobClient(ctap, info, crypto, await token('lbw'));
    // Incompressible, so that the array takes several fragments of 1216 bytes
    const keys = [1, 2, 3].map((at) => new Uint8Array(32).fill(at));
    const blobOf = (key: Uint8Array) =>
      Uint8Array.from({ length: 900 }, (_, at) => crypto.sha256(key, Uint8Array.of(at >> 5))[at & 31] ?? 0);
    for (const key of keys) value((await blobs?.write(key, blobOf(key))) ?? { ok: false, status: 0 });
    for (const key of keys) expect(await blobs?.read(key)).toEqual({ ok: true, value: blobOf(key) });
    expect(await blobs?.read(new Uint8Array(32))).toEqual({ ok: true, value: undefined });
    const full = await blobs?.write(new Uint8Array(32), blobOf(new Uint8Array(32).fill(9)).slice(0, 1_000));
    expect(full).toEqual({ ok: true, value: {} });
    const more = await blobs?.write(new Uint8Array(32).fill(8), blobOf(new Uint8Array(32).fill(8)));
    expect(more?.ok === false && statusName(more.status)).toBe('CTAP2_ERR_LARGE_BLOB_STORAGE_FULL');
    await device.close();
  });
});

const BLOB = 'AQIDBAUG';
const CREATE_WITH = (extensions: Readonly<Record<string, unknown>>) => ({ ...CREATION, extensions });
const PIN_BENCH = { devices: [{ id: 'key', profile: 'yubikey-5', pin: PIN }] };

describe('the largeBlob extension', () => {
  it.each([
    ['with a PIN', PIN_BENCH],
    ['without one', {}],
  ])('writes a blob and reads it again on a key %s', async (_, bench) => {
    const { rig } = await benchWith(bench);
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ largeBlob: { support: 'required' } }));
    expect(made.clientExtensionResults).toEqual({ largeBlob: { supported: true } });
    const allowCredentials = [{ id: made.id, type: 'public-key' }];
    const get = async (largeBlob: Readonly<Record<string, unknown>>, list: boolean) => {
      const request = { ...REQUEST, extensions: { largeBlob }, ...(list ? { allowCredentials } : {}) };
      return (await page.get(request)).clientExtensionResults;
    };
    expect(await get({ read: true }, true)).toEqual({ largeBlob: {} });
    expect(await get({ write: BLOB }, true)).toEqual({ largeBlob: { written: true } });
    expect(await get({ read: true }, true)).toEqual({ largeBlob: { blob: BLOB } });
    expect(await get({ read: true }, false)).toEqual({ largeBlob: { blob: BLOB } });
    expect(await get({ write: 'AA' }, true)).toEqual({ largeBlob: { written: true } });
    expect(await get({ read: true }, true)).toEqual({ largeBlob: { blob: 'AA' } });
    await rig.close();
  });

  it('verifies the user to write, whatever the page says of that', async () => {
    const { rig } = await benchWith(PIN_BENCH);
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ largeBlob: {} }));
    const written = await page.get({
      ...REQUEST,
      userVerification: 'discouraged',
      allowCredentials: [{ id: made.id, type: 'public-key' }],
      extensions: { largeBlob: { write: BLOB } },
    });
    expect(written.clientExtensionResults).toEqual({ largeBlob: { written: true } });
    await rig.close();
  });

  it('is not supported for a credential that the key does not keep', async () => {
    const { rig } = await benchWith(PIN_BENCH);
    const page = rig.browser();
    const authenticatorSelection = { residentKey: 'discouraged' as const };
    const creation = (support: string) => ({
      ...CREATE_WITH({ largeBlob: { support } }),
      authenticatorSelection,
    });
    const made = await page.create(creation('preferred'));
    expect(made.clientExtensionResults).toEqual({ largeBlob: { supported: false } });
    expect(await ending(page.create(creation('required')))).toBe('NotAllowedError');
    const allowCredentials = [{ id: made.id, type: 'public-key' }];
    const written = await page.get({
      ...REQUEST,
      allowCredentials,
      extensions: { largeBlob: { write: BLOB } },
    });
    expect(written.clientExtensionResults).toEqual({ largeBlob: { written: false } });
    await rig.close();
  });

  it('says that a blob was not written for which there is no room', async () => {
    const { rig } = await benchWith(PIN_BENCH);
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ largeBlob: {} }));
    const random = Uint8Array.from(
      { length: 5_000 },
      (_, at) => crypto.sha256(Uint8Array.of(at, at >> 8))[0] ?? 0,
    );
    const write = Buffer.from(random).toString('base64url');
    const answer = await page.get({
      ...REQUEST,
      allowCredentials: [{ id: made.id, type: 'public-key' }],
      extensions: { largeBlob: { write } },
    });
    expect(answer.clientExtensionResults).toEqual({ largeBlob: { written: false } });
    await rig.close();
  });

  it.each([
    ['read', { read: true }],
    ['read: false', { read: false }],
    ['write', { write: BLOB }],
  ])('has no %s at creation', async (_, largeBlob) => {
    const { rig } = await benchWith(PIN_BENCH);
    expect(await ending(rig.browser().create(CREATE_WITH({ largeBlob })))).toBe('NotSupportedError');
    await rig.close();
  });

  it.each<[string, Readonly<Record<string, unknown>>, number]>([
    ['support', { support: 'preferred' }, 1],
    ['both at once', { read: true, write: BLOB }, 1],
    ['a write for anybody', { write: BLOB }, 0],
    ['a write for one of two', { write: BLOB }, 2],
  ])('has no %s at sign-in', async (_, largeBlob, count) => {
    const { rig } = await benchWith(PIN_BENCH);
    const allowCredentials = Array.from({ length: count }, (_each, at) => ({
      id: `AAA${at}`,
      type: 'public-key',
    }));
    const request = { ...REQUEST, allowCredentials, extensions: { largeBlob } };
    expect(await ending(rig.browser().get(request))).toBe('NotSupportedError');
    await rig.close();
  });
});

describe('the largeBlob extension on a key that keeps blobs itself', () => {
  const PROFILE = `id: blob-key
title: A key that keeps blobs
summary: A key for tests.
kind: security-key
label: Security key
transport: usb
sources: { made-up: 'nobody sells it' }
authenticator:
  aaguid: 00000000-0000-0000-0000-000000000001
  versions: [FIDO_2_0]
  transports: [usb]
  algorithms: [ES256]
  extensions: [credProtect, largeBlob]
  attestation: packed-self
  discoverable: true
  pinUvAuthToken: false
  limits: { maxLargeBlobLength: 100 }
`;

  it('is written and read with the credential', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keyrig-blobs-'));
    const profile = join(directory, 'blob-key.yaml');
    await writeFile(profile, PROFILE);
    const { rig } = await benchWith({ devices: [{ id: 'key', profile }] });
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ largeBlob: { support: 'required' } }));
    expect(made.clientExtensionResults).toEqual({ largeBlob: { supported: true } });
    const get = async (largeBlob: Readonly<Record<string, unknown>>) => {
      const allowCredentials = [{ id: made.id, type: 'public-key' }];
      const answer = await page.get({ ...REQUEST, allowCredentials, extensions: { largeBlob } });
      return answer.clientExtensionResults;
    };
    expect(await get({ read: true })).toEqual({ largeBlob: {} });
    expect(await get({ write: BLOB })).toEqual({ largeBlob: { written: true } });
    expect(await get({ read: true })).toEqual({ largeBlob: { blob: BLOB } });
    const long = Uint8Array.from(
      { length: 400 },
      (_, at) => crypto.sha256(Uint8Array.of(at, at >> 8))[0] ?? 0,
    );
    expect(await get({ write: Buffer.from(long).toString('base64url') })).toEqual({
      largeBlob: { written: false },
    });
    await rig.close();
    await rm(directory, { recursive: true });
  });
});

describe('the credBlob extension', () => {
  it('keeps a few bytes and gives them back', async () => {
    const { rig } = await benchWith(PIN_BENCH);
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ credBlob: BLOB }));
    expect(made.clientExtensionResults).toEqual({ credBlob: true });
    const got = await page.get({ ...REQUEST, extensions: { getCredBlob: true } });
    expect(got.clientExtensionResults).toEqual({ getCredBlob: BLOB });
    const without = await page.get({ ...REQUEST, extensions: { getCredBlob: false } });
    expect(without.clientExtensionResults).toEqual({});
    await rig.close();
  });

  it('does not send what the key could not keep', async () => {
    const { rig, events } = await benchWith(PIN_BENCH);
    const page = rig.browser();
    const made = await page.create(CREATE_WITH({ credBlob: 'A'.repeat(44) }));
    expect(made.clientExtensionResults).toEqual({ credBlob: false });
    const sent = events.find(
      (event) => event.layer === 'ctap' && event.name === 'authenticatorMakeCredential',
    );
    expect(sent).toMatchObject({ fields: expect.not.objectContaining({ extensions: expect.anything() }) });
    const got = await page.get({ ...REQUEST, extensions: { getCredBlob: true } });
    expect(got.clientExtensionResults).toEqual({ getCredBlob: '' });
    await rig.close();
  });
});
