import { verify, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Attester,
  createBasicAttester,
  createEnterpriseAttester,
  createTestRoot,
  deviceAttester,
  selfAttester,
} from '../attestation/attestation.js';
import type { CborMap } from '../ctap/cbor.js';
import type { MakeCredentialResponse } from '../ctap/messages/make-credential.js';
import { concat } from '../data/bytes.js';
import { configure } from './management.suite.js';
import {
  AAGUID,
  BYTE,
  CLIENT_DATA_HASH,
  type ConfigChange,
  createTestKey,
  getInfo,
  makeCredential,
  mustSucceed,
  nodeCrypto,
  RP_ID,
  type TestKey,
} from './test-platform.suite.js';

const OK = 'CTAP1_ERR_SUCCESS';

let attester: Attester;
let own: X509Certificate;
let root: X509Certificate;
beforeAll(async () => {
  const now = Date.UTC(2026, 0, 1);
  const certified = await createTestRoot(nodeCrypto, now);
  const options = { crypto: nodeCrypto, root: certified, aaguid: AAGUID, now };
  const enterprise = await createEnterpriseAttester({ ...options, serialNumber: 'KR-1' });
  own = new X509Certificate(enterprise.key.certificate);
  root = new X509Certificate(certified.certificate);
  attester = deviceAttester(await createBasicAttester(options), { enterprise });
});

const config = {
  options: { authnrCfg: true, ep: true },
  enterprise: { rpIds: [RP_ID], platformManaged: true },
} as const satisfies ConfigChange;

/** A key with enterprise attestation switched on. */
async function enabled(change: ConfigChange = {}): Promise<TestKey> {
  const key = createTestKey({ config: { ...config, ...change }, attester });
  expect(await configure(key, 'enableEnterpriseAttestation')).toBe(OK);
  return key;
}

const asking = (enterpriseAttestation: number, rpId = RP_ID) => ({
  enterpriseAttestation,
  rp: { id: rpId },
});

/** Whether the certificate of this one device vouches, with a signature that OpenSSL accepts. */
function vouchesForDevice({ authData, attStmt }: MakeCredentialResponse): boolean {
  if (!(attStmt instanceof Map)) return false;
  const statement: CborMap = attStmt;
  const chain = statement.get('x5c');
  const [leaf] = Array.isArray(chain) ? chain : [];
  const signature = statement.get('sig');
  if (!(leaf instanceof Uint8Array) || !(signature instanceof Uint8Array)) return false;
  const certificate = new X509Certificate(leaf);
  const signed = concat(authData, CLIENT_DATA_HASH);
  expect(certificate.verify(root.publicKey)).toBe(true);
  expect(verify('sha256', signed, certificate.publicKey, signature)).toBe(true);
  return certificate.fingerprint256 === own.fingerprint256;
}

describe('enterprise attestation', () => {
  it('is off until it is enabled, and again after a reset', async () => {
    const key = createTestKey({ config, attester });
    const ep = async () => (await getInfo(key)).options?.get('ep');
    expect(await ep()).toBe(false);
    for (let times = 0; times < 2; times++) {
      expect(await configure(key, 'enableEnterpriseAttestation')).toBe(OK);
      expect(await ep()).toBe(true);
    }
    key.machine.powerCycle();
    expect(await ep()).toBe(true);
    expect((await key.send(Uint8Array.of(BYTE.reset)))[0]).toBe(0);
    expect(await ep()).toBe(false);
  });

  it('is no option of a key that has none', async () => {
    const { options } = await getInfo(createTestKey());
    expect(options?.has('ep')).toBe(false);
  });

  it.each([
    ['the list', 1, RP_ID, true],
    ['the list, for somebody else', 1, 'other.example', false],
    ['the platform', 2, RP_ID, true],
    ['the platform, for somebody else', 2, 'other.example', true],
  ])('is granted by %s: type %i for %s, %s', async (_, type, rpId, granted) => {
    const answer = mustSucceed(await makeCredential(await enabled(), asking(type, rpId)));
    expect(vouchesForDevice(answer)).toBe(granted);
    expect(answer.epAtt).toBe(granted ? true : undefined);
  });

  it.each([
    [RP_ID, true],
    ['other.example', false],
  ])('goes by the list alone where platforms may not name others: %s, %s', async (rpId, granted) => {
    const key = await enabled({ enterprise: { rpIds: [RP_ID], platformManaged: false } });
    const answer = mustSucceed(await makeCredential(key, asking(2, rpId)));
    expect(vouchesForDevice(answer)).toBe(granted);
  });

  it('is for who asks only', async () => {
    const answer = mustSucceed(await makeCredential(await enabled()));
    expect(vouchesForDevice(answer)).toBe(false);
    expect(answer.epAtt).toBeUndefined();
  });

  it.each([0, 3])('knows no type %i', async (type) => {
    expect((await makeCredential(await enabled(), asking(type))).status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it.each([0, 1, 2, 3])('is refused while it is off, whatever the type: %i', async (type) => {
    const off = createTestKey({ config, attester });
    expect((await makeCredential(off, asking(type))).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
    const incapable = createTestKey();
    expect((await makeCredential(incapable, asking(type))).status).toBe('CTAP1_ERR_INVALID_PARAMETER');
  });

  it('is refused after what steps 5 to 8 refuse', async () => {
    const { status } = await makeCredential(createTestKey(), { ...asking(1), options: { up: false } });
    expect(status).toBe('CTAP2_ERR_INVALID_OPTION');
  });

  it('says so where it is withheld, if its profile does', async () => {
    const quirks = { withheldEnterpriseAttestation: 'ep-att-false' } as const;
    const key = await enabled({ quirks });
    expect(mustSucceed(await makeCredential(key, asking(1, 'other.example'))).epAtt).toBe(false);
    expect(mustSucceed(await makeCredential(key, asking(1))).epAtt).toBe(true);
    expect(mustSucceed(await makeCredential(key)).epAtt).toBeUndefined();
  });

  it('carries the serial number in its certificate', () => {
    // OCTET STRING with "KR-1" in the value of id-fido-gen-ce-sernum.
    expect(Buffer.from(own.raw).includes(Buffer.from('KR-1'))).toBe(true);
  });

  it.each<[string, ConfigChange, boolean, RegExp]>([
    ['no rules', { options: config.options }, true, /rules/],
    ['rules and no option', { enterprise: config.enterprise }, true, /rules/],
    [
      'nobody to be for',
      { ...config, enterprise: { rpIds: [], platformManaged: false } },
      true,
      /nobody|no relying/,
    ],
    ['nobody who attests', config, false, /enterprise attester/],
    ['no authenticatorConfig', { ...config, options: { ep: true } }, true, /authnrCfg/],
  ])('can not be configured with %s', (_, change, attests, why) => {
    const make = () => createTestKey({ config: change, attester: attests ? attester : selfAttester });
    expect(make).toThrow(why);
  });
});
