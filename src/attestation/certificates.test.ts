import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import { toHex } from '../data/bytes.js';
import { createTestRoot, TEST_LEAF } from './attestation.js';
import { type CertifiedKey, mintLeaf } from './certificates.js';
import { exportCertifiedKey, importCertifiedKey } from './certified-key.js';

const crypto = createNodeCrypto();
const AAGUID = new Uint8Array(16).map((_byte, at) => at);
const NOW = Date.UTC(2026, 5, 1);

interface Pair {
  readonly root: CertifiedKey;
  readonly leaf: CertifiedKey;
}

async function mint(now = NOW, by = crypto): Promise<Pair> {
  const root = await createTestRoot(by, now);
  return { root, leaf: await mintLeaf(by, { root, subject: TEST_LEAF, aaguid: AAGUID, now }) };
}

const certificate = (key: CertifiedKey) => new X509Certificate(key.certificate);

describe('judged by node:crypto', () => {
  it('the leaf is issued and signed by the root, and the root by itself', async () => {
    const { root, leaf } = await mint();
    const [ca, entity] = [certificate(root), certificate(leaf)];
    expect(entity.checkIssued(ca)).toBe(true);
    expect(entity.verify(ca.publicKey)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.verify(entity.publicKey)).toBe(false);
    expect([ca.ca, entity.ca]).toEqual([true, false]);
  });

  it('the leaf has the subject that WebAuthn L3 §8.2.1 demands', async () => {
    const { leaf } = await mint();
    expect(certificate(leaf).subject.split('\n')).toEqual([
      'C=XX',
      'O=keyrig test',
      'OU=Authenticator Attestation',
      'CN=keyrig test authenticator',
    ]);
  });

  it('certificates hold the keys that they come with', async () => {
    const { root, leaf } = await mint();
    for (const key of [root, leaf]) {
      const spki = certificate(key).publicKey.export({ format: 'der', type: 'spki' });
      expect(toHex(spki)).toBe(toHex(spkiFromCoseKey(key.keyPair.publicKey) ?? new Uint8Array(0)));
    }
  });

  it('all serial numbers are positive, of one length, and different', async () => {
    const pairs = [await mint(), await mint(), await mint()];
    const numbers = pairs
      .flatMap(({ root, leaf }) => [certificate(root), certificate(leaf)])
      .map((c) => c.serialNumber);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it.each([2026, 2049, 2055])(
    'certificates of %i are valid then, and a day earlier on a slow clock',
    async (year) => {
      const start = Date.UTC(year, 0, 1);
      const { root, leaf } = await mint(start);
      for (const { validFrom, validTo } of [certificate(root), certificate(leaf)]) {
        expect(Date.parse(validFrom)).toBeLessThanOrEqual(start - 86_400_000);
        expect(Date.parse(validTo)).toBeGreaterThan(Date.UTC(year + 20, 0, 1));
      }
    },
  );
});

describe('judged by the openssl command', () => {
  const openssl = (...args: readonly string[]) => spawnSync('openssl', args, { encoding: 'utf8' });
  const available = openssl('version').status === 0;
  const folder = mkdtempSync(join(tmpdir(), 'keyrig-certificates-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, key: CertifiedKey) => {
    const path = join(folder, `${name}.pem`);
    writeFileSync(path, certificate(key).toString());
    return path;
  };

  it.runIf(available)('the chain verifies under strict rules, and not below another root', async () => {
    const { root, leaf } = await mint();
    const other = await mint();
    const [ca, entity, foreign] = [file('root', root), file('leaf', leaf), file('other', other.root)];
    expect(openssl('verify', '-x509_strict', '-CAfile', ca, entity)).toMatchObject({ status: 0 });
    expect(openssl('verify', '-x509_strict', '-CAfile', foreign, entity).status).not.toBe(0);
  });

  it.runIf(available)(
    'the chain of the seeded implementation verifies, also with dates beyond 2050',
    async () => {
      const noble = createNobleCrypto({ random: createSeededRandom('certificates') });
      const { root, leaf } = await mint(Date.UTC(2052, 0, 1), noble);
      const [ca, entity] = [file('root-noble', root), file('leaf-noble', leaf)];
      const at = String(Date.UTC(2052, 0, 1) / 1000);
      const result = openssl('verify', '-x509_strict', '-attime', at, '-CAfile', ca, entity);
      expect(result).toMatchObject({ status: 0 });
    },
  );

  it.runIf(available)(
    'the leaf is version 3, no CA, with the AAGUID in an extension that is not critical',
    async () => {
      const { leaf } = await mint();
      const text = openssl('x509', '-in', file('text', leaf), '-noout', '-text').stdout;
      expect(text).toMatch(/Version: 3 /);
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toMatch(/1\.3\.6\.1\.4\.1\.45724\.1\.1\.4: \n/);
      const parsed = openssl('asn1parse', '-in', file('asn1', leaf)).stdout.split('\n');
      const at = parsed.findIndex((line) => line.includes('1.3.6.1.4.1.45724.1.1.4'));
      // Straight after the identifier: no BOOLEAN for critical, and an OCTET STRING within the value.
      expect(parsed[at + 1]).toMatch(/OCTET STRING\s+\[HEX DUMP\]:0410000102030405060708090A0B0C0D0E0F$/);
    },
  );

  it.runIf(available)('names have the string types of WebAuthn L3 §8.2.1', async () => {
    const { leaf } = await mint();
    const strings = openssl('asn1parse', '-in', file('strings', leaf)).stdout.match(/\w+STRING +:.*/g);
    const subject = strings?.slice(-4).map((line) => line.replace(/ +:/, ' '));
    expect(subject).toEqual([
      'PRINTABLESTRING XX',
      'UTF8STRING keyrig test',
      'UTF8STRING Authenticator Attestation',
      'UTF8STRING keyrig test authenticator',
    ]);
  });
});

describe('keys for state directories', () => {
  it('come back as they were, and go on issuing', async () => {
    const { root } = await mint();
    const again = importCertifiedKey(crypto, exportCertifiedKey(root));
    expect(again).toEqual(root);
    const leaf = await mintLeaf(crypto, { root: again, subject: TEST_LEAF, aaguid: AAGUID, now: NOW });
    expect(certificate(leaf).checkIssued(certificate(root))).toBe(true);
  });

  it('are copies', async () => {
    const { root } = await mint();
    const stored = exportCertifiedKey(root);
    stored.privateKey.fill(0);
    stored.certificate.fill(0);
    expect(root.keyPair.privateKey).not.toEqual(stored.privateKey);
    expect(certificate(root).ca).toBe(true);
  });

  it('are refused with the certificate of another key', async () => {
    const { root, leaf } = await mint();
    const mixed = { ...exportCertifiedKey(root), certificate: leaf.certificate };
    expect(() => importCertifiedKey(crypto, mixed)).toThrow(
      expect.objectContaining({ code: 'attestation-failed' }),
    );
  });

  it('are refused with something that is no certificate', async () => {
    const { root } = await mint();
    const broken = { ...exportCertifiedKey(root), certificate: root.certificate.slice(0, -1) };
    expect(() => importCertifiedKey(crypto, broken)).toThrow(
      expect.objectContaining({ code: 'attestation-failed' }),
    );
  });

  it('are refused when the private key is none', async () => {
    const { root } = await mint();
    const broken = { ...exportCertifiedKey(root), privateKey: new Uint8Array(32) };
    expect(() => importCertifiedKey(crypto, broken)).toThrow(
      expect.objectContaining({ code: 'crypto-invalid-key' }),
    );
  });
});
