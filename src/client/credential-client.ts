/**
 * The platform's half of authenticatorCredentialManagement: discoverable credentials, counted, listed, renamed and deleted (CTAP 2.1 §6.8).
 */
import {
  CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  type CredentialManagementParams,
  type CredentialManagementResponse,
  type CredentialManagementSubcommandName,
  credentialManagementParams,
  credentialManagementProofMessage,
} from '../ctap/messages/credential-management.js';
import type { CredentialDescriptor, RpEntity, UserEntity } from '../ctap/messages/entities.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { Answer } from '../ctap/messages/message.js';
import { STATUS } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import type { Acknowledgement, CtapClient } from './ctap-client.js';
import type { PinUvAuthToken } from './pin-client.js';

/** Room for discoverable credentials. */
export interface CredentialRoom {
  readonly used: number;
  /** An estimate: credentials differ in length. */
  readonly free: number;
}

/** A relying party that has a credential. */
export interface ManagedRelyingParty {
  /** The ID may be shortened; the hash is of the whole one. */
  readonly rp: RpEntity;
  readonly rpIdHash: Uint8Array;
}

/** A credential as the authenticator tells of it. */
export interface ManagedCredential {
  readonly user: UserEntity;
  readonly descriptor: CredentialDescriptor;
  /** A COSE_Key. */
  readonly publicKey: NonNullable<CredentialManagementResponse['publicKey']>;
  /** A level of `CRED_PROTECT`. */
  readonly credProtect?: number;
  readonly largeBlobKey?: Uint8Array;
  readonly thirdPartyPayment?: boolean;
}

/** The sub-commands. Methods resolve to statuses as values and reject like those of {@link CtapClient}. */
export interface CredentialClient {
  room(): Promise<Answer<CredentialRoom>>;
  /** All of them; none is an empty list. */
  relyingParties(): Promise<Answer<readonly ManagedRelyingParty[]>>;
  /** All of one relying party, by the hash of its ID; none is an empty list. */
  credentials(rpIdHash: Uint8Array): Promise<Answer<readonly ManagedCredential[]>>;
  remove(descriptor: CredentialDescriptor): Promise<Answer<Acknowledgement>>;
  /** Replaces both names; what is left out is taken away. */
  rename(descriptor: CredentialDescriptor, user: UserEntity): Promise<Answer<Acknowledgement>>;
}

/**
 * Makes a client of a key whose credentials can be managed; `undefined` for others.
 *
 * @param token With the permission `cm`, or `pcmr` for what only tells something
 *
 * @example
 * ```ts
 * const client = createCredentialClient(ctap, info, token);
 * const parties = await client?.relyingParties();
 * ```
 */
export function createCredentialClient(
  ctap: CtapClient,
  info: GetInfoResponse,
  token: PinUvAuthToken,
): CredentialClient | undefined {
  if (info.options?.get('credMgmt') === true) return new CtapCredentialClient(ctap, token, false);
  const preview = info.options?.get('credentialMgmtPreview') === true;
  return preview ? new CtapCredentialClient(ctap, token, true) : undefined;
}

/** More than any key keeps, so that a broken one is not listened to for ever. */
const MOST_ENTRIES = 100_000;

class CtapCredentialClient implements CredentialClient {
  readonly #ctap: CtapClient;
  readonly #token: PinUvAuthToken;
  readonly #preview: boolean;

  constructor(ctap: CtapClient, token: PinUvAuthToken, preview: boolean) {
    this.#ctap = ctap;
    this.#token = token;
    this.#preview = preview;
  }

  async room(): Promise<Answer<CredentialRoom>> {
    const answer = await this.#ask('getCredsMetadata');
    if (!answer.ok) return answer;
    const { existingResidentCredentialsCount: used, maxPossibleRemainingResidentCredentialsCount: free } =
      answer.value;
    const value = {
      used: this.#present(used, 'existingResidentCredentialsCount'),
      free: this.#present(free, 'maxPossibleRemainingResidentCredentialsCount'),
    };
    return { ok: true, value };
  }

