/**
 * The page that calls: its origin and its place among other pages (WebAuthn L3 §5.1.3 and §5.1.4, steps on origin and effective domain).
 */
import { WebAuthnError } from '../webauthn/errors.js';

/** Where a call comes from, as a browser knows it. */
export interface CallerContext {
  /** The page's origin, e.g. `https://login.example.org`; `null` as text for an opaque one. */
  readonly origin: string;
  /** False in a frame that is not same-origin with all pages above it. True by default. */
  readonly sameOriginWithAncestors?: boolean;
  /** The origin of the top-level page. Goes into client data when `sameOriginWithAncestors` is false. */
  readonly topOrigin?: string;
  /** Whether the page has transient activation, which only a foreign frame needs, and only for `create()`. True by default. */
  readonly userActivation?: boolean;
}

/** An origin that may use WebAuthn. */
export interface CallerOrigin {
  /** Serialized: scheme, host, and the port unless it is the scheme's own. */
  readonly origin: string;
  /** The host, which is a domain. */
  readonly effectiveDomain: string;
}

/**
 * Judges the caller's origin.
 *
 * @throws WebAuthnError `NotAllowedError` for an opaque origin and outside of secure contexts, `SecurityError` for a host that is not a
 *   valid domain, such as an IP address
 */
export function callerOrigin(context: CallerContext): CallerOrigin {
  const url = parse(context.origin);
  if (url === undefined || url.origin === 'null')
    throw new WebAuthnError('NotAllowedError', 'the origin is opaque');
  if (!isTrustworthy(url)) {
    throw new WebAuthnError(
      'NotAllowedError',
      `${url.origin} is not a secure context, so there is no WebAuthn`,
    );
  }
  if (!isValidDomain(url.hostname)) {
    throw new WebAuthnError(
      'SecurityError',
      `the host of ${url.origin} is not a domain that could have an RP ID`,
    );
  }
  return { origin: url.origin, effectiveDomain: url.hostname };
}

/** The URL of an origin, `undefined` when it is none. */
export function parse(origin: string): URL | undefined {
  try {
    return new URL(origin);
  } catch {
    return undefined;
  }
}

/** Potentially trustworthy origins (Secure Contexts §3.1), as far as a web page can have them. */
function isTrustworthy(url: URL): boolean {
  if (url.protocol === 'https:') return true;
  const loopback = /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
  return url.protocol === 'http:' && loopback.test(url.hostname);
}

/** One label. Underscores are no host name's, but browsers serve such hosts and WebAuthn on them. */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Whether a host, as the URL parser writes it, is a valid domain (URL §3.3): not an IP address, no empty label, hence no dot at the end.
 */
export function isValidDomain(host: string): boolean {
  const labels = host.split('.');
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && !isNumber(labels.at(-1) ?? '');
}

/** A host whose last label is a number is an IPv4 address or nothing (URL §3.6 "ends in a number checker"). */
function isNumber(label: string): boolean {
  return /^(\d+|0x[0-9a-f]*)$/.test(label);
}
