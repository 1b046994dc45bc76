/**
 * Calls and results as plain JSON, for the timeline.
 */
import { toBase64url } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { Json } from '../trace/events.js';
import { WebAuthnError } from '../webauthn/errors.js';

/** Dictionaries with byte strings in base64url. What JSON can't say is left out. */
export function plainJson(value: unknown): Json {
  if (value instanceof Uint8Array) return toBase64url(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plainJson(item)]));
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isPlain ? value : null;
}

/** What a call ended with: a DOMException name, a code of keyrig, or whatever the page aborted with. */
export function describeError(error: unknown): { readonly name: string; readonly fields: Json } {
  if (error instanceof WebAuthnError) return { name: error.name, fields: { reason: error.reason } };
  if (error instanceof KeyrigError) return { name: error.code, fields: { reason: error.message } };
  if (error instanceof Error) return { name: error.name, fields: { reason: error.message } };
  return {
    name: 'aborted',
    fields: { reason: typeof error === 'string' ? error : 'by a value without a name' },
  };
}
