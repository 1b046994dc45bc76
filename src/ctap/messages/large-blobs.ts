/**
 * authenticatorLargeBlobs (CTAP 2.1 §6.10): the array that platforms keep for relying parties, moved in fragments.
 */
import { concat, fromHex } from '../../data/bytes.js';
import { COMMANDS } from '../commands.js';
import { bytes, optional, shape, uint, type Value } from './shape.js';

/** What the platform asks: to read with `get`, or to write with `set`. */
export const largeBlobsRequest = shape({
  /** How many bytes to read. */
  get: optional(0x01, uint),
  /** The next fragment of a new array. */
  set: optional(0x02, bytes),
  /** Where in the array. Every request has one; that it is missing is a wrong parameter rather than a missing one (§6.10.2). */
  offset: optional(0x03, uint),
  /** Bytes of the whole new array, with its first fragment. */
  length: optional(0x04, uint),
  pinUvAuthParam: optional(0x05, bytes),
  pinUvAuthProtocol: optional(0x06, uint),
});
export type LargeBlobsRequest = Value<typeof largeBlobsRequest>;

/** What the authenticator answers to `get`; `set` has no answer but its status. */
export const largeBlobsResponse = shape({
  /** A fragment of the array. */
  config: optional(0x01, bytes),
});
export type LargeBlobsResponse = Value<typeof largeBlobsResponse>;

/** What the message takes around a fragment, at most (§6.10.2, maxFragmentLength). */
const FRAGMENT_OVERHEAD = 64;

/** Bytes of a fragment that messages of this size have room for. */
export function maxFragmentLength(maxMsgSize: number): number {
  return maxMsgSize - FRAGMENT_OVERHEAD;
}

/** Bytes behind the array: LEFT(SHA-256(array), 16). */
export const LARGE_BLOB_CHECKSUM = 16;

/** An empty array and its checksum: the shortest of all, and what an authenticator begins with (§6.10.1). */
export const EMPTY_LARGE_BLOB_ARRAY: Uint8Array = initialArray();

function initialArray(): Uint8Array {
  const checksum = fromHex('76be8b528d0075f7aae98d6fa57a6d3c') ?? new Uint8Array(0);
  return concat(Uint8Array.of(0x80), checksum);
}

/** Comes before everything else that is authenticated, so that no proof of another command fits (§6.10.2). */
const PADDING = new Uint8Array(32).fill(0xff);

/** What the pinUvAuthParam of a fragment is made over: padding, command, offset (little-endian, of all things) and hash (§6.10.2). */
export function largeBlobsProofMessage(offset: number, sha256OfFragment: Uint8Array): Uint8Array {
  const head = new Uint8Array(6);
  head[0] = COMMANDS.authenticatorLargeBlobs;
  new DataView(head.buffer).setUint32(2, offset, true);
  return concat(PADDING, head, sha256OfFragment);
}
