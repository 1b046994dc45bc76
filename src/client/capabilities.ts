/**
 * What an authenticator can do, read from its getInfo. Absent, false and true are three things there (CTAP 2.1 §6.4).
 */
import type { EXTENSIONS } from '../ctap/messages/extensions.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import type { UserVerificationRequirement } from '../webauthn/types.js';

/** Whether an extension is supported. */
export function knowsExtension(
  info: GetInfoResponse,
  id: (typeof EXTENSIONS)[keyof typeof EXTENSIONS],
): boolean {
  return info.extensions?.includes(id) ?? false;
}

const option = (info: GetInfoResponse, name: string) => info.options?.get(name);

/** Whether discoverable credentials can be stored. */
export function storesCredentials(info: GetInfoResponse): boolean {
  return option(info, 'rk') === true;
}

/** Whether built-in user verification is set up. */
export function hasBuiltInUv(info: GetInfoResponse): boolean {
  return option(info, 'uv') === true;
}

/** Whether tokens with permissions exist, hence also tokens by built-in verification. */
export function givesTokens(info: GetInfoResponse): boolean {
  return option(info, 'pinUvAuthToken') === true;
}

/** Whether the PIN, set or not, may be used to make and use credentials (noMcGaPermissionsWithClientPin). */
function pinServes(info: GetInfoResponse): boolean {
  return option(info, 'noMcGaPermissionsWithClientPin') !== true;
}

/** Whether a PIN is set and serves here. */
export function hasUsablePin(info: GetInfoResponse): boolean {
  return option(info, 'clientPin') === true && pinServes(info);
}

/** Whether a PIN could be set and would serve then. */
export function couldHavePin(info: GetInfoResponse): boolean {
  return option(info, 'clientPin') === false && pinServes(info);
}

/** Whether the user can be verified as things are. */
export function canVerify(info: GetInfoResponse): boolean {
  return hasBuiltInUv(info) || hasUsablePin(info);
}

/** Authenticators from CTAP 2.1 on have authenticatorSelection; FIDO_2_1_PRE was older. */
export function hasSelection(info: GetInfoResponse): boolean {
  return info.versions.some((version) => /^FIDO_2_[1-9]\d*$/.test(version));
}

/** Whether an enterprise attestation may be asked for (option ep). */
export function attestsEnterprises(info: GetInfoResponse): boolean {
  return option(info, 'ep') === true;
}

/** Whether attestation formats may be asked for, which came with CTAP 2.2. */
export function takesAttestationFormats(info: GetInfoResponse): boolean {
  return info.attestationFormats !== undefined;
}

/** What the client does about user verification on one device. */
export type VerificationPlan = 'skip' | 'verify' | 'set-pin' | 'impossible';

/**
 * For MakeCredential. A protected authenticator makes no credential without verification, unless it says makeCredUvNotRqd and the
 * credential is not discoverable (CTAP 2.1 §6.1.2 steps 6 to 8).
 */
export function planForCreation(
  info: GetInfoResponse,
  requirement: UserVerificationRequirement,
  discoverable: boolean,
): VerificationPlan {
  const isProtected = option(info, 'clientPin') === true || hasBuiltInUv(info);
  const exempt = option(info, 'makeCredUvNotRqd') === true && !discoverable;
  const must = requirement === 'required' || option(info, 'alwaysUv') === true || (isProtected && !exempt);
  if (!must && requirement !== 'preferred') return 'skip';
  if (canVerify(info)) return 'verify';
  if (!must) return 'skip';
  return couldHavePin(info) ? 'set-pin' : 'impossible';
}

/** For GetAssertion. A PIN set just now would not have been there when the credential was made, so none is set. */
export function planForAssertion(
  info: GetInfoResponse,
  requirement: UserVerificationRequirement,
): VerificationPlan {
  const must = requirement === 'required' || option(info, 'alwaysUv') === true;
  if (!must && requirement !== 'preferred') return 'skip';
  if (canVerify(info)) return 'verify';
  return must ? 'impossible' : 'skip';
}
