/**
 * The first half of `create()`: everything that is decided before a device is touched, in the order of WebAuthn L3 §5.1.3.
 */
import { PUBLIC_KEY_TYPE } from '../ctap/messages/entities.js';
import { compact } from '../webauthn/compact.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type {
  AttestationConveyancePreference,
  AuthenticatorAttachment,
  AuthenticatorSelectionCriteria,
  CreationExtensions,
  PublicKeyCredentialCreationOptions,
  PublicKeyCredentialDescriptor,
  PublicKeyCredentialHint,
  PublicKeyCredentialParameters,
  PublicKeyCredentialUserEntity,
  ResidentKeyRequirement,
  UserVerificationRequirement,
} from '../webauthn/types.js';
import { callerOrigin } from './caller.js';
import { checkCreationLargeBlob } from './large-blob.js';
import {
  type ClientData,
  collectClientData,
  knownDescriptors,
  knownHints,
  type PlanPorts,
  type PlanRequest,
  utf8Text,
} from './plan.js';
import { checkCreationPrf } from './prf.js';
import { resolveRpId } from './rp-id.js';

/** A request for a new credential, judged and completed. */
export interface CreationPlan extends ClientData {
  readonly origin: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: PublicKeyCredentialUserEntity;
  readonly algorithms: readonly PublicKeyCredentialParameters[];
  readonly exclude: readonly PublicKeyCredentialDescriptor[];
  readonly attachment?: AuthenticatorAttachment;
  readonly residentKey: ResidentKeyRequirement;
  readonly userVerification: UserVerificationRequirement;
  readonly hints: readonly PublicKeyCredentialHint[];
  readonly attestation: AttestationConveyancePreference;
  readonly attestationFormats: readonly string[];
  readonly extensions: CreationExtensions;
}

/** Bytes of a user handle (§5.4.3). */
const USER_ID_BYTES = { min: 1, max: 64 } as const;

/** What an empty list of algorithms stands for (step on pubKeyCredParams): ES256 and RS256. */
const USUAL_ALGORITHMS: readonly PublicKeyCredentialParameters[] = [
  { type: PUBLIC_KEY_TYPE, alg: -7 },
  { type: PUBLIC_KEY_TYPE, alg: -257 },
];

/**
 * Judges the options.
 *
 * @throws WebAuthnError and whatever ends the ceremony
 */
export async function planCreation(
  ports: PlanPorts,
  request: PlanRequest,
  options: PublicKeyCredentialCreationOptions,
): Promise<CreationPlan> {
  const { context, ceremony, mediation } = request;
  // Step 1: frames of other sites need a gesture of their own.
  if (context.sameOriginWithAncestors === false) checkForeignFrame(context.userActivation ?? true, mediation);
  // Step 2, the timer, is the ceremony's. Step 3.
  checkUserId(options.user.id);
  // Steps 4 and 5.
  const caller = callerOrigin(context);
  // Step 6.
  const fetch = ports.fetchRelatedOrigins;
  const related = { ...(fetch && { fetch }), signal: ceremony.over };
  const rpId = await ceremony.race(resolveRpId(options.rp.id, caller, related));
  // Step 7.
  const algorithms = knownAlgorithms(options.pubKeyCredParams);
  // Step 8: identifiers that the client doesn't know were left out when the options were read.
  checkCreationPrf(options.extensions?.prf);
  checkCreationLargeBlob(options.extensions?.largeBlob);
  // Steps 9 and 10.
  const data = collectClientData(ports, 'webauthn.create', options.challenge, caller, context);
  // Step 11.
  ceremony.throwIfOver();
  // Step 12: this client never mediated a password sign-in that could stand for consent.
  if (mediation === 'conditional')
    throw new WebAuthnError(
      'NotAllowedError',
      'no earlier sign-in stands for consent to a conditional create()',
    );
  return { ...data, origin: caller.origin, algorithms, ...preferences(options, rpId) };
}

function checkForeignFrame(activated: boolean, mediation: PlanRequest['mediation']): void {
  if (mediation === 'conditional')
    throw new WebAuthnError('NotAllowedError', 'conditional create() is not for frames of other sites');
  if (!activated) throw new WebAuthnError('NotAllowedError', 'the frame has no transient activation');
}

function checkUserId(id: Uint8Array): void {
  if (id.length >= USER_ID_BYTES.min && id.length <= USER_ID_BYTES.max) return;
  throw new WebAuthnError('TypeError', `user.id has ${id.length} bytes, not 1 to 64`);
}

function knownAlgorithms(
  asked: readonly PublicKeyCredentialParameters[],
): readonly PublicKeyCredentialParameters[] {
  if (asked.length === 0) return USUAL_ALGORITHMS;
  const known = asked.filter(({ type }) => type === PUBLIC_KEY_TYPE);
  if (known.length === 0)
    throw new WebAuthnError('NotSupportedError', 'pubKeyCredParams names no type but unknown ones');
  return known.map(({ alg }) => ({ type: PUBLIC_KEY_TYPE, alg }));
}

/** Members with their defaults: what the loop over devices reads. */
function preferences(options: PublicKeyCredentialCreationOptions, rpId: string) {
  const { user, authenticatorSelection: selection = {} } = options;
  const attestation = options.attestation ?? 'none';
  return compact({
    rp: { id: rpId, name: utf8Text(options.rp.name) },
    user: { id: user.id, name: utf8Text(user.name), displayName: utf8Text(user.displayName) },
    exclude: knownDescriptors(options.excludeCredentials),
    attachment: selection.authenticatorAttachment,
    residentKey: residentKeyOf(selection),
    userVerification: selection.userVerification ?? 'preferred',
    hints: knownHints(options.hints),
    attestation,
    // Without conveyance the only format worth making is none.
    attestationFormats: attestation === 'none' ? ['none'] : (options.attestationFormats ?? []),
    extensions: options.extensions ?? {},
  });
}

/** requireResidentKey is the Level 1 member, looked at only where the newer one is absent (§5.4.4). */
function residentKeyOf(selection: AuthenticatorSelectionCriteria): ResidentKeyRequirement {
  return selection.residentKey ?? (selection.requireResidentKey === true ? 'required' : 'discouraged');
}
