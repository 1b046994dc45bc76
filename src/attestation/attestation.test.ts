import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Crypto } from '../crypto/crypto.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { encodeAuthenticatorData } from '../ctap/authenticator-data.js';
import { encode } from '../ctap/cbor.js';
import { coseAlgorithm } from '../ctap/cose.js';
import { concat, toHex, utf8 } from '../data/bytes.js';
import {
  type Attester,
  attestersOf,
  basicAttester,
  compoundAttester,
  createAndroidKeyAttester,
  createAppleAttester,
  createBasicAttester,
  createEnterpriseAttester,
  createFidoU2fAttester,
  createTestRoot,
  createTpmAttester,
  deviceAttester,
  formatsOf,
  noneAttester,
  selfAttester,
} from './attestation.js';
import type { CertifiedKey } from './certificates.js';
import {
  AAGUID,
  crypto,
  forgetRoots,
  NO_AAGUID,
  NOW,
  single,
  trust,
  verdict,
  withBit,
  withMember,
} from './judge.suite.js';
import type { AttestationInput, SingleStatement } from './statement.js';

/** The last byte of S: the DER stays well-formed. */
const withBadSignature = (good: SingleStatement) => withBit(good, 'sig', -1);

describe('judged by @simplewebauthn/server', () => {
  const root = createTestRoot(crypto, NOW);
  const basic = async () => createBasicAttester({ crypto, root: await root, aaguid: AAGUID, now: NOW });

  beforeEach(async () => trust('packed', (await root).certificate));
  afterAll(forgetRoots);

  it('none is accepted', async () => {
    expect(await verdict({ attester: noneAttester, aaguid: NO_AAGUID })).toBe('none');
  });

  it('none with a member in its statement is refused', async () => {
    const change = (good: SingleStatement) => withMember(good, 'alg', -7);
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
    trust('packed', other.certificate);
    expect(await verdict({ attester: await basic() })).toMatch(/Packed\|Full/);
  });

  it('basic attestation is refused for another AAGUID than the certificate names', async () => {
    const aaguid = AAGUID.map((byte) => byte ^ 1);
    expect(await verdict({ attester: await basic(), aaguid })).toMatch(/AAGUID/);
  });

  it('basic attestation is refused for other client data and for other authenticator data', async () => {
    for (const wrong of ['client data', 'authenticator data'] as const)
      expect([wrong, await verdict({ attester: await basic(), wrong })]).toEqual([wrong, false]);
  });

  it('enterprise attestation is accepted, and refused with another signature', async () => {
    const options = { crypto, root: await root, aaguid: AAGUID, now: NOW };
    const attester = await createEnterpriseAttester({ ...options, serialNumber: 'KR-0001' });
    expect(await verdict({ attester })).toBe('packed');
    expect(await verdict({ attester, change: withBadSignature })).toBe(false);
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

  it('self attestation has the algorithm of the credential and no certificate', async () => {
    const { fmt, attStmt } = single(await selfAttester.attest(input));
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
    const { fmt, attStmt } = single(await attester.attest(input));
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
    const [one, other] = [await again.attest(input), await first.attest(input)];
    expect(single(one).attStmt.get('x5c')).toEqual(single(other).attStmt.get('x5c'));
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
  /** A registration whose key is the seed's. */
  const inputOf = async (own: Crypto): Promise<AttestationInput> => {
    const keyPair = await own.generateKeyPair(-7);
    const attestedCredential = {
      aaguid: AAGUID,
      credentialId: new Uint8Array(32),
      publicKey: keyPair.publicKey,
    };
    const head = { rpIdHash: crypto.sha256(), flags: 0, signCount: 0 };
    return {
      authData: encodeAuthenticatorData({ ...head, attestedCredential }),
      clientDataHash: crypto.sha256(),
      credential: { algorithm: -7, sign: own.prepareSigner(keyPair) },
    };
  };

  type Make = (options: {
    readonly crypto: Crypto;
    readonly root: CertifiedKey;
    readonly aaguid: Uint8Array;
    readonly now: number;
  }) => Attester | Promise<Attester>;

  const makers: readonly (readonly [string, Make])[] = [
    ['packed', createBasicAttester],
    ['enterprise', (options) => createEnterpriseAttester({ ...options, serialNumber: 'KR-0001' })],
    ['fido-u2f', ({ aaguid: _, ...options }) => createFidoU2fAttester(options)],
    ['tpm', createTpmAttester],
    ['android-key', createAndroidKeyAttester],
    ['apple', createAppleAttester],
    [
      'compound',
      (options) => compoundAttester(createAndroidKeyAttester(options), createAppleAttester(options)),
    ],
  ];

  /** Root and statement of one device, in hex. */
  async function transcript(make: Make, own: Crypto, now: number): Promise<readonly string[]> {
    const root = await createTestRoot(own, now);
    const attester = await make({ crypto: own, root, aaguid: AAGUID, now });
    const { attStmt } = await attester.attest(await inputOf(own));
    return [root.certificate, encode(attStmt)].map(toHex);
  }

  it.each(makers)('repeat byte for byte, within a year: %s', async (_name, make) => {
    const first = await transcript(make, seeded('one'), NOW);
    expect(await transcript(make, seeded('one'), NOW)).toEqual(first);
    expect(await transcript(make, seeded('one'), Date.UTC(2026, 11, 31, 23, 59, 59))).toEqual(first);
  });

  it.each(makers)('differ with the seed: %s', async (_name, make) => {
    const [first, other] = [
      await transcript(make, seeded('one'), NOW),
      await transcript(make, seeded('two'), NOW),
    ];
    expect(first.filter((line, at) => line === other[at])).toEqual([]);
  });

  it.each(makers)(
    'take all their randomness when called, so that nothing that runs meanwhile shifts it: %s',
    async (_name, make) => {
      const root = await createTestRoot(crypto, NOW);
      const next = async (wait: boolean) => {
        const own = seeded('one');
        const made = make({ crypto: own, root, aaguid: AAGUID, now: NOW });
        if (wait) await made;
        const drawn = [toHex(own.random.bytes(8))];
        const attester = await made;
        const attested = attester.attest(await inputOf(own));
        if (wait) await attested;
        drawn.push(toHex(own.random.bytes(8)));
        await attested;
        return drawn;
      };
      expect(await next(false)).toEqual(await next(true));
    },
  );
});

describe('what a device attests with', () => {
  it('is listed by format, each once, and never none', async () => {
    const root = await createTestRoot(crypto, NOW);
    const apple = createAppleAttester({ crypto, root, now: NOW });
    const device = deviceAttester(selfAttester, { others: [noneAttester, apple, selfAttester] });
    expect(formatsOf(device)).toEqual(['packed', 'apple']);
    expect(formatsOf(noneAttester)).toEqual([]);
    expect(attestersOf(device).map(({ type }) => type)).toEqual(['self', 'none', 'anonca', 'self']);
  });
});
