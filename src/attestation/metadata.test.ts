import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GetInfoResponse } from '../ctap/messages/get-info.js';
import { fromBase64url, toBase64 } from '../data/bytes.js';
import { createTestRoot } from './attestation.js';
import type { CertifiedKey } from './certificates.js';
import { AAGUID, crypto, NOW, OpenSsl } from './judge.suite.js';
import { type MetadataSource, metadataStatement } from './metadata.js';
import { metadataBlob } from './metadata-blob.js';
import { metadataInfo } from './metadata-info.js';

const INFO: GetInfoResponse = {
  versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1_PRE', 'FIDO_2_1'],
  extensions: ['credProtect'],
  aaguid: AAGUID,
  options: new Map([
    ['rk', true],
    ['clientPin', false],
  ]),
  maxMsgSize: 1200,
  pinUvAuthProtocols: [2, 1],
  transports: ['usb', 'nfc'],
  algorithms: [-7, -8, -257].map((alg) => ({ alg, type: 'public-key' })),
  firmwareVersion: 328965,
};

let root: CertifiedKey;
beforeAll(async () => {
  root = await createTestRoot(crypto, NOW);
});

const source = (change: Partial<MetadataSource> = {}): MetadataSource => ({
  description: 'A key',
  info: INFO,
  kind: 'security-key',
  attestationTypes: ['basic'],
  roots: [root.certificate],
  pin: { minLength: 4, maxRetries: 8 },
  ...change,
});

const withInfo = (change: Partial<GetInfoResponse>) => source({ info: { ...INFO, ...change } });

describe('a metadata statement', () => {
  it('has what FIDO Metadata Statement v3 §4 demands, and what the key says of itself', () => {
    expect(metadataStatement(source())).toEqual({
      legalHeader: expect.stringMatching(/^Made by keyrig for tests\./),
      aaguid: '5a5a5a5a-5a5a-5a5a-5a5a-5a5a5a5a5a5a',
      description: 'A key',
      authenticatorVersion: 328965,
      protocolFamily: 'fido2',
      schema: 3,
      upv: [
        { major: 1, minor: 0 },
        { major: 1, minor: 1 },
      ],
      authenticationAlgorithms: [
        'secp256r1_ecdsa_sha256_raw',
        'ed25519_eddsa_sha512_raw',
        'rsassa_pkcsv15_sha256_raw',
      ],
      publicKeyAlgAndEncodings: ['cose'],
      attestationTypes: ['basic_full'],
      userVerificationDetails: [
        [{ userVerificationMethod: 'presence_internal' }],
        [PIN],
        [PIN, { userVerificationMethod: 'presence_internal' }],
        [{ userVerificationMethod: 'none' }],
      ],
      keyProtection: ['hardware', 'secure_element'],
      isKeyRestricted: true,
      matcherProtection: ['on_chip'],
      cryptoStrength: 128,
      attachmentHint: ['external', 'wired', 'wireless', 'nfc'],
      tcDisplay: [],
      attestationRootCertificates: [toBase64(root.certificate)],
      authenticatorGetInfo: {
        versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1_PRE', 'FIDO_2_1'],
        extensions: ['credProtect'],
        aaguid: '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a',
        options: { rk: true, clientPin: false },
        maxMsgSize: 1200,
        pinUvAuthProtocols: [2, 1],
        transports: ['usb', 'nfc'],
        algorithms: [
          { alg: -7, type: 'public-key' },
          { alg: -8, type: 'public-key' },
          { alg: -257, type: 'public-key' },
        ],
        firmwareVersion: 328965,
      },
    });
  });

  it('has a version for a key that has no number, and ES256 for one that lists no algorithms', () => {
    const { firmwareVersion: _, algorithms: __, ...info } = INFO;
    const statement = metadataStatement(source({ info }));
    expect(statement.authenticatorVersion).toBe(1);
    expect(statement.authenticationAlgorithms).toEqual(['secp256r1_ecdsa_sha256_raw']);
  });

  it('names each algorithm once, and none that the registry has no name for', () => {
    const algorithms = [-7, -9, -48, -36].map((alg) => ({ alg, type: 'public-key' }));
    expect(metadataStatement(withInfo({ algorithms })).authenticationAlgorithms).toEqual([
      'secp256r1_ecdsa_sha256_raw',
      'secp521r1_ecdsa_sha512_raw',
    ]);
  });

  it('names each kind of attestation once', () => {
    const attestationTypes = ['basic', 'self', 'basic', 'attca', 'anonca', 'none'] as const;
    expect(metadataStatement(source({ attestationTypes })).attestationTypes).toEqual([
      'basic_full',
      'basic_surrogate',
      'attca',
      'anonca',
      'none',
    ]);
  });

  it.each([
    [
      'a finger',
      'fingerprint',
      { userVerificationMethod: 'fingerprint_internal', baDesc: expect.anything() },
    ],
    ['a face', 'face', { userVerificationMethod: 'faceprint_internal', baDesc: expect.anything() }],
    ['a passcode', 'passcode', { userVerificationMethod: 'passcode_internal', caDesc: expect.anything() }],
    ['a pattern', 'pattern', { userVerificationMethod: 'pattern_internal' }],
  ] as const)('says that it knows its user by %s', (_name, modality, method) => {
    const userVerification = { modality, maxRetries: 5 };
    const { userVerificationDetails } = metadataStatement(source({ pin: undefined, userVerification }));
    expect(userVerificationDetails).toEqual([
      [{ userVerificationMethod: 'presence_internal' }],
      [method],
      [method, { userVerificationMethod: 'presence_internal' }],
      [{ userVerificationMethod: 'none' }],
    ]);
  });

  it('says how it is attached', () => {
    const hints = (transports: readonly string[]) =>
      metadataStatement(withInfo({ transports })).attachmentHint;
    expect(hints(['internal'])).toEqual(['internal']);
    expect(hints(['ble', 'smart-card'])).toEqual(['external', 'wireless', 'bluetooth', 'wired']);
    expect(hints(['something new'])).toEqual(['external']);
  });
});

