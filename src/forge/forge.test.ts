import {
  type VerifyAuthenticationResponseOpts,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { describe, expect, it } from 'vitest';
import { createNobleCrypto } from '../crypto/noble.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { encode } from '../ctap/cbor.js';
import { coseKeyToCbor } from '../ctap/cose.js';
import { toBase64url } from '../data/bytes.js';
import type { RegistrationResponseJSON } from '../webauthn/types.js';
import { type AssertionChange, forgeAssertion } from './assertion.js';
import type { CeremonySetting } from './ceremony.js';
import {
  challengeOf,
  forRpId,
  freshChallenge,
  fromOrigin,
  signatureBitFlipped,
  userNotVerified,
  withUserHandle,
} from './changes.js';
import { makePasskey } from './passkey.js';
import { forgeRegistration, type RegistrationChange } from './registration.js';

const CHALLENGE = 'AAECAwQFBgcICQoLDA0ODw';
const OTHER_CHALLENGE = 'Dw4NDAsKCQgHBgUEAwIBAA';
const ORIGIN = 'https://login.example.org';
const RP_ID = 'example.org';
const USER_ID = 'dXNlcg';

function setting(seed = 'forge'): CeremonySetting {
  return { crypto: createNobleCrypto({ random: createSeededRandom(seed) }), origin: ORIGIN, rpId: RP_ID };
}

const creation = {
  rp: { name: 'Example', id: RP_ID },
  user: { id: USER_ID, name: 'ada', displayName: 'Ada' },
  challenge: CHALLENGE,
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
};

async function registration(change: RegistrationChange = {}): Promise<RegistrationResponseJSON> {
  const scene = setting();
  return forgeRegistration(scene, creation, await makePasskey(scene.crypto), change);
}

/** As the judge would get it: parsed JSON, whose literal types nobody vouches for. */
function overTheWire(response: unknown) {
  return JSON.parse(JSON.stringify(response));
}

/** What the outside judge expects; `adapted` lets through exactly one thing. */
async function judgeAssertion(
  change: AssertionChange,
  adapted: Partial<VerifyAuthenticationResponseOpts> = {},
) {
  const scene = setting();
  const passkey = await makePasskey(scene.crypto);
  const response = forgeAssertion(scene, { challenge: CHALLENGE }, passkey, USER_ID, change);
  const judged = await verifyAuthenticationResponse({
    response: overTheWire(response),
    expectedChallenge: CHALLENGE,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    requireUserVerification: true,
    credential: {
      id: toBase64url(passkey.id),
      publicKey: Buffer.from(encode(coseKeyToCbor(passkey.keyPair.publicKey))),
      counter: 0,
    },
    ...adapted,
  }).catch(() => ({ verified: false }));
  return judged.verified;
}

async function judgeRegistration(response: RegistrationResponseJSON) {
  const judged = await verifyRegistrationResponse({
    response: overTheWire(response),
    expectedChallenge: CHALLENGE,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
  }).catch(() => ({ verified: false }));
  return judged.verified;
}

describe('without a change', () => {
  it('a registration is good by an outside judge', async () => {
    expect(await judgeRegistration(await registration())).toBe(true);
  });
  it('an assertion is good by an outside judge', async () => {
    expect(await judgeAssertion({})).toBe(true);
  });
  it('the same seed gives the same bytes', async () => {
    expect(await registration()).toEqual(await registration());
  });
  it('the counter rises', async () => {
    const passkey = await makePasskey(setting().crypto);
    expect([passkey.nextSignCount(), passkey.nextSignCount()]).toEqual([1, 2]);
  });
});

const { crypto } = setting('changes');
const FRESH = freshChallenge(crypto);

/** Each change, and the one expectation that has to give way for the judge to accept it: proof that nothing else is wrong. */
const SINGLE_FAULTS: readonly (readonly [
  string,
  AssertionChange,
  Partial<VerifyAuthenticationResponseOpts>,
])[] = [
  ['another challenge', challengeOf({ challenge: OTHER_CHALLENGE }), { expectedChallenge: OTHER_CHALLENGE }],
  ['a fresh challenge', FRESH, { expectedChallenge: (challenge) => challenge !== CHALLENGE }],
  ['another origin', fromOrigin('https://evil.example'), { expectedOrigin: 'https://evil.example' }],
  ['another RP ID', forRpId(crypto, 'evil.example'), { expectedRPID: 'evil.example' }],
  ['no user verification', userNotVerified, { requireUserVerification: false }],
];

describe('single faults', () => {
  it.each(SINGLE_FAULTS)(
    '%s: refused, and accepted once that one thing is expected',
    async (_, change, adapted) => {
      expect(await judgeAssertion(change)).toBe(false);
      expect(await judgeAssertion(change, adapted)).toBe(true);
    },
  );

  it('a flipped signature bit: refused', async () => {
    expect(await judgeAssertion(signatureBitFlipped)).toBe(false);
  });

  it("another user's handle changes the envelope alone", async () => {
    const scene = setting();
    const passkey = await makePasskey(scene.crypto);
    const forged = forgeAssertion(scene, { challenge: CHALLENGE }, passkey, USER_ID, withUserHandle('ZXZl'));
    expect(forged.response.userHandle).toBe('ZXZl');
    expect(await judgeAssertion(withUserHandle('ZXZl'))).toBe(true);
  });
});

describe('later stages follow an earlier one', () => {
  it('a registration: client data, authenticator data, attestation object, envelope', async () => {
    const good = await registration();
    const fields = [
      [{ clientData: (data) => ({ ...data, origin: 'https://evil.example' }) }, 'clientDataJSON', false],
      [{ clientDataJSON: (bytes) => bytes.subarray(1) }, 'clientDataJSON', false],
      // Nobody can hold a counter of 9 against a new passkey.
      [{ authenticatorData: (data) => ({ ...data, signCount: 9 }) }, 'attestationObject', true],
      [{ authenticatorDataBytes: (bytes) => bytes.subarray(0, 36) }, 'attestationObject', false],
      [
        { attestationObject: (object) => new Map([...object, ['fmt', 'unknown']]) },
        'attestationObject',
        false,
      ],
    ] as const satisfies readonly (readonly [RegistrationChange, string, boolean])[];
    for (const [change, member, accepted] of fields) {
      const changed = await registration(change);
      expect(changed.response[member]).not.toBe(good.response[member]);
      expect(await judgeRegistration(changed)).toBe(accepted);
    }
    expect((await registration({ response: (json) => ({ ...json, type: 'password' }) })).type).toBe(
      'password',
    );
  });

  it('an assertion: bytes changed before signing are signed', async () => {
    const extended: AssertionChange = { authenticatorDataBytes: (bytes) => bytes.with(36, 7) };
    expect(await judgeAssertion(extended)).toBe(true);
    expect(await judgeAssertion({ clientDataJSON: () => Uint8Array.of(0x7b) })).toBe(false);
  });
});

it('a passkey takes an ID that it is given', async () => {
  const id = Uint8Array.of(1, 2, 3);
  expect((await makePasskey(crypto, { id, algorithm: -8 })).id).toEqual(id);
});
