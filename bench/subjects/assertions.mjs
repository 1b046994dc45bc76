/**
 * Assertions with one stored credential, against signing and nothing else.
 */
import { getAssertionRequest } from '../../dist/ctap/messages/get-assertion.js';
import { encodeRequest } from '../../dist/ctap/messages/message.js';
import { STATUS } from '../../dist/ctap/status.js';
import { fromBase64url } from '../../dist/data/bytes.js';
import { createClient, createKey, crypto, ORIGIN, RP_ID } from './key.mjs';
import { hashAndSign } from './limits.mjs';
import { creationOptions, requestOptions } from './options.mjs';

const page = { origin: ORIGIN };

/** GetAssertion of one credential, or of whatever is discovered. */
export function assertionRequest(id) {
  const allowList = id === undefined ? {} : { allowList: [{ id, type: 'public-key' }] };
  const clientDataHash = crypto.sha256(crypto.random.bytes(120));
  return encodeRequest(
    'authenticatorGetAssertion',
    getAssertionRequest.write({ rpId: RP_ID, clientDataHash, ...allowList }),
  );
}

/** Sends one message again and again. @throws Error at an answer that is no success, which would be fast */
export function repeat(key, message) {
  const exchange = { signal: new AbortController().signal, keepAlive: () => {} };
  return async (times) => {
    for (let time = 0; time < times; time++) {
      const [status] = await key.handle(message, exchange);
      if (status !== STATUS.CTAP1_ERR_SUCCESS) throw new Error(`the key answered ${status}`);
    }
  };
}

export const byKey = {
  ours: async () => {
    const key = createKey();
    const { id } = await createClient(key).createJson(page, creationOptions(0));
    return repeat(key, assertionRequest(fromBase64url(id)));
  },
  theirs: hashAndSign,
};

export const throughClient = {
  ours: async () => {
    const client = createClient(createKey());
    const { id } = await client.createJson(page, creationOptions(0));
    const options = requestOptions(id);
    return async (times) => {
      for (let time = 0; time < times; time++) await client.getJson(page, options);
    };
  },
  theirs: hashAndSign,
};
