import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../data/bytes.js';
import { describeRequest, describeResponse } from './describe.js';
import {
  EMPTY_LARGE_BLOB_ARRAY,
  LARGE_BLOB_CHECKSUM,
  largeBlobsProofMessage,
  largeBlobsRequest,
  maxFragmentLength,
} from './large-blobs.js';
import { encodeRequest, encodeResponse } from './message.js';

describe('the large-blob array', () => {
  it('begins as an empty one behind whose end the left half of its SHA-256 stands', () => {
    const digest = createHash('sha256').update(Uint8Array.of(0x80)).digest();
    const expected = `80${digest.subarray(0, LARGE_BLOB_CHECKSUM).toString('hex')}`;
    expect(toHex(EMPTY_LARGE_BLOB_ARRAY)).toBe(expected);
    expect(EMPTY_LARGE_BLOB_ARRAY.length).toBe(17);
  });

  it('is moved in fragments of up to 960 bytes by keys that say nothing of their messages', () => {
    expect(maxFragmentLength(1024)).toBe(960);
  });
});

describe('the proof of a fragment', () => {
  it('has the offset with its lowest byte first', () => {
    const hash = new Uint8Array(32).fill(0xcd);
    expect(toHex(largeBlobsProofMessage(0x0102_0304, hash))).toBe(
      `${'ff'.repeat(32)}0c0004030201${'cd'.repeat(32)}`,
    );
  });
});

describe('large blobs in traces', () => {
  it('name their members', () => {
    const request = encodeRequest('authenticatorLargeBlobs', largeBlobsRequest.write({ get: 5, offset: 0 }));
    expect(describeRequest(request)).toEqual({
      name: 'authenticatorLargeBlobs',
      fields: { get: 5, offset: 0 },
    });
    const answer = encodeResponse(0, new Map([[0x01, Uint8Array.of(0x80)]]));
    expect(describeResponse(request, answer).fields).toEqual({ config: '80' });
  });
});
