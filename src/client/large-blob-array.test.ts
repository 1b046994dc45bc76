import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decode as cborgDecode, encode as cborgEncode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { concat, toHex, utf8 } from '../data/bytes.js';
import {
  compressBlob,
  findLargeBlob,
  inflateBlob,
  parseLargeBlobArray,
  serializeLargeBlobArray,
  withLargeBlob,
} from './large-blob-array.js';

const crypto = createNodeCrypto();
const KEY = new Uint8Array(32).fill(1);
const OTHER = new Uint8Array(32).fill(2);
const BLOB = utf8('a certificate, '.repeat(20));

/** "blob" and the size in 64 bits, lowest byte first, written by hand. */
const aad = (size: number) =>
  concat(utf8('blob'), Uint8Array.of(size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff, 0, 0, 0, 0, 0));

/** An entry as somebody else's software makes it. */
function foreignEntry(key: Uint8Array, blob: Uint8Array, origSize = blob.length) {
  const nonce = new Uint8Array(12).fill(5);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad(origSize));
  const text = Buffer.concat([cipher.update(deflateRawSync(blob, { level: 1 })), cipher.final()]);
  return new Map<number, Uint8Array | number>([
    [1, concat(text, cipher.getAuthTag())],
    [2, nonce],
    [3, origSize],
  ]);
}

function foreignArray(...entries: readonly unknown[]): Uint8Array {
  const content = cborgEncode(entries);
  const digest = createHash('sha256').update(content).digest();
  return concat(content, digest.subarray(0, 16));
}

const blobIn = (array: Uint8Array, key = KEY) =>
  findLargeBlob(crypto, parseLargeBlobArray(crypto, array), key);

describe('a large-blob array', () => {
  it('that others wrote is read', () => {
    const array = foreignArray(foreignEntry(OTHER, utf8('not ours')), foreignEntry(KEY, BLOB));
    expect(blobIn(array)).toEqual(BLOB);
    expect(blobIn(array, OTHER)).toEqual(utf8('not ours'));
    expect(blobIn(array, new Uint8Array(32))).toBeUndefined();
  });

  it('that is written here is read by others', () => {
    const array = serializeLargeBlobArray(crypto, withLargeBlob(crypto, [], KEY, BLOB));
    const content = array.subarray(0, -16);
    const digest = createHash('sha256').update(content).digest('hex');
    expect(toHex(array.subarray(-16))).toBe(digest.slice(0, 32));
    const [entry] = cborgDecode(content, { useMaps: true });
    expect([...entry.keys()]).toEqual([1, 2, 3]);
    expect(entry.get(3)).toBe(BLOB.length);
    const sealed: Uint8Array = entry.get(1);
    const decipher = createDecipheriv('aes-256-gcm', KEY, entry.get(2))
      .setAAD(aad(BLOB.length))
      .setAuthTag(sealed.subarray(-16));
    const compressed = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    expect(new Uint8Array(inflateRawSync(compressed))).toEqual(BLOB);
  });

  it('is canonical CBOR, as another encoder writes it', () => {
    const entries = withLargeBlob(crypto, [], KEY, BLOB);
    const array = serializeLargeBlobArray(crypto, entries);
    expect(toHex(array.subarray(0, -16))).toBe(toHex(cborgEncode(entries)));
    expect(toHex(serializeLargeBlobArray(crypto, []))).toBe('8076be8b528d0075f7aae98d6fa57a6d3c');
  });

  it('keeps what others wrote, whether or not it makes sense', () => {
    const strangers = [
      foreignEntry(OTHER, utf8('not ours')),
      new Map([[9, 'new']]),
      'text',
      new Map<number, unknown>([
        [1, 1],
        [2, 2],
      ]),
    ];
    const array = foreignArray(...strangers, foreignEntry(KEY, utf8('old')));
    const changed = withLargeBlob(crypto, parseLargeBlobArray(crypto, array), KEY, BLOB);
    expect(changed.slice(0, -1)).toEqual(strangers);
    expect(changed.length).toBe(5);
    const again = serializeLargeBlobArray(crypto, changed);
    expect(blobIn(again)).toEqual(BLOB);
    expect(blobIn(again, OTHER)).toEqual(utf8('not ours'));
  });

  it('has a nonce of its own for every write', () => {
    const nonces = [1, 2].map(() => {
      const [entry] = withLargeBlob(crypto, [], KEY, BLOB);
      return entry instanceof Map ? entry.get(2) : undefined;
    });
    expect(nonces[0]).not.toEqual(nonces[1]);
  });

  it.each([
    ['of which nothing arrived', new Uint8Array(0)],
    ['that is shorter than a checksum', new Uint8Array(15)],
    [
      'whose checksum is wrong',
      foreignArray(foreignEntry(KEY, BLOB)).map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
    ],
    [
      'that is no array',
      concat(cborgEncode(1), createHash('sha256').update(cborgEncode(1)).digest().subarray(0, 16)),
    ],
  ])('%s is taken for empty', (_, array) => {
    expect(parseLargeBlobArray(crypto, array)).toEqual([]);
  });

  it('gives nothing for an entry whose size is a lie', () => {
    expect(blobIn(foreignArray(foreignEntry(KEY, BLOB, BLOB.length + 1)))).toBeUndefined();
    expect(blobIn(foreignArray(foreignEntry(KEY, BLOB, BLOB.length - 1)))).toBeUndefined();
    expect(blobIn(foreignArray(foreignEntry(KEY, BLOB, 2 ** 24 + 1)))).toBeUndefined();
  });

  it('is the same by either implementation of cryptography', () => {
    const noble = createNobleCrypto({ random: createSeededRandom('blobs') });
    const array = serializeLargeBlobArray(noble, withLargeBlob(noble, [], KEY, BLOB));
    expect(blobIn(array)).toEqual(BLOB);
    const other = serializeLargeBlobArray(crypto, withLargeBlob(crypto, [], KEY, BLOB));
    expect(findLargeBlob(noble, parseLargeBlobArray(noble, other), KEY)).toEqual(BLOB);
  });

  it('gives back any blobs of any keys, in any order of writing', () => {
    const write = fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(fc.array(write, { maxLength: 8 }), (writes) => {
        const last = new Map(writes);
        const keyOf = (at: number) => new Uint8Array(32).fill(at + 1);
        let array = serializeLargeBlobArray(crypto, []);
        for (const [at, blob] of writes) {
          const entries = withLargeBlob(crypto, parseLargeBlobArray(crypto, array), keyOf(at), blob);
          array = serializeLargeBlobArray(crypto, entries);
        }
        expect(parseLargeBlobArray(crypto, array).length).toBe(last.size);
        for (const [at, blob] of last) expect(blobIn(array, keyOf(at))).toEqual(blob);
      }),
    );
  });
});

describe('a compressed blob', () => {
  it('is raw DEFLATE', () => {
    expect(new Uint8Array(inflateRawSync(compressBlob(BLOB)))).toEqual(BLOB);
    expect(inflateBlob(deflateRawSync(BLOB), BLOB.length)).toEqual(BLOB);
  });

  it('is nothing when it is no DEFLATE', () => {
    expect(inflateBlob(Uint8Array.of(0xff, 0xff), 2)).toBeUndefined();
  });

  it('is not blown up beyond what it says it is', () => {
    expect(inflateBlob(deflateRawSync(new Uint8Array(1_000_000)), 10)).toBeUndefined();
  });
});
