/**
 * Assertions with ML-DSA, against the same library's signature over the same bytes.
 */
import { randomBytes } from 'node:crypto';
import { ml_dsa44, ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { createMemoryStore } from '../../dist/authenticator/store/memory.js';
import { COSE_ALGORITHMS } from '../../dist/ctap/cose.js';
import { makeCredentialRequest } from '../../dist/ctap/messages/make-credential.js';
import { encodeRequest } from '../../dist/ctap/messages/message.js';
import { assertionRequest, repeat } from './assertions.mjs';
import { createKey, crypto, RP_ID } from './key.mjs';
import { ask } from './platform.mjs';

/** Room for its signatures: HID's longest messages. */
const LIMITS = { maxMsgSize: 7609 };
/** Bytes: authenticator data without extensions, and the client data's hash. */
const SIGNED = 37 + 32;

const assertions = (name, library) => ({
  ours: async () => {
    const { id: alg } = COSE_ALGORITHMS[name];
    const key = createKey(createMemoryStore(), { algorithms: [alg], limits: LIMITS });
    const registration = makeCredentialRequest.write({
      clientDataHash: crypto.random.bytes(32),
      rp: { id: RP_ID },
      user: { id: crypto.random.bytes(16), name: 'ada' },
      pubKeyCredParams: [{ alg, type: 'public-key' }],
      options: { rk: true },
    });
    await ask(key, encodeRequest('authenticatorMakeCredential', registration));
    return repeat(key, assertionRequest(undefined));
  },
  theirs: () => {
    const { secretKey } = library.keygen(randomBytes(32));
    const message = randomBytes(SIGNED);
    return (times) => {
      // Signing takes as many attempts as the message wants: others each time, as in assertions.
      for (let time = 0; time < times; time++) {
        message.writeUInt32BE(time, 33);
        library.sign(message, secretKey, { extraEntropy: false });
      }
    };
  },
});

export const mlDsa44 = assertions('ML-DSA-44', ml_dsa44);
export const mlDsa65 = assertions('ML-DSA-65', ml_dsa65);
