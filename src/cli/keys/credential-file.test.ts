import { describe, expect, it } from 'vitest';
import type { StoredCredential } from '../../authenticator/ports.js';
import { createNodeCrypto } from '../../crypto/node.js';
import { COSE_ALGORITHMS, type CoseAlgorithmName } from '../../ctap/cose.js';
import { toBase64url, utf8 } from '../../data/bytes.js';
import { systemRandom } from '../../ports.js';
import { type FileFormat, formatCredentials, parseCredentials } from './credential-file.js';

const crypto = createNodeCrypto();
const KEY = { signCount: 41, backup: { eligible: false, backedUp: false } };
const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);

/** Deflate (RFC 1951) of "hello", by hand: a stored block. */
const DEFLATED = Uint8Array.of(1, 5, 0, 0xfa, 0xff, ...utf8('hello'));

/** A credential with every member that there is: the compiler misses one that is not here. */
async function fullCredential(name: CoseAlgorithmName = 'ES256'): Promise<Required<StoredCredential>> {
  const algorithm = COSE_ALGORITHMS[name].id;
  return {
    id: systemRandom.bytes(32),
    rpId: 'example.org',
    rpName: 'Example',
    userId: utf8('ada'),
    userName: 'ada@example.org',
    userDisplayName: 'Ada',
    keyPair: await crypto.generateKeyPair(algorithm),
    algorithm,
    credProtect: 2,
    credRandomWithUv: bytes(32, 1),
    credRandomWithoutUv: bytes(32, 2),
    hmacSecret: true,
    credBlob: bytes(5, 3),
    largeBlobKey: bytes(32, 4),
    largeBlob: { data: DEFLATED, originalSize: 5 },
    thirdPartyPayment: true,
    discoverable: false,
    backup: { eligible: true, backedUp: true },
    created: 7,
  };
}

/** As most keys have them. */
async function plainCredential(name: CoseAlgorithmName = 'ES256'): Promise<StoredCredential> {
  const { backup: _, discoverable: __, ...plain } = await fullCredential(name);
  return plain;
}

const write = (format: FileFormat, ...credentials: readonly StoredCredential[]) =>
  formatCredentials(format, credentials, KEY).text;
const read = (text: string, format?: FileFormat) =>
  parseCredentials(text, 'file.json', { format, random: systemRandom });

const withoutOrder = ({ created: _, ...credential }: StoredCredential) => credential;

describe('our own shape', () => {
  it.each(['ES256', 'EdDSA', 'ES384', 'ES512', 'ES256K', 'RS256', 'ESP256', 'ML-DSA-65'] as const)(
    'keeps every member of a credential with %s',
    async (name) => {
      const credential = await fullCredential(name);
      const [again] = read(write('keyrig', credential));
      expect(again).toEqual({ credential: withoutOrder(credential), signCount: 41 });
    },
  );

  it.each([
    'rpName',
    'userName',
    'userDisplayName',
    'credBlob',
    'largeBlobKey',
    'largeBlob',
    'thirdPartyPayment',
    'discoverable',
    'backup',
  ])('keeps that there is no %s', async (member) => {
    const all = Object.entries(await fullCredential()).filter(([name]) => name !== member);
    // Only members that may be absent are left out.
    const credential = Object.fromEntries(all) as unknown as StoredCredential;
    expect(read(write('keyrig', credential))[0]?.credential).toEqual(withoutOrder(credential));
  });

  it('says that it has private keys in it', async () => {
    expect(JSON.parse(write('keyrig', await plainCredential())).notice).toContain('PRIVATE KEYS');
  });
});

/** What comes back of a credential from a shape that has no room for the rest. */
function lasting({ id, rpId, userId, keyPair, algorithm }: StoredCredential) {
  return { id, rpId, userId, keyPair, algorithm };
}

describe("Chromium's shape", () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)('keeps what it has members for, with %s', async (name) => {
    const credential = await fullCredential(name);
    const [again] = read(write('chromium', credential));
    expect(again?.signCount).toBe(41);
    expect(again?.credential).toMatchObject({
      ...lasting(credential),
      userName: 'ada@example.org',
      userDisplayName: 'Ada',
      discoverable: false,
      backup: { eligible: true, backedUp: true },
      largeBlob: { originalSize: 5 },
    });
    expect(JSON.parse(write('chromium', credential)).credentials[0].largeBlob).toBe('aGVsbG8=');
  });

  it('has the members of the DevTools protocol', async () => {
    const credential = await plainCredential();
    const { notice, credentials } = JSON.parse(write('chromium', credential));
    expect(notice).toContain('PRIVATE KEYS');
    expect(credentials).toEqual([
      {
        credentialId: Buffer.from(credential.id).toString('base64'),
        isResidentCredential: true,
        rpId: 'example.org',
        privateKey: expect.stringMatching(/^MIGH[\w+/]+=*$/),
        userHandle: 'YWRh',
        signCount: 41,
        largeBlob: 'aGVsbG8=',
        backupEligibility: false,
        backupState: false,
        userName: 'ada@example.org',
        userDisplayName: 'Ada',
      },
    ]);
  });

  it('is read as one credential, as the answer of getCredential, as a list, and in the alphabet of WebDriver', async () => {
    const credential = await plainCredential();
    const [one] = JSON.parse(write('chromium', credential)).credentials;
    const webDriver = { ...one, credentialId: toBase64url(credential.id), signCount: -1 };
    for (const root of [
      one,
      { credential: one },
      [one],
      { authenticatorId: 'x', credential: one },
      webDriver,
    ])
      expect(read(JSON.stringify(root))[0]?.credential).toMatchObject(lasting(credential));
    expect(read(JSON.stringify(webDriver))[0]?.signCount).toBe(0);
  });

  it('draws the secrets that it has no room for', async () => {
    const text = write('chromium', await plainCredential());
    const [one, other] = [read(text)[0]?.credential, read(text)[0]?.credential];
    expect(one?.credRandomWithUv).toHaveLength(32);
    expect(one?.credRandomWithUv).not.toEqual(other?.credRandomWithUv);
    expect(one?.credRandomWithUv).not.toEqual(one?.credRandomWithoutUv);
  });
});

