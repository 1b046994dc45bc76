import { fail } from 'node:assert';
import { expect, it } from 'vitest';
import type { AuthenticationResponseJSON as Assertion } from '../../../src/webauthn/types.js';
import { TestKey } from '../test-key.js';
import { mended, published } from './simple-web-authn.js';

const ORIGIN = 'http://localhost:4000';
const ceremony = { challenge: 'Y2hhbGxlbmdl', rpId: 'localhost' };
const expected = {
  expectedChallenge: ceremony.challenge,
  expectedOrigin: ORIGIN,
  expectedRPID: ceremony.rpId,
};

/** A key that the library has registered, and what it says of a signature by it. */
async function registered(library: typeof published) {
  const key = new TestKey({ countless: true });
  const options = {
    ...ceremony,
    rp: { id: ceremony.rpId, name: 'RP' },
    user: { id: 'dXNlcg', name: 'ada', displayName: 'Ada' },
    pubKeyCredParams: [],
  };
  const { clientDataJSON, attestationObject } = key.create(options, ORIGIN).response;
  const { registrationInfo: authenticator } = await library.verifyRegistrationResponse({
    ...expected,
    response: envelope(key, { clientDataJSON, attestationObject }),
  });
  if (authenticator === undefined) fail('the registration is not good');
  const verdictOn = async ({ response: { clientDataJSON, authenticatorData, signature } }: Assertion) => {
    const response = envelope(key, { clientDataJSON, authenticatorData, signature });
    return (await library.verifyAuthenticationResponse({ ...expected, response, authenticator })).verified;
  };
  return { key, verdictOn };
}

/** The library's types want less than ours have. */
function envelope<Response>({ id }: TestKey, response: Response) {
  return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {}, response };
}

/** Signs until the lengths of r and s are as wanted. DER leaves zero bytes out, and puts one before a first bit that is set. */
function signedWith(key: TestKey, wanted: 'short' | 'whole'): Assertion {
  for (;;) {
    const assertion = key.get(ceremony, ORIGIN);
    const der = Buffer.from(assertion.response.signature, 'base64url');
    const r = der.subarray(4, 4 + (der[3] ?? 0));
    const s = der.subarray(6 + r.length);
    const isShort = [r, s].some((number) => number.length - (number[0] === 0 ? 1 : 0) < 32);
    if (isShort === (wanted === 'short')) return assertion;
  }
}

it.each([
  ['as published refuses', published, false],
  ['mended takes', mended, true],
] as const)('the library %s a good signature with a short number in it', async (_, library, taken) => {
  const { key, verdictOn } = await registered(library);
  expect(await verdictOn(signedWith(key, 'whole'))).toBe(true);
  expect(await verdictOn(signedWith(key, 'short'))).toBe(taken);
  expect(await verdictOn(key.get(ceremony, ORIGIN, { badSignature: true }))).toBe(false);
});
