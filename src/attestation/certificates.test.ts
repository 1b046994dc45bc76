import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { spkiFromCoseKey } from '../crypto/spki.js';
import { toHex } from '../data/bytes.js';
import type { TransportName } from '../transport/transport.js';
import { createTestRoot, TEST_LEAF } from './attestation.js';
import { type CertifiedKey, FIDO_EXTENSIONS, mintLeaf } from './certificates.js';
import { exportCertifiedKey, importCertifiedKey } from './certified-key.js';
import { OpenSsl } from './judge.suite.js';

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
      'CN=keyrig test key',
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
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{15}$/);
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
  const openssl = new OpenSsl();
  afterAll(() => openssl.close());

  it('the chain verifies under strict rules, and not below another root', async (context) => {
    openssl.need(context);
    const { root, leaf } = await mint();
    const other = await mint();
    expect(openssl.verifies(leaf.certificate, root.certificate)).toBe(true);
    expect(openssl.verifies(leaf.certificate, other.root.certificate)).toBe(false);
  });

  it('the chain of the seeded implementation verifies, also with dates beyond 2050', async (context) => {
    openssl.need(context);
    const noble = createNobleCrypto({ random: createSeededRandom('certificates') });
    const { root, leaf } = await mint(Date.UTC(2052, 0, 1), noble);
    const [ca, entity] = [openssl.pem(root.certificate), openssl.pem(leaf.certificate)];
    const at = String(Date.UTC(2052, 0, 1) / 1000);
    const result = openssl.run('verify', '-x509_strict', '-attime', at, '-CAfile', ca, entity);
    expect(result).toMatchObject({ status: 0 });
  });

  it('the leaf is version 3, no CA, with the AAGUID in an extension that is not critical', async (context) => {
    openssl.need(context);
    const { leaf } = await mint();
    const text = openssl.text(leaf.certificate);
    expect(text).toMatch(/Version: 3 /);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/1\.3\.6\.1\.4\.1\.45724\.1\.1\.4: \n/);
    // A value with an OCTET STRING inside
    expect(extensionIn(leaf, FIDO_EXTENSIONS.aaguid)).toBe('0410000102030405060708090A0B0C0D0E0F');
  });

  it.for<[string, readonly TransportName[], string]>([
    ['usb', ['usb'], '03020520'],
    ['usb and nfc', ['usb', 'nfc'], '03020430'],
    ['all that have a bit', ['internal', 'nfc', 'ble', 'usb', 'hybrid'], '03020378'],
  ])('the transports are named bits: %s', async ([, transports, der], context) => {
    openssl.need(context);
    const { root } = await mint();
    const leaf = await mintLeaf(crypto, { root, subject: TEST_LEAF, aaguid: AAGUID, transports, now: NOW });
    expect(extensionIn(leaf, FIDO_EXTENSIONS.transports)).toBe(der);
  });

  it('a serial number, transports and an AAGUID are said only where there is something to say', async (context) => {
    openssl.need(context);
    const { root, leaf } = await mint();
    expect(extensionIn(leaf, FIDO_EXTENSIONS.transports)).toBeUndefined();
    expect(extensionIn(leaf, FIDO_EXTENSIONS.serialNumber)).toBeUndefined();
    const options = { root, subject: TEST_LEAF, transports: ['hybrid'] as const, now: NOW };
    const other = await mintLeaf(crypto, { ...options, serialNumber: 'KR-1' });
    expect(extensionIn(other, FIDO_EXTENSIONS.serialNumber)).toBe('04044B522D31');
    expect(extensionIn(other, FIDO_EXTENSIONS.aaguid)).toBeUndefined();
    expect(extensionIn(other, FIDO_EXTENSIONS.transports)).toBeUndefined();
    expect(openssl.verifies(other.certificate, root.certificate)).toBe(true);
  });

  it('names have the string types of WebAuthn L3 §8.2.1', async (context) => {
    openssl.need(context);
    const { leaf } = await mint();
    const strings = asn1(leaf).match(/\w+STRING +:.*/g);
    const subject = strings?.slice(-4).map((line) => line.replace(/ +:/, ' '));
    expect(subject).toEqual([
      'PRINTABLESTRING XX',
      'UTF8STRING keyrig test',
      'UTF8STRING Authenticator Attestation',
      'UTF8STRING keyrig test key',
    ]);
  });

  const asn1 = ({ certificate: der }: CertifiedKey) =>
    openssl.run('asn1parse', '-in', openssl.pem(der)).stdout;

  /** The value of an extension in hex; the element straight after the identifier, so it isn't critical. */
  function extensionIn(key: CertifiedKey, oid: string): string | undefined {
    const lines = asn1(key).split('\n');
    const at = lines.findIndex((line) => line.endsWith(`:${oid}`));
    return lines[at + 1]?.match(/OCTET STRING\s+\[HEX DUMP\]:(\w+)$/)?.[1];
  }
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
