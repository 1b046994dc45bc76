/**
 * Client data: what the client says about the ceremony, and the one way to write it down (WebAuthn L3 §5.8.1).
 *
 * The bytes are fixed by the specification so that a verifier may compare a prefix instead of parsing JSON (§5.8.1.2).
 */
import { utf8 } from '../data/bytes.js';

/** CollectedClientData (§5.8.1). */
export interface CollectedClientData {
  /** `webauthn.create` or `webauthn.get`. */
  readonly type: string;
  /** Base64url. */
  readonly challenge: string;
  /** The caller's origin, serialized. */
  readonly origin: string;
  /** True when the caller is not same-origin with all of its ancestors. Always written. */
  readonly crossOrigin: boolean;
  /** The origin of the top-level page; only where `crossOrigin` is true. */
  readonly topOrigin?: string;
}

/** Members after the fixed ones. Clients add some now and then so that nobody compares whole texts. */
export type ExtraClientData = Readonly<Record<string, unknown>>;

/**
 * The bytes of clientDataJSON (§5.8.1.1).
 *
 * @param extra More members, in their order; they must not repeat the fixed ones.
 * @example
 * ```ts
 * serializeClientData({ type: 'webauthn.get', challenge: 'AAAA', origin: 'https://example.org', crossOrigin: false });
 * // {"type":"webauthn.get","challenge":"AAAA","origin":"https://example.org","crossOrigin":false}
 * ```
 */
export function serializeClientData(data: CollectedClientData, extra?: ExtraClientData): Uint8Array {
  const top = data.topOrigin === undefined ? '' : `,"topOrigin":${ccdToString(data.topOrigin)}`;
  // Steps 12 to 14: the rest is plain JSON, its opening brace becomes a comma.
  const rest = extra === undefined ? '' : JSON.stringify(extra).slice(1, -1);
  const head = `{"type":${ccdToString(data.type)},"challenge":${ccdToString(data.challenge)}`;
  const where = `,"origin":${ccdToString(data.origin)},"crossOrigin":${data.crossOrigin}${top}`;
  return utf8(head + where + (rest === '' ? '}' : `,${rest}}`));
}

/**
 * CCDToString: unlike `JSON.stringify` it knows no short escapes and leaves everything from U+0020 on as it is. A lone surrogate has
 * no UTF-8 and becomes U+FFFD when encoded.
 */
function ccdToString(text: string): string {
  return ESCAPED.test(text) ? `"${text.replaceAll(EVERY_ESCAPED, escapeCharacter)}"` : `"${text}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped here.
const ESCAPED = /[\u0000-\u001f"\\]/;
const EVERY_ESCAPED = new RegExp(ESCAPED, 'g');

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