describe("Playwright's shape", () => {
  it('keeps what it has members for', async () => {
    const credential = await plainCredential();
    const [again] = read(write('playwright', credential));
    expect(again).toMatchObject({ signCount: 41, credential: lasting(credential) });
  });

  it('is a storage state', async () => {
    const credential = await plainCredential();
    const state = JSON.parse(write('playwright', credential));
    expect(Object.keys(state)).toEqual(['cookies', 'origins', 'credentials']);
    expect(Object.keys(state.credentials[0])).toEqual([
      'id',
      'rpId',
      'userHandle',
      'privateKey',
      'publicKey',
      'signCount',
    ]);
    expect(state.credentials[0]).toMatchObject({
      id: toBase64url(credential.id),
      userHandle: 'YWRh',
      signCount: 41,
    });
  });

  it('leaves out what Playwright has no place for, and says how many', async () => {
    const { discoverable: _, ...discoverable } = await fullCredential();
    const list = [discoverable, await fullCredential(), await plainCredential('EdDSA')];
    const { text, written, leftOut } = formatCredentials('playwright', list, KEY);
    expect([written, leftOut, read(text).length]).toEqual([1, 2, 1]);
  });

  it('may have no credentials, and cookies instead', () => {
    expect(read('{"cookies":[],"origins":[]}')).toEqual([]);
    expect(read('{"cookies":[],"origins":[],"credentials":[]}')).toEqual([]);
  });
});

describe('a bad file', async () => {
  const credential = await plainCredential();
  const other = await plainCredential('EdDSA');
  const one = (format: FileFormat) => JSON.parse(write(format, credential));
  const changed = (format: FileFormat, change: object) => {
    const root = one(format);
    return JSON.stringify({ ...root, credentials: [{ ...root.credentials[0], ...change }] });
  };
  const wrongKey = JSON.parse(write('chromium', other)).credentials[0].privateKey;

  it.each([
    ['no JSON', '{', 'file.json', /^expected JSON: /],
    ['a number', '7', 'file.json: (root)', /^expected credentials of keyrig, chromium, playwright$/],
    ['something else', '{"a":1}', 'file.json: (root)', /^expected credentials of/],
    [
      'something else in its list',
      '{"credentials":[{"a":1}]}',
      'file.json: credentials[0]',
      /^expected credentials of/,
    ],
    [
      'a missing private key',
      changed('chromium', { privateKey: undefined }),
      'file.json: credentials[0].privateKey',
      /^expected string, but it is missing$/,
    ],
    [
      'a private key of nothing',
      changed('chromium', { privateKey: 'AAAA' }),
      'file.json: credentials[0].privateKey',
      /^expected an unencrypted PKCS#8 private key$/,
    ],
    [
      'a private key that is no base64',
      changed('chromium', { privateKey: '!!' }),
      'file.json: credentials[0].privateKey',
      /^expected base64 or base64url$/,
    ],
    [
      'a private key of another type',
      changed('keyrig', { privateKey: wrongKey }),
      'file.json: credentials[0].privateKey',
      /^expected a key for ES256$/,
    ],
    [
      'a counter below −1',
      changed('chromium', { signCount: -2 }),
      'file.json: credentials[0].signCount',
      /^expected a value of at least -1, got -2$/,
    ],
    [
      'a resident credential without a user',
      changed('chromium', { userHandle: undefined }),
      'file.json: credentials[0].userHandle',
      /^expected a user handle/,
    ],
    [
      'backup without eligibility',
      changed('chromium', { backupState: true }),
      'file.json: credentials[0].backupState',
      /^expected false/,
    ],
    [
      'a public key of another credential',
      changed('playwright', { publicKey: 'AAAA' }),
      'file.json: credentials[0].publicKey',
      /^expected the public half of privateKey/,
    ],
    [
      'a short secret',
      changed('keyrig', { credRandomWithUv: 'AAAA' }),
      'file.json: credentials[0].credRandomWithUv',
      /^expected 32 bytes$/,
    ],
    [
      'a misspelt member',
      changed('keyrig', { userNam: 'ada' }),
      'file.json: credentials[0].userNam',
      /^expected one of the keys id, rpId/,
    ],
    [
      'an algorithm that there is not',
      changed('keyrig', { algorithm: 'ES999' }),
      'file.json: credentials[0].algorithm',
      /^expected one of "ES256"/,
    ],
    [
      'a counter that is none',
      JSON.stringify({ ...one('keyrig'), counter: -1 }),
      'file.json: counter',
      /^expected a value of at least 0, got -1$/,
    ],
  ])('with %s is told by path and by what was expected', (_, text, where, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'credentials-invalid',
        where,
        message: expect.stringMatching(message),
      }),
    );
  });

  it('with two credentials of one ID is refused', () => {
    const root = one('chromium');
    const twins = { credentials: [...root.credentials, ...root.credentials] };
    expect(() => read(JSON.stringify(twins))).toThrow(
      expect.objectContaining({ where: 'file.json: credentials[1]' }),
    );
  });

  it('never says anything of a private key', () => {
    const text = changed('keyrig', { privateKey: `${one('keyrig').credentials[0].privateKey}!` });
    try {
      read(text);
      expect.fail('it was read');
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain(one('keyrig').credentials[0].privateKey.slice(0, 30));
    }
  });
});
