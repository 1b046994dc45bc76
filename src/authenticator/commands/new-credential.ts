/**
 * Making a credential: key pair, ID, attestation, and keeping it (CTAP 2.1 §6.1.2 steps 16 to 19).
 */

import type { KeyPair } from '../../crypto/crypto.js';
import type { CborMap } from '../../ctap/cbor.js';
import type { CoseAlgorithmId } from '../../ctap/cose.js';
import { type MakeCredentialRequest, makeCredentialResponse } from '../../ctap/messages/make-credential.js';
import { sameBytes } from '../../data/bytes.js';
import { chooseAttester } from '../attestation-choice.js';
import type { CommandContext } from '../context.js';
import type { WithCredRandom } from '../credentials.js';
import type { HmacSecretSalts } from '../extensions/hmac-secret.js';
import { withSaltOutput } from '../extensions/hmac-secret-mc.js';
import { newLargeBlobKey } from '../extensions/large-blob-key.js';
import type { RegistrationExtensions } from '../extensions/registration.js';
import { LENGTHS, shortened } from '../lengths.js';
import { fits } from '../longest-answers.js';
import { renewCredStoreState } from '../persistent-token.js';
import type { AuthenticatorState, StoredCredential } from '../ports.js';
import type { RelyingParty } from '../relying-parties.js';
import { type CommandResult, refuse } from '../result.js';
import { unwrapCredential, wrapCredential } from '../wrapped-credential.js';
import { authenticatorData, responseFlags } from './assertion.js';

/** Bytes of a CredRandom (CTAP 2.1 §12.5). */
const CRED_RANDOM = 32;

/** What was decided about the new credential. */
export interface CredentialOrder {
  readonly request: MakeCredentialRequest;
  readonly rp: RelyingParty;
  readonly algorithm: CoseAlgorithmId;
  readonly discoverable: boolean;
  readonly userVerified: boolean;
  readonly extensions: RegistrationExtensions;
  /** What hmac-secret-mc is asked for. */
  readonly salts: HmacSecretSalts | undefined;
  /** Whether enterprise attestation was asked for and is granted. */
  readonly enterprise: boolean;
  readonly state: AuthenticatorState;
}

/** Makes it and answers. What can fail comes first: nothing is kept of a credential whose answer can't be given. */
export async function createCredential(
  context: CommandContext,
  order: CredentialOrder,
): Promise<CommandResult> {
  // Step 16: the key pair
  const keyPair = await context.crypto.generateKeyPair(order.algorithm);
  // Steps 17 and 18: a stored credential, or one that is its own ID
  const stored = order.discoverable ? newStoredCredential(context, order, keyPair) : undefined;
  const id = stored?.id ?? newWrappedId(context, order, keyPair);
  // Step 19: attestation
  const members = await attestedResponse(context, order, keyPair, { id, stored });
  // An attester that says nothing of its lengths may go too far: then nothing has happened
  if (!fits(context.config, members)) return refuse('CTAP2_ERR_REQUEST_TOO_LARGE');
  if (stored !== undefined && !(await keep(context, stored))) return refuse('CTAP2_ERR_KEY_STORE_FULL');
  return { ok: true, members };
}

function newStoredCredential(
  { crypto }: CommandContext,
  { request, extensions, algorithm }: CredentialOrder,
  keyPair: KeyPair,
): Omit<StoredCredential, 'created'> {
  const { rp, user } = request;
  return {
    id: crypto.random.bytes(LENGTHS.discoverableId),
    rpId: rp.id,
    ...(rp.name === undefined ? {} : { rpName: rp.name }),
    userId: user.id,
    ...(user.name === undefined ? {} : { userName: shortened(user.name) }),
    ...(user.displayName === undefined ? {} : { userDisplayName: shortened(user.displayName) }),
    keyPair,
    algorithm,
    credProtect: extensions.credProtect,
    hmacSecret: extensions.hmacSecret,
    // Every credential gets them, asked or not (CTAP 2.1 §12.5).
    credRandomWithUv: crypto.random.bytes(CRED_RANDOM),
    credRandomWithoutUv: crypto.random.bytes(CRED_RANDOM),
    ...(extensions.credBlob === undefined ? {} : { credBlob: extensions.credBlob }),
    ...(extensions.largeBlobKey ? { largeBlobKey: newLargeBlobKey(crypto) } : {}),
    ...(extensions.thirdPartyPayment ? { thirdPartyPayment: true } : {}),
  };
}

