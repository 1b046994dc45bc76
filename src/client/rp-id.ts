/**
 * The RP ID of a request (WebAuthn L3 §5.1.3 and §5.1.4, the steps on rp.id and rpId).
 */
import { WebAuthnError } from '../webauthn/errors.js';
import { type CallerOrigin, isValidDomain } from './caller.js';
import { mayClaim } from './registrable-domain.js';
import { isRelatedOrigin, type RelatedOriginsFetcher } from './related-origins.js';

/**
 * The RP ID of a request: the one given, or else the caller's domain.
 *
 * @throws WebAuthnError `SecurityError` when the caller may not claim it
 */
export async function resolveRpId(
  given: string | undefined,
  caller: CallerOrigin,
  related: { readonly fetch?: RelatedOriginsFetcher; readonly signal: AbortSignal },
): Promise<string> {
  if (given === undefined || mayClaim(given, caller.effectiveDomain)) return given ?? caller.effectiveDomain;
  const { fetch, signal } = related;
  if (
    fetch !== undefined &&
    isValidDomain(given) &&
    (await isRelatedOrigin(caller.origin, given, fetch, signal))
  )
    return given;
  throw new WebAuthnError(
    'SecurityError',
    `a page at ${caller.origin} may not use the RP ID ${JSON.stringify(given)}`,
  );
}
