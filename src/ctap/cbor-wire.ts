/**
 * How CBOR looks on the wire (RFC 8949 §3): the numbers that the linter and the tolerant reader share.
 */

/** Major types: the upper three bits of an initial byte. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  /** Simple values, floating-point numbers and the break. */
  other: 7,
} as const;

/** Additional information: the lower five bits. Below `oneByte` it is the argument itself. */
export const INFO = {
  oneByte: 24,
  twoBytes: 25,
  fourBytes: 26,
  /** The widest argument; 28 to 30 are not assigned. */
  eightBytes: 27,
  indefinite: 31,
} as const;

/** Simple values by number (RFC 8949 §3.3). */
export const SIMPLE = { false: 20, true: 21, null: 22 } as const;

/** The byte that ends an indefinite-length item. */
export const BREAK = 0xff;

/** The smallest argument that needs 1, 2, 4 and 8 bytes of its own: what is smaller has a shorter form. */
export const LEAST_ARGUMENT = [24, 0x1_00, 0x1_00_00, 0x1_00_00_00_00] as const;

/** How many bytes behind the initial byte hold the argument. Meaningful up to `INFO.eightBytes`. */
export function argumentWidth(info: number): number {
  return info < INFO.oneByte ? 0 : 1 << (info - INFO.oneByte);
}

/**
 * Where the first sequence starts that is not UTF-8 (Unicode 15 table 3-7: no overlong forms, no surrogates, nothing
 * above U+10FFFF), or -1.
 */
export function invalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const lead = bytes[at] ?? 0;
    const width = lead < 0x80 ? 1 : sequenceWidth(lead);
    if (width === 0 || at + width > end) return at;
    if (width > 1 && !isContinued(bytes, at, lead, width)) return at;
    at += width;
  }
  return -1;
}

/** How many bytes a multi-byte sequence with this lead takes; 0 when nothing can start so. */
function sequenceWidth(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

function isContinued(bytes: Uint8Array, at: number, lead: number, width: number): boolean {
  const second = bytes[at + 1] ?? 0;
  // The second byte decides about overlong forms (after E0 and F0), surrogates (ED) and the end of Unicode (F4).
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < least || second > most) return false;
  for (let next = at + 2; next < at + width; next++) if ((bytes[next] ?? 0) >> 6 !== 0b10) return false;
  return true;
}
