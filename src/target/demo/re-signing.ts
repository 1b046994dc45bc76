/**
 * How a broken demo gets an honest library to take a wrong assertion: it signs the assertion again with a key of its own and calls that
 * the credential's key. Everything else about the assertion is verified as ever.
 */
import { createHash, KeyObject, sign, webcrypto } from 'node:crypto';
import { concat, fromBase64url, toBase64url } from '../../data/bytes.js';
import type { SignInResponse } from './responses.js';

/** An assertion and the COSE key that it is to be verified with. */
export interface SignedAssertion {
  readonly response: SignInResponse;
  readonly publicKey: Uint8Array;
}

/** Where authenticator data has the RP ID hash (WebAuthn L3 §6.1). */
const RP_ID_HASH_LENGTH = 32;

const { subtle } = webcrypto;

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };

/** Of an uncompressed point's two coordinates, after its first byte (SEC 1 §2.3.3). */
const COORDINATE_LENGTH = 32;

/** The same assertion with a good signature, whatever it had. */
export async function resign({ response }: SignedAssertion): Promise<SignedAssertion> {
  const { isoCBOR, cose } = await import('@simplewebauthn/server/helpers');
  const { publicKey, privateKey } = await subtle.generateKey(P256, true, ['sign', 'verify']);
  const signature = sign('sha256', signedBytes(response), KeyObject.from(privateKey));
  const point = new Uint8Array(await subtle.exportKey('raw', publicKey));
  const coseKey = new Map<number, number | Uint8Array>([
    [cose.COSEKEYS.kty, cose.COSEKTY.EC2],
    [cose.COSEKEYS.alg, cose.COSEALG.ES256],
    [cose.COSEKEYS.crv, cose.COSECRV.P256],
    [cose.COSEKEYS.x, point.subarray(1, 1 + COORDINATE_LENGTH)],
    [cose.COSEKEYS.y, point.subarray(1 + COORDINATE_LENGTH)],
  ]);
  return {
    response: { ...response, response: { ...response.response, signature: toBase64url(signature) } },
    publicKey: isoCBOR.encode(coseKey),
  };
}

/** The same assertion with this RP ID's hash, if its own signature is good; else as it was. */
export async function resignForRpId(assertion: SignedAssertion, rpId: string): Promise<SignedAssertion> {
  if (!(await isSignatureGood(assertion))) return assertion;
  const authenticatorData = Uint8Array.from(bytesOf(assertion.response.response.authenticatorData));
  authenticatorData.set(createHash('sha256').update(rpId).digest().subarray(0, RP_ID_HASH_LENGTH));
  const { response } = assertion;
  const patched = { ...response.response, authenticatorData: toBase64url(authenticatorData) };
  return resign({ ...assertion, response: { ...response, response: patched } });
}

async function isSignatureGood({ response, publicKey }: SignedAssertion): Promise<boolean> {
  const { verifySignature } = await import('@simplewebauthn/server/helpers');
  try {
    return await verifySignature({
      signature: new Uint8Array(bytesOf(response.response.signature)),
      data: new Uint8Array(signedBytes(response)),
      credentialPublicKey: new Uint8Array(publicKey),
    });
  } catch {
    return false;
  }
}

/** What an authenticator signs: its data and the hash of the client data (WebAuthn L3 §6.3.3 step 11). */
function signedBytes({ response }: SignInResponse): Uint8Array {
  const clientDataHash = createHash('sha256').update(bytesOf(response.clientDataJSON)).digest();
  return concat(bytesOf(response.authenticatorData), clientDataHash);
}

/** An empty array for what is not base64url: the library will refuse it by itself. */
function bytesOf(base64url: string): Uint8Array {
  return fromBase64url(base64url) ?? new Uint8Array();
}
