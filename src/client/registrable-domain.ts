/**
 * Domains and their public suffixes: what may speak for what (HTML §7.1.1 "is a registrable domain suffix of or is equal to").
 */
import { getPublicSuffix } from 'tldts';
import { isValidDomain } from './caller.js';

/**
 * The public suffix of a domain by the whole Public Suffix List. Its private section counts: a page at `ada.github.io` must not speak
 * for all of `github.io`, and that is how browsers decide it. A suffix that isn't listed is the last label.
 */
function publicSuffix(domain: string): string | undefined {
  return getPublicSuffix(domain, { allowPrivateDomains: true, extractHostname: false }) ?? undefined;
}

/**
 * Whether a page on `effectiveDomain` may use `rpId`: its own domain, whatever that is, or a parent of it that can be registered.
 *
 * Stricter than HTML in one point: HTML runs the host parser over the claimed suffix first, so that `LOCALHOST` would do for `localhost`.
 * Here an RP ID that the parser would write in another way (upper case, Unicode) is refused. WebAuthn goes on with the string as the page
 * wrote it (L3 §5.1.3), authenticators hash it so, and such a hash is never the one that the relying party expects.
 *
 * @example
 * ```ts
 * mayClaim('example.co.uk', 'login.example.co.uk'); // true
 * mayClaim('co.uk', 'login.example.co.uk'); // false
 * ```
 */
export function mayClaim(rpId: string, effectiveDomain: string): boolean {
  if (rpId === effectiveDomain) return true;
  if (!isValidDomain(rpId) || !effectiveDomain.endsWith(`.${rpId}`)) return false;
  const ofPage = publicSuffix(effectiveDomain);
  return publicSuffix(rpId) !== rpId && !(ofPage ?? '').endsWith(`.${rpId}`);
}

/** The registrable domain's own label: `example` of `login.example.co.uk`; `undefined` when nothing is registrable there. */
export function registrableLabel(domain: string): string | undefined {
  const suffix = publicSuffix(domain);
  if (suffix === undefined || !domain.endsWith(`.${suffix}`)) return undefined;
  return domain
    .slice(0, -suffix.length - 1)
    .split('.')
    .at(-1);
}
