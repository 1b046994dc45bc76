/**
 * authenticatorMakeCredential (CTAP 2.1 §6.1.2, with the errata of June 2022 and attestationFormatsPreference of CTAP 2.2).
 */
import type { CoseAlgorithmId } from '../../ctap/cose.js';
import { PUBLIC_KEY_TYPE } from '../../ctap/messages/entities.js';
import type { MakeCredentialRequest } from '../../ctap/messages/make-credential.js';
import type { AuthenticatorConfig } from '../config.js';
import type { CommandContext } from '../context.js';
import { findCredential, readList } from '../credentials.js';
import { grantsEnterprise } from '../enterprise-attestation.js';
import { isVisible } from '../extensions/cred-protect.js';
import { openRegistrationSalts } from '../extensions/hmac-secret-mc.js';
import type { RegistrationInputs } from '../extensions/inputs.js';
import { settleRegistration } from '../extensions/registration.js';
import { LENGTHS } from '../lengths.js';
import { isProtected } from '../options.js';
import type { RelyingParty } from '../relying-parties.js';
import { type CommandResult, done, type Refusal, type Result, refuse } from '../result.js';
import { askForPresence, type Reason } from '../user-interaction.js';
import { registrationOptions } from '../uv-rules.js';
import {
  checkClientDataHash,
  ensurePresence,
  readProof,
  readStanding,
  verifyProof,
  verifyUser,
} from './authorization.js';
import { createCredential } from './new-credential.js';
import { refusesRegistration } from './product-habits.js';

/** Creates a credential. Step numbers are those of CTAP 2.1 §6.1.2; step 1 is in `pin-probe.ts`, for it comes before the request is read. */
export async function makeCredential(
  context: CommandContext,
  request: MakeCredentialRequest,
  inputs: RegistrationInputs,
): Promise<CommandResult> {
  const { config, session } = context;
  const { clientDataHash, options: asked = {} } = request;
  const rp = context.relyingParties.of(request.rp.id);
  const why: Reason = { reason: 'make-credential', rpId: rp.id };
  const { options, state } = await readStanding(context);
  const habit = refusesRegistration(context.quirks, request);
  if (habit !== undefined) return habit;
  // Lengths that the CBOR types leave open
  const sized = checkSizes(context, request);
  if (!sized.ok) return sized;
  // Step 2: pinUvAuthProtocol
  const proof = readProof(config, request);
  if (!proof.ok) return proof;
  // Step 3: pubKeyCredParams, whose elements were all validated when they were read
  const algorithm = firstSupported(config, request);
  if (algorithm === undefined) return refuse('CTAP2_ERR_UNSUPPORTED_ALGORITHM');
  // Steps 5 to 8: options and what they demand; step 10 follows from makeCredUvNotRqd
  const rules = registrationOptions(options, { options: asked, proven: proof.value !== undefined });
  if (!rules.ok) return rules;
  // Step 9: enterprise attestation
  const enterprise = grantsEnterprise(config, options, request.enterpriseAttestation, rp.id);
  if (!enterprise.ok) return enterprise;
  // Step 4: the response's bits
  let userVerified = false;
  let userPresent = false;
  // Step 11: user verification; a key that isn't protected ignores the proof
  const proven = isProtected(options) ? proof.value : undefined;
  if (proven !== undefined) {
    const verified = verifyProof(context, proven, clientDataHash, { permission: 'mc', rpId: rp.id });
    if (!verified.ok) return verified;
    userVerified = true;
  } else if (rules.value.uv) {
    const verified = await verifyUser(context, options, why);
    if (!verified.ok) return verified;
    userVerified = true;
    // Step 13: the gesture may have been a touch already
    userPresent = config.presence === 'with-uv';
  }
  // Step 12: excludeList
  const present = proven === undefined ? userPresent : session.tokens.userPresent;
  const excluded = await refuseExcluded(context, rp, sized.value, { userVerified, present });
  if (excluded !== undefined) return excluded;
  // Step 14: user presence
  if (!userPresent) {
    const touched = await ensurePresence(context, why, proven !== undefined);
    if (!touched.ok) return touched;
  }
  // Step 15: extensions
  const { quirks } = context;
  const discoverable = rules.value.rk;
  const extensions = settleRegistration(inputs, rp.id, { config, state, quirks, discoverable });
  if (!extensions.ok) return extensions;
  const salts = openRegistrationSalts(context, inputs);
  if (!salts.ok) return salts;
  // Steps 16 to 19: key pair, credential, attestation
  return createCredential(context, {
    request,
    rp,
    algorithm,
    discoverable,
    userVerified,
    extensions: extensions.value,
    salts: salts.value,
    enterprise: enterprise.value,
    state,
  });
}

/** The IDs of the exclude list, when everything has a possible length. */
function checkSizes(context: CommandContext, request: MakeCredentialRequest): Result<readonly Uint8Array[]> {
  const hash = checkClientDataHash(context, request.clientDataHash);
  if (!hash.ok) return hash;
  if (request.user.id.length > LENGTHS.userHandle) return refuse('CTAP1_ERR_INVALID_LENGTH');
  return request.excludeList === undefined ? done([]) : readList(context, request.excludeList);
}

function firstSupported(
  config: AuthenticatorConfig,
  request: MakeCredentialRequest,
): CoseAlgorithmId | undefined {
  for (const { alg, type } of request.pubKeyCredParams) {
    const supported = config.algorithms.find((id) => id === alg);
    if (type === PUBLIC_KEY_TYPE && supported !== undefined) return supported;
  }
  return undefined;
}

/** Step 12: a credential that is here already, bound to this relying party, and may be admitted to. */
async function refuseExcluded(
  context: CommandContext,
  rp: RelyingParty,
  ids: readonly Uint8Array[],
  bits: { readonly userVerified: boolean; readonly present: boolean },
): Promise<Refusal | undefined> {
  if (ids.length === 0) return undefined;
  const excluded = await context.store.read((reader) =>
    ids.some((id) => {
      const credential = findCredential(context, reader, rp, id);
      return credential !== undefined && isVisible(credential.credProtect, 'listed', bits.userVerified);
    }),
  );
  if (!excluded) return undefined;
  // Only somebody who is there learns it at once; everybody else as late as with a touch.
  if (!bits.present) {
    const outcome = await askForPresence(context, { reason: 'make-credential', rpId: rp.id });
    if (outcome === 'cancelled') return refuse('CTAP2_ERR_KEEPALIVE_CANCEL');
  }
  return refuse('CTAP2_ERR_CREDENTIAL_EXCLUDED');
}
