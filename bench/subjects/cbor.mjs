/**
 * CTAP2 canonical CBOR against cborg: its default order is CTAP2's, and its strict mode refuses most of what CTAP2 forbids. Ours
 * refuses all of it: key order, depth, bad UTF-8 and repeated byte-string keys are not cborg's business.
 */
import * as cborg from 'cborg';
import { decode, encode } from '../../dist/ctap/cbor.js';
import { assertionRequest } from './assertions.mjs';
import { createKey, crypto } from './key.mjs';

const STRICT = {
  strict: true,
  useMaps: true,
  allowIndefinite: false,
  allowUndefined: false,
  rejectDuplicateMapKeys: true,
};

/** The bytes of each message, without command or status. */
const MESSAGES = {
  request: async () => assertionRequest(crypto.random.bytes(32)).subarray(1),
  assertion: async () => encode(assertion()),
  info: async () => {
    const exchange = { signal: new AbortController().signal, keepAlive: () => {} };
    return (await createKey().handle(Uint8Array.of(0x04), exchange)).subarray(1);
  },
};

/** What a key answers that verified its user: 37 bytes of authenticator data, a signature of 71, an account. */
function assertion() {
  return new Map([
    [
      0x01,
      new Map([
        ['id', crypto.random.bytes(32)],
        ['type', 'public-key'],
      ]),
    ],
    [0x02, crypto.random.bytes(37)],
    [0x03, crypto.random.bytes(71)],
    [
      0x04,
      new Map([
        ['id', crypto.random.bytes(16)],
        ['name', 'ada@example.org'],
        ['displayName', 'Ada Lovelace'],
      ]),
    ],
  ]);
}

const encoding = (message) => {
  const value = async () => decode(await MESSAGES[message]());
  return {
    ours: async () => repeat(encode, await value()),
    theirs: async () => repeat(cborg.encode, await value()),
  };
};

const decoding = (message) => {
  // A copy: what others hand out may be a view of a large buffer.
  const bytes = async () => (await MESSAGES[message]()).slice();
  return {
    ours: async () => repeat(decode, await bytes()),
    theirs: async () => repeat((input) => cborg.decode(input, STRICT), await bytes()),
  };
};

function repeat(work, input) {
  return (times) => {
    for (let time = 0; time < times; time++) work(input);
  };
}

export const encodeRequest = encoding('request');
export const encodeAssertion = encoding('assertion');
export const encodeInfo = encoding('info');
export const decodeRequest = decoding('request');
export const decodeAssertion = decoding('assertion');
export const decodeInfo = decoding('info');
