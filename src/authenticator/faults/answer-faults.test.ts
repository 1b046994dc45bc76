/**
 * Faults of answers as a whole: other statuses, bad CBOR, wrong lengths. What the command did is what it would have done.
 */
import { decode as decodeElsewhere } from 'cborg';
import { describe, expect, it } from 'vitest';
import { decodeLeniently, tryDecode } from '../../ctap/cbor.js';
import type { DeviceFaultInput } from '../../ctap/device-faults.js';
import { getAssertionRequest, getAssertionResponse } from '../../ctap/messages/get-assertion.js';
import { getInfoResponse } from '../../ctap/messages/get-info.js';
import { encodeRequest } from '../../ctap/messages/message.js';
import { STATUS } from '../../ctap/status.js';
import {
  CLIENT_DATA_HASH,
  clientPin,
  countOf,
  createTestKey,
  getAssertion,
  getInfo,
  mustSucceed,
  RP_ID,
  readAnswer,
  registerDiscoverable,
  signedBy,
  type TestKey,
} from '../test-platform.suite.js';
import { createTwins } from './twins.suite.js';

const ASSERT = encodeRequest(
  'authenticatorGetAssertion',
  getAssertionRequest.write({ rpId: RP_ID, clientDataHash: CLIENT_DATA_HASH }),
);
const INFO = encodeRequest('authenticatorGetInfo');

const ada = (key: TestKey) => registerDiscoverable(key, 'ada');
const counter = (key: TestKey) => key.store.read((reader) => reader.counter());

async function assertions(fault: DeviceFaultInput) {
  const twins = await createTwins(fault, ada);
  return { ...twins, ...(await twins.compare(ASSERT)) };
}

describe('a status', () => {
  it('is the whole answer, and the command is not run', async () => {
    const { bad, faulty } = await assertions({ fault: 'status', value: 'CTAP2_ERR_PIN_BLOCKED' });
    expect(bad).toEqual(Uint8Array.of(STATUS.CTAP2_ERR_PIN_BLOCKED));
    expect(await counter(faulty)).toBe(0);
    expect(faulty.events.filter(({ kind }) => kind === 'touch')).toHaveLength(1);
    expect(faulty.failures).toEqual([]);
  });

  it('comes late, when the command has been run', async () => {
    const { bad, faulty } = await assertions({ fault: 'late-status', value: 'CTAP1_ERR_OTHER' });
    expect(bad).toEqual(Uint8Array.of(STATUS.CTAP1_ERR_OTHER));
    expect(await counter(faulty)).toBe(1);
  });

  it('is any byte', async () => {
    expect((await assertions({ fault: 'status', value: 0xf1 })).bad).toEqual(Uint8Array.of(0xf1));
    expect((await assertions({ fault: 'late-status', value: 0 })).bad).toEqual(Uint8Array.of(0));
  });

  it('is that of one command only', async () => {
    const key = createTestKey();
    const fault = { fault: 'status', value: 'CTAP2_ERR_OPERATION_DENIED' };
    key.machine.faults.set({ ...fault, command: 'authenticatorGetAssertion' });
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_OPERATION_DENIED');
    expect((await getInfo(key)).versions).toEqual(['FIDO_2_0']);
  });

  it('is that of one sub-command only', async () => {
    const key = createTestKey();
    const scope = { command: 'authenticatorClientPIN', subCommand: 'getPINRetries' };
    key.machine.faults.set({ fault: 'status', value: 'CTAP2_ERR_PIN_AUTH_BLOCKED', ...scope });
    expect((await clientPin(key, 'getPINRetries')).status).toBe('CTAP2_ERR_PIN_AUTH_BLOCKED');
    const other = await clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: 2 });
    expect(other.status).toBe('CTAP1_ERR_SUCCESS');
  });
});

/** What cborg, told to be generous, makes of it. */
const generous = {
  strict: false,
  allowIndefinite: true,
  rejectDuplicateMapKeys: false,
  useMaps: true,
  tags: { 55799: (decode: () => unknown) => decode() },
};

