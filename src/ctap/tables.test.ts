import { describe, expect, it } from 'vitest';
import { type CborMap, decode, encode } from './cbor.js';
import { COMMANDS, commandName, commandOf } from './commands.js';
import {
  agreementKeyFromCbor,
  agreementKeyToCbor,
  COSE_ALGORITHMS,
  type CoseKey,
  coseAlgorithm,
  coseKeyFromCbor,
  coseKeyToCbor,
} from './cose.js';
import { STATUS, statusName } from './status.js';

const fill = (length: number) => new Uint8Array(length).fill(9);

describe('status codes', () => {
  it('have one name each', () => {
    expect(new Set(Object.values(STATUS)).size).toBe(Object.keys(STATUS).length);
  });
  it('are readable for every byte', () => {
    expect(statusName(STATUS.CTAP2_ERR_PIN_INVALID)).toBe('CTAP2_ERR_PIN_INVALID');
    expect(statusName(0xe1)).toBe('CTAP2_ERR_EXTENSION(0xe1)');
    expect(statusName(0xff)).toBe('CTAP2_ERR_VENDOR(0xff)');
    expect(statusName(0x16)).toBe('UNKNOWN(0x16)');
  });
});

describe('commands', () => {
  it('are found by byte', () => {
    for (const [name, byte] of Object.entries(COMMANDS)) expect(commandOf(byte)).toBe(name);
    expect(commandOf(0x42)).toBeUndefined();
    expect(commandName(0x43)).toBe('command(0x43)');
  });
});

describe('COSE algorithms', () => {
  it('are found by number, and each number is there once', () => {
    for (const algorithm of Object.values(COSE_ALGORITHMS))
      expect(coseAlgorithm(algorithm.id)).toBe(algorithm);
    expect(new Set(Object.values(COSE_ALGORITHMS).map((row) => row.id)).size).toBe(
      Object.keys(COSE_ALGORITHMS).length,
    );
    expect(coseAlgorithm(0)).toBeUndefined();
  });
});

const KEYS: readonly CoseKey[] = [
  { kty: 'EC2', alg: -7, crv: 'P-256', x: fill(32), y: fill(32) },
  { kty: 'EC2', alg: -36, crv: 'P-521', x: fill(66), y: fill(66) },
  { kty: 'OKP', alg: -8, crv: 'Ed25519', x: fill(32) },
  { kty: 'RSA', alg: -257, n: fill(256), e: Uint8Array.of(1, 0, 1) },
  { kty: 'AKP', alg: -48, pub: fill(1312) },
];

describe('COSE keys', () => {
  it.each(KEYS)('$kty $alg is read back from its bytes', (key) => {
    expect(coseKeyFromCbor(decode(encode(coseKeyToCbor(key))))).toEqual(key);
  });

  it('an ES256 key has the bytes of RFC 9053', () => {
    const [key] = KEYS;
    const hex = Buffer.from(encode(coseKeyToCbor(key ?? { kty: 'AKP', alg: 0, pub: fill(0) }))).toString(
      'hex',
    );
    expect(hex).toBe(`a5010203262001215820${'09'.repeat(32)}225820${'09'.repeat(32)}`);
  });

  it.each([
    ['no map', 1],
    ['no algorithm', new Map([[1, 2]])],
    [
      'an unknown key type',
      new Map([
        [1, 5],
        [3, -7],
      ]),
    ],
    [
      'an unknown curve',
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 99],
        [-2, fill(32)],
        [-3, fill(32)],
      ]),
    ],
    [
      'a short coordinate',
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, fill(31)],
        [-3, fill(32)],
      ]),
    ],
    [
      'a compressed point',
      new Map<number, number | Uint8Array | boolean>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, fill(32)],
        [-3, true],
      ]),
    ],
    [
      'an OKP key without x',
      new Map([
        [1, 1],
        [3, -8],
        [-1, 6],
      ]),
    ],
    [
      'an OKP key on another curve',
      new Map([
        [1, 1],
        [3, -8],
        [-1, 4],
      ]),
    ],
    [
      'an RSA key without e',
      new Map<number, number | Uint8Array>([
        [1, 3],
        [3, -257],
        [-1, fill(256)],
      ]),
    ],
    [
      'an AKP key without pub',
      new Map([
        [1, 7],
        [3, -48],
      ]),
    ],
  ])('is not read from %s', (_, value) => {
    expect(coseKeyFromCbor(value)).toBeUndefined();
  });
});

describe('key-agreement keys', () => {
  const point = { x: fill(32), y: fill(32) };
  it('name algorithm -25 and nothing more than they must', () => {
    expect([...agreementKeyToCbor(point).keys()].sort()).toEqual([-1, -2, -3, 1, 3].sort());
    expect(agreementKeyFromCbor(agreementKeyToCbor(point))).toEqual(point);
  });
  it('are refused with another algorithm or curve', () => {
    const other = new Map(agreementKeyToCbor(point) as CborMap).set(3, -7);
    expect(agreementKeyFromCbor(other)).toBeUndefined();
    const p384: CoseKey = { kty: 'EC2', alg: -25, crv: 'P-384', x: fill(48), y: fill(48) };
    expect(agreementKeyFromCbor(coseKeyToCbor(p384))).toBeUndefined();
  });
});
