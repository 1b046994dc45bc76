/**
 * A platform that manages credentials: CredentialManagement and LargeBlobs with their proofs, put together by hand.
 */
import type { PinUvAuthProtocolVersion } from '../crypto/pin-uv-auth-protocol.js';
import { type CborMap, encode } from '../ctap/cbor.js';
import { PERMISSIONS, type PermissionName } from '../ctap/messages/client-pin.js';
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  type CredentialManagementParams,
  type CredentialManagementRequest,
  type CredentialManagementResponse,
  type CredentialManagementSubcommandName,
  credentialManagementParams,
  credentialManagementRequest,
  credentialManagementResponse,
} from '../ctap/messages/credential-management.js';
import {
  type LargeBlobsRequest,
  type LargeBlobsResponse,
  largeBlobsRequest,
  largeBlobsResponse,
} from '../ctap/messages/large-blobs.js';
import { concat, utf8 } from '../data/bytes.js';
import {
  type Answer,
  agree,
  type ConfigChange,
  call,
  clientPin,
  mustSucceed,
  nodeCrypto,
  pinHash,
  pinToken,
  proofOf,
  prove,
  type Registered,
  register,
  type TestKey,
} from './test-platform.suite.js';

/** Everything that keeps something, and what manages it. */
export const MANAGED = {
  versions: ['FIDO_2_0', 'FIDO_2_1_PRE'],
  extensions: ['credProtect', 'hmac-secret', 'credBlob', 'largeBlobKey', 'thirdPartyPayment'],
  options: { credMgmt: true, credentialMgmtPreview: true, largeBlobs: true, perCredMgmtRO: true },
  limits: { maxCredBlobLength: 32, maxSerializedLargeBlobArray: 4096 },
} as const satisfies ConfigChange;

/** Which token. */
export interface TokenOrder {
  readonly permission?: PermissionName;
  /** Bound to a relying party when there is one. */
  readonly rpId?: string;
  readonly version?: PinUvAuthProtocolVersion;
  readonly pin?: string;
}

/** A token in the platform's hands, with the protocol that it was obtained by. */
export interface HeldToken {
  readonly bytes: Uint8Array;
  readonly version: PinUvAuthProtocolVersion;
}

/** A token with one permission, of no relying party unless one is said. */
export async function heldToken(key: TestKey, order: TokenOrder = {}): Promise<HeldToken> {
  const { permission = 'cm', rpId, version = 2, pin = '1234' } = order;
  const exchange = await agree(key, version);
  const answer = await clientPin(key, 'getPinUvAuthTokenUsingPinWithPermissions', {
    ...exchange.members,
    pinHashEnc: exchange.encrypt(pinHash(pin)),
    permissions: PERMISSIONS[permission],
    ...(rpId === undefined ? {} : { rpId }),
  });
  const encrypted = mustSucceed(answer).pinUvAuthToken ?? new Uint8Array(0);
  return { bytes: exchange.decrypt(encrypted), version };
}

export type ManagementCommandName =
  | 'authenticatorCredentialManagement'
  | 'authenticatorCredentialManagementPreview';

/** The members of a request, with a proof if there is a token for one. */
export function managementMembers(
  key: TestKey,
  name: CredentialManagementSubcommandName,
  params?: CredentialManagementParams,
  token?: HeldToken,
): CredentialManagementRequest {
  const subCommand = CREDENTIAL_MANAGEMENT_SUBCOMMANDS[name];
  const subCommandParams = params && credentialManagementParams.write(params);
  return provenMembers(key, subCommand, subCommandParams, token);
}

/** The same with parameters as they are. */
export function provenMembers(
  key: TestKey,
  subCommand: number,
  subCommandParams: CborMap | undefined,
  token: HeldToken | undefined,
): CredentialManagementRequest {
  const tail = subCommandParams === undefined ? new Uint8Array(0) : encode(subCommandParams);
  const message = concat(Uint8Array.of(subCommand), tail);
  return {
    subCommand,
    ...(subCommandParams === undefined ? {} : { subCommandParams }),
    ...(token === undefined ? {} : prove(key, token.bytes, token.version, message)),
  };
}

/** Sends a request as it is. */
export async function sendManagement(
  key: TestKey,
  members: CredentialManagementRequest,
  command: ManagementCommandName = 'authenticatorCredentialManagement',
): Promise<Answer<CredentialManagementResponse>> {
  return call(key, command, credentialManagementRequest.write(members), credentialManagementResponse);
}

/** Sends a sub-command. */
export async function manage(
  key: TestKey,
  name: CredentialManagementSubcommandName,
  params?: CredentialManagementParams,
  token?: HeldToken,
): Promise<Answer<CredentialManagementResponse>> {
  return sendManagement(key, managementMembers(key, name, params, token));
}

/** A discoverable credential of this relying party, on a key with the usual PIN. */
export async function registerAt(
  key: TestKey,
  rpId: string,
  user: string,
  change: Parameters<typeof register>[1] = {},
): Promise<Registered> {
  return register(key, {
    rp: { id: rpId, name: `The ${rpId}` },
    user: { id: utf8(user), name: user, displayName: user.toUpperCase() },
    options: { rk: true },
    ...(await proofOf(pinToken(key, { rpId }))),
    ...change,
  });
}

export const hashOf = (rpId: string) => nodeCrypto.sha256(utf8(rpId));

/** Sends a request of LargeBlobs as it is. */
export async function sendBlobs(
  key: TestKey,
  members: LargeBlobsRequest,
): Promise<Answer<LargeBlobsResponse>> {
  return call(key, 'authenticatorLargeBlobs', largeBlobsRequest.write(members), largeBlobsResponse);
}

const PADDING = new Uint8Array(32).fill(0xff);

/** The proof of a fragment, put together by hand. */
export function blobProof(key: TestKey, token: HeldToken, offset: number, set: Uint8Array) {
  const place = Uint8Array.of(0x0c, 0x00, offset & 0xff, (offset >> 8) & 0xff, 0, 0);
  return prove(key, token.bytes, token.version, concat(PADDING, place, nodeCrypto.sha256(set)));
}

/** An array as bytes, with its checksum behind it. */
export function blobArray(content: Uint8Array): Uint8Array {
  return concat(content, nodeCrypto.sha256(content).slice(0, 16));
}

/** Writes a fragment; the first one says how long the whole is. */
export async function writeFragment(
  key: TestKey,
  set: Uint8Array,
  at: { readonly offset: number; readonly length?: number },
  token?: HeldToken,
): Promise<string> {
  const proof = token === undefined ? {} : blobProof(key, token, at.offset, set);
  return (await sendBlobs(key, { set, ...at, ...proof })).status;
}

/** Everything that is stored. */
export async function readArray(key: TestKey): Promise<Uint8Array> {
  const { config } = mustSucceed(await sendBlobs(key, { get: 1024, offset: 0 }));
  return config ?? new Uint8Array(0);
}
