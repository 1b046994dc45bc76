/**
 * The key is a pure machine: the same seed, the same requests, the same bytes.
 */
import { describe, expect, it } from 'vitest';
import { createBasicAttester, createTestRoot } from '../attestation/attestation.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { hmacSecretInput } from '../ctap/messages/extensions.js';
import { toHex } from '../data/bytes.js';
import {
  AAGUID,
  agree,
  changePin,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  getInfo,
  getNextAssertion,
  makeCredential,
  mustSucceed,
  pinToken,
  proofOf,
  register,
  registerDiscoverable,
  setPin,
  type TestKey,
  uvToken,
} from './test-platform.suite.js';

/** A key whose every byte follows from the seed, and everything that it is asked and answers. */
async function seededKey(seed: string) {
  const random = createSeededRandom(seed);
  const crypto = createNobleCrypto({ random: random.fork('key') });
  const issuer = createNobleCrypto({ random: random.fork('attestation') });
  const now = Date.UTC(2026, 0, 1);
  const root = await createTestRoot(issuer, now);
  const attester = await createBasicAttester({ crypto: issuer, root, aaguid: AAGUID, now });
  const key = createTestKey({ crypto, attester, config: FINGERPRINT, verification: 'succeed' });
  const transcript: string[] = [];
  const send: TestKey['send'] = async (message, signal) => {
    const answer = await key.send(message, signal);
    transcript.push(`${toHex(message)} → ${toHex(answer)}`);
    return answer;
  };
  return { key: { ...key, send }, transcript };
}

/** A little of everything that draws randomness or keeps state. */
async function life(key: TestKey): Promise<void> {
  await getInfo(key);
  await setPin(key, '1234', 1);
  await pinToken(key, { pin: '0000' });
  await changePin(key, '1234', '567890', 2);
  const pin = { pin: '567890' };
  for (const [at, alg] of [-7, -8, -35, -257].entries()) {
    await registerDiscoverable(key, `user ${at}`, {
      pubKeyCredParams: [{ alg, type: 'public-key' }],
      extensions: new Map<string, boolean | number>([
        ['hmac-secret', true],
        ['credProtect', 2],
      ]),
      ...(await proofOf(pinToken(key, pin))),
    });
  }
  const server = await register(key, { options: { uv: true } });
  const exchange = await agree(key);
  const saltEnc = exchange.encrypt(new Uint8Array(64).fill(7));
  const input = hmacSecretInput.write({
    ...exchange.members,
    saltEnc,
    saltAuth: exchange.authenticate(saltEnc),
  });
  const extensions = new Map([['hmac-secret', input]]);
  const first = await getAssertion(key, { extensions, ...(await proofOf(uvToken(key))) });
  expect(mustSucceed(first).numberOfCredentials).toBe(4);
  for (let at = 0; at < 3; at++) mustSucceed(await getNextAssertion(key));
  await getAssertion(key, { allowList: [server.descriptor], options: { up: false } });
  key.machine.powerCycle();
  await getAssertion(key, { allowList: [server.descriptor] });
  await key.send(Uint8Array.of(0x07));
  await getAssertion(key, { allowList: [server.descriptor] });
  await makeCredential(key);
}

describe('a seeded key', () => {
  it('answers the same bytes in every run of the same requests', async () => {
    const [a, b, other] = [await seededKey('42'), await seededKey('42'), await seededKey('43')];
    for (const { key } of [a, b, other]) await life(key);
    expect(a.transcript.length).toBeGreaterThan(30);
    expect(b.transcript).toEqual(a.transcript);
    // Seeds do matter: only what has no randomness in it stays the same.
    const same = a.transcript.filter((line, at) => line === other.transcript[at]);
    expect(same.length).toBeLessThan(a.transcript.length / 3);
    expect(a.key.failures).toEqual([]);
  });
});
