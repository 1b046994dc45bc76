import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64url } from '../data/bytes.js';
import { WebAuthnError } from './errors.js';
import {
  authenticationToJSON,
  parseCreationOptionsFromJSON,
  parseRequestOptionsFromJSON,
  registrationToJSON,
} from './json.js';
import type { AuthenticationCredential, RegistrationCredential } from './types.js';

const ID = Uint8Array.of(1, 2, 3);

/** Good options with everything; each test changes one thing. */
const CREATION = {
  rp: { id: 'example.org', name: 'Example' },
  user: { id: 'AQID', name: 'ada', displayName: 'Ada' },
  challenge: 'q83vEg',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  timeout: 60_000,
  excludeCredentials: [{ type: 'public-key', id: 'AQID', transports: ['usb', 'carrier-pigeon'] }],
  authenticatorSelection: {
    authenticatorAttachment: 'cross-platform',
    residentKey: 'required',
    requireResidentKey: true,
    userVerification: 'required',
  },
  hints: ['security-key', 'telepathy'],
  attestation: 'direct',
  attestationFormats: ['packed'],
  extensions: {
    credProps: true,
    prf: { eval: { first: 'AQID', second: '' } },
    credentialProtectionPolicy: 'userVerificationRequired',
    enforceCredentialProtectionPolicy: true,
    minPinLength: true,
    largeBlob: { support: 'required', read: true, write: 'AQID' },
    credBlob: 'AQID',
  },
};

const REQUEST = {
  challenge: 'q83vEg',
  timeout: 60_000,
  rpId: 'example.org',
  allowCredentials: [{ type: 'public-key', id: 'AQID' }],
  userVerification: 'discouraged',
  hints: ['hybrid'],
  extensions: {
    prf: { eval: { first: 'AQID' }, evalByCredential: { AQID: { first: '', second: 'AQID' } } },
    largeBlob: { write: 'AQID' },
    getCredBlob: true,
  },
};

const without = (name: keyof typeof CREATION) =>
  Object.fromEntries(Object.entries(CREATION).filter(([key]) => key !== name));
const parsed = (change: object) => parseCreationOptionsFromJSON({ ...CREATION, ...change });
const named = (name: string) => expect.objectContaining({ name });