function newWrappedId(
  { crypto }: CommandContext,
  { rp, extensions, state }: CredentialOrder,
  keyPair: KeyPair,
): Uint8Array {
  return wrapCredential(crypto, state.wrappingKey, rp.hash, { keyPair, ...extensions });
}

async function attestedResponse(
  context: CommandContext,
  order: CredentialOrder,
  keyPair: KeyPair,
  made: { readonly id: Uint8Array; readonly stored: Omit<StoredCredential, 'created'> | undefined },
) {
  const { config, crypto, store } = context;
  const { request, rp, userVerified, extensions, algorithm } = order;
  const signCount = config.counter === 'zero' ? 0 : await store.read((reader) => reader.counter());
  const attester = chooseAttester(context.attester, {
    algorithm,
    preference: request.attestationFormatsPreference,
    enterprise: order.enterprise,
  });
  const authData = authenticatorData(context, {
    rpIdHash: rp.hash,
    // Presence was gathered for certain: without it no credential is made.
    flags: responseFlags(config, { userPresent: true, userVerified }),
    signCount,
    attestedCredential: {
      aaguid: attester.aaguid ?? config.aaguid,
      credentialId: made.id,
      publicKey: keyPair.publicKey,
    },
    extensions: signedOutputs(context, order, made),
  });
  const vouching = context.sabotage?.attester(attester) ?? attester;
  const { fmt, attStmt } = await vouching.attest({
    authData,
    clientDataHash: request.clientDataHash,
    credential: { algorithm, sign: (message) => crypto.prepareSigner(keyPair)(message) },
  });
  const { unsignedOutputs } = extensions;
  return makeCredentialResponse.write({
    fmt,
    authData,
    attStmt,
    ...enterpriseNote(context, order),
    ...(made.stored?.largeBlobKey === undefined ? {} : { largeBlobKey: made.stored.largeBlobKey }),
    ...(unsignedOutputs === undefined ? {} : { unsignedExtensionOutputs: unsignedOutputs }),
  });
}

/** Step 9: what was really given. Whether a refusal is said too is disputed. */
function enterpriseNote(
  { quirks }: CommandContext,
  { enterprise, request }: CredentialOrder,
): { readonly epAtt?: boolean } {
  if (enterprise) return { epAtt: true };
  const withheld = request.enterpriseAttestation !== undefined;
  return withheld && quirks.withheldEnterpriseAttestation === 'ep-att-false' ? { epAtt: false } : {};
}

/** Extension outputs that authenticator data carries. A credential that is its own ID is opened again, for its secret was drawn on the way. */
function signedOutputs(
  context: CommandContext,
  { extensions, rp, salts, state, userVerified }: CredentialOrder,
  { id, stored }: { readonly id: Uint8Array; readonly stored: WithCredRandom | undefined },
): CborMap {
  if (salts === undefined) return extensions.outputs;
  const credential = stored ?? unwrapCredential(context.crypto, state.wrappingKey, rp.hash, id);
  if (credential === undefined) return extensions.outputs;
  return withSaltOutput(context, extensions.outputs, salts, { credential, userVerified });
}

/** Step 17: in place of an older one of the same account; false when there is no room. */
async function keep(
  { config, crypto, store }: CommandContext,
  credential: Omit<StoredCredential, 'created'>,
): Promise<boolean> {
  return store.write((writer) => {
    const older = writer
      .credentialsOf(credential.rpId)
      .filter((other) => sameBytes(other.userId, credential.userId));
    if (writer.credentialCount() - older.length >= config.limits.discoverableCredentials) return false;
    for (const { id } of older) writer.deleteCredential(id);
    writer.putCredential(credential);
    renewCredStoreState(crypto, writer);
    return true;
  });
}
