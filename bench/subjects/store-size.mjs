/**
 * Whether a full key is slower than an empty one.
 */
import { makeCredentialRequest } from '../../dist/ctap/messages/make-credential.js';
import { encodeRequest } from '../../dist/ctap/messages/message.js';
import { fromBase64url } from '../../dist/data/bytes.js';
import { assertionRequest, repeat } from './assertions.mjs';
import { createClient, createKey, crypto, ORIGIN } from './key.mjs';
import { creationOptions } from './options.mjs';

const MANY = 10_000;
const FEW = 10;

/** A key with this many credentials, each of a relying party of its own; the ID of the one that is asked for. */
async function filledKey(count) {
  const key = createKey();
  const { id } = await createClient(key).createJson({ origin: ORIGIN }, creationOptions(0));
  for (let other = 1; other < count; other++) await repeat(key, registration(`rp-${other}.example`))(1);
  return { key, id: fromBase64url(id) };
}

function registration(rpId) {
  const request = {
    clientDataHash: new Uint8Array(32),
    rp: { id: rpId },
    user: { id: crypto.random.bytes(16), name: 'ada' },
    pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
    options: { rk: true },
  };
  return encodeRequest('authenticatorMakeCredential', makeCredentialRequest.write(request));
}

const withStored = (count, request) => async () => {
  const { key, id } = await filledKey(count);
  return repeat(key, request(id));
};

const compare = (request) => ({ ours: withStored(MANY, request), theirs: withStored(FEW, request) });

export const listed = compare((id) => assertionRequest(id));
export const discovered = compare(() => assertionRequest(undefined));
