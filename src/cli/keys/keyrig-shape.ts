/**
 * Our own shape of a credential: everything that a store keeps of it, so that nothing is lost on the way.
 */
import { z } from 'zod';
import type { StoredCredential } from '../../authenticator/ports.js';
import { COSE_ALGORITHMS, type CoseAlgorithmName, coseAlgorithm } from '../../ctap/cose.js';
import { toBase64url } from '../../data/bytes.js';
import { compact } from '../../webauthn/compact.js';
import { bytesAt, keyPairAt, type PortableCredential, ShapeFault, toPkcs8Text } from './portable.js';

const ALGORITHM_NAMES = Object.keys(COSE_ALGORITHMS) as [CoseAlgorithmName, ...CoseAlgorithmName[]];
const text = z.string();
const CRED_RANDOM = 32;

/** One credential. Byte strings are base64url. */
export const keyrigCredential = z.strictObject({
  id: text.min(1),
  rpId: text.min(1),
  rpName: text.optional(),
  userId: text,
  userName: text.optional(),
  userDisplayName: text.optional(),
  algorithm: z.enum(ALGORITHM_NAMES),
  /** PKCS#8. */
  privateKey: text.min(1),
  discoverable: z.boolean().default(true),
  /** Left out: those that the key gives all its credentials. */
  backup: z.enum(['device-bound', 'eligible', 'synced']).optional(),
  credProtect: z.union([z.literal(1), z.literal(2), z.literal(3)]).default(1),
  hmacSecret: z.boolean().default(false),
  credRandomWithUv: text,
  credRandomWithoutUv: text,
  credBlob: text.optional(),
  largeBlobKey: text.optional(),
  /** As the platform compressed it. */
  largeBlob: z.strictObject({ data: text, originalSize: z.int().min(0) }).optional(),
  thirdPartyPayment: z.boolean().optional(),
});

/** A credential as JSON. */
export type KeyrigCredential = z.input<typeof keyrigCredential>;

/** A private credential as JSON. */
export function toKeyrig(credential: StoredCredential): KeyrigCredential {
  const { keyPair, largeBlob } = credential;
  return compact({
    id: toBase64url(credential.id),
    rpId: credential.rpId,
    rpName: credential.rpName,
    userId: toBase64url(credential.userId),
    userName: credential.userName,
    userDisplayName: credential.userDisplayName,
    algorithm: coseAlgorithm(credential.algorithm)?.name ?? 'ES256',
    privateKey: toPkcs8Text(keyPair),
    discoverable: credential.discoverable ?? true,
    backup: credential.backup && backupName(credential.backup),
    credProtect: credential.credProtect,
    hmacSecret: credential.hmacSecret,
    credRandomWithUv: toBase64url(credential.credRandomWithUv),
    credRandomWithoutUv: toBase64url(credential.credRandomWithoutUv),
    credBlob: credential.credBlob && toBase64url(credential.credBlob),
    largeBlobKey: credential.largeBlobKey && toBase64url(credential.largeBlobKey),
    largeBlob: largeBlob && { ...largeBlob, data: toBase64url(largeBlob.data) },
    thirdPartyPayment: credential.thirdPartyPayment,
  });
}

/** Back again. @throws ShapeFault */
export function fromKeyrig(json: z.output<typeof keyrigCredential>): PortableCredential {
  const algorithm = COSE_ALGORITHMS[json.algorithm].id;
  const credential: PortableCredential['credential'] = compact({
    id: bytesAt(['id'], json.id),
    rpId: json.rpId,
    rpName: json.rpName,
    userId: bytesAt(['userId'], json.userId),
    userName: json.userName,
    userDisplayName: json.userDisplayName,
    keyPair: keyPairAt(['privateKey'], json.privateKey, algorithm),
    algorithm,
    credProtect: json.credProtect,
    credRandomWithUv: credRandomAt('credRandomWithUv', json.credRandomWithUv),
    credRandomWithoutUv: credRandomAt('credRandomWithoutUv', json.credRandomWithoutUv),
    hmacSecret: json.hmacSecret,
    credBlob: json.credBlob === undefined ? undefined : bytesAt(['credBlob'], json.credBlob),
    largeBlobKey: json.largeBlobKey === undefined ? undefined : bytesAt(['largeBlobKey'], json.largeBlobKey),
    largeBlob: json.largeBlob && {
      data: bytesAt(['largeBlob', 'data'], json.largeBlob.data),
      originalSize: json.largeBlob.originalSize,
    },
    thirdPartyPayment: json.thirdPartyPayment,
    discoverable: json.discoverable ? undefined : (false as const),
    backup: json.backup === undefined ? undefined : BACKUPS[json.backup],
  });
  return { credential, signCount: undefined };
}

function credRandomAt(member: string, value: string): Uint8Array {
  const bytes = bytesAt([member], value);
  if (bytes.length === CRED_RANDOM) return bytes;
  throw new ShapeFault([member], `expected ${CRED_RANDOM} bytes`);
}

/** Backup flags by the names that profiles have for them. */
export const BACKUPS = {
  'device-bound': { eligible: false, backedUp: false },
  eligible: { eligible: true, backedUp: false },
  synced: { eligible: true, backedUp: true },
} as const;

/** One of {@link BACKUPS}. */
export type BackupName = keyof typeof BACKUPS;

function backupName({
  eligible,
  backedUp,
}: {
  readonly eligible: boolean;
  readonly backedUp: boolean;
}): BackupName {
  if (!eligible) return 'device-bound';
  return backedUp ? 'synced' : 'eligible';
}
