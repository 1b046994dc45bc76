import {
  SettingsService,
  type VerifyRegistrationResponseOpts,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Crypto } from '../crypto/crypto.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { encode } from '../ctap/cbor.js';
import { type CoseAlgorithmId, coseAlgorithm } from '../ctap/cose.js';
import { concat, toBase64url, toHex, utf8 } from '../data/bytes.js';
import {
  type Attester,
  basicAttester,
  createBasicAttester,
  createTestRoot,
  noneAttester,
  selfAttester,
} from './attestation.js';
import { encodeAttestationObject } from './attestation-object.js';
import type { AttestationStatement } from './statement.js';

const crypto = createNodeCrypto();
/** The judge goes by the machine's clock, which these dates surround. */
const NOW = Date.UTC(2026, 5, 1);
const RP_ID = 'rp.example';
const ORIGIN = 'https://rp.example';
const AAGUID = new Uint8Array(16).fill(0x5a);
const NO_AAGUID = new Uint8Array(16);

interface Registration {
  readonly attester: Attester;
  readonly algorithm?: CoseAlgorithmId;
  readonly aaguid?: Uint8Array;
  /** The one thing wrong with an otherwise good statement. */
  readonly change?: (good: AttestationStatement) => AttestationStatement;
}

/** A good registration, verified by @simplewebauthn/server. */
async function verified({
  attester,
  algorithm = -7,
  aaguid = AAGUID,
  change = (good) => good,
}: Registration) {
  const keyPair = await crypto.generateKeyPair(algorithm);
  const credentialId = crypto.random.bytes(32);
  const challenge = toBase64url(crypto.random.bytes(32));
  const clientDataJSON = utf8(
    JSON.stringify({ type: 'webauthn.create', challenge, origin: ORIGIN, crossOrigin: false }),
  );
  const authData = encodeAuthenticatorData({
    rpIdHash: crypto.sha256(utf8(RP_ID)),
    flags: FLAGS.UP | FLAGS.UV,
    signCount: 1,
    attestedCredential: { aaguid, credentialId, publicKey: keyPair.publicKey },
  });
  const credential = { algorithm, sign: crypto.prepareSigner(keyPair) };
  const good = attester.attest({ authData, clientDataHash: crypto.sha256(clientDataJSON), credential });
  const id = toBase64url(credentialId);
  const options: VerifyRegistrationResponseOpts = {
    response: {
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: toBase64url(clientDataJSON),
        attestationObject: toBase64url(encodeAttestationObject({ ...change(good), authData })),
      },
    },
    expectedChallenge: challenge,
    expectedOrigin: ORIGIN,
    expectedRPID: RP_ID,
    supportedAlgorithmIDs: [algorithm],
  };
  return verifyRegistrationResponse(options);
}

/** What the judge says: the format it verified, `false`, or why it refused to go on. */
async function verdict(registration: Registration): Promise<string | false> {
  try {
    const { verified: accepted, registrationInfo } = await verified(registration);
    return accepted ? (registrationInfo?.fmt ?? 'no format') : false;
  } catch (error) {
    return error instanceof Error ? error.message : 'not an Error';
  }
}

const withBadSignature = ({ fmt, attStmt }: AttestationStatement): AttestationStatement => {
  const sig = attStmt.get('sig');
  const bytes = sig instanceof Uint8Array ? sig.slice() : new Uint8Array(0);
  // The last byte of S: the DER stays well-formed.
  bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
  return { fmt, attStmt: new Map([...attStmt, ['sig', bytes]]) };
};

describe('judged by @simplewebauthn/server', () => {
  const root = createTestRoot(crypto, NOW);
  const trust = async (...roots: readonly Uint8Array[]) =>
    SettingsService.setRootCertificates({
      identifier: 'packed',
      certificates: roots.map((certificate) => new Uint8Array(certificate)),
    });
  const basic = async () => createBasicAttester({ crypto, root: await root, aaguid: AAGUID, now: NOW });

  beforeEach(async () => trust((await root).certificate));

  it('none is accepted', async () => {
    expect(await verdict({ attester: noneAttester, aaguid: NO_AAGUID })).toBe('none');
  });

  it('none with a member in its statement is refused', async () => {
    const change = ({ fmt }: AttestationStatement) => ({ fmt, attStmt: new Map([['alg', -7]]) });
    expect(await verdict({ attester: noneAttester, change })).not.toBe('none');
  });

  it.each(([-7, -8, -35, -36, -257] as const).map((id) => [coseAlgorithm(id)?.name, id] as const))(
    'self attestation by an %s credential is accepted, and refused with another signature',
    async (_name, algorithm) => {
      expect(await verdict({ attester: selfAttester, algorithm })).toBe('packed');
      const bad = await verdict({ attester: selfAttester, algorithm, change: withBadSignature });
      expect(bad).not.toBe('packed');
    },
  );

  it('basic attestation is accepted for a credential of any algorithm', async () => {
    const attester = await basic();
    expect(await verdict({ attester })).toBe('packed');
    expect(await verdict({ attester, algorithm: -8 })).toBe('packed');
  });

  it('basic attestation with another signature is refused', async () => {
    expect(await verdict({ attester: await basic(), change: withBadSignature })).toBe(false);
  });

  it('basic attestation is refused where the root is not trusted', async () => {
    const other = await createTestRoot(crypto, NOW);
    await trust(other.certificate);
    expect(await verdict({ attester: await basic() })).toMatch(/Packed\|Full/);
  });

  it('basic attestation is refused for another AAGUID than the certificate names', async () => {
    const aaguid = AAGUID.map((byte) => byte ^ 1);
    expect(await verdict({ attester: await basic(), aaguid })).toMatch(/AAGUID/);
  });

  it('a subject of one’s own is accepted', async () => {
    const subject = { country: 'DE', organization: 'keyrig test Größe', commonName: 'keyrig test key 2' };
    const attester = await createBasicAttester({
      crypto,
      root: await root,
      aaguid: AAGUID,
      subject,
      now: NOW,
    });
    expect(await verdict({ attester })).toBe('packed');
  });
});

