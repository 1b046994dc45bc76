import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../crypto/node.js';
import { createPinUvAuthProtocol } from '../crypto/pin-uv-auth-protocol.js';
import type { CborValue } from '../ctap/cbor.js';
import { agreementKeyToCbor } from '../ctap/cose.js';
import { hmacSecretInput } from '../ctap/messages/extensions.js';
import type { GetAssertionRequest } from '../ctap/messages/get-assertion.js';
import { fromHex, toBase64url, toHex, utf8 } from '../data/bytes.js';
import type { CreationExtensions, PrfValues, RequestExtensions } from '../webauthn/types.js';
import { FakeKey, fakeHmacSecret } from './fake-key.suite.js';
import { fakeMachine } from './fake-ui.suite.js';
import { CREATION, descriptors, PAGE, REQUEST, RP_ID, strangeId } from './good-options.suite.js';
import type { SharedSecret } from './pin-client.js';
import { exchangePrf, prfInputsFor } from './prf.js';

const crypto = createNodeCrypto();
const hex = (text: string) => fromHex(text) ?? new Uint8Array(0);

/** The vectors of WebAuthn L3 §10.1.4 ("PRF extension test vectors"), their values derived from one seed as described there. */
const SEED = utf8('WebAuthn PRF test vectors');
const INPUTS = { first: new Uint8Array([...SEED, 2]), second: new Uint8Array([...SEED, 3]) };
const AUTHENTICATOR = {
  x: hex('a30522c2de402b561965c3cf949a1cab020c6f6ea36fcf7e911ac1a0f1515300'),
  y: hex('9961a929abdb2f42e6566771887d41484d889e735e3248518a53112d2b915f00'),
};
const RESULTS = {
  first: '3c33e07d202c3b029cc21f1722767021bf27d595933b3d2b6a1b9d5dddc77fae',
  second: 'a62a8773b19cda90d7ed4ef72a80a804320dbd3997e2f663805ad1fd3293d50b',
};

/** The platform's side with the private key and, for protocol 2, the IV of the vectors. */
function shared(protocol: 1 | 2, ivSeed = 0): SharedSecret {
  const iv = crypto.sha256(SEED, Uint8Array.of(ivSeed)).slice(0, 16);
  const fixed = createNodeCrypto({ random: { bytes: () => iv.slice() } });
  const half = createPinUvAuthProtocol(fixed, protocol);
  const made = half.encapsulate(agreementKeyToCbor(AUTHENTICATOR), crypto.sha256(SEED, Uint8Array.of(4)));
  expect(made).toBeDefined();
  const secret = made?.sharedSecret ?? new Uint8Array(64);
  return {
    protocol,
    keyAgreement: made?.keyAgreement ?? new Map(),
    encrypt: (plain) => half.encrypt(secret, plain),
    decrypt: (cipher) => half.decrypt(secret, cipher),
    authenticate: (...parts) => half.authenticate(secret, ...parts),
  };
}

const VECTORS = [
  {
    name: 'protocol 2, one input',
    secret: () => shared(2, 7),
    inputs: { first: INPUTS.first },
    saltEnc:
      '23dde5e3462daf36559b85c4ac5f9656aa9bfd81c1dc2bf8533c8b9f3882854786b4f500e25b4e3d81f7fc7c74236229',
    saltAuth: '8edf4c9d4770439b093d91df4e0788064a1f521c4041adb6338229b38b4f605c',
    output:
      '3bfaa48f7952330d63e35ff8cd5bca48d2a12823828915749287256ab146272f9fb437bf65691243c3f504bd7ea6d5e6',
  },
  {
    name: 'protocol 2, two inputs',
    secret: () => shared(2, 8),
    inputs: INPUTS,
    saltEnc:
      'd9f4236403e0fe843a8e4e5be764d120904c198ad6e77b089876a3391961f183b0008b4ca66b91cd72aa35b6151ff981f6e5649f3c040e6615ad7dd8ae96ef23b229a5c97c3f0dcd8605eee166ce163a',
    saltAuth: 'd2863309b46dcf31443b15028fc6227dcf2fb2c638d86d2eb6056a18e2de0dd3',
    output:
      '90ee52f739043bc17b3488a74306d7801debb5b61f18662c648a25b5b5678ede482cdaff99a537a44f064fcb10ce6e04dfd27619dc96a0daff8507e499296b1eecf0981f7c8518b277a7a3018f5ec6fb',
  },
  {
    name: 'protocol 1, one input',
    secret: () => shared(1),
    inputs: { first: INPUTS.first },
    saltEnc: 'ab8c878bb05d04700f077ed91845ec9c503c925cb12b327ddbeb4243c397f913',
    saltAuth: '3dccd36b39c6df11dd85837ce672a9bb',
    output: '15d4e4f3f04109b492b575c1b38c28585b6719cf8d61304215108d939f37ccfb',
  },
] as const;

