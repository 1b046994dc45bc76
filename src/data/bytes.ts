/**
 * Byte strings: hex, base64url, joining and comparing, without anything of Node.
 */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += HEX[byte];
  return out;
}

/** Bytes of a hex string, spaces allowed; `undefined` when it is not one. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  const out = new Uint8Array(digits.length / 2);
  for (let at = 0; at < out.length; at++) out[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return out;
}

/** The alphabet of base64url (RFC 4648 §5) as character codes, by value. */
const DIGITS = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', (digit) =>
  digit.charCodeAt(0),
);
/** The values by character code; 64 for characters outside of the alphabet. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => (DIGITS.indexOf(code) + 65) % 65);

/** Bytes per call of String.fromCharCode: whole groups of three, and arguments below every engine's limit. */
const CHUNK = 6144;

/**
 * Base64url without padding (RFC 4648 §5), as WebAuthn's JSON uses it. By hand, because a registration has a kilobyte of it and `btoa`
 * with its alphabet put right takes six times as long.
 */
export function toBase64url(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return base64urlChunk(bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += base64urlChunk(bytes.subarray(at, at + CHUNK));
  return text;
}

/** Base64 with padding, for what is older than base64url: PEM, and certificates in JSON Web Signatures. */
export function toBase64(bytes: Uint8Array): string {
  const digits = toBase64url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=');
}

function base64urlChunk(bytes: Uint8Array): string {
  const length = Math.ceil((bytes.length * 4) / 3);
  const codes = new Array<number>(length);
  for (let from = 0, to = 0; to < length; from += 3) {
    const group = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0);
    // Three bytes make four digits, two make three and one makes two.
    for (let shift = 18; shift >= 0 && to < length; shift -= 6)
      codes[to++] = DIGITS[(group >> shift) & 0x3f] ?? 0;
  }
  return Reflect.apply(String.fromCharCode, undefined, codes);
}

/** Bytes of unpadded base64url; `undefined` for padding, another alphabet, a stray character or left-over bits. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let waiting = 0;
  let bits = 0;
  for (let from = 0, to = 0; from < text.length; from++) {
    const value = VALUES[text.charCodeAt(from)] ?? 64;
    if (value === 64) return undefined;
    waiting = (waiting << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[to++] = waiting >> bits;
    waiting &= (1 << bits) - 1;
  }
  return waiting === 0 ? out : undefined;
}

/** One array of all parts, in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Whether both hold the same bytes. Not for secrets: the time tells where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

const encoder = new TextEncoder();

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
