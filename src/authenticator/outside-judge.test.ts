/**
 * Whole ceremonies, with the usual relying-party library as the judge.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { describe, expect, it } from 'vitest';
import {
  type Attester,
  createBasicAttester,
  createTestRoot,
  noneAttester,
  selfAttester,
} from '../attestation/attestation.js';
import { encodeAttestationObject } from '../attestation/attestation-object.js';
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
  const attesters: readonly (readonly [string, () => Attester | Promise<Attester>])[] = [
    ['none', () => noneAttester],
    ['packed self', () => selfAttester],
    [
      'packed basic',
      async () => {
        const now = Date.UTC(2026, 0, 1);
        const root = await createTestRoot(nodeCrypto, now);
        return createBasicAttester({ crypto: nodeCrypto, root, aaguid: AAGUID, now });
      },
    ],
  ];
  const algorithms = [-7, -8, -35, -257];

  it.each(attesters)(
    'registrations with attestation %s, and sign-ins, are accepted',
    async (_, attesterOf) => {
      const attester = await attesterOf();
      for (const alg of algorithms) {
        const config = { ...FINGERPRINT, backup: { eligible: true, backedUp: true } };
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
          supportedAlgorithmIDs: algorithms,
        });
        expect(registration.verified).toBe(true);
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
