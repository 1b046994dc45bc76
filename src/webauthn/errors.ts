/**
 * The exception with which a WebAuthn promise is rejected: a value of the protocol, not a failure of keyrig.
 */
import type { DomExceptionName } from './types.js';

/**
 * What `create()` and `get()` reject with (WebAuthn L3 §5.1.3, §5.1.4). A page sees the name alone: most names hide on purpose what
 * happened at the device, so `reason` is for traces and for people and never for the relying party.
 *
 * @example
 * ```ts
 * throw new WebAuthnError('SecurityError', 'rp.id "example.org" is no suffix of "example.com"');
 * ```
 */
export class WebAuthnError extends Error {
  override readonly name: DomExceptionName;
  /** Why, as a sentence without secrets. */
  readonly reason: string;

  constructor(name: DomExceptionName, reason: string, options?: { readonly cause?: unknown }) {
    super(reason, options);
    this.name = name;
    this.reason = reason;
  }
}
