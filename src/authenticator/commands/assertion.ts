/**
 * One assertion: authenticator data, signature and user, for GetAssertion and GetNextAssertion alike.
 */
import type { Signer } from '../../crypto/crypto.js';
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../../ctap/authenticator-data.js';
import type { CborMap } from '../../ctap/cbor.js';
import { PUBLIC_KEY_TYPE, type UserEntity } from '../../ctap/messages/entities.js';
import { type GetAssertionResponse, getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { concat } from '../../data/bytes.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { type Credential, isStored, signerOf } from '../credentials.js';
import { type AssertionExtensions, besideOutputs, signedOutputs } from '../extensions/assertion.js';
import { writeBlob, writtenOutput } from '../extensions/large-blob.js';
import { LENGTHS, longestSignature } from '../lengths.js';
import { fits } from '../longest-answers.js';
import type { CredentialBlob, StoredCredential } from '../ports.js';
import type { RelyingParty } from '../relying-parties.js';
import { type CommandResult, refuse } from '../result.js';
import { nextSignCount } from '../signature-counter.js';

/** What all assertions of one request have in common. */
export interface AssertionTerms {
  readonly rp: RelyingParty;
  readonly clientDataHash: Uint8Array;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly extensions: AssertionExtensions;
  /** Whether there is one account only, or one that was asked for by its credential ID. */
  readonly sole: boolean;
  /** How many credentials the allow list named; 0 without one. */
  readonly listed: number;
}

/** Members of the answer that not every assertion has. */
type More = Pick<GetAssertionResponse, 'numberOfCredentials' | 'unsignedExtensionOutputs' | 'userSelected'>;

/** Signs. Every signature moves the counter, silent ones too, and the new count is durable before the answer leaves. */
export async function assertion(
  context: CommandContext,
  terms: AssertionTerms,
  credential: Credential,
  more: More = {},
): Promise<CommandResult> {
  const { config } = context;
  // Measured before it counts
  const attested = context.quirks.attestedDataInAssertion === 'always';
  if (attested || isUnusual(config, credential)) {
    const draft = () => new Uint8Array(longestSignature(credential.algorithm));
    if (!fits(config, answer(context, terms, credential, { signCount: 0, sign: draft, more }))) {
      return refuse('CTAP2_ERR_REQUEST_TOO_LARGE');
    }
  }
  const { largeBlob } = terms.extensions;
  const wrote =
    largeBlob?.kind === 'write' ? await keepBlob(context, terms, credential, largeBlob.blob) : undefined;
  const signCount = await nextSignCount(context);
  const sign = signerOf(context, credential);
  const all = wrote === undefined ? more : { ...more, unsignedExtensionOutputs: writtenOutput(wrote) };
  return { ok: true, members: answer(context, terms, credential, { signCount, sign, more: all }) };
}

/** A blob is for one credential, and nobody changes it silently. */
async function keepBlob(
  { config, store }: CommandContext,
  { sole, userPresent }: AssertionTerms,
  { id }: Credential,
  blob: CredentialBlob,
): Promise<boolean> {
  return sole && userPresent && store.write((writer) => writeBlob(writer, config, id, blob));
}

/**
 * Whether a credential may be larger than this key makes them, whose assertions fit (see `longest-answers.ts`): a store can be filled by
 * others too.
 */
function isUnusual({ algorithms, limits }: AuthenticatorConfig, credential: Credential): boolean {
  if (!isStored(credential)) return false;
  if (!algorithms.includes(credential.algorithm)) return true;
  const { credBlob, largeBlob } = credential;
  if (credBlob !== undefined && credBlob.length > (limits.maxCredBlobLength ?? 0)) return true;
  if (largeBlob !== undefined && largeBlob.data.length > (limits.maxLargeBlobLength ?? 0)) return true;
  const { id, userId, userName = '', userDisplayName = '' } = credential;
  // A UTF-16 unit takes three bytes at most.
  const names = 3 * Math.max(userName.length, userDisplayName.length);
  return id.length > LENGTHS.discoverableId || userId.length > LENGTHS.userHandle || names > LENGTHS.userName;
}

interface Signing {
  readonly signCount: number;
  readonly sign: Signer;
  readonly more: More;
}

function answer(
  context: CommandContext,
  terms: AssertionTerms,
  credential: Credential,
  { signCount, sign, more }: Signing,
): CborMap {
  const data = {
    rpIdHash: terms.rp.hash,
    flags: responseFlags(
      isStored(credential) && credential.backup ? { backup: credential.backup } : context.config,
      terms,
    ),
    signCount,
    ...signedOutputs(context, terms.extensions, credential, terms.userVerified),
  };
  // What is there only for some products is not spread into these objects: spreading nothing takes an eighth of the time of an assertion.
  const saysMore = context.quirks.attestedDataInAssertion === 'always';
  const authData = authenticatorData(context, saysMore ? withAttestedData(context, credential, data) : data);
  const members = getAssertionResponse.write({
    credential: { id: credential.id, type: PUBLIC_KEY_TYPE },
    authData,
    signature: sign(concat(authData, terms.clientDataHash)),
    ...(isStored(credential) && tellsUser(context, terms) ? userOf(credential, terms.userVerified) : {}),
    ...besideOutputs(terms.extensions, credential),
    ...more,
  });
  return namesCredential(context, terms) ? members : withoutCredential(members);
}

/** CTAP 2.0 lets keys leave it out where it goes without saying. */
function namesCredential({ quirks }: CommandContext, { listed }: AssertionTerms): boolean {
  return listed !== 1 || quirks.credentialInAssertion === 'always';
}

function withoutCredential(members: CborMap): CborMap {
  const { key } = getAssertionResponse.members.credential;
  return new Map([...members].filter(([name]) => name !== key));
}

/** Who names a credential knows its user; some products go by that. */
function tellsUser({ quirks }: CommandContext, { listed }: AssertionTerms): boolean {
  return listed === 0 || quirks.userWithAllowList === 'given';
}

/** What some products say again that they said at registration. */
function withAttestedData(
  { config, crypto }: CommandContext,
  credential: Credential,
  data: AuthenticatorData,
): AuthenticatorData {
  const { publicKey } = isStored(credential)
    ? credential.keyPair
    : crypto.importKeyPair(credential.algorithm, credential.privateKey);
  return {
    ...data,
    attestedCredential: { aaguid: config.aaguid, credentialId: credential.id, publicKey },
  };
}

/** The bytes of authenticator data as they are signed and sent. */
export function authenticatorData({ sabotage }: CommandContext, data: AuthenticatorData): Uint8Array {
  return sabotage === undefined ? encodeAuthenticatorData(data) : sabotage.authenticatorData(data);
}

/** The response's UP and UV bits with backup flags, which all credentials that were made by this key share. */
export function responseFlags(
  { backup: { eligible, backedUp } }: Pick<AuthenticatorConfig, 'backup'>,
  bits: { readonly userPresent: boolean; readonly userVerified: boolean },
): number {
  return (
    (bits.userPresent ? FLAGS.UP : 0) |
    (bits.userVerified ? FLAGS.UV : 0) |
    (eligible ? FLAGS.BE : 0) |
    (backedUp ? FLAGS.BS : 0)
  );
}

/** Names identify people, so they stay inside unless the person was verified (CTAP 2.1 §6.2.2 step 12). */
function userOf(credential: StoredCredential, userVerified: boolean): { readonly user?: UserEntity } {
  const { userId: id, userName: name, userDisplayName: displayName } = credential;
  // A credential made with an empty user handle has none to give back, and only discoverable ones give theirs.
  if (id.length === 0 || credential.discoverable === false) return {};
  if (!userVerified) return { user: { id } };
  return {
    user: {
      id,
      ...(name === undefined ? {} : { name }),
      ...(displayName === undefined ? {} : { displayName }),
    },
  };
}
