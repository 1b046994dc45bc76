/**
 * Every algorithm from a page to a relying party and back: keys and signatures as they arrive there, judged by OpenSSL, and by
 * @simplewebauthn/server where it knows the algorithm.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SERVED_BY_ALL } from '../../src/crypto/algorithms.js';
import { createNobleCrypto } from '../../src/crypto/noble.js';
import { createNodeCrypto } from '../../src/crypto/node.js';
import { opensslKnowsMlDsa } from '../../src/crypto/node-keys.js';
import { createSeededRandom } from '../../src/crypto/seeded-random.js';
import {
  COSE_ALGORITHMS,
  type CoseAlgorithm,
  type CoseAlgorithmName,
  coseAlgorithm,
} from '../../src/ctap/cose.js';
import { concat, fromBase64url } from '../../src/data/bytes.js';
import {
  allow,
  CONFIG,
  creation,
  crypto,
  JUDGED_ALGORITHMS,
  oneKey,
  PAGE,
  register,
  request,
  signIn,
} from './key-and-client.js';

const bytes = (base64url: string | undefined) =>
  fromBase64url(base64url ?? '?') ?? expect.unreachable('not base64url');

/** A key that has this algorithm alone, and room for its answers: HID's longest messages. */
const configOf = (name: CoseAlgorithmName) => ({
  algorithms: [COSE_ALGORITHMS[name].id],
  limits: { ...CONFIG.limits, maxMsgSize: 7609 },
});

interface Signed {
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** OpenSSL's opinion; of ML-DSA it has none before Node 24, where the last bytes of the SPKI go to noble instead. */
function isGood(id: number, { publicKey, message, signature }: Signed): boolean {
  const algorithm: CoseAlgorithm = coseAlgorithm(id) ?? expect.unreachable('unknown');
  if (algorithm.kind === 'ml-dsa' && !opensslKnowsMlDsa()) {
    const pub = publicKey.slice(-algorithm.publicKeyBytes);
    return crypto.verify({ kty: 'AKP', alg: id, pub }, message, signature);
  }
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' });
  return verify('hash' in algorithm ? algorithm.hash.replace('-', '') : null, message, key, signature);
}

describe.each([
  ['node', () => createNodeCrypto()],
  ['noble', () => createNobleCrypto({ random: createSeededRandom('algorithms') })],
])('with the %s implementation', (_name, makeCrypto) => {
  describe.each(SERVED_BY_ALL.map((name) => [name] as const))('%s', (name) => {
    const { id } = COSE_ALGORITHMS[name];

    it.each(['discouraged', 'required'] as const)(
      'registers and signs in, residentKey %s',
      async (residentKey) => {
        const { client, key } = oneKey({ config: configOf(name), keyCrypto: makeCrypto() });
        const made = await client.createJson(
          PAGE,
          creation({
            pubKeyCredParams: [{ type: 'public-key', alg: id }],
            authenticatorSelection: { residentKey },
            attestation: 'direct',
          }),
        );
        expect(made.response.publicKeyAlgorithm).toBe(id);
        const used = await client.getJson(PAGE, request(allow(made.id)));
        const { authenticatorData, clientDataJSON, signature } = used.response;
        const hash = createHash('sha256').update(bytes(clientDataJSON)).digest();
        const message = concat(bytes(authenticatorData), hash);
        const signed = { publicKey: bytes(made.response.publicKey), message, signature: bytes(signature) };
        expect(isGood(id, signed)).toBe(true);
        expect(isGood(id, { ...signed, message: concat(message, Uint8Array.of(0)) })).toBe(false);
        expect(key.failures).toEqual([]);
        if (!JUDGED_ALGORITHMS.has(id)) return;
        const registered = await register(made);
        expect(registered.fmt).toBe('packed');
        await signIn(used, registered);
      },
    );
  });
});