describe('creation options from JSON', () => {
  it('decode every member', () => {
    expect(parseCreationOptionsFromJSON(CREATION)).toEqual({
      ...CREATION,
      user: { id: ID, name: 'ada', displayName: 'Ada' },
      challenge: Uint8Array.of(0xab, 0xcd, 0xef, 0x12),
      excludeCredentials: [{ type: 'public-key', id: ID, transports: ['usb', 'carrier-pigeon'] }],
      extensions: {
        ...CREATION.extensions,
        prf: { eval: { first: ID, second: new Uint8Array(0) } },
        largeBlob: { support: 'required', read: true, write: ID },
        credBlob: ID,
      },
    });
  });

  it('have no members that JSON does not have', () => {
    const { rp, user, challenge, pubKeyCredParams } = CREATION;
    expect(Object.keys(parseCreationOptionsFromJSON({ rp, user, challenge, pubKeyCredParams }))).toEqual([
      'rp',
      'user',
      'challenge',
      'pubKeyCredParams',
    ]);
  });

  it.each(['rp', 'user', 'challenge', 'pubKeyCredParams'] as const)('need %s', (name) => {
    expect(() => parseCreationOptionsFromJSON(without(name))).toThrow(named('TypeError'));
  });

  it.each([
    ['the argument is no object', 'text'],
    ['rp has no name', { ...CREATION, rp: { id: 'example.org' } }],
    ['the user has no displayName', { ...CREATION, user: { id: 'AQID', name: 'ada' } }],
    ['an algorithm has no number', { ...CREATION, pubKeyCredParams: [{ type: 'public-key' }] }],
    ['the algorithms are no list', { ...CREATION, pubKeyCredParams: 'ES256' }],
    ['the exclude list is null', { ...CREATION, excludeCredentials: null }],
    ['a descriptor is a number', { ...CREATION, excludeCredentials: [7] }],
    ['the protection policy is unknown', { ...CREATION, extensions: { credentialProtectionPolicy: 'some' } }],
    ['a PRF input lacks its first half', { ...CREATION, extensions: { prf: { eval: { second: 'AQID' } } } }],
    ['a name has no text form', { ...CREATION, rp: { name: Object.create(null) } }],
    ['a number is a BigInt', { ...CREATION, timeout: 5n }],
  ])('end with a TypeError when %s', (_, json) => {
    expect(() => parseCreationOptionsFromJSON(json)).toThrow(named('TypeError'));
  });

  it.each([
    ['has padding', { challenge: 'q83vEg==' }],
    ['uses the other alphabet', { challenge: 'q8+/' }],
    ['has a stray character', { user: { ...CREATION.user, id: 'AQ ID' } }],
    ['has an impossible length', { excludeCredentials: [{ type: 'public-key', id: 'AQIDA' }] }],
    ['is a PRF input of bytes', { extensions: { prf: { eval: { first: [1, 2] } } } }],
    ['is a large blob of bytes', { extensions: { largeBlob: { write: [1, 2] } } }],
    ['is a blob with padding', { extensions: { credBlob: 'AQ==' } }],
  ])('end with an EncodingError when a byte string %s', (_, change) => {
    expect(() => parsed(change)).toThrow(named('EncodingError'));
  });

  it.each([
    ['attestation', { attestation: 'full' }],
    ['residentKey', { authenticatorSelection: { residentKey: 'maybe' } }],
    ['userVerification', { authenticatorSelection: { userVerification: '' } }],
    ['authenticatorAttachment', { authenticatorSelection: { authenticatorAttachment: 'usb' } }],
    ['appidExclude', { extensions: { appidExclude: 'https://example.org' } }],
  ])('treat an unknown word in %s as absent', (name, change) => {
    const withIt = parsed(change);
    const withoutIt = parsed(
      JSON.parse(JSON.stringify(change, (key, value) => (key === name ? undefined : value))),
    );
    const expected = name in change ? parseCreationOptionsFromJSON(without('attestation')) : withoutIt;
    expect(withIt).toEqual(expected);
  });

  it('take a word for largeBlob.support that nobody knows for the one that insists on nothing', () => {
    const { extensions } = parsed({ extensions: { largeBlob: { support: 'someday' } } });
    expect(extensions).toEqual({ largeBlob: { support: 'preferred' } });
  });

  it('convert as Web IDL does', () => {
    const loose = parsed({
      rp: { name: 42 },
      timeout: '1500.9',
      pubKeyCredParams: new Set([{ type: 'public-key', alg: 2 ** 32 - 7 }]),
      authenticatorSelection: { requireResidentKey: 'no' },
      extensions: null,
    });
    expect(loose).toMatchObject({
      rp: { name: '42' },
      timeout: 1500,
      pubKeyCredParams: [{ alg: -7 }],
      authenticatorSelection: { requireResidentKey: true },
      extensions: {},
    });
    expect(parsed({ timeout: -1 }).timeout).toBe(2 ** 32 - 1);
    expect(parsed({ timeout: 'soon' }).timeout).toBe(0);
  });
});

describe('request options from JSON', () => {
  it('decode every member', () => {
    expect(parseRequestOptionsFromJSON(REQUEST)).toEqual({
      ...REQUEST,
      challenge: Uint8Array.of(0xab, 0xcd, 0xef, 0x12),
      allowCredentials: [{ type: 'public-key', id: ID }],
      extensions: {
        prf: { eval: { first: ID }, evalByCredential: { AQID: { first: new Uint8Array(0), second: ID } } },
        largeBlob: { write: ID },
        getCredBlob: true,
      },
    });
  });

  it('need a challenge and nothing else', () => {
    expect(parseRequestOptionsFromJSON({ challenge: '' })).toEqual({ challenge: new Uint8Array(0) });
    expect(() => parseRequestOptionsFromJSON({})).toThrow(named('TypeError'));
  });

  it('keep a credential called __proto__ as a member', () => {
    const json: unknown = JSON.parse(
      '{"challenge":"","extensions":{"prf":{"evalByCredential":{"__proto__":{"first":""}}}}}',
    );
    const { extensions } = parseRequestOptionsFromJSON(json);
    expect(Object.keys(extensions?.prf?.evalByCredential ?? {})).toEqual(['__proto__']);
  });
});

