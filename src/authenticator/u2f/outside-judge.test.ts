/**
 * U2F under an outside judge: registrations and assertions, translated as WebAuthn clients translate them (CTAP 2.1 §7.1.4 and §7.2.3),
 * before @simplewebauthn/server.
 */
import {
  SettingsService,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeAttestationObject } from '../../attestation/attestation-object.js';
import { encode } from '../../ctap/cbor.js';
import {
  readU2fAssertion,
  readU2fRegistration,
  u2fAuthenticateCommand,
  u2fRegisterCommand,
} from '../../ctap/u2f.js';
import { concat, toBase64url, utf8 } from '../../data/bytes.js';
import { nodeCrypto, RP_ID } from '../test-platform.suite.js';
import { APPLICATION, coseKeyOf, createU2fKey, sendU2f, u2fRoot } from './u2f-client.suite.js';

const ORIGIN = 'https://example.org';

function clientData(type: 'create' | 'get') {
  const challenge = toBase64url(nodeCrypto.random.bytes(32));
  const json = utf8(JSON.stringify({ type: `webauthn.${type}`, challenge, origin: ORIGIN }));
  return { challenge, json, hash: nodeCrypto.sha256(json) };
}

/** UP and AT, no counter, no AAGUID. */
const REGISTRATION_HEAD = Uint8Array.of(0x41, 0, 0, 0, 0);
const NO_AAGUID = new Uint8Array(16);

beforeAll(async () => {
  const certificates = [new Uint8Array(await u2fRoot)];
  SettingsService.setRootCertificates({ identifier: 'fido-u2f', certificates });
});

describe('@simplewebauthn/server accepts', () => {
  it('a registration, and an assertion of its credential', async () => {
    const key = await createU2fKey();
    const created = clientData('create');
    const command = u2fRegisterCommand({ challenge: created.hash, application: APPLICATION });
    const registered =
      readU2fRegistration((await sendU2f(key, command)).data) ?? expect.unreachable('not registered');
    const { keyHandle, publicKey, certificate, signature } = registered;
    const authData = concat(
      APPLICATION,
      REGISTRATION_HEAD,
      NO_AAGUID,
      Uint8Array.of(0, keyHandle.length),
      keyHandle,
      encode(coseKeyOf(publicKey)),
    );
    const attStmt = new Map<string, Uint8Array | readonly Uint8Array[]>([
      ['sig', signature],
      ['x5c', [certificate]],
    ]);
    const rawId = toBase64url(keyHandle);
    const registration = await verifyRegistrationResponse({
      response: {
        id: rawId,
        rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: toBase64url(created.json),
          attestationObject: toBase64url(encodeAttestationObject({ fmt: 'fido-u2f', attStmt, authData })),
        },
      },
      expectedChallenge: created.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: false,
    });
    expect(registration).toMatchObject({ verified: true, registrationInfo: { fmt: 'fido-u2f' } });
    const credential = registration.registrationInfo?.credential ?? expect.unreachable('no credential');

    const got = clientData('get');
    const parameters = { challenge: got.hash, application: APPLICATION, keyHandle };
    const answer = await sendU2f(key, u2fAuthenticateCommand('enforcePresence', parameters));
    const assertion = readU2fAssertion(answer.data) ?? expect.unreachable('not signed');
    const authentication = await verifyAuthenticationResponse({
      response: {
        id: rawId,
        rawId,
        type: 'public-key',
        clientExtensionResults: {},
        response: {
          clientDataJSON: toBase64url(got.json),
          // Presence byte and counter are flags and counter.
          authenticatorData: toBase64url(concat(APPLICATION, answer.data.subarray(0, 5))),
          signature: toBase64url(assertion.signature),
        },
      },
      expectedChallenge: got.challenge,
      expectedOrigin: ORIGIN,
      expectedRPID: RP_ID,
      requireUserVerification: false,
      credential,
    });
    expect(authentication).toMatchObject({ verified: true, authenticationInfo: { newCounter: 1 } });
  });
});
