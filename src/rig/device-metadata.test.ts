/** A relying party that knows nothing but the BLOB and its root, and the keys that it should and should not trust. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MetadataService,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetRoots, trust } from '../attestation/judge.suite.js';
import { metadataBlob } from '../attestation/metadata-blob.js';
import { loadOrCreateTestRoot } from '../attestation/test-root-file.js';
import { createNodeCrypto } from '../crypto/node.js';
import { systemClock } from '../ports.js';
import { deviceMetadata } from './device-metadata.js';
import { listProfiles, loadDeviceProfile } from './profiles.js';
import { benchWith, CREATION } from './rig.suite.js';

const crypto = createNodeCrypto();
const clock = systemClock;
const folder = mkdtempSync(join(tmpdir(), 'keyrig-metadata-'));
const state = join(folder, 'state');
const rootOf = (directory: string) => loadOrCreateTestRoot(directory, { crypto, now: clock.now() });

/** What the server on this machine's loopback hands out. */
let blob = '';
let server: Server;
beforeAll(async () => {
  server = createServer((_request, response) => response.end(blob));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  // The judge is one for all test files of a process.
  await MetadataService.initialize({ mdsServers: [], verificationMode: 'permissive' });
  forgetRoots();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Registers with a device of a state directory. */
async function registered(directory: string, profile = 'yubikey-5'): Promise<RegistrationResponseJSON> {
  const { rig } = await benchWith({ state: directory, devices: [{ id: 'key', profile }] });
  rig.person.wants('security-key');
  try {
    const created = await rig.browser().create({ ...CREATION, attestation: 'direct' });
    const { clientDataJSON, attestationObject } = created.response;
    const { id, rawId } = created;
    return {
      id,
      rawId,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON, attestationObject },
    };
  } finally {
    await rig.close();
  }
}

/** The BLOB of a device of a state directory. */
async function blobOf(directory: string, profile = 'yubikey-5'): Promise<string> {
  const root = await rootOf(directory);
  const statement = await deviceMetadata(await loadDeviceProfile(profile), { crypto, clock, root });
  return metadataBlob({ crypto, root, statements: [statement], now: clock.now() });
}

/** What a strict relying party with this BLOB says of a registration. */
async function verdict(text: string, response: RegistrationResponseJSON): Promise<boolean | string> {
  blob = text;
  const { port } = server.address() as AddressInfo;
  const { certificate } = await rootOf(state);
  trust('mds', certificate);
  await MetadataService.initialize({ mdsServers: [`http://127.0.0.1:${port}/`], verificationMode: 'strict' });
  try {
    const { verified } = await verifyRegistrationResponse({
      response,
      expectedChallenge: CREATION.challenge,
      expectedOrigin: 'https://login.example.org',
      expectedRPID: 'example.org',
      requireUserVerification: false,
    });
    return verified;
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error';
  }
}

const UNKNOWN = /No metadata statement found/;

describe('the BLOB of a device, judged by the MetadataService of @simplewebauthn/server', () => {
  it('makes a relying party trust the device', async () => {
    expect(await verdict(await blobOf(state), await registered(state))).toBe(true);
  });

  it('does not make it trust the same model with another root', async () => {
    const response = await registered(join(folder, 'elsewhere'));
    expect(await verdict(await blobOf(state), response)).toMatch(/chain|path|anchor/i);
  });

  it('does not make it trust another model', async () => {
    const other = await blobOf(state, 'phone-device-bound');
    expect(await verdict(other, await registered(state))).toMatch(UNKNOWN);
  });

  it('is not believed when it is signed below another root', async () => {
    const foreign = await blobOf(join(folder, 'elsewhere'));
    expect(await verdict(foreign, await registered(state))).toMatch(UNKNOWN);
  });

  it.each([
    ['another payload', 1],
    ['another signature', 2],
  ])('is not believed with %s', async (_what, at) => {
    const good = await blobOf(state);
    const response = await registered(state);
    expect(await verdict(good, response)).toBe(true);
    const parts = good.split('.');
    const [head = '', middle = '', tail = ''] = parts;
    const changed = at === 1 ? [head, otherNumber(middle), tail] : [head, middle, otherDigit(tail)];
    expect(await verdict(changed.join('.'), response)).toMatch(UNKNOWN);
  });
});

/** The payload with a number that is one higher. */
function otherNumber(part: string): string {
  const payload = JSON.parse(Buffer.from(part, 'base64url').toString());
  return Buffer.from(JSON.stringify({ ...payload, no: payload.no + 1 })).toString('base64url');
}

function otherDigit(part: string): string {
  return part.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'));
}

describe('the statement of each profile', () => {
  it('says what its key says, and how it attests', async () => {
    const root = await rootOf(state);
    for (const { name } of await listProfiles('device')) {
      const profile = await loadDeviceProfile(name);
      const statement = await deviceMetadata(profile, { crypto, clock, root });
      const { authenticator } = profile;
      expect(statement.aaguid).toBe(authenticator.aaguid);
      expect(statement.description).toBe(profile.title);
      expect(statement.authenticatorGetInfo.versions).toEqual(authenticator.versions);
      expect(statement.attestationTypes.length).toBeGreaterThan(0);
      expect(statement.upv.length).toBeGreaterThan(0);
      expect(statement.authenticationAlgorithms.length).toBeGreaterThan(0);
      const certified = statement.attestationTypes.some(
        (type) => type !== 'none' && type !== 'basic_surrogate',
      );
      expect(statement.attestationRootCertificates).toHaveLength(certified ? 1 : 0);
    }
  });
});
