import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Attester,
  compoundAttester,
  createAppleAttester,
  createBasicAttester,
  createEnterpriseAttester,
  createFidoU2fAttester,
  createTestRoot,
  deviceAttester,
  noneAttester,
  selfAttester,
} from '../attestation/attestation.js';
import { COSE_ALGORITHMS } from '../ctap/cose.js';
import { makeCredentialRequest, makeCredentialResponse } from '../ctap/messages/make-credential.js';
import { decodeResponse, encodeRequest } from '../ctap/messages/message.js';
import { chooseAttester } from './attestation-choice.js';
import { checkConfig } from './config-check.js';
import { longestAnswers } from './longest-answers.js';
import {
  AAGUID,
  CLIENT_DATA_HASH,
  createTestKey,
  getInfo,
  KEY_CONFIG,
  makeCredential,
  nodeCrypto,
  RP_ID,
  register,
} from './test-platform.suite.js';

const now = Date.UTC(2026, 0, 1);
const ES256 = COSE_ALGORITHMS.ES256.id;
const EDDSA = COSE_ALGORITHMS.EdDSA.id;
const NO_AAGUID = new Uint8Array(16);

/** packed by default; fido-u2f and apple when asked. */
let device: Attester;
/** Vouches for P-256 keys only. */
let apple: Attester;
/** For this one device. */
let enterprise: Attester;
beforeAll(async () => {
  const options = { crypto: nodeCrypto, root: await createTestRoot(nodeCrypto, now), now };
  apple = createAppleAttester(options);
  enterprise = await createEnterpriseAttester({ ...options, aaguid: AAGUID, serialNumber: 'KR-1' });
  device = deviceAttester(await createBasicAttester({ ...options, aaguid: AAGUID }), {
    others: [await createFidoU2fAttester(options), apple],
    enterprise,
  });
});

const asking = (...attestationFormatsPreference: readonly string[]) => ({ attestationFormatsPreference });
const ofEdDsa = { pubKeyCredParams: [{ alg: EDDSA, type: 'public-key' }] };

describe('a key with several attestation formats', () => {
  it('lists each of them in getInfo, its default first', async () => {
    const key = createTestKey({ attester: device });
    expect((await getInfo(key)).attestationFormats).toEqual(['packed', 'fido-u2f', 'apple']);
    const twice = deviceAttester(selfAttester, { others: [noneAttester, selfAttester] });
    expect((await getInfo(createTestKey({ attester: twice }))).attestationFormats).toEqual(['packed']);
  });

  it.each([
    ['nothing', [], 'packed'],
    ['its default', ['packed'], 'packed'],
    ['its second format', ['fido-u2f'], 'fido-u2f'],
    ['its third format before its second', ['apple', 'fido-u2f'], 'apple'],
    ['what it can not do before what it can', ['tpm', 'apple'], 'apple'],
    ['none before what it can do', ['none', 'apple'], 'none'],
    ['none behind what it can do', ['apple', 'none'], 'apple'],
    ['only what it can not do', ['tpm', 'android-key'], 'packed'],
  ])('goes by the preference of the platform: %s', async (_name, preference, fmt) => {
    const key = createTestKey({ attester: device });
    expect((await register(key, asking(...preference))).response.fmt).toBe(fmt);
  });

  it('passes over formats that can not vouch for the credential', async () => {
    const key = createTestKey({ attester: device });
    expect((await register(key, { ...asking('apple'), ...ofEdDsa })).response.fmt).toBe('packed');
    const strict = createTestKey({ attester: deviceAttester(apple, { others: [selfAttester] }) });
    expect((await register(strict)).response.fmt).toBe('apple');
    expect((await register(strict, ofEdDsa)).response.fmt).toBe('packed');
  });

  it('shows no AAGUID with fido-u2f, and its own with all others', async () => {
    const key = createTestKey({ attester: device });
    const shown = async (format: string) =>
      (await register(key, asking(format))).authData.attestedCredential?.aaguid;
    expect(await shown('fido-u2f')).toEqual(NO_AAGUID);
    expect(await shown('apple')).toEqual(AAGUID);
    expect(await shown('packed')).toEqual(AAGUID);
  });

  it('is refused when nobody can vouch for credentials of one of its algorithms', () => {
    const config = { ...KEY_CONFIG, algorithms: [ES256, EDDSA] };
    const fault = { code: 'option-invalid', where: 'algorithms[1]' };
    checkConfig(config, nodeCrypto, device);
    expect(() => checkConfig(config, nodeCrypto, apple)).toThrow(expect.objectContaining(fault));
  });

  it('has messages for the longest of its formats', () => {
    const lengthWith = (attester: Attester) =>
      longestAnswers({ ...KEY_CONFIG, algorithms: [ES256] }, attester).find(
        ({ command }) => command === 'authenticatorMakeCredential',
      )?.length ?? 0;
    expect(lengthWith(selfAttester)).toBeLessThan(lengthWith(apple));
    expect(lengthWith(deviceAttester(selfAttester, { others: [apple] }))).toBe(lengthWith(apple));
    // epAtt comes along: a key and a boolean
    expect(lengthWith(deviceAttester(selfAttester, { enterprise }))).toBe(lengthWith(enterprise) + 2);
  });
});

describe('the choice', () => {
  it('is the enterprise attester exactly where it is granted and there is one, whatever is preferred', () => {
    const wishes = { algorithm: ES256, preference: ['apple'] };
    expect(chooseAttester(device, { ...wishes, enterprise: true })).toBe(enterprise);
    expect(chooseAttester(device, wishes)).toBe(apple);
    expect(chooseAttester(selfAttester, { ...wishes, enterprise: true })).toBe(selfAttester);
  });

  it('is nobody where nobody can vouch', () => {
    expect(chooseAttester(apple, { algorithm: EDDSA })).toBe(noneAttester);
  });
});

describe('compound attestation', () => {
  it('fits into an answer although its certificates are one level deeper than CTAP goes elsewhere', async () => {
    const attester = compoundAttester(device, apple);
    const key = createTestKey({ attester, config: { algorithms: [ES256], limits: { maxMsgSize: 2048 } } });
    const request = makeCredentialRequest.write({
      clientDataHash: CLIENT_DATA_HASH,
      rp: { id: RP_ID },
      user: { id: Uint8Array.of(1) },
      pubKeyCredParams: [{ alg: ES256, type: 'public-key' }],
    });
    const bytes = await key.send(encodeRequest('authenticatorMakeCredential', request));
    const answer = decodeResponse('authenticatorMakeCredential', bytes, makeCredentialResponse);
    expect(answer).toMatchObject({ ok: true, value: { fmt: 'compound' } });
    const parts = answer.ok && Array.isArray(answer.value.attStmt) ? answer.value.attStmt : [];
    expect(parts.map((part) => part.get('fmt'))).toEqual(['packed', 'apple']);
  });

  it('is refused by size like any other', async () => {
    const attester = compoundAttester(device, apple);
    const config = { algorithms: [ES256], limits: { maxMsgSize: 1024 } };
    const key = createTestKey({ attester, config, unchecked: true });
    expect((await makeCredential(key)).status).toBe('CTAP2_ERR_REQUEST_TOO_LARGE');
    expect(() => createTestKey({ attester, config })).toThrow(
      expect.objectContaining({ where: 'limits.maxMsgSize' }),
    );
  });
});
