/**
 * The large-blob array as platforms write it (CTAP 2.1 §6.10.3): entries of all relying parties, each compressed and encrypted with its
 * credential's key, and a checksum behind them.
 *
 * What others wrote is kept as it came, whether or not it makes sense here.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Crypto } from '../crypto/crypto.js';
import { type CborValue, decodeLeniently, encode } from '../ctap/cbor.js';
import { LARGE_BLOB_CHECKSUM } from '../ctap/messages/large-blobs.js';
import { bytes, required, shape, uint, type Value } from '../ctap/messages/shape.js';
import { concat, sameBytes, utf8 } from '../data/bytes.js';

/** One entry (§6.10.3, "large-blob map"). */
const entryShape = shape({
  /** Ciphertext and tag. */
  ciphertext: required(0x01, bytes),
  /** 12 bytes. */
  nonce: required(0x02, bytes),
  /** Bytes before compression. */
  origSize: required(0x03, uint),
});
type Entry = Value<typeof entryShape>;

/** Bytes of a nonce of AES-GCM. */
const NONCE = 12;
const CONTEXT = utf8('blob');

/** Larger blobs than that no authenticator keeps, however well they are compressed: 16 MiB. */
const MOST_INFLATED = 2 ** 24;

/** The entries of a serialized array. One that did not arrive whole, or is no array, is taken for empty (§6.10.3). */
export function parseLargeBlobArray(crypto: Crypto, serialized: Uint8Array): readonly CborValue[] {
  const end = serialized.length - LARGE_BLOB_CHECKSUM;
  const content = serialized.subarray(0, Math.max(0, end));
  if (!sameBytes(checksum(crypto, content), serialized.subarray(Math.max(0, end)))) return [];
  const { value } = decodeLeniently(content);
  return Array.isArray(value) ? value : [];
}

/** The array with its checksum. */
export function serializeLargeBlobArray(crypto: Crypto, entries: readonly CborValue[]): Uint8Array {
  const content = encode(entries, { maxDepth: 16 });
  return concat(content, checksum(crypto, content));
}

/** The blob of this key, `undefined` when there is none. */
export function findLargeBlob(
  crypto: Crypto,
  entries: readonly CborValue[],
  key: Uint8Array,
): Uint8Array | undefined {
  for (const entry of entries) {
    const blob = openEntry(crypto, entry, key);
    if (blob !== undefined) return blob;
  }
  return undefined;
}

/** The entries with this blob in the place of the one that the key had, or at the end. */
export function withLargeBlob(
  crypto: Crypto,
  entries: readonly CborValue[],
  key: Uint8Array,
  blob: Uint8Array,
): readonly CborValue[] {
  const sealed = sealEntry(crypto, key, blob);
  const at = entries.findIndex((entry) => decrypted(crypto, entry, key) !== undefined);
  return at === -1 ? [...entries, sealed] : entries.with(at, sealed);
}

/** Compresses as raw DEFLATE (RFC 1951), which the extension largeBlob wants too. */
export function compressBlob(blob: Uint8Array): Uint8Array {
  return Uint8Array.from(deflateRawSync(blob));
}

/** The blob again; `undefined` when it is not one of `size` bytes. */
export function inflateBlob(compressed: Uint8Array, size: number): Uint8Array | undefined {
  if (size > MOST_INFLATED) return undefined;
  try {
    // One byte more than there should be, so that too much is seen and not cut off
    const blob = Uint8Array.from(inflateRawSync(compressed, { maxOutputLength: size + 1 }));
    return blob.length === size ? blob : undefined;
  } catch {
    return undefined;
  }
}

function checksum(crypto: Crypto, content: Uint8Array): Uint8Array {
  return crypto.sha256(content).subarray(0, LARGE_BLOB_CHECKSUM);
}

/** "blob", then the size as 64 bits with its lowest byte first. */
function additionalData(size: number): Uint8Array {
  const data = new Uint8Array(CONTEXT.length + 8);
  data.set(CONTEXT);
  new DataView(data.buffer).setBigUint64(CONTEXT.length, BigInt(size), true);
  return data;
}

function sealEntry(crypto: Crypto, key: Uint8Array, blob: Uint8Array): CborValue {
  const nonce = crypto.random.bytes(NONCE);
  const origSize = blob.length;
  const ciphertext = crypto.aes256GcmSeal(key, nonce, compressBlob(blob), additionalData(origSize));
  return entryShape.write({ ciphertext, nonce, origSize });
}

function openEntry(crypto: Crypto, value: CborValue, key: Uint8Array): Uint8Array | undefined {
  const found = decrypted(crypto, value, key);
  return found && inflateBlob(found.compressed, found.entry.origSize);
}

/** What the key opens, compressed as it is; `undefined` for entries of others and for what is no entry. */
function decrypted(
  crypto: Crypto,
  value: CborValue,
  key: Uint8Array,
): { readonly entry: Entry; readonly compressed: Uint8Array } | undefined {
  const read = entryShape.read(value);
  if (!read.ok || read.value.nonce.length !== NONCE) return undefined;
  const { ciphertext, nonce, origSize } = read.value;
  if (!Number.isSafeInteger(origSize)) return undefined;
  const compressed = crypto.aes256GcmOpen(key, nonce, ciphertext, additionalData(origSize));
  return compressed && { entry: read.value, compressed };
}
