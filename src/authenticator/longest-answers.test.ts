import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Attester,
  createBasicAttester,
  createTestRoot,
  noneAttester,
  selfAttester,
} from '../attestation/attestation.js';
import { packedStatement } from '../attestation/packed.js';
import type { CborValue } from '../ctap/cbor.js';
import { COSE_ALGORITHMS, type CoseAlgorithmId } from '../ctap/cose.js';
import { VirtualClock } from '../ports.js';
import { Machine } from './authenticator.js';
import type { AuthenticatorConfig } from './config.js';
import { checkConfig } from './config-check.js';
import { longestAnswers } from './longest-answers.js';
import { createMemoryStore } from './store/memory.js';
import {
  AAGUID,
  agree,
  BYTE,
  createTestKey,
  FINGERPRINT,
  getAssertion,
  getInfo,
  KEY_CONFIG,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  RP_ID,
  readAnswer,
  register,
  registerDiscoverable,
  type TestKey,
} from './test-platform.suite.js';

/** One of each form of key and signature. */
const FORMS = ['ES256', 'EdDSA', 'ES384', 'ES512', 'Ed448', 'RS256'] as const;
const ATTESTATIONS = ['none', 'self', 'basic'] as const;
const attesters = new Map<string, Attester>([
  ['none', noneAttester],
  ['self', selfAttester],
]);
beforeAll(async () => {
  const now = Date.UTC(2026, 0, 1);
  const root = await createTestRoot(nodeCrypto, now);
  attesters.set('basic', await createBasicAttester({ crypto: nodeCrypto, root, aaguid: AAGUID, now }));
});

function attesterOf(attestation: string): Attester {
  const attester = attesters.get(attestation);
  if (attester === undefined) throw new TypeError(`no attester ${attestation}`);
  return attester;
}

/** A key of one algorithm with everything that makes answers longer. */
function configOf(alg: CoseAlgorithmId, maxMsgSize: number): AuthenticatorConfig {
  return {
    ...KEY_CONFIG,
    ...FINGERPRINT,
    algorithms: [alg],
    extensions: ['credProtect', 'hmac-secret', 'minPinLength'],
    minPinLengthRpIds: [RP_ID],
    limits: { ...KEY_CONFIG.limits, maxMsgSize },
  };
}

/** A test key that writes down how long its answers are, by command byte. */
function measured(key: TestKey): TestKey & { readonly longest: Map<number | undefined, number> } {
  const longest = new Map<number | undefined, number>();
  const send: TestKey['send'] = async (message, signal) => {
    const answer = await key.send(message, signal);
    longest.set(message[0], Math.max(answer.length, longest.get(message[0]) ?? 0));
    return answer;
  };
  return { ...key, send, longest };
}

const NAME = 'x'.repeat(64);
const VERIFIED = { uv: true } as const;

/** Registers and signs in with all that makes the answers longer. */
async function useFully(key: TestKey, alg: CoseAlgorithmId, rk: boolean): Promise<void> {
  const { descriptor } = await register(key, {
    user: { id: new Uint8Array(64), name: NAME, displayName: NAME },
    pubKeyCredParams: [{ alg, type: 'public-key' }],
    options: { ...VERIFIED, rk },
    extensions: new Map<string, CborValue>([
      ['credProtect', 3],
      ['hmac-secret', true],
      ['minPinLength', true],
    ]),
  });
  const exchange = await agree(key, 2);
  const saltEnc = exchange.encrypt(new Uint8Array(64));
  const hmacSecret = new Map<number, CborValue>([
    [1, exchange.members.keyAgreement],
    [2, saltEnc],
    [3, exchange.authenticate(saltEnc)],
    [4, 2],
  ]);
  const extensions = new Map([['hmac-secret', hmacSecret]]);
  const allowList = [descriptor];
  mustSucceed(await getAssertion(key, { allowList, options: VERIFIED, extensions }));
  if (rk) mustSucceed(await getAssertion(key, { options: VERIFIED, extensions }));
}

/** What ECDSA's DER leaves out now and then, and members of the longest answer that rule each other out. */
const SLACK = 16;

describe.each(ATTESTATIONS)('with %s attestation', (attestation) => {
  it.each(FORMS)('answers about %s are as long as foreseen, and never longer', async (name) => {
    const { id } = COSE_ALGORITHMS[name];
    const attester = attesterOf(attestation);
    const foreseen = longestAnswers(configOf(id, 4096), attester);
    const most = Math.max(1024, ...foreseen.map(({ length }) => length));
    // A key that has not a byte to spare
    const config = configOf(id, most);
    const key = measured(createTestKey({ config, attester, verification: 'succeed' }));
    await getInfo(key);
    for (const rk of [false, true]) await useFully(key, id, rk);
    for (const { command, length } of foreseen) {
      const byte = { authenticatorGetInfo: BYTE.getInfo, authenticatorMakeCredential: BYTE.makeCredential };
      const seen = key.longest.get(Reflect.get(byte, command) ?? BYTE.getAssertion) ?? 0;
      expect(seen, command).toBeLessThanOrEqual(length);
      expect(seen, command).toBeGreaterThanOrEqual(length - SLACK);
    }
  });
});

