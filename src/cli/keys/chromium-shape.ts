/**
 * Credentials as Chromium's virtual authenticators have them: `WebAuthn.addCredential`, `getCredential` and `getCredentials` of the DevTools
 * protocol (types `WebAuthn.Credential`, binary as base64).
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { CredentialBlob, StoredCredential } from '../../authenticator/ports.js';
import type { Random } from '../../ports.js';
import { compact } from '../../webauthn/compact.js';
import { bytesAt, keyPairAt, type PortableCredential, ShapeFault, toBase64, toPkcs8 } from './portable.js';

const text = z.string();

/** One credential; what newer browsers add is passed over. */
export const chromiumCredential = z.looseObject({
  credentialId: text.min(1),
  isResidentCredential: z.boolean(),
  rpId: text.min(1),
  privateKey: text.min(1),
  userHandle: text.optional(),
  /** −1 for an authenticator without a counter. */
  signCount: z.int().min(-1).max(0xffff_ffff),
  largeBlob: text.optional(),
  backupEligibility: z.boolean().optional(),
  backupState: z.boolean().optional(),
  userName: text.optional(),
  userDisplayName: text.optional(),
});

/** A credential as CDP has it. */
export type ChromiumCredential = z.input<typeof chromiumCredential>;

/** Bytes of both secrets of hmac-secret, and of a large blob at most: bombs don't get further. */
const CRED_RANDOM = 32;
const LARGEST_BLOB = 1024 * 1024;

/** What a key's profile says of all its credentials. */
export interface KeyFacts {
  readonly signCount: number;
  readonly backup: { readonly eligible: boolean; readonly backedUp: boolean };
}

/** A private credential in this shape. What it has no member for is lost: names of relying parties, protection, secrets of PRF. */
export function toChromium(credential: StoredCredential, key: KeyFacts): ChromiumCredential {
  const { eligible, backedUp } = credential.backup ?? key.backup;
  return compact({
    credentialId: toBase64(credential.id),
    isResidentCredential: credential.discoverable ?? true,
    rpId: credential.rpId,
    privateKey: toBase64(toPkcs8(credential.keyPair)),
    userHandle: credential.userId.length === 0 ? undefined : toBase64(credential.userId),
    signCount: key.signCount,
    largeBlob: credential.largeBlob && toBase64(inflated(credential.largeBlob)),
    backupEligibility: eligible,
    backupState: backedUp,
    userName: credential.userName,
    userDisplayName: credential.userDisplayName,
  });
}

function inflated({ data }: CredentialBlob): Uint8Array {
  return inflateRawSync(data, { maxOutputLength: LARGEST_BLOB });
}

/**
 * Back again; what the shape lacks is drawn anew.
 *
 * @throws ShapeFault
 */
export function fromChromium(json: z.output<typeof chromiumCredential>, random: Random): PortableCredential {
  const { isResidentCredential, userHandle = '' } = json;
  if (isResidentCredential && userHandle === '')
    throw new ShapeFault(['userHandle'], 'expected a user handle: a discoverable credential has one');
  const keyPair = keyPairAt(['privateKey'], json.privateKey);
  const credential: PortableCredential['credential'] = compact({
    id: bytesAt(['credentialId'], json.credentialId),
    rpId: json.rpId,
    userId: bytesAt(['userHandle'], userHandle),
    userName: json.userName,
    userDisplayName: json.userDisplayName,
    keyPair,
    algorithm: keyPair.algorithm,
    credProtect: 1 as const,
    credRandomWithUv: random.bytes(CRED_RANDOM),
    credRandomWithoutUv: random.bytes(CRED_RANDOM),
    hmacSecret: false,
    largeBlob: json.largeBlob === undefined ? undefined : deflated(bytesAt(['largeBlob'], json.largeBlob)),
    discoverable: isResidentCredential ? undefined : (false as const),
    backup: backupOf(json),
  });
  return { credential, signCount: Math.max(0, json.signCount) };
}

function deflated(blob: Uint8Array): CredentialBlob {
  if (blob.length > LARGEST_BLOB)
    throw new ShapeFault(['largeBlob'], `expected at most ${LARGEST_BLOB} bytes`);
  return { data: new Uint8Array(deflateRawSync(blob)), originalSize: blob.length };
}

/** Only where the file says it; else a key gives its own flags. */
function backupOf({
  backupEligibility: eligible,
  backupState: backedUp,
}: z.output<typeof chromiumCredential>) {
  if (eligible === undefined && backedUp === undefined) return undefined;
  if (backedUp && !eligible)
    throw new ShapeFault(['backupState'], 'expected false: what is not eligible is not backed up');
  return { eligible: eligible ?? false, backedUp: backedUp ?? false };
}
