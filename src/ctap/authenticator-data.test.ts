import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AuthenticatorData,
  decodeAuthenticatorData,
  encodeAuthenticatorData,
  FLAGS,
} from './authenticator-data.js';
import type { CborMap } from './cbor.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** A good registration; each test changes one thing. */
function good(): AuthenticatorData {
  return {
    rpIdHash: new Uint8Array(32).fill(1),
    flags: FLAGS.UP | FLAGS.UV,
    signCount: 0x01020304,
    attestedCredential: {
      aaguid: new Uint8Array(16).fill(2),
      credentialId: new Uint8Array(20).fill(3),
      publicKey: {
        kty: 'EC2',
        alg: -7,
        crv: 'P-256',
        x: new Uint8Array(32).fill(4),
        y: new Uint8Array(32).fill(5),
      },
    },
    extensions: new Map([['credProtect', 2]]),
  };
}

describe('authenticator data', () => {
  it('lies out as WebAuthn §6.1 says', () => {
    const encoded = encodeAuthenticatorData(good());
    expect([...encoded.subarray(0, 32)]).toEqual(Array(32).fill(1));
    expect(encoded[32]).toBe(FLAGS.UP | FLAGS.UV | FLAGS.AT | FLAGS.ED);
    expect([...encoded.subarray(33, 37)]).toEqual([1, 2, 3, 4]);
    expect([...encoded.subarray(37, 53)]).toEqual(Array(16).fill(2));
    expect([...encoded.subarray(53, 55)]).toEqual([0, 20]);
    expect(encoded.length).toBe(37 + 18 + 20 + 77 + 14);
  });

  it('is 37 bytes without a credential and extensions, and says so in its flags', () => {
    const { rpIdHash, signCount } = good();
    const encoded = encodeAuthenticatorData({
      rpIdHash,
      signCount,
      flags: FLAGS.AT | FLAGS.ED | FLAGS.UP,
      extensions: new Map(),
    });
    expect(encoded.length).toBe(37);
    expect(encoded[32]).toBe(FLAGS.UP);
  });

  it('reads back what it wrote', () => {
    const data = fc.record({
      rpIdHash: bytes(32),
      flags: fc.constantFrom(FLAGS.UP, FLAGS.UP | FLAGS.BE | FLAGS.BS),
      signCount: fc.nat(0xffffffff),
      attestedCredential: fc.record({
        aaguid: bytes(16),
        credentialId: fc.uint8Array({ maxLength: 1023 }),
        publicKey: fc.oneof(
          fc.record({
            kty: fc.constant('OKP' as const),
            alg: fc.constant(-8),
            crv: fc.constant('Ed25519' as const),
            x: bytes(32),
          }),
          fc.record({ kty: fc.constant('RSA' as const), alg: fc.constant(-257), n: bytes(256), e: bytes(3) }),
          fc.record({ kty: fc.constant('AKP' as const), alg: fc.constant(-48), pub: bytes(1312) }),
        ),
      }),
      extensions: fc.constant(new Map([['hmac-secret', true]]) as CborMap),
    });
    fc.assert(
      fc.property(data, (input) => {
        const flags = input.flags | FLAGS.AT | FLAGS.ED;
        expect(decodeAuthenticatorData(encodeAuthenticatorData(input))).toEqual({ ...input, flags });
      }),
    );
  });

  it.each([
    ['cut off anywhere', (data: Uint8Array) => data.subarray(0, data.length - 1)],
    ['36 bytes', (data: Uint8Array) => data.subarray(0, 36)],
    ['left-over bytes', (data: Uint8Array) => Uint8Array.of(...data, 0)],
    ['AT without a credential', (data: Uint8Array) => data.subarray(0, 37)],
    ['an ID longer than 1023 bytes', (data: Uint8Array) => data.with(53, 0x04)],
    ['a key that is no map', (data: Uint8Array) => data.with(75, 0x00)],
    ['the AT bit missing', (data: Uint8Array) => data.with(32, FLAGS.UP | FLAGS.ED)],
    ['the ED bit missing', (data: Uint8Array) => data.with(32, FLAGS.UP | FLAGS.AT)],
  ])('refuses %s', (_, change) => {
    expect(() => decodeAuthenticatorData(change(encodeAuthenticatorData(good())))).toThrow(
      expect.objectContaining({ code: 'message-malformed' }),
    );
  });

  it('refuses any other bytes with an offset, never otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        try {
          decodeAuthenticatorData(input);
        } catch (error) {
          expect(error).toMatchObject({
            code: 'message-malformed',
            where: expect.stringMatching(/^offset \d+$/),
          });
        }
      }),
    );
  });
});