describe('a configuration', () => {
  it.each([
    ['RS256 with a certificate does not fit into 1024 bytes', -257, 'basic', 1024, 'limits.maxMsgSize'],
    ['RS256 with a certificate does not fit into 1200 bytes', -257, 'basic', 1200, 'limits.maxMsgSize'],
    ['RS256 with a certificate fits into 1280 bytes', -257, 'basic', 1280, undefined],
    ['RS256 without a certificate fits into 1024 bytes', -257, 'self', 1024, undefined],
    ['ES256 with a certificate fits into 1024 bytes', -7, 'basic', 1024, undefined],
  ] as const)('is refused where an answer would not fit: %s', (_, id, attestation, maxMsgSize, where) => {
    const check = () => checkConfig(configOf(id, maxMsgSize), nodeCrypto, attesterOf(attestation));
    if (where === undefined) check();
    else expect(check).toThrow(expect.objectContaining({ code: 'option-invalid', where }));
  });

  it('is refused for a single byte', () => {
    const attester = attesterOf('basic');
    const most = Math.max(...longestAnswers(configOf(-257, 4096), attester).map(({ length }) => length));
    checkConfig(configOf(-257, most), nodeCrypto, attester);
    expect(() => checkConfig(configOf(-257, most - 1), nodeCrypto, attester)).toThrow(
      `answers to authenticatorMakeCredential with RS256 have up to ${most} bytes, more than its messages of ${most - 1}`,
    );
  });
});

/** An attester of somebody else's, which says nothing of its lengths. */
const talkative: Attester = {
  type: 'basic',
  format: 'packed',
  attest: (input) =>
    packedStatement(input, {
      algorithm: -7,
      sign: () => new Uint8Array(70),
      x5c: [new Uint8Array(1_000), new Uint8Array(1_000)],
    }),
};

describe('an answer that nobody could foresee', () => {
  it.each([true, false])('to MakeCredential is refused, and nothing is kept of it (rk: %s)', async (rk) => {
    const key = createTestKey({ attester: talkative });
    expect((await makeCredential(key, { options: { rk } })).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
    expect(await key.store.read((reader) => [reader.credentialCount(), reader.counter()])).toEqual([0, 0]);
    expect((await makeCredential(key, { attestationFormatsPreference: ['none'] })).status).toMatch(/SUCCESS/);
  });

  it('to GetAssertion is refused, and is not counted', async () => {
    const key = createTestKey({ config: FINGERPRINT, verification: 'succeed' });
    const { id } = await registerDiscoverable(key, 'ada', { options: { rk: true, uv: true } });
    // As another program could have left it in the store
    await key.store.write((writer) => {
      const stored = writer.credential(id);
      if (stored === undefined) throw new TypeError('no credential');
      writer.putCredential({ ...stored, userName: 'x'.repeat(3_000) });
    });
    expect((await getAssertion(key, { options: VERIFIED })).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
    expect(await key.store.read((reader) => reader.counter())).toBe(0);
    // Without verification the name stays inside anyway
    expect((await getAssertion(key)).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it('to GetAssertion is not counted either when it is for an algorithm that the key does not make', async () => {
    const key = createTestKey();
    const { id } = await registerDiscoverable(key, 'ada');
    const keyPair = await nodeCrypto.generateKeyPair(COSE_ALGORITHMS['ML-DSA-87'].id);
    await key.store.write((writer) => {
      const stored = writer.credential(id);
      if (stored === undefined) throw new TypeError('no credential');
      writer.putCredential({ ...stored, keyPair, algorithm: keyPair.algorithm });
    });
    expect((await getAssertion(key)).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
    expect(await key.store.read((reader) => reader.counter())).toBe(0);
  });

  it('to anything never leaves, even where nobody checked the configuration', async () => {
    const limits = { ...KEY_CONFIG.limits, maxMsgSize: 100 };
    const machine = new Machine({
      config: { ...KEY_CONFIG, limits },
      store: createMemoryStore(),
      user: createTestKey().user,
      crypto: nodeCrypto,
      clock: new VirtualClock(),
      attester: noneAttester,
    });
    const exchange = { signal: new AbortController().signal, keepAlive: () => {} };
    const answer = await machine.handle(Uint8Array.of(BYTE.getInfo), exchange);
    expect(readAnswer(answer).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
  });
});