const PIN = {
  userVerificationMethod: 'passcode_external',
  caDesc: { base: 64, minLength: 4, maxRetries: 8, blockSlowdown: 0 },
};

describe('getInfo in JSON', () => {
  it('has objects, text and hex where CBOR has maps, UTF-8 and bytes', () => {
    const said = metadataInfo({
      ...INFO,
      certifications: new Map([['FIDO', 2]]),
      pinComplexityPolicyURL: new TextEncoder().encode('https://example.org/pins'),
      vendorPrototypeConfigCommands: [1n, 2],
    });
    expect(said).toMatchObject({
      certifications: { FIDO: 2 },
      pinComplexityPolicyURL: 'https://example.org/pins',
      vendorPrototypeConfigCommands: [1, 2],
    });
  });

  it('has nothing that is new in every answer', () => {
    const passing = { encIdentifier: AAGUID, encCredStoreState: AAGUID, uvCountSinceLastPinEntry: 3 };
    expect(metadataInfo({ ...INFO, ...passing })).toEqual(metadataInfo(INFO));
  });

  it('can be said in JSON as it is', () => {
    const said = metadataInfo(INFO);
    expect(JSON.parse(JSON.stringify(said))).toEqual(said);
  });
});

describe('a metadata BLOB', () => {
  const openssl = new OpenSsl();
  afterAll(() => openssl.close());

  const blobAt = (now: number) =>
    metadataBlob({ crypto, root, statements: [metadataStatement(source())], now });
  const partsOf = (jwt: string) => {
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    return { header: json(header), payload: json(payload), signed: `${header}.${payload}`, signature };
  };

  it('is a JWT that verifies with the certificate in its header, and not when anything is changed', async () => {
    const { header, signed, signature } = partsOf(await blobAt(NOW));
    expect(header).toMatchObject({ alg: 'ES256', typ: 'JWT' });
    const { publicKey } = new X509Certificate(Buffer.from(header.x5c[0], 'base64'));
    const key = {
      key: createPublicKey(publicKey.export({ format: 'pem', type: 'spki' })),
      dsaEncoding: 'ieee-p1363',
    } as const;
    const holds = (text: string) =>
      verify('sha256', Buffer.from(text), key, fromBase64url(signature) ?? new Uint8Array(0));
    expect(holds(signed)).toBe(true);
    expect(holds(signed.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBe(false);
  });

  it('has signatures of 64 bytes, however short their numbers are', async () => {
    for (let run = 0; run < 40; run++) {
      const { signature } = partsOf(await blobAt(NOW + run));
      expect(fromBase64url(signature)).toHaveLength(64);
    }
  });

  it('has a certificate under the root, which itself stays at home', async (context) => {
    openssl.need(context);
    const { header } = partsOf(await blobAt(NOW));
    expect(header.x5c).toHaveLength(1);
    const leaf = new Uint8Array(Buffer.from(header.x5c[0], 'base64'));
    expect(openssl.verifies(leaf, root.certificate)).toBe(true);
    const other = await createTestRoot(crypto, NOW);
    expect(openssl.verifies(leaf, other.certificate)).toBe(false);
    expect(openssl.text(leaf)).toMatch(/Subject: O *= *keyrig test, CN *= *keyrig test metadata/);
  });

  it('has the statement in an entry that claims no certification', async () => {
    const { payload } = partsOf(await blobAt(NOW));
    const { aaguid } = metadataStatement(source());
    expect(payload).toMatchObject({
      legalHeader: expect.stringContaining('for tests'),
      nextUpdate: '2026-07-01',
      entries: [
        {
          aaguid,
          metadataStatement: metadataStatement(source()),
          statusReports: [{ status: 'NOT_FIDO_CERTIFIED', effectiveDate: '2026-06-01' }],
          timeOfLastStatusChange: '2026-06-01',
        },
      ],
    });
  });

  it('has a higher number a second later', async () => {
    const [first, second] = [partsOf(await blobAt(NOW)), partsOf(await blobAt(NOW + 1_000))];
    expect(second.payload.no).toBeGreaterThan(first.payload.no);
  });
});
