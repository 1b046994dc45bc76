import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spkiFromCoseKey } from '../crypto/spki.js';
import { decodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { COSE_ALGORITHMS, type CoseAlgorithmName } from '../ctap/cose.js';
import { concat, toHex } from '../data/bytes.js';
import { createAndroidKeyAttester, KEY_DESCRIPTION } from './android-key.js';
import { createAppleAttester, NONCE } from './apple.js';
import { type Attester, createFidoU2fAttester, createTestRoot, createTpmAttester } from './attestation.js';
import type { CertifiedKey } from './certificates.js';
import {
  AAGUID,
  bytesIn,
  certificatesIn,
  crypto,
  forgetRoots,
  NO_AAGUID,
  NOW,
  OpenSsl,
  type Registration,
  register,
  single,
  trust,
  verdict,
  withBit,
  withMember,
} from './judge.suite.js';
import type { SingleStatement } from './statement.js';

const root = createTestRoot(crypto, NOW);
const otherRoot = createTestRoot(crypto, NOW);
const openssl = new OpenSsl();
afterAll(() => {
  openssl.close();
  forgetRoots();
});

const FORMATS = ['fido-u2f', 'tpm', 'android-key', 'apple'] as const;
type Format = (typeof FORMATS)[number];

async function make(format: Format, under: Promise<CertifiedKey> = root): Promise<Attester> {
  const options = { crypto, root: await under, now: NOW };
  if (format === 'fido-u2f') return createFidoU2fAttester(options);
  if (format === 'tpm') return createTpmAttester({ ...options, aaguid: AAGUID });
  return format === 'apple' ? createAppleAttester(options) : createAndroidKeyAttester(options);
}

beforeAll(async () => {
  for (const format of FORMATS) trust(format, (await root).certificate);
});

/** A statement with one bit of its first certificate changed. */
function withOtherCertificate(statement: SingleStatement): SingleStatement {
  const [first = new Uint8Array(0), ...rest] = certificatesIn(statement);
  // The last byte of the signature of whoever issued it
  const changed = first.map((byte, at) => (at === first.length - 1 ? byte ^ 1 : byte));
  return withMember(statement, 'x5c', [changed, ...rest]);
}

/** A statement whose certificates are those of another registration. */
const withCertificatesOf = (other: SingleStatement) => (good: SingleStatement) =>
  withMember(good, 'x5c', certificatesIn(other));

describe.each(FORMATS)('%s, judged by @simplewebauthn/server', (format) => {
  const refused = async (registration: Omit<Registration, 'attester'>) => {
    const attester = await make(format);
    expect(await verdict({ attester })).toBe(format);
    expect(await verdict({ attester, ...registration })).not.toBe(format);
  };

  it('is accepted', async () => {
    expect(await verdict({ attester: await make(format) })).toBe(format);
  });

  it('is accepted for each of several credentials of one device', async () => {
    const attester = await make(format);
    for (const _ of [1, 2, 3]) expect(await verdict({ attester })).toBe(format);
  });

  it('is refused for other client data', () => refused({ wrong: 'client data' }));

  it('is refused for other authenticator data, where that is signed', async () => {
    const attester = await make(format);
    const said = await verdict({ attester, wrong: 'authenticator data' });
    // U2F signs the RP ID hash, the credential ID and the key, and no counter.
    if (format === 'fido-u2f') expect(said).toBe(format);
    else expect(said).not.toBe(format);
  });

  it('is refused below another root', async () => {
    const said = await verdict({ attester: await make(format, otherRoot) });
    expect(said).toMatch(/root|chain|path|anchor/i);
  });

  it('is refused with a certificate whose signature is another one', () =>
    refused({ change: withOtherCertificate }));

  it('is refused with the certificates of another device', async () => {
    const stranger = await register({ attester: await make(format) });
    await refused({ change: withCertificatesOf(single(stranger.statement)) });
  });

  // An apple statement has no signature of its own.
  if (format !== 'apple')
    it('is refused with another signature', () => refused({ change: (good) => withBit(good, 'sig', -1) }));

  if (format === 'tpm')
    it('is refused for another AAGUID than the certificate names', () => refused({ aaguid: NO_AAGUID }));
});

describe('certificates, judged by the openssl command', () => {
  it.for(FORMATS)('of %s verify under strict rules, and not below another root', async (format, context) => {
    openssl.need(context);
    const { statement } = await register({ attester: await make(format) });
    const [leaf = new Uint8Array(0)] = certificatesIn(single(statement));
    expect(openssl.verifies(leaf, (await root).certificate)).toBe(true);
    expect(openssl.verifies(leaf, (await otherRoot).certificate)).toBe(false);
    expect(openssl.text(leaf)).toMatch(/Version: 3 [\s\S]*CA:FALSE/);
  });
});

describe('fido-u2f', () => {
  it('has exactly one certificate and no algorithm', async () => {
    const { statement } = await register({ attester: await make('fido-u2f') });
    expect([...single(statement).attStmt.keys()].sort()).toEqual(['sig', 'x5c']);
    expect(certificatesIn(single(statement))).toHaveLength(1);
  });

  it('has a certificate without an AAGUID, and is refused with one in the authenticator data', async () => {
    const attester = await make('fido-u2f');
    const { statement } = await register({ attester });
    const text = Buffer.from(certificatesIn(single(statement))[0] ?? []).toString('hex');
    expect(text).not.toContain('060b2b0601040182e51c010104');
    expect(await verdict({ attester, aaguid: AAGUID })).toMatch(/AAGUID/);
  });
});

describe('tpm', () => {
  it.each<CoseAlgorithmName>(['ES256', 'ES384', 'ES512', 'RS256'])(
    'is accepted for a credential of %s',
    async (name) => {
      const algorithm = COSE_ALGORITHMS[name].id;
      expect(await verdict({ attester: await make('tpm'), algorithm })).toBe('tpm');
    },
  );

  it.each([
    ['a version that is not 2.0', (good: SingleStatement) => withMember(good, 'ver', '1.2')],
    ['another magic number', (good: SingleStatement) => withBit(good, 'certInfo', 0)],
    ['another type of attestation', (good: SingleStatement) => withBit(good, 'certInfo', 5)],
    ['another hash of what is attested', (good: SingleStatement) => withBit(good, 'certInfo', 44)],
    ['another name of the certified key', (good: SingleStatement) => withBit(good, 'certInfo', -1)],
    [
      'another clock, which only the signature covers',
      (good: SingleStatement) => withBit(good, 'certInfo', 80),
    ],
    ['another key in its public area', (good: SingleStatement) => withBit(good, 'pubArea', -1)],
    ['other attributes in its public area', (good: SingleStatement) => withBit(good, 'pubArea', 7)],
  ])('is refused with %s', async (_what, change) => {
    const attester = await make('tpm');
    expect(await verdict({ attester })).toBe('tpm');
    expect(await verdict({ attester, change })).not.toBe('tpm');
  });

  it('says that a TPM made the key, keeps it, and signs with it', async () => {
    const { statement } = await register({ attester: await make('tpm') });
    const pubArea = bytesIn(single(statement).attStmt, 'pubArea');
    // TPM_ALG_ECC, TPM_ALG_SHA256; sign, userWithAuth, sensitiveDataOrigin, fixedParent, fixedTPM; no policy
    expect(toHex(pubArea.subarray(0, 10))).toBe('0023000b000400720000');
    // No cipher, any scheme, TPM_ECC_NIST_P256, no key derivation
    expect(toHex(pubArea.subarray(10, 18))).toBe('0010001000030010');
  });

  it('has an AIK certificate as §8.3.1 wants it', async (context) => {
    openssl.need(context);
    const { statement } = await register({ attester: await make('tpm') });
    const text = openssl.text(certificatesIn(single(statement))[0] ?? new Uint8Array(0));
    expect(text).toMatch(/Subject: *\n/);
    expect(text).toMatch(/X509v3 Subject Alternative Name: critical\s+DirName:/);
    expect(text).toMatch(/2\.23\.133\.2\.1 *= *id:FFFFF1D0/);
    expect(text).toMatch(/2\.23\.133\.2\.2 *= *keyrig test TPM/);
    expect(text).toMatch(/2\.23\.133\.2\.3 *= *id:00010000/);
    // OpenSSL has a name for tcg-kp-AIKCertificate from 3.2 on.
    expect(text).toMatch(/X509v3 Extended Key Usage: *\n +(2\.23\.133\.8\.3|Attestation Identity Key)/);
  });

  it('vouches for what TPMs have', async () => {
    const { vouchesFor } = await make('tpm');
    expect(vouchesFor?.(COSE_ALGORITHMS.RS256.id)).toBe(true);
    expect(vouchesFor?.(COSE_ALGORITHMS.EdDSA.id)).toBe(false);
    const bad = register({ attester: await make('tpm'), algorithm: COSE_ALGORITHMS.EdDSA.id });
    await expect(bad).rejects.toMatchObject({ code: 'attestation-failed' });
  });
});

describe('android-key', () => {
  it.each<CoseAlgorithmName>(['ES256', 'ES384'])('is accepted for a credential of %s', async (name) => {
    const algorithm = COSE_ALGORITHMS[name].id;
    expect(await verdict({ attester: await make('android-key'), algorithm })).toBe('android-key');
  });

  // @simplewebauthn/server 14 compares RSA keys as if they were points, and knows no P-521 certificates: OpenSSL judges these.
  it.for<CoseAlgorithmName>(['RS256', 'ES512'])(
    'has the key of an %s credential in its certificate, and its signature',
    async (name, context) => {
      openssl.need(context);
      const { id: algorithm, hash } = { hash: 'SHA-256', ...COSE_ALGORITHMS[name] };
      const attester = await make('android-key');
      const { statement, authData, clientDataHash } = await register({ attester, algorithm });
      const [leaf = new Uint8Array(0)] = certificatesIn(single(statement));
      const { publicKey } = new X509Certificate(leaf);
      const spki = toHex(publicKey.export({ format: 'der', type: 'spki' }));
      const credential = decodeAuthenticatorData(authData).attestedCredential;
      expect(credential && toHex(spkiFromCoseKey(credential.publicKey) ?? new Uint8Array(0))).toBe(spki);
      const key = openssl.file(publicKey.export({ format: 'pem', type: 'spki' }).toString());
      const signature = openssl.file(bytesIn(single(statement).attStmt, 'sig'));
      const verify = (signed: Uint8Array) => {
        const digest = `-${hash.replace('-', '').toLowerCase()}`;
        const how = ['-verify', key, '-signature', signature, openssl.file(signed)];
        return openssl.run('dgst', digest, ...how).status;
      };
      expect(verify(concat(authData, clientDataHash))).toBe(0);
      expect(verify(concat(clientDataHash, authData))).toBe(1);
    },
  );

  it('carries the whole chain, root included', async () => {
    const { statement } = await register({ attester: await make('android-key') });
    expect(certificatesIn(single(statement))[1]).toEqual((await root).certificate);
  });

  it('says that the key was made in a trusted environment, to sign, for one relying party', async (context) => {
    openssl.need(context);
    const { statement, clientDataHash } = await register({ attester: await make('android-key') });
    const [leaf = new Uint8Array(0)] = certificatesIn(single(statement));
    const description = extension(leaf, KEY_DESCRIPTION);
    const parsed = openssl
      .run('asn1parse', '-inform', 'DER', '-in', openssl.file(description))
      .stdout.split('\n')
      .map((line) =>
        line
          .replace(/^.*?(prim|cons): */, '')
          .replaceAll(/ +/g, ' ')
          .trim(),
      );
    const hash = toHex(clientDataHash).toUpperCase();
    expect(parsed).toEqual([
      'SEQUENCE',
      // attestationVersion, attestationSecurityLevel, keyMintVersion, keyMintSecurityLevel
      ...['INTEGER :012C', 'ENUMERATED :01', 'INTEGER :012C', 'ENUMERATED :01'],
      // attestationChallenge, uniqueId, softwareEnforced, hardwareEnforced
      ...[`OCTET STRING [HEX DUMP]:${hash}`, 'OCTET STRING', 'SEQUENCE', 'SEQUENCE'],
      // purpose: sign; algorithm: EC; keySize: 256; digest: SHA-2-256; ecCurve: P-256; origin: generated
      ...['cont [ 1 ]', 'SET', 'INTEGER :02', 'cont [ 2 ]', 'INTEGER :03', 'cont [ 3 ]', 'INTEGER :0100'],
      ...['cont [ 5 ]', 'SET', 'INTEGER :04', 'cont [ 10 ]', 'INTEGER :01', 'cont [ 702 ]', 'INTEGER :00'],
      '',
    ]);
  });
});

describe('apple', () => {
  it('is certificates and nothing else', async () => {
    const { statement } = await register({ attester: await make('apple') });
    expect([...single(statement).attStmt.keys()]).toEqual(['x5c']);
  });

  it('has the nonce of the registration in its certificate', async () => {
    const { statement, authData, clientDataHash } = await register({ attester: await make('apple') });
    const [leaf = new Uint8Array(0)] = certificatesIn(single(statement));
    const nonce = toHex(crypto.sha256(authData, clientDataHash));
    expect(toHex(extension(leaf, NONCE))).toBe(`3024a1220420${nonce}`);
  });

  it('vouches for P-256 only', async () => {
    const attester = await make('apple');
    expect(attester.vouchesFor?.(COSE_ALGORITHMS.ES384.id)).toBe(false);
    const bad = register({ attester, algorithm: COSE_ALGORITHMS.ES384.id });
    await expect(bad).rejects.toMatchObject({ code: 'attestation-failed' });
  });
});

/** The value of an extension, by openssl. */
function extension(certificate: Uint8Array, oid: string): Uint8Array {
  const lines = openssl.run('asn1parse', '-in', openssl.pem(certificate)).stdout.split('\n');
  const at = lines.findIndex((line) => line.endsWith(`:${oid}`));
  const hex = lines[at + 1]?.match(/\[HEX DUMP\]:(\w+)$/)?.[1] ?? '';
  return new Uint8Array(Buffer.from(hex, 'hex'));
}
