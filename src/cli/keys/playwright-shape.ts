/**
 * Credentials as Playwright has them: `context.credentials.get()` and `create()` since 1.61, and the member `credentials` of `storageState`
 * since 1.62. All of them are discoverable and ES256; binary is base64url.
 */
import { z } from 'zod';
import type { StoredCredential } from '../../authenticator/ports.js';
import { spkiFromCoseKey } from '../../crypto/spki.js';
import { COSE_ALGORITHMS } from '../../ctap/cose.js';
import { sameBytes, toBase64url } from '../../data/bytes.js';
import type { Random } from '../../ports.js';
import { bytesAt, keyPairAt, type PortableCredential, ShapeFault, toPkcs8Text } from './portable.js';

const text = z.string().min(1);

/** One credential. */
export const playwrightCredential = z.looseObject({
  id: text,
  rpId: text,
  userHandle: text,
  /** PKCS#8. */
  privateKey: text,
  /** SubjectPublicKeyInfo. */
  publicKey: text,
  signCount: z.int().min(0).max(0xffff_ffff).default(0),
});

/** A credential as Playwright has it. */
export type PlaywrightCredential = z.input<typeof playwrightCredential>;

const CRED_RANDOM = 32;

/** Whether Playwright could have made it. */
export function fitsPlaywright({ discoverable, algorithm, userId }: StoredCredential): boolean {
  return discoverable !== false && algorithm === COSE_ALGORITHMS.ES256.id && userId.length > 0;
}

/** A private credential in this shape, if it {@link fitsPlaywright}. */
export function toPlaywright(credential: StoredCredential, signCount: number): PlaywrightCredential {
  const { keyPair } = credential;
  return {
    id: toBase64url(credential.id),
    rpId: credential.rpId,
    userHandle: toBase64url(credential.userId),
    privateKey: toPkcs8Text(keyPair),
    publicKey: toBase64url(spkiFromCoseKey(keyPair.publicKey) ?? new Uint8Array(0)),
    signCount,
  };
}

/** Back again; what the shape lacks is drawn anew. @throws ShapeFault */
export function fromPlaywright(
  json: z.output<typeof playwrightCredential>,
  random: Random,
): PortableCredential {
  const keyPair = keyPairAt(['privateKey'], json.privateKey);
  const publicKey = spkiFromCoseKey(keyPair.publicKey);
  if (publicKey === undefined || !sameBytes(publicKey, bytesAt(['publicKey'], json.publicKey)))
    throw new ShapeFault(['publicKey'], 'expected the public half of privateKey, as SubjectPublicKeyInfo');
  const credential = {
    id: bytesAt(['id'], json.id),
    rpId: json.rpId,
    userId: bytesAt(['userHandle'], json.userHandle),
    keyPair,
    algorithm: keyPair.algorithm,
    credProtect: 1,
    credRandomWithUv: random.bytes(CRED_RANDOM),
    credRandomWithoutUv: random.bytes(CRED_RANDOM),
    hmacSecret: false,
  } as const;
  return { credential, signCount: json.signCount };
}
