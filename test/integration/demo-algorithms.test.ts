/**
 * Devices that have one algorithm each, before the demo relying party, which is told of no algorithm in particular.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opensslKnowsMlDsa } from '../../src/crypto/node-keys.js';
import { createRig } from '../../src/rig/make-rig.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyrig-algorithms-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A key with a fingerprint reader and this algorithm alone. */
const profileOf = (algorithm: string) => `id: one-algorithm
title: A key of one algorithm
summary: A key for tests.
kind: security-key
label: Security key
transport: usb
sources: { made-up: 'nobody sells it' }
authenticator:
  aaguid: 00000000-0000-0000-0000-000000000001
  versions: [FIDO_2_0]
  transports: [usb]
  algorithms: [${algorithm}]
  extensions: [credProtect]
  attestation: packed-self
  userVerification: { modality: fingerprint }
  discoverable: true
  pinUvAuthToken: true
  limits: { maxMsgSize: 7609 }
`;

const ada = {
  name: 'countess',
  displayName: 'Ada',
  email: 'countess@keyrig.test',
  password: 'correct-horse',
};

/** Registers with a device of this algorithm and signs in; who the demo then sees. */
async function signedInWith(algorithm: string): Promise<string | undefined> {
  const profile = join(folder, 'one-algorithm.yaml');
  await writeFile(profile, profileOf(algorithm));
  const rig = await createRig({
    target: 'demo',
    platform: 'chromium-linux',
    devices: [{ id: 'key', profile }],
  });
  try {
    const { target } = rig;
    await target.createUser(ada);
    const session = target.openSession('ada');
    expect(await session.signInWithPassword(ada)).toMatchObject({ verdict: 'accepted' });
    await session.submitRegistration(await rig.browser().create(await session.registrationOptions(ada)));
    await session.signOut();
    await session.submitSignIn(await rig.browser().get(await session.signInOptions('usernameless')));
    return await session.whoami();
  } finally {
    await rig.close();
  }
}

describe('the demo relying party', () => {
  const known = ['ES256', 'EdDSA', 'ES384', 'ES512', 'RS256'];
  const mlDsa = opensslKnowsMlDsa() ? ['ML-DSA-44', 'ML-DSA-65'] : [];

  it.each([...known, ...mlDsa])('takes passkeys of %s', async (algorithm) => {
    expect(await signedInWith(algorithm)).toBe(ada.name);
  });

  it('offers none that its library can not verify', async () => {
    await expect(signedInWith('ES256K')).rejects.toThrow(
      expect.objectContaining({ name: 'NotSupportedError' }),
    );
  });
});