describe('bad CBOR', () => {
  it.each(['unsorted-keys', 'duplicate-key', 'long-integer', 'indefinite-length', 'tag'])(
    'of the kind %s means the same to a reader who is generous',
    async (value) => {
      const { good, bad } = await assertions({ fault: 'cbor', value });
      expect(bad[0]).toBe(STATUS.CTAP1_ERR_SUCCESS);
      expect(tryDecode(bad.subarray(1))).toBeUndefined();
      const read = (answer: Uint8Array) =>
        decodeElsewhere(answer.subarray(1), generous) as Map<number, unknown>;
      const [right, wrong] = [read(good), read(bad)];
      expect(new Map([...wrong].sort(([a], [b]) => a - b))).toEqual(right);
    },
  );

  it.each(['unsorted-keys', 'duplicate-key', 'long-integer', 'indefinite-length', 'tag', 'invalid-utf8'])(
    'of the kind %s breaks one rule',
    async (value) => {
      const { bad } = await assertions({ fault: 'cbor', value });
      const { violations } = decodeLeniently(bad.subarray(1));
      expect(new Set(violations.map(({ rule }) => rule))).toHaveLength(1);
    },
  );

  it('that is not UTF-8 differs in one byte', async () => {
    const { good, bad } = await assertions({ fault: 'cbor', value: 'invalid-utf8' });
    expect(bad).toHaveLength(good.length);
    expect(good.filter((byte, at) => byte !== bad[at])).toHaveLength(1);
  });

  it('that is no map has the values of one', async () => {
    const { good, bad } = await assertions({ fault: 'cbor', value: 'not-a-map' });
    const map = tryDecode(good.subarray(1));
    expect(tryDecode(bad.subarray(1))).toEqual(map instanceof Map ? [...map.values()] : undefined);
  });

  it('is any answer’s, getInfo’s too', async () => {
    const { compare } = await createTwins({ fault: 'cbor', value: 'unsorted-keys' }, ada);
    const { bad, good } = await compare(INFO);
    expect(bad).not.toEqual(good);
    expect(tryDecode(bad.subarray(1))).toBeUndefined();
  });

  it('leaves alone what has no members', async () => {
    const { faulty, compare } = await createTwins({ fault: 'cbor', value: 'tag', times: 1 }, ada);
    expect((await compare(Uint8Array.of(0xee))).damage).toEqual([]);
    expect((await compare(encodeRequest('authenticatorSelection'))).damage).toEqual([]);
    expect(faulty.machine.faults.faults).toHaveLength(1);
  });
});

describe('the length of an answer', () => {
  it.each([1, 7, 65_535])('is %d bytes too short', async (value) => {
    const { good, bad } = await assertions({ fault: 'truncated', value });
    expect(bad).toEqual(good.subarray(0, Math.max(0, good.length - value)));
  });

  it('is bytes too long', async () => {
    const { good, bad } = await assertions({ fault: 'trailing', value: 3 });
    expect(bad).toEqual(Uint8Array.of(...good, 0, 0, 0));
  });

  it('is too long even of an error', async () => {
    const { compare } = await createTwins({ fault: 'trailing', value: 2 }, ada);
    const { bad } = await compare(encodeRequest('authenticatorGetNextAssertion'));
    expect(bad).toEqual(Uint8Array.of(STATUS.CTAP2_ERR_NOT_ALLOWED, 0, 0));
  });

  it.each([1, 2, 300, 65_535])('is %d bytes more than the key’s messages may have', async (value) => {
    const { good, bad, faulty, past } = await assertions({ fault: 'oversized', value });
    expect(bad).toHaveLength(faulty.config.limits.maxMsgSize + value);
    // Good CBOR, with everything in it that belongs there.
    const answer = mustSucceed(readAnswer(bad, getAssertionResponse));
    expect(answer).toEqual(mustSucceed(readAnswer(good, getAssertionResponse)));
    expect(signedBy(past, answer)).toBe(true);
  });

  it('is too long of getInfo, too', async () => {
    const { compare, honest } = await createTwins({ fault: 'oversized' }, ada);
    const { good, bad } = await compare(INFO);
    expect(bad.length).toBe(honest.config.limits.maxMsgSize + 1);
    expect(readAnswer(bad, getInfoResponse)).toEqual(readAnswer(good, getInfoResponse));
  });
});

describe('a command with a damaged answer', () => {
  it('has counted all the same', async () => {
    const { faulty } = await assertions({ fault: 'truncated', times: 1 });
    expect(countOf(mustSucceed(await getAssertion(faulty)))).toBe(2);
  });
});
