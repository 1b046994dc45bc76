/**
 * authenticatorCredentialManagement (CTAP 2.1 §6.8), and its preview of FIDO_2_1_PRE, which differs in the command byte alone.
 */
import { concat } from '../../data/bytes.js';
import { type CborMap, encode } from '../cbor.js';
import { credentialDescriptor, rpEntity, userEntity } from './entities.js';
import { bool, bytes, map, optional, required, shape, uint, type Value } from './shape.js';

/** Sub-commands by their specification names. */
export const CREDENTIAL_MANAGEMENT_SUBCOMMANDS = {
  /** How many discoverable credentials there are, and how many more there is room for. */
  getCredsMetadata: 0x01,
  enumerateRPsBegin: 0x02,
  /** Needs no proof. */
  enumerateRPsGetNextRP: 0x03,
  enumerateCredentialsBegin: 0x04,
  /** Needs no proof. */
  enumerateCredentialsGetNextCredential: 0x05,
  deleteCredential: 0x06,
  updateUserInformation: 0x07,
} as const;
export type CredentialManagementSubcommandName = keyof typeof CREDENTIAL_MANAGEMENT_SUBCOMMANDS;

/** Parameters of the sub-commands that have any. */
export const credentialManagementParams = shape({
  /** SHA-256 of the RP ID. */
  rpIDHash: optional(0x01, bytes),
  credentialID: optional(0x02, credentialDescriptor),
  user: optional(0x03, userEntity),
});
export type CredentialManagementParams = Value<typeof credentialManagementParams>;

/** What the platform asks. */
export const credentialManagementRequest = shape({
  subCommand: required(0x01, uint),
  /** Kept as it came, for the proof is over its bytes; see {@link credentialManagementParams}. */
  subCommandParams: optional(0x02, map),
  pinUvAuthProtocol: optional(0x03, uint),
  pinUvAuthParam: optional(0x04, bytes),
});
export type CredentialManagementRequest = Value<typeof credentialManagementRequest>;

/** What the authenticator answers; which members depends on the sub-command. */
export const credentialManagementResponse = shape({
  existingResidentCredentialsCount: optional(0x01, uint),
  maxPossibleRemainingResidentCredentialsCount: optional(0x02, uint),
  /** An authenticator with little room may have shortened the RP ID; the hash is of the whole one. */
  rp: optional(0x03, rpEntity),
  rpIDHash: optional(0x04, bytes),
  /** Only in the first answer. */
  totalRPs: optional(0x05, uint),
  user: optional(0x06, userEntity),
  credentialID: optional(0x07, credentialDescriptor),
  /** A COSE_Key. */
  publicKey: optional(0x08, map),
  /** Only in the first answer. */
  totalCredentials: optional(0x09, uint),
  /** A level of `CRED_PROTECT`. */
  credProtect: optional(0x0a, uint),
  /** 32 bytes. */
  largeBlobKey: optional(0x0b, bytes),
  /** CTAP 2.2. */
  thirdPartyPayment: optional(0x0c, bool),
});
export type CredentialManagementResponse = Value<typeof credentialManagementResponse>;

/** What the pinUvAuthParam of a sub-command is made over: the sub-command, and parameters if there are any (§6.8). */
export function credentialManagementProofMessage(
  subCommand: number,
  params: CborMap | undefined,
): Uint8Array {
  const head = Uint8Array.of(subCommand);
  return params === undefined ? head : concat(head, encode(params));
}