describe('prf inputs and outputs', () => {
  it.each(VECTORS)('are those of the vectors: $name', ({ secret, inputs, saltEnc, saltAuth, output }) => {
    const exchange = exchangePrf(crypto, secret(), inputs);
    const read = hmacSecretInput.read(exchange.input);
    expect(read.ok).toBe(true);
    if (!read.ok) return;
    expect(toHex(read.value.saltEnc)).toBe(saltEnc);
    expect(toHex(read.value.saltAuth)).toBe(saltAuth);
    const results = exchange.open(hex(output));
    expect(toHex(results?.first ?? SEED)).toBe(RESULTS.first);
    if ('second' in inputs) expect(toHex(results?.second ?? SEED)).toBe(RESULTS.second);
    else expect(results).not.toHaveProperty('second');
  });

  it('name the protocol unless it is the first', () => {
    const version = (protocol: 1 | 2) => {
      const read = hmacSecretInput.read(exchangePrf(crypto, shared(protocol), INPUTS).input);
      return read.ok ? read.value.pinUvAuthProtocol : 'malformed';
    };
    expect([version(1), version(2)]).toEqual([undefined, 2]);
  });

  it.each<[string, CborValue]>([
    ['is no byte string', true],
    ['is cut', new Uint8Array(31)],
    ['is for one input where two were sent', new Uint8Array(48)],
    ['is for more inputs than were sent', new Uint8Array(112)],
  ])('are refused when an output %s', (_, output) => {
    const { open } = exchangePrf(crypto, shared(2), INPUTS);
    expect(() => open(output)).toThrow(expect.objectContaining({ code: 'message-malformed' }));
  });

  it('may be missing from an answer', () => {
    expect(exchangePrf(crypto, shared(2), INPUTS).open(undefined)).toBeUndefined();
  });

  it('are those of the credential before those for all', () => {
    const own = { first: Uint8Array.of(1) };
    const all = { first: Uint8Array.of(2) };
    const prf = { eval: all, evalByCredential: { [toBase64url(strangeId(1))]: own } };
    expect(prfInputsFor(prf, strangeId(1))).toBe(own);
    expect(prfInputsFor(prf, strangeId(2))).toBe(all);
    expect(prfInputsFor(prf, undefined)).toBe(all);
    expect(prfInputsFor({ evalByCredential: prf.evalByCredential }, strangeId(2))).toBeUndefined();
    // An ID whose base64url is `constructor`-like must not find members of Object.
    expect(prfInputsFor({}, Uint8Array.of(0x72, 0x89))).toBeUndefined();
  });
});

/** What a fake key makes of a page's input. */
function expected(values: PrfValues): PrfValues {
  const evaluate = (input: Uint8Array) =>
    fakeHmacSecret(crypto.sha256(utf8('WebAuthn PRF'), Uint8Array.of(0), input));
  return { first: evaluate(values.first), ...(values.second && { second: evaluate(values.second) }) };
}

const VALUES = { first: utf8('one'), second: utf8('two') };