describe('any value at all', () => {
  const parsers = [parseCreationOptionsFromJSON, parseRequestOptionsFromJSON];

  it('gives options or one of the two errors', () => {
    const names = fc.constantFrom(...Object.keys({ ...CREATION, ...REQUEST }));
    const value = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.anything())),
      fc.anything(),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(...parsers), (json, parse) => {
        try {
          expect(parse(json).challenge).toBeInstanceOf(Uint8Array);
        } catch (error) {
          if (!(error instanceof WebAuthnError)) throw error;
          expect(['TypeError', 'EncodingError']).toContain(error.name);
        }
      }),
    );
  });

  it('of bytes survives the way through JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (challenge, id) => {
        const json = {
          ...REQUEST,
          challenge: toBase64url(challenge),
          allowCredentials: [{ type: '', id: toBase64url(id) }],
        };
        expect(parseRequestOptionsFromJSON(json)).toMatchObject({
          challenge,
          allowCredentials: [{ type: '', id }],
        });
      }),
    );
  });
});

const REGISTRATION: RegistrationCredential = {
  type: 'public-key',
  rawId: ID,
  authenticatorAttachment: 'cross-platform',
  clientExtensionResults: {
    credProps: { rk: true },
    prf: { enabled: true },
    largeBlob: { supported: true },
    credBlob: false,
  },
  clientDataJSON: Uint8Array.of(4),
  attestationObject: Uint8Array.of(5),
  authenticatorData: Uint8Array.of(6),
  transports: ['nfc', 'usb'],
  publicKey: Uint8Array.of(7),
  publicKeyAlgorithm: -7,
};

const AUTHENTICATION: AuthenticationCredential = {
  type: 'public-key',
  rawId: ID,
  clientExtensionResults: {
    prf: { results: { first: ID, second: Uint8Array.of(0) } },
    largeBlob: { blob: ID },
    getCredBlob: new Uint8Array(0),
  },
  clientDataJSON: Uint8Array.of(4),
  authenticatorData: Uint8Array.of(6),
  signature: Uint8Array.of(8),
  userHandle: Uint8Array.of(9),
};

describe('results as JSON', () => {
  it('of a registration', () => {
    expect(registrationToJSON(REGISTRATION)).toEqual({
      id: 'AQID',
      rawId: 'AQID',
      type: 'public-key',
      authenticatorAttachment: 'cross-platform',
      clientExtensionResults: {
        credProps: { rk: true },
        prf: { enabled: true },
        largeBlob: { supported: true },
        credBlob: false,
      },
      response: {
        clientDataJSON: 'BA',
        attestationObject: 'BQ',
        authenticatorData: 'Bg',
        transports: ['nfc', 'usb'],
        publicKey: 'Bw',
        publicKeyAlgorithm: -7,
      },
    });
  });

  it('of an assertion, with PRF results in base64url', () => {
    expect(authenticationToJSON(AUTHENTICATION)).toEqual({
      id: 'AQID',
      rawId: 'AQID',
      type: 'public-key',
      clientExtensionResults: {
        prf: { results: { first: 'AQID', second: 'AA' } },
        largeBlob: { blob: 'AQID' },
        getCredBlob: '',
      },
      response: { clientDataJSON: 'BA', authenticatorData: 'Bg', signature: 'CA', userHandle: 'CQ' },
    });
  });

  it('leave out what is absent', () => {
    const { publicKey: _, authenticatorAttachment: __, ...rest } = REGISTRATION;
    const json = registrationToJSON({ ...rest, clientExtensionResults: {} });
    expect(json).not.toHaveProperty('authenticatorAttachment');
    expect(json.response).not.toHaveProperty('publicKey');
    expect(json.clientExtensionResults).toEqual({});
    const { userHandle: ___, ...anonymous } = AUTHENTICATION;
    expect(authenticationToJSON(anonymous).response).not.toHaveProperty('userHandle');
  });
});