  async relyingParties(): Promise<Answer<readonly ManagedRelyingParty[]>> {
    return this.#all(
      await this.#ask('enumerateRPsBegin'),
      'enumerateRPsGetNextRP',
      ({ totalRPs }) => this.#present(totalRPs, 'totalRPs'),
      ({ rp, rpIDHash }) => ({
        rp: this.#present(rp, 'rp'),
        rpIdHash: this.#present(rpIDHash, 'rpIDHash'),
      }),
    );
  }

  async credentials(rpIdHash: Uint8Array): Promise<Answer<readonly ManagedCredential[]>> {
    return this.#all(
      await this.#ask('enumerateCredentialsBegin', { rpIDHash: rpIdHash }),
      'enumerateCredentialsGetNextCredential',
      ({ totalCredentials }) => this.#present(totalCredentials, 'totalCredentials'),
      ({ user, credentialID, publicKey, credProtect, largeBlobKey, thirdPartyPayment }) => ({
        user: this.#present(user, 'user'),
        descriptor: this.#present(credentialID, 'credentialID'),
        publicKey: this.#present(publicKey, 'publicKey'),
        ...(credProtect === undefined ? {} : { credProtect }),
        ...(largeBlobKey === undefined ? {} : { largeBlobKey }),
        ...(thirdPartyPayment === undefined ? {} : { thirdPartyPayment }),
      }),
    );
  }

  remove(credentialID: CredentialDescriptor): Promise<Answer<Acknowledgement>> {
    return this.#ask('deleteCredential', { credentialID });
  }

  rename(credentialID: CredentialDescriptor, user: UserEntity): Promise<Answer<Acknowledgement>> {
    return this.#ask('updateUserInformation', { credentialID, user });
  }

  /** The first answer counts; the others come one by one, without a proof. */
  async #all<T>(
    first: Answer<CredentialManagementResponse>,
    next: CredentialManagementSubcommandName,
    count: (response: CredentialManagementResponse) => number,
    read: (response: CredentialManagementResponse) => T,
  ): Promise<Answer<readonly T[]>> {
    // How a key says that there are none (§6.8.3, §6.8.4)
    if (!first.ok) {
      return first.status === STATUS.CTAP2_ERR_NO_CREDENTIALS ? { ok: true, value: [] } : first;
    }
    const total = Math.min(count(first.value), MOST_ENTRIES);
    const all = [read(first.value)];
    while (all.length < total) {
      const answer = await this.#send({ subCommand: CREDENTIAL_MANAGEMENT_SUBCOMMANDS[next] });
      if (!answer.ok) return answer;
      all.push(read(answer.value));
    }
    return { ok: true, value: all };
  }

  #ask(
    name: CredentialManagementSubcommandName,
    params?: CredentialManagementParams,
  ): Promise<Answer<CredentialManagementResponse>> {
    const subCommand = CREDENTIAL_MANAGEMENT_SUBCOMMANDS[name];
    const subCommandParams = params && credentialManagementParams.write(params);
    const message = credentialManagementProofMessage(subCommand, subCommandParams);
    return this.#send({
      subCommand,
      ...(subCommandParams === undefined ? {} : { subCommandParams }),
      pinUvAuthProtocol: this.#token.protocol,
      pinUvAuthParam: this.#token.authenticate(message),
    });
  }

  #send(request: Parameters<CtapClient['credentialManagement']>[0]) {
    return this.#ctap.credentialManagement(request, { preview: this.#preview });
  }

  #present<T>(value: T | undefined, what: string): T {
    if (value !== undefined) return value;
    const { device } = this.#ctap;
    throw new KeyrigError('message-malformed', `${device} owes ${what} in its CredentialManagement answer`, {
      facts: { device, missing: what },
    });
  }
}
