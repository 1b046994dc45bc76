/**
 * Whole ceremonies, with the usual relying-party library as the judge.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Attester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createFidoU2fAttester,
  createTestRoot,
  createTpmAttester,
  noneAttester,
  selfAttester,
} from '../attestation/attestation.js';
import { encodeAttestationObject } from '../attestation/attestation-object.js';
import { forgetRoots, trust } from '../attestation/judge.suite.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import {
  AAGUID,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  mustSucceed,
  nodeCrypto,
  prove,
  RP_ID,
  register,
  uvToken,
} from './test-platform.suite.js';

const ORIGIN = `https://${RP_ID}`;

function clientData(type: 'create' | 'get') {
  const challenge = toBase64url(utf8('a challenge of the relying party'));
  const json = utf8(
    JSON.stringify({ type: `webauthn.${type}`, challenge, origin: ORIGIN, crossOrigin: false }),
  );
  return { challenge, json, hash: nodeCrypto.sha256(json) };
}

describe('judged by @simplewebauthn/server', () => {
  const now = Date.UTC(2026, 0, 1);
  const options = async () => ({ crypto: nodeCrypto, root: await createTestRoot(nodeCrypto, now), now });
  const all = [-7, -8, -35, -257] as const;
  type Make = () => Attester | Promise<Attester>;
  /** Each with the algorithms that both it and the judge know. */
  const attesters: readonly (readonly [string, readonly (typeof all)[number][], Make])[] = [
    ['none', all, () => noneAttester],
    ['packed self', all, () => selfAttester],
    ['packed basic', all, async () => createBasicAttester({ ...(await options()), aaguid: AAGUID })],
    ['fido-u2f', [-7], async () => createFidoU2fAttester(await options())],
    ['tpm', [-7, -35, -257], async () => createTpmAttester({ ...(await options()), aaguid: AAGUID })],
    ['android-key', [-7, -35], async () => createAndroidKeyAttester(await options())],
    ['apple', [-7], async () => createAppleAttester(await options())],
  ];

  beforeAll(() => {
    // The chains are judged where the formats are tested; here every root is as good as another.
    for (const format of ['android-key', 'apple'] as const) trust(format);
  });
  afterAll(forgetRoots);

  it.each(attesters)(
    'registrations with attestation %s, and sign-ins, are accepted',
    async (name, algorithms, attesterOf) => {
      const attester = await attesterOf();
      for (const alg of algorithms) {
        const config = {
          ...FINGERPRINT,
          algorithms,
          backup: { eligible: true, backedUp: true },
          limits: { maxMsgSize: 2048 },
        };
        const key = createTestKey({ attester, config, verification: 'succeed' });
        const created = clientData('create');
        const { response, id } = await register(key, {
          clientDataHash: created.hash,
          pubKeyCredParams: [{ alg, type: 'public-key' }],
          options: { rk: true, uv: true },
          extensions: new Map([['credProtect', 2]]),
        });
        const { fmt, authData } = response;
        const attStmt = response.attStmt instanceof Map ? response.attStmt : new Map();
        const rawId = toBase64url(id);
        const registration = await verifyRegistrationResponse({
          response: {
            id: rawId,
            rawId,
            type: 'public-key',
            clientExtensionResults: {},
            response: {
              clientDataJSON: toBase64url(created.json),
              attestationObject: toBase64url(encodeAttestationObject({ fmt, attStmt, authData })),
            },
          },
          expectedChallenge: created.challenge,
          expectedOrigin: ORIGIN,
          expectedRPID: RP_ID,
          supportedAlgorithmIDs: [...algorithms],
        });
        expect(registration.verified).toBe(true);
        expect(registration.registrationInfo?.fmt).toBe(name.split(' ')[0]);
        expect(registration.registrationInfo).toMatchObject({ credentialBackedUp: true, userVerified: true });
        const credential = registration.registrationInfo?.credential;
        if (credential === undefined) throw new TypeError('nothing was registered');

        const got = clientData('get');
        const token = mustSucceed(await uvToken(key));
        const assertion = mustSucceed(
          await getAssertion(key, { clientDataHash: got.hash, ...prove(key, token.bytes, 2, got.hash) }),
        );
        const authentication = await verifyAuthenticationResponse({
          response: {
            id: rawId,
            rawId,
            type: 'public-key',
            clientExtensionResults: {},
            response: {
              clientDataJSON: toBase64url(got.json),
              authenticatorData: toBase64url(assertion.authData),
              signature: toBase64url(assertion.signature),
            },
          },
          expectedChallenge: got.challenge,
          expectedOrigin: ORIGIN,
          expectedRPID: RP_ID,
          credential,
        });
        expect(authentication.verified).toBe(true);
        expect(authentication.authenticationInfo).toMatchObject({ newCounter: 1, userVerified: true });
      }
    },
  );
});
