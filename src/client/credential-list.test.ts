import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getAssertionRequest } from '../ctap/messages/get-assertion.js';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { encodeRequest } from '../ctap/messages/message.js';
import { batchesOf, named } from './credential-list.js';
import { descriptors, RP_ID, strangeId } from './good-options.suite.js';

const info = (change: Partial<GetInfoResponse> = {}): GetInfoResponse => ({
  versions: [],
  aaguid: new Uint8Array(16),
  ...change,
});

describe('batches of a list', () => {
  it('are of one for a key that names no limit', () => {
    expect(batchesOf(descriptors(strangeId(1), strangeId(2)), RP_ID, info())).toHaveLength(2);
  });

  it('leave out other types, and transports', () => {
    const list = [
      { type: 'password', id: strangeId(1) },
      { type: 'public-key', id: strangeId(2), transports: ['usb'] },
    ];
    expect(batchesOf(list, RP_ID, info({ maxCredentialCountInList: 8 }))).toEqual([
      descriptors(strangeId(2)),
    ]);
  });

  it('hold every ID that fits once and in order, and always fit into a message', () => {
    const list = fc.array(fc.uint8Array({ maxLength: 1023 }), { maxLength: 40 });
    const limits = fc.record({
      maxCredentialCountInList: fc.integer({ min: 0, max: 20 }),
      maxCredentialIdLength: fc.integer({ min: 1, max: 1023 }),
      maxMsgSize: fc.integer({ min: 1024, max: 7609 }),
    });
    fc.assert(
      fc.property(list, limits, fc.domain(), (ids, limit, rpId) => {
        const batches = batchesOf(descriptors(...ids), rpId, info(limit));
        const kept = batches.flat().map(({ id }) => id);
        const fits = ids.filter((id) => id.length <= limit.maxCredentialIdLength);
        // Only an ID that no request could carry may be missing.
        expect(kept.length === fits.length || fits.some((id) => id.length > limit.maxMsgSize - 500)).toBe(
          true,
        );
        expect(kept).toEqual(fits.filter((id) => kept.includes(id)));
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(Math.max(1, limit.maxCredentialCountInList));
          const request = {
            rpId,
            clientDataHash: new Uint8Array(32),
            allowList: batch,
            options: { up: false },
            pinUvAuthParam: new Uint8Array(32),
            pinUvAuthProtocol: 2,
          };
          const bytes = encodeRequest('authenticatorGetAssertion', getAssertionRequest.write(request));
          expect(bytes.length).toBeLessThanOrEqual(limit.maxMsgSize);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the descriptor that an answer means', () => {
  const batch = [1, 2].map((seed) => ({ id: strangeId(seed), type: 'public-key' }));

  it('is the one with its ID', () => {
    expect(named(strangeId(2), batch)).toBe(batch[1]);
    expect(named(strangeId(3), batch)).toBeUndefined();
  });

  it('is the only one when the answer names none', () => {
    expect(named(undefined, batch.slice(0, 1))).toBe(batch[0]);
    expect(named(undefined, batch)).toBeUndefined();
    expect(named(strangeId(2), batch.slice(0, 1))).toBeUndefined();
  });
});