describe('statements', () => {
  const input = {
    authData: utf8('authenticator data'),
    clientDataHash: crypto.sha256(utf8('client data')),
    credential: { algorithm: -8 as const, sign: () => utf8('the signature of the credential') },
  };

  it('none is the empty map', () => {
    expect(noneAttester.attest(input)).toEqual({ fmt: 'none', attStmt: new Map() });
  });

  it('self attestation has the algorithm of the credential and no certificate', () => {
    const { fmt, attStmt } = selfAttester.attest(input);
    expect(fmt).toBe('packed');
    expect(attStmt).toEqual(
      new Map<string, unknown>([
        ['alg', -8],
        ['sig', utf8('the signature of the credential')],
      ]),
    );
  });

  it('basic attestation has the algorithm of the batch key and its certificate alone', async () => {
    const root = await createTestRoot(crypto, NOW);
    const attester = await createBasicAttester({ crypto, root, aaguid: AAGUID, now: NOW });
    const { fmt, attStmt } = attester.attest(input);
    expect(fmt).toBe('packed');
    expect([...attStmt.keys()].sort()).toEqual(['alg', 'sig', 'x5c']);
    expect(attStmt.get('alg')).toBe(-7);
    expect(attStmt.get('x5c')).toEqual([attester.key.certificate]);
    const sig = attStmt.get('sig');
    const signed = concat(input.authData, input.clientDataHash);
    expect(sig instanceof Uint8Array && crypto.verify(attester.key.keyPair.publicKey, signed, sig)).toBe(
      true,
    );
  });

  it('an attester over a stored key makes statements with the same certificate', async () => {
    const root = await createTestRoot(crypto, NOW);
    const first = await createBasicAttester({ crypto, root, aaguid: AAGUID, now: NOW });
    const again = basicAttester(crypto, first.key);
    expect(again.attest(input).attStmt.get('x5c')).toEqual(first.attest(input).attStmt.get('x5c'));
  });

  it.each([
    ['an AAGUID of 15 bytes', { aaguid: new Uint8Array(15) }],
    ['a country of three letters', { subject: { country: 'DEU', organization: 'o', commonName: 'n' } }],
    ['an empty organization', { subject: { country: 'DE', organization: '', commonName: 'n' } }],
    ['an empty name', { subject: { country: 'DE', organization: 'o', commonName: '' } }],
  ])('no attester is made from %s', async (_what, change) => {
    const root = await createTestRoot(crypto, NOW);
    const made = createBasicAttester({ crypto, root, aaguid: AAGUID, now: NOW, ...change });
    await expect(made).rejects.toMatchObject({ code: 'attestation-failed' });
  });
});

describe('seeded runs', () => {
  const seeded = (seed: string): Crypto => createNobleCrypto({ random: createSeededRandom(seed) });

  /** Root, certificate and statement of one device, in hex. */
  async function transcript(crypto: Crypto, now: number): Promise<readonly string[]> {
    const root = await createTestRoot(crypto, now);
    const attester = await createBasicAttester({ crypto, root, aaguid: AAGUID, now });
    const keyPair = await crypto.generateKeyPair(-7);
    const { attStmt } = attester.attest({
      authData: utf8('authenticator data'),
      clientDataHash: crypto.sha256(),
      credential: { algorithm: -7, sign: crypto.prepareSigner(keyPair) },
    });
    return [root.certificate, attester.key.certificate, encode(attStmt)].map(toHex);
  }

  it('repeat byte for byte, within a year', async () => {
    const first = await transcript(seeded('one'), NOW);
    expect(await transcript(seeded('one'), NOW)).toEqual(first);
    expect(await transcript(seeded('one'), Date.UTC(2026, 11, 31, 23, 59, 59))).toEqual(first);
  });

  it('differ with the seed', async () => {
    const [first, other] = [await transcript(seeded('one'), NOW), await transcript(seeded('two'), NOW)];
    expect(first.filter((line, at) => line === other[at])).toEqual([]);
  });

  it('take all their randomness when called, so that nothing that runs meanwhile shifts it', async () => {
    const root = await createTestRoot(crypto, NOW);
    const next = async (wait: boolean) => {
      const own = seeded('one');
      const made = createBasicAttester({ crypto: own, root, aaguid: AAGUID, now: NOW });
      if (wait) await made;
      const drawn = toHex(own.random.bytes(8));
      await made;
      return drawn;
    };
    expect(await next(false)).toBe(await next(true));
  });
});
