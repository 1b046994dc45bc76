/**
 * Options as they were when the call came: what a page does to its buffers afterwards must not change the ceremony (WebAuthn L3 §5.1.3, "get
 * a copy of the bytes held by the buffer source").
 */

/** A deep copy of a dictionary. Byte strings become plain `Uint8Array`s, since a Buffer's `slice` would still share its memory. */
export function snapshot<T>(value: T): T {
  // The one cast: the copy has the members of the original.
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]));
}
