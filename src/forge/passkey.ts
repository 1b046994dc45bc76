/**
 * Passkeys whose private keys the suite itself holds, so that every byte of a response can be chosen and signed again.
 */

import type { Crypto, KeyPair, Signer } from '../crypto/crypto.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';

/** A passkey without an authenticator around it. */
export interface Passkey {
  readonly id: Uint8Array;
  readonly keyPair: KeyPair;
  readonly sign: Signer;
  /** 16 bytes. */
  readonly aaguid: Uint8Array;
  /** The counter for the next authenticator data: rises with each call. */
  nextSignCount(): number;
}

/** What a passkey may be like. */
export interface PasskeyOptions {
  /** ES256 by default. */
  readonly algorithm?: CoseAlgorithmId;
  /** In place of 32 random bytes: somebody else's ID, or one of unusual length. */
  readonly id?: Uint8Array;
}

/** Bytes of an ordinary credential ID. */
const ID_LENGTH = 32;
const AAGUID_LENGTH = 16;
/** ES256: every relying party takes it. */
const DEFAULT_ALGORITHM: CoseAlgorithmId = -7;

/**
 * Makes a passkey; all of it follows from the randomness of `crypto`.
 *
 * @throws KeyrigError `crypto-unsupported`
 */
export async function makePasskey(crypto: Crypto, options: PasskeyOptions = {}): Promise<Passkey> {
  const keyPair = await crypto.generateKeyPair(options.algorithm ?? DEFAULT_ALGORITHM);
  let signCount = 0;
  return {
    id: options.id ?? crypto.random.bytes(ID_LENGTH),
    keyPair,
    sign: crypto.prepareSigner(keyPair),
    aaguid: new Uint8Array(AAGUID_LENGTH),
    nextSignCount: () => {
      signCount += 1;
      return signCount;
    },
  };
}
