/**
 * The WebAuthn library that this release of Auth.js asks for; its own import would find the newer one that the demo uses.
 */
import { createHash } from 'node:crypto';
import { verifySignature } from '@simplewebauthn/server/helpers';
import * as published from 'simplewebauthn-server-9';

export { published };

type Options = Parameters<typeof published.verifyAuthenticationResponse>[0];

/**
 * As published, but for one fault: @simplewebauthn/server 9.0.3 refuses a good ES256 signature if r or s starts with a zero byte, which is
 * one of 128 (mended in 10.0.1). No test that signs in would come out the same every day, so the newer version has a say on what is refused.
 */
export const mended = {
  ...published,
  async verifyAuthenticationResponse(options: Options) {
    const judged = await published.verifyAuthenticationResponse(options);
    return judged.verified ? judged : { ...judged, verified: await isGoodSignature(options) };
  },
};

/** Of authenticator data and hashed client data (WebAuthn L3 §7.2 step 21). */
function isGoodSignature({ response: { response }, authenticator }: Options): Promise<boolean> {
  const clientData = createHash('sha256').update(bytesOf(response.clientDataJSON)).digest();
  return verifySignature({
    signature: bytesOf(response.signature),
    data: new Uint8Array([...bytesOf(response.authenticatorData), ...clientData]),
    credentialPublicKey: new Uint8Array(authenticator.credentialPublicKey),
  });
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(base64url, 'base64url'));
}
