/**
 * Credentials without a ceremony: both halves at once, for test databases.
 */
import type { StoredCredential } from '../../authenticator/ports.js';
import type { Crypto } from '../../crypto/crypto.js';
import { createNobleCrypto } from '../../crypto/noble.js';
import { createNodeCrypto } from '../../crypto/node.js';
import { createSeededRandom } from '../../crypto/seeded-random.js';
import { spkiFromCoseKey } from '../../crypto/spki.js';
import { encode } from '../../ctap/cbor.js';
import { COSE_ALGORITHMS, type CoseAlgorithmName, coseKeyToCbor } from '../../ctap/cose.js';
import { toBase64url } from '../../data/bytes.js';
import type { DeviceProfile } from '../../rig/device-profile.js';
import { compact } from '../../webauthn/compact.js';
import { NOTICE } from './credential-file.js';
import { BACKUPS, type BackupName, type KeyrigCredential, toKeyrig } from './keyrig-shape.js';

/** Bytes of credential IDs, of user handles (WebAuthn L3 §14.6.1: random, at most 64), of the secrets of hmac-secret. */
const ID = 32;
const USER_HANDLE = 32;
const CRED_RANDOM = 32;

/** What a credential is to be like. */
export interface MintWishes {
  readonly rp: string;
  readonly rpName?: string | undefined;
  readonly user: string;
  readonly userDisplayName?: string | undefined;
  /** Drawn when left out. */
  readonly userHandle?: Uint8Array | undefined;
  readonly algorithm: CoseAlgorithmName;
  readonly discoverable: boolean;
  /** By default what the device's profile says. */
  readonly backup?: BackupName | undefined;
}

/** The server's half (WebAuthn L3 §4, credential record), with what a database usually has beside it. */
export interface ServerRecord {
  readonly type: 'public-key';
  readonly id: string;
  readonly rpId: string;
  readonly userHandle: string;
  readonly userName?: string;
  /** COSE number. */
  readonly algorithm: number;
  /** COSE_Key, base64url. */
  readonly publicKey: string;
  /** SubjectPublicKeyInfo, base64url; not for every algorithm. */
  readonly publicKeySpki?: string;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly aaguid: string;
  readonly discoverable: boolean;
  readonly uvInitialized: boolean;
  readonly backupEligible: boolean;
  readonly backupState: boolean;
}

/** Both halves. */
export interface BothHalves {
  readonly notice: string;
  /** The authenticator's half, with the private key. */
  readonly credential: KeyrigCredential;
  readonly record: ServerRecord;
}

/** A stream of its own per purpose, so that the same seed mints the same credential. */
export function mintingCrypto(seed: string | undefined): Crypto {
  return seed === undefined
    ? createNodeCrypto()
    : createNobleCrypto({ random: createSeededRandom(seed).fork('keys mint') });
}

/** Makes one. @throws KeyrigError `crypto-unsupported` for an algorithm that nothing serves here */
export async function mint(
  wishes: MintWishes,
  profile: DeviceProfile,
  crypto: Crypto,
): Promise<Omit<StoredCredential, 'created'>> {
  const { random } = crypto;
  const usual = profile.authenticator.backup;
  const { backup = usual } = wishes;
  const algorithm = COSE_ALGORITHMS[wishes.algorithm].id;
  return compact({
    id: random.bytes(ID),
    rpId: wishes.rp,
    rpName: wishes.rpName,
    userId: wishes.userHandle ?? random.bytes(USER_HANDLE),
    userName: wishes.user,
    userDisplayName: wishes.userDisplayName,
    keyPair: await crypto.generateKeyPair(algorithm),
    algorithm,
    credProtect: 1 as const,
    credRandomWithUv: random.bytes(CRED_RANDOM),
    credRandomWithoutUv: random.bytes(CRED_RANDOM),
    hmacSecret: profile.authenticator.extensions.includes('hmac-secret'),
    discoverable: wishes.discoverable ? undefined : (false as const),
    backup: backup === usual ? undefined : BACKUPS[backup],
  });
}

/** What a server stores of a credential on a device like this. */
export function recordOf(
  credential: Omit<StoredCredential, 'created'>,
  { authenticator }: DeviceProfile,
  signCount: number,
): ServerRecord {
  const { publicKey } = credential.keyPair;
  const { eligible, backedUp } = credential.backup ?? BACKUPS[authenticator.backup];
  const spki = spkiFromCoseKey(publicKey);
  return compact({
    type: 'public-key' as const,
    id: toBase64url(credential.id),
    rpId: credential.rpId,
    userHandle: toBase64url(credential.userId),
    userName: credential.userName,
    algorithm: credential.algorithm,
    publicKey: toBase64url(encode(coseKeyToCbor(publicKey))),
    publicKeySpki: spki && toBase64url(spki),
    signCount: authenticator.signatureCounter === 'zero' ? 0 : signCount,
    transports: [...authenticator.transports].sort(),
    aaguid: authenticator.aaguid,
    discoverable: credential.discoverable ?? true,
    // Nobody was verified: the server learns of the first verification when it happens.
    uvInitialized: false,
    backupEligible: eligible,
    backupState: backedUp,
  });
}

/** Both halves as one object. */
export function bothHalves(
  credential: StoredCredential,
  profile: DeviceProfile,
  signCount: number,
): BothHalves {
  return {
    notice: NOTICE,
    credential: toKeyrig(credential),
    record: recordOf(credential, profile, signCount),
  };
}
