import { describe, expect, it } from 'vitest';
import { toBase64url, utf8 } from '../data/bytes.js';
import { formatError, KeyrigError } from '../errors.js';
import { readMetadata } from './metadata-file.js';

const AAGUID = '0076631b-d4a0-427f-5773-0ec71c9e0279';

/** One entry of a plain list; tests change one thing. */
const STATEMENT = {
  aaguid: AAGUID,
  description: ' A key ',
  authenticatorVersion: 3,
  attestationTypes: ['basic_full'],
  attachmentHint: ['external', 'wired'],
  authenticationAlgorithms: ['secp256r1_ecdsa_sha256_raw'],
  userVerificationDetails: [
    [
      { userVerificationMethod: 'fingerprint_internal', baDesc: { maxTemplates: 5, maxRetries: 3 } },
      { userVerificationMethod: 'presence_internal' },
    ],
    [{ userVerificationMethod: 'none' }],
  ],
  icon: 'data:image/png;base64,AAAA',
  authenticatorGetInfo: {
    versions: ['FIDO_2_0'],
    aaguid: AAGUID.replaceAll('-', ''),
    options: { rk: true },
    algorithms: [{ type: 'public-key', alg: -7 }],
  },
};

const FACTS = {
  aaguid: AAGUID,
  description: 'A key',
  version: 3,
  attestation: ['basic_full'],
  attachment: ['external', 'wired'],
  verification: ['fingerprint_internal'],
  fingers: { templates: 5, retries: 3 },
  getInfo: { versions: ['FIDO_2_0'], options: { rk: true }, algorithms: [-7] },
};

const PAYLOAD = {
  legalHeader: 'whatever',
  no: 87,
  nextUpdate: '2025-04-01',
  entries: [
    { aaguid: AAGUID, metadataStatement: STATEMENT, statusReports: [] },
    { attestationCertificateKeyIdentifiers: ['00'], metadataStatement: { description: 'U2F' } },
  ],
};

const read = (value: unknown) => readMetadata(JSON.stringify(value), 'mds.json');
const part = (value: unknown) => toBase64url(utf8(JSON.stringify(value)));

function failure(action: () => unknown): string {
  try {
    action();
    return 'nothing was wrong';
  } catch (error) {
    expect(error).toBeInstanceOf(KeyrigError);
    return formatError(error);
  }
}

describe('a file of metadata', () => {
  it('is a list of statements', () => {
    expect(read([STATEMENT])).toEqual({ devices: [FACTS], others: 0, signed: false, edition: undefined });
  });

  it('may call the member getInfo', () => {
    const { authenticatorGetInfo: getInfo, ...others } = STATEMENT;
    expect(read([{ ...others, getInfo }]).devices).toEqual([FACTS]);
  });

  it('keeps algorithms of the registry where getInfo lists none', () => {
    const { algorithms: _, ...info } = STATEMENT.authenticatorGetInfo;
    const [device] = read([{ ...STATEMENT, authenticatorGetInfo: info }]).devices;
    expect(device?.signs).toEqual(['secp256r1_ecdsa_sha256_raw']);
    expect(device?.getInfo).not.toHaveProperty('algorithms');
  });

  it('is the payload of a BLOB, without what is no FIDO2 device', () => {
    expect(read(PAYLOAD)).toEqual({
      devices: [FACTS],
      others: 1,
      signed: false,
      edition: 'number 87, next update 2025-04-01',
    });
  });

  it('is a BLOB, whose signature is somebody else to check', () => {
    const jwt = `${part({ alg: 'ES256' })}.${part(PAYLOAD)}.${part('not a signature')}\n`;
    expect(readMetadata(jwt, 'blob.jwt')).toMatchObject({ devices: [FACTS], signed: true });
  });

  it.each([
    ['text', () => readMetadata('hello', 'x'), 'x: this is neither JSON nor a JWT'],
    ['an empty list', () => read([]), 'mds.json: expected'],
    ['a number', () => read(7), 'mds.json: expected'],
    ['no entries', () => read({ entries: [] }), 'mds.json: entries: expected'],
    [
      'an AAGUID of the wrong shape',
      () => read([STATEMENT, { ...STATEMENT, aaguid: 'x' }]),
      'mds.json: [1].aaguid: expected an AAGUID',
    ],
    [
      'a statement without getInfo',
      () => read([{ ...STATEMENT, authenticatorGetInfo: undefined }]),
      'mds.json: [0].authenticatorGetInfo: expected authenticatorGetInfo',
    ],
    [
      'an option that is no boolean',
      () => {
        const info = { ...STATEMENT.authenticatorGetInfo, options: { rk: 'yes' } };
        const metadataStatement = { ...STATEMENT, authenticatorGetInfo: info };
        return read({ entries: [{ aaguid: AAGUID, metadataStatement }] });
      },
      'mds.json: entries[0].metadataStatement.authenticatorGetInfo.options.rk: expected boolean',
    ],
    [
      'a JWT whose payload is not base64url',
      () => readMetadata('a.*.c', 'blob.jwt'),
      'blob.jwt: the payload of the JWT is not base64url',
    ],
    [
      'a JWT whose payload is not JSON',
      () => readMetadata(`a.${toBase64url(utf8('{'))}.c`, 'blob.jwt'),
      'blob.jwt: this is neither JSON nor a JWT',
    ],
  ])('is refused for %s', (_, action, message) => {
    expect(failure(action).slice(0, message.length)).toBe(message);
  });
});
