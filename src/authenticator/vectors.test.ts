/**
 * The key against published vectors: the PRF vectors of WebAuthn Level 3 (§ "PRF extension test vectors") over hmac-secret, and PIN
 * messages computed with an independent implementation over the same shared secrets.
 */
import { describe, expect, it } from 'vitest';
import type { Crypto } from '../crypto/crypto.js';
import { decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { agreementKeyToCbor } from '../ctap/cose.js';
import { hmacSecretInput } from '../ctap/messages/extensions.js';
import { fromHex, toHex, utf8 } from '../data/bytes.js';
import { sampleCredential } from './store/store.suite.js';
import {
  clientPin,
  createTestKey,
  getAssertion,
  mustSucceed,
  nodeCrypto,
  pinHash,
  RP_ID,
  type TestKey,
} from './test-platform.suite.js';

function bytes(hex: string): Uint8Array {
  const found = fromHex(hex);
  if (found === undefined) throw new TypeError('not hexadecimal');
  return found;
}

const SEED = utf8('WebAuthn PRF test vectors');
const fromSeed = (index: number) => nodeCrypto.sha256(SEED, Uint8Array.of(index));

/** The authenticator's key-agreement key and the CredRandom follow from the seed. */
const AUTHENTICATOR_KEY = fromSeed(0x05);
const CRED_RANDOM = fromSeed(0x06);
const PLATFORM_KEY = agreementKeyToCbor({
  x: bytes('a6ad249c9c2558e03e4ffbef60255d942b0166f5446cef916ab5f4ec4335a1c5'),
  y: bytes('67315207e09ce082c31b052c7e2bcb700e79f1c53bd3bb4e3bb6fef89d227bc1'),
});

/** node:crypto with the agreement key of the vectors and, when it is asked for bytes, these. */
function vectorCrypto(drawn?: Uint8Array): Crypto {
  return {
    ...nodeCrypto,
    createAgreementKey: (key) => nodeCrypto.createAgreementKey(key ?? AUTHENTICATOR_KEY),
    random: {
      bytes: (length) => (drawn?.length === length ? drawn.slice() : nodeCrypto.random.bytes(length)),
    },
  };
}

describe('the key-agreement key', () => {
  it('is the one of the vectors', async () => {
    const key = createTestKey({ crypto: vectorCrypto() });
    const { keyAgreement } = mustSucceed(await clientPin(key, 'getKeyAgreement', { pinUvAuthProtocol: 2 }));
    const x = keyAgreement?.get(-2);
    expect(x instanceof Uint8Array && toHex(x)).toBe(
      'a30522c2de402b561965c3cf949a1cab020c6f6ea36fcf7e911ac1a0f1515300',
    );
  });
});

interface PrfVector {
  readonly version: 1 | 2;
  readonly saltEnc: string;
  readonly saltAuth: string;
  /** What the authenticator draws as IV. */
  readonly iv?: Uint8Array;
  readonly output: string;
}

const PRF: Readonly<Record<string, PrfVector>> = {
  'protocol two, one salt': {
    version: 2,
    saltEnc:
      '23dde5e3462daf36559b85c4ac5f9656aa9bfd81c1dc2bf8533c8b9f3882854786b4f500e25b4e3d81f7fc7c74236229',
    saltAuth: '8edf4c9d4770439b093d91df4e0788064a1f521c4041adb6338229b38b4f605c',
    iv: fromSeed(0x09).slice(0, 16),
    output:
      '3bfaa48f7952330d63e35ff8cd5bca48d2a12823828915749287256ab146272f9fb437bf65691243c3f504bd7ea6d5e6',
  },
  'protocol two, two salts': {
    version: 2,
    saltEnc:
      'd9f4236403e0fe843a8e4e5be764d120904c198ad6e77b089876a3391961f183b0008b4ca66b91cd72aa35b6151ff981f6e5649f3c040e6615ad7dd8ae96ef23b229a5c97c3f0dcd8605eee166ce163a',
    saltAuth: 'd2863309b46dcf31443b15028fc6227dcf2fb2c638d86d2eb6056a18e2de0dd3',
    iv: fromSeed(0x0a).slice(0, 16),
    output:
      '90ee52f739043bc17b3488a74306d7801debb5b61f18662c648a25b5b5678ede482cdaff99a537a44f064fcb10ce6e04dfd27619dc96a0daff8507e499296b1eecf0981f7c8518b277a7a3018f5ec6fb',
  },
  'protocol one, one salt': {
    version: 1,
    saltEnc: 'ab8c878bb05d04700f077ed91845ec9c503c925cb12b327ddbeb4243c397f913',
    saltAuth: '3dccd36b39c6df11dd85837ce672a9bb',
    output: '15d4e4f3f04109b492b575c1b38c28585b6719cf8d61304215108d939f37ccfb',
  },
  'protocol one, two salts': {
    version: 1,
    saltEnc:
      'ab8c878bb05d04700f077ed91845ec9c503c925cb12b327ddbeb4243c397f91380c8244b33b79f431a2dd24c12bd5e959390920719b5eecc5f5c95485127ffee',
    saltAuth: 'ad71cf4953c9af7520639bbf1170dc44',
    output:
      '15d4e4f3f04109b492b575c1b38c28585b6719cf8d61304215108d939f37ccfb603d00b07e6836eb4a1aaa4f79f6b1084e5e68d4b6a5c8ee2a2b42f816d1143f',
  },
};

describe('hmac-secret', () => {
  it.each(Object.entries(PRF))('answers the vector of %s', async (_, vector) => {
    const key = createTestKey({ crypto: vectorCrypto(vector.iv) });
    const keyPair = await nodeCrypto.generateKeyPair(-7);
    const sample = { ...sampleCredential('prf', RP_ID), keyPair, hmacSecret: true };
    await key.store.write((writer) => writer.putCredential({ ...sample, credRandomWithoutUv: CRED_RANDOM }));
    const input = hmacSecretInput.write({
      keyAgreement: PLATFORM_KEY,
      saltEnc: bytes(vector.saltEnc),
      saltAuth: bytes(vector.saltAuth),
      pinUvAuthProtocol: vector.version,
    });
    const answer = await getAssertion(key, { extensions: new Map([['hmac-secret', input]]) });
    const { extensions } = decodeAuthenticatorData(mustSucceed(answer).authData);
    const output = extensions?.get('hmac-secret');
    expect(output instanceof Uint8Array && toHex(output)).toBe(vector.output);
  });
});

interface PinVector {
  readonly newPinEnc: string;
  readonly setParam: string;
  readonly pinHashEnc: string;
}

/** The PIN "1234" over the same shared secrets; protocol two with the IV 00 01 … 0f. */
const PIN: Readonly<Record<1 | 2, PinVector>> = {
  1: {
    newPinEnc:
      '784340ec9c7b309d4b1384d20f50f23a1633af1d1f0d783dffecc257d63c12b69c32f991928a7d8057cc9f54a28dca37ddefca3081c8f606ae64affae2f97c08',
    setParam: '32d87748976d50575d5544869b5f4c68',
    pinHashEnc: '9b2a1b26fa18ceaf19375c27a8ef981c',
  },
  2: {
    newPinEnc:
      '000102030405060708090a0b0c0d0e0f64cb5eb28859447b3acce793bab8061979e1f6a442858ce8488c1bffb5e569a8ff634ce46daf388940356cf24aa6069191915937267bee6f83306432f637c7dd',
    setParam: '60cbd1d0bf636480e83b3dd66ea03d8d3f7377493d076197b9c8fd718a4de49f',
    pinHashEnc: '000102030405060708090a0b0c0d0e0f9f940d3278da8b149775a5426939d3bb',
  },
};
const CHANGE_PARAM = '4a9d08812cfdf33f9d9ceb5c5d6883dd4508b95ca561f738899b5b7db4be8536';

const exchange = (version: 1 | 2) => ({ pinUvAuthProtocol: version, keyAgreement: PLATFORM_KEY });

async function setPinByVector(version: 1 | 2, crypto = vectorCrypto()): Promise<TestKey> {
  const key = createTestKey({ crypto });
  const { newPinEnc, setParam } = PIN[version];
  const members = { newPinEnc: bytes(newPinEnc), pinUvAuthParam: bytes(setParam) };
  const { status } = await clientPin(key, 'setPIN', { ...exchange(version), ...members });
  expect(status).toBe('CTAP1_ERR_SUCCESS');
  return key;
}

describe.each([1, 2] as const)('ClientPIN over protocol %i', (version) => {
  it('sets the PIN of the vector', async () => {
    const key = await setPinByVector(version);
    const pin = await key.store.read((reader) => reader.pin());
    expect(pin?.hash).toEqual(bytes('03ac674216f3e15c761ee1a5e255f067'));
    expect(pin?.hash).toEqual(pinHash('1234'));
  });

  it('recognises the PIN hash of the vector', async () => {
    const key = await setPinByVector(version);
    const members = { ...exchange(version), pinHashEnc: bytes(PIN[version].pinHashEnc) };
    expect((await clientPin(key, 'getPinToken', members)).status).toBe('CTAP1_ERR_SUCCESS');
  });

  it('accepts the proof of the vector: token 00 01 … 1f over SHA-256("test")', async () => {
    const token = Uint8Array.from({ length: 32 }, (_, at) => at);
    const key = await setPinByVector(version, vectorCrypto(token));
    await clientPin(key, 'getPinToken', {
      ...exchange(version),
      pinHashEnc: bytes(PIN[version].pinHashEnc),
    });
    const param = bytes('ac9b12edb7b7c84cb671bbac1a0d19862e9997f12a5f085bb27e5c5799fa64de');
    const { status } = await getAssertion(key, {
      clientDataHash: bytes('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'),
      pinUvAuthParam: version === 1 ? param.slice(0, 16) : param,
      pinUvAuthProtocol: version,
    });
    // The proof holds; there is only nothing to sign with.
    expect(status).toBe('CTAP2_ERR_NO_CREDENTIALS');
  });
});

describe('changePIN over protocol two', () => {
  it('accepts the parameter of the vector', async () => {
    const key = await setPinByVector(2);
    const { newPinEnc, pinHashEnc } = PIN[2];
    const { status } = await clientPin(key, 'changePIN', {
      ...exchange(2),
      newPinEnc: bytes(newPinEnc),
      pinHashEnc: bytes(pinHashEnc),
      pinUvAuthParam: bytes(CHANGE_PARAM),
    });
    expect(status).toBe('CTAP1_ERR_SUCCESS');
  });
});