describe('prf at get()', () => {
  const get = async (key: FakeKey, prf: RequestExtensions['prf'], change: object = {}) => {
    const { client, ui } = fakeMachine([key]);
    ui.pins.push('1234');
    const result = await client.get(PAGE, { ...REQUEST, ...(prf && { extensions: { prf } }), ...change });
    return { ui, prf: result.clientExtensionResults.prf };
  };
  const protectedKey = async () => {
    const key = new FakeKey({ pin: '1234' });
    const credential = await key.enroll(RP_ID);
    return { key, credential };
  };

  it.each([
    ['one input', { first: VALUES.first }],
    ['two inputs', VALUES],
  ])('evaluates %s for a verified user, and has no member enabled', async (_, values) => {
    const { key } = await protectedKey();
    const { prf } = await get(key, { eval: values });
    expect(prf).toEqual({ results: expected(values) });
  });

  it('asks for verification even where the page does not', async () => {
    const { key } = await protectedKey();
    const { ui, prf } = await get(key, { eval: VALUES }, { userVerification: 'discouraged' });
    expect(ui.pinRequests).toHaveLength(1);
    expect(prf).toEqual({ results: expected(VALUES) });
  });

  it('does not ask for it when there is nothing to evaluate', async () => {
    const { key } = await protectedKey();
    const { ui, prf } = await get(key, {}, { userVerification: 'discouraged' });
    expect(ui.pinRequests).toEqual([]);
    expect(prf).toEqual({});
  });

  it('is not evaluated on a key that cannot verify: another secret would answer', async () => {
    const key = new FakeKey();
    await key.enroll(RP_ID);
    const { prf } = await get(key, { eval: VALUES });
    expect(prf).toEqual({});
    expect(key.log.at(-1)?.request).not.toHaveProperty('extensions');
  });

  it('is not sent to a key that does not know it', async () => {
    const key = new FakeKey({ pin: '1234', info: { extensions: ['credProtect'] } });
    await key.enroll(RP_ID);
    const { prf } = await get(key, { eval: VALUES });
    expect(prf).toEqual({});
  });

  it('gives nothing for a credential made without it', async () => {
    const key = new FakeKey({ pin: '1234' });
    await key.enroll(RP_ID, { hmacSecret: false });
    const { prf } = await get(key, { eval: VALUES });
    expect(prf).toEqual({});
  });

  it('takes the inputs of the credential that is there', async () => {
    const { key, credential } = await protectedKey();
    const own = { first: utf8('own') };
    const evalByCredential = {
      [toBase64url(strangeId(1))]: VALUES,
      [toBase64url(credential.id)]: own,
    };
    const allowCredentials = descriptors(strangeId(1), credential);
    const { prf } = await get(key, { eval: VALUES, evalByCredential }, { allowCredentials });
    expect(prf).toEqual({ results: expected(own) });
  });

  it('takes the inputs of a credential that hides', async () => {
    const key = new FakeKey({ pin: '1234' });
    const credential = await key.enroll(RP_ID, { hidden: true });
    const own = { first: utf8('own') };
    const evalByCredential = { [toBase64url(credential.id)]: own };
    const allowCredentials = descriptors(strangeId(1), credential);
    const { prf } = await get(key, { evalByCredential }, { allowCredentials });
    expect(prf).toEqual({ results: expected(own) });
  });

  it('is there for each of several accounts', async () => {
    const { key } = await protectedKey();
    await key.enroll(RP_ID);
    const { client, ui } = fakeMachine([key]);
    ui.pins.push('1234');
    ui.account = 1;
    const { clientExtensionResults } = await client.get(PAGE, {
      ...REQUEST,
      extensions: { prf: { eval: VALUES } },
    });
    expect(clientExtensionResults.prf).toEqual({ results: expected(VALUES) });
  });

  it('is sent again with a fresh agreement when a PIN turns out to be needed', async () => {
    const { key } = await protectedKey();
    key.info = {
      ...key.info,
      options: new Map([...(key.info.options ?? []), ['uv', true], ['pinUvAuthToken', false]]),
    };
    key.script.authenticatorGetAssertion = [0x36];
    const { prf } = await get(key, { eval: VALUES });
    expect(prf).toEqual({ results: expected(VALUES) });
    const requests = key.log.filter(({ command }) => command === 'authenticatorGetAssertion');
    expect(requests.map(({ request }) => (request as GetAssertionRequest).options)).toEqual([
      { uv: true },
      undefined,
    ]);
  });
});

describe('prf at create()', () => {
  const create = async (key: FakeKey, prf: CreationExtensions['prf']) => {
    const { client, ui } = fakeMachine([key]);
    ui.pins.push('1234');
    const result = await client.create(PAGE, { ...CREATION, ...(prf && { extensions: { prf } }) });
    return result.clientExtensionResults.prf;
  };

  it('says whether the credential has it', async () => {
    expect(await create(new FakeKey(), {})).toEqual({ enabled: true });
    expect(await create(new FakeKey({ info: { extensions: [] } }), { eval: VALUES })).toEqual({
      enabled: false,
    });
    expect(await create(new FakeKey(), undefined)).toBeUndefined();
  });

  it('gives no results on keys that evaluate at get() only', async () => {
    expect(await create(new FakeKey({ pin: '1234' }), { eval: VALUES })).toEqual({ enabled: true });
  });

  it('gives results on keys with hmac-secret-mc, for a verified user', async () => {
    const extensions = ['hmac-secret', 'hmac-secret-mc'];
    const key = new FakeKey({ pin: '1234', info: { extensions } });
    expect(await create(key, { eval: VALUES })).toEqual({ enabled: true, results: expected(VALUES) });
    expect(await create(new FakeKey({ info: { extensions } }), { eval: VALUES })).toEqual({ enabled: true });
  });
});
