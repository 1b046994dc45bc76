/**
 * What OpenSSL alone takes: nothing that makes assertions on one thread of this machine is faster.
 */
import { createECDH, createPrivateKey, generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';

/** Bytes: client data of a short origin, authenticator data without extensions, SHA-256. */
const CLIENT_DATA = 120;
const AUTH_DATA = 37;
const HASH = 32;

/** A private key on P-256. */
export function jwk() {
  const format = { format: 'jwk' };
  // Encoded while it is made: exporting a generated key as JWK can lock up on Node 20.
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: format,
    publicKeyEncoding: format,
  });
  return privateKey;
}

/** One assertion: the client data's hash, and a signature over authenticator data and hash by a prepared key. */
export function hashAndSign() {
  const key = createPrivateKey({ key: jwk(), format: 'jwk' });
  return signer(() => key);
}

/** One registration and the first assertion with it: make a key, import it for signing, hash twice, sign once. */
export function makeImportSign() {
  const known = jwk();
  const curve = createECDH('prime256v1');
  return signer(() => {
    curve.generateKeys();
    hash('sha256', CLIENT_BYTES, 'buffer');
    return createPrivateKey({ key: known, format: 'jwk' });
  });
}

const CLIENT_BYTES = randomBytes(CLIENT_DATA);

function signer(key) {
  const message = randomBytes(AUTH_DATA + HASH);
  return async (times) => {
    for (let time = 0; time < times; time++) {
      const prepared = key();
      message.set(hash('sha256', CLIENT_BYTES, 'buffer'), AUTH_DATA);
      sign('sha256', message, prepared);
    }
  };
}
