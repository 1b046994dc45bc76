import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type BasicAttester, createTestRoot } from '../attestation/attestation.js';
import { TEST_ROOT_FILE } from '../attestation/test-root-file.js';
import { createNodeCrypto } from '../crypto/node.js';
import { decode } from '../ctap/cbor.js';
import { fromBase64url } from '../data/bytes.js';
import { ATTESTATIONS, makeAttester, voucherOf } from './device-attestation.js';
import { benchWith, CREATION } from './rig.suite.js';

const folder = mkdtempSync(join(tmpdir(), 'keyrig-attestation-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with a profile that attests as these lines say. */
function profileWith(...lines: readonly string[]): string {
  const file = join(mkdtempSync(join(folder, 'profile-')), 'key.yaml');
  const text = `id: key
title: A key
summary: A key for tests.
kind: security-key
label: Security key
transport: usb
sources: {}
authenticator:
  aaguid: 00000000-0000-0000-0000-000000000001
  versions: [FIDO_2_0]
  transports: [usb]
  algorithms: [ES256]
  extensions: []
  discoverable: true
  pinUvAuthToken: false
  limits: { maxMsgSize: 2048 }
${lines.map((line) => `  ${line}\n`).join('')}`;
  writeFileSync(file, text);
  return file;
}

interface Asked {
  readonly profile: string;
  readonly formats?: readonly string[];
  readonly state?: string;
  readonly seed?: string;
}

/** Registers in a browser of a rig; what the page gets to see of the attestation. */
async function attested({ profile, formats = [], ...changes }: Asked) {
  const { rig } = await benchWith({ ...changes, devices: [{ id: 'key', profile }] });
  rig.person.wants('security-key');
  try {
    const created = await rig
      .browser()
      .create({ ...CREATION, attestation: 'direct', attestationFormats: formats });
    const object = decode(fromBase64url(created.response.attestationObject) ?? new Uint8Array(0), {
      maxDepth: 5,
    });
    if (!(object instanceof Map)) throw new TypeError('not a map');
    return { fmt: object.get('fmt'), attStmt: object.get('attStmt') };
  } finally {
    await rig.close();
  }
}

const FORMATS: Readonly<Record<(typeof ATTESTATIONS)[number], string>> = {
  none: 'none',
  'packed-self': 'packed',
  'packed-basic': 'packed',
  'fido-u2f': 'fido-u2f',
  tpm: 'tpm',
  'android-key': 'android-key',
  apple: 'apple',
  compound: 'compound',
};

describe('a device', () => {
  it.each(ATTESTATIONS)('attests as its profile says: %s', async (word) => {
    const parts = word === 'compound' ? ['compoundOf: [packed-basic, apple]'] : [];
    const { fmt } = await attested({ profile: profileWith(`attestation: ${word}`, ...parts) });
    expect(fmt).toBe(FORMATS[word]);
  });

  it('attests in the format that the page asks for, where its profile has it', async () => {
    const profile = profileWith('attestation: packed-basic', 'moreAttestations: [apple, tpm]');
    expect(await attested({ profile })).toMatchObject({ fmt: 'packed' });
    expect(await attested({ profile, formats: ['tpm'] })).toMatchObject({ fmt: 'tpm' });
    expect(await attested({ profile, formats: ['android-key', 'apple'] })).toMatchObject({ fmt: 'apple' });
    expect(await attested({ profile, formats: ['android-key'] })).toMatchObject({ fmt: 'packed' });
  });

  it('has a certificate of its own exactly where its profile has rules for enterprise attestation', async () => {
    const crypto = createNodeCrypto();
    const now = Date.UTC(2026, 0, 1);
    const root = await createTestRoot(crypto, now);
    const aaguid = new Uint8Array(16);
    const material = { crypto, root, aaguid, transports: ['usb'] as const, serialNumber: 'KR-42', now };
    const profile = { attestation: 'packed-basic', moreAttestations: ['apple'] } as const;
    expect((await makeAttester(profile, material)).enterprise).toBeUndefined();
    expect(voucherOf(profile).enterprise).toBeUndefined();
    const { enterprise, others } = await makeAttester({ ...profile, enterprise: {} }, material);
    expect(others?.map(({ format }) => format)).toEqual(['apple']);
    const key = enterprise && 'key' in enterprise ? (enterprise as BasicAttester).key : undefined;
    expect(Buffer.from(key?.certificate ?? []).includes('KR-42')).toBe(true);
    expect(voucherOf({ ...profile, enterprise: {} }).enterprise?.format).toBe('packed');
  });

  it('has one root with all others of its state directory, in every run', async () => {
    const state = join(folder, 'state');
    // android-key is the format that brings the root along.
    const profile = profileWith('attestation: android-key');
    const rootIn = async (changes: Omit<Asked, 'profile'>) => {
      const { attStmt } = await attested({ profile, ...changes });
      const x5c = attStmt instanceof Map ? attStmt.get('x5c') : [];
      return Array.isArray(x5c) ? x5c[1] : undefined;
    };
    const first = await rootIn({ state, seed: 'one' });
    expect(first).toBeInstanceOf(Uint8Array);
    expect(await rootIn({ state, seed: 'two' })).toEqual(first);
    expect(await rootIn({ seed: 'one' })).toEqual(first);
    expect(await rootIn({ seed: 'two' })).not.toEqual(first);
    const file = join(state, TEST_ROOT_FILE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('for tests only');
  });

  it('is not made where the root of its state directory is damaged', async () => {
    const state = mkdtempSync(join(folder, 'damaged-'));
    writeFileSync(join(state, TEST_ROOT_FILE), '{');
    const made = attested({ profile: profileWith('attestation: packed-basic'), state });
    await expect(made).rejects.toMatchObject({ code: 'store-invalid' });
    expect(readFileSync(join(state, TEST_ROOT_FILE), 'utf8')).toBe('{');
  });
});
