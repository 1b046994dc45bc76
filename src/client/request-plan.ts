/**
 * The first half of `get()`: everything that is decided before a device is touched, in the order of WebAuthn L3 §5.1.4.
 */
import { WebAuthnError } from '../webauthn/errors.js';
import type {
  PublicKeyCredentialDescriptor,
  PublicKeyCredentialHint,
  PublicKeyCredentialRequestOptions,
  RequestExtensions,
  UserVerificationRequirement,
} from '../webauthn/types.js';
import { callerOrigin } from './caller.js';
import { checkRequestLargeBlob } from './large-blob.js';
import {
  type ClientData,
  collectClientData,
  knownDescriptors,
  knownHints,
  type PlanPorts,
  type PlanRequest,
} from './plan.js';
import { checkRequestPrf } from './prf.js';
import { resolveRpId } from './rp-id.js';

/** A request for an assertion, judged and completed. */
export interface RequestPlan extends ClientData {
  readonly origin: string;
  readonly rpId: string;
  readonly allow: readonly PublicKeyCredentialDescriptor[];
  readonly userVerification: UserVerificationRequirement;
  readonly hints: readonly PublicKeyCredentialHint[];
  readonly extensions: RequestExtensions;
}

/**
 * Judges the options.
 *
 * @throws WebAuthnError and whatever ends the ceremony
 */
export async function planRequest(
  ports: PlanPorts,
  request: PlanRequest,
  options: PublicKeyCredentialRequestOptions,
): Promise<RequestPlan> {
  const { context, ceremony, mediation } = request;
  checkMediation(mediation);
  // The timer is the ceremony's. Opaque origin, effective domain.
  const caller = callerOrigin(context);
  const fetch = ports.fetchRelatedOrigins;
  const related = { ...(fetch && { fetch }), signal: ceremony.over };
  const rpId = await ceremony.race(resolveRpId(options.rpId, caller, related));
  const allow = allowedDescriptors(options.allowCredentials ?? []);
  const extensions = options.extensions ?? {};
  checkRequestPrf(extensions.prf, allow);
  checkRequestLargeBlob(extensions.largeBlob, allow);
  const data = collectClientData(ports, 'webauthn.get', options.challenge, caller, context);
  ceremony.throwIfOver();
  return {
    ...data,
    origin: caller.origin,
    rpId,
    allow,
    userVerification: options.userVerification ?? 'preferred',
    hints: knownHints(options.hints),
    extensions,
  };
}

/** Credential Management §2.5.1, for a client that has no autofill and keeps no credential that needs no gesture. */
function checkMediation(mediation: PlanRequest['mediation']): void {
  if (mediation === 'conditional')
    throw new WebAuthnError('TypeError', 'this client has no conditional mediation');
  // A page would get null: nothing is wrong, and nothing is found.
  if (mediation === 'silent')
    throw new WebAuthnError('NotAllowedError', 'no public-key credential is given without a gesture');
}

/** A list of unknown types only must not turn into an empty one, which would allow everything (§5.8.3). */
function allowedDescriptors(
  list: readonly PublicKeyCredentialDescriptor[],
): readonly PublicKeyCredentialDescriptor[] {
  const known = knownDescriptors(list);
  if (known.length === 0 && list.length > 0)
    throw new WebAuthnError('NotSupportedError', 'allowCredentials names no type but unknown ones');
  return known;
}
