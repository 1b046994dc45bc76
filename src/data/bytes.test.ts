import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromBase64url, fromHex, sameBytes, toBase64, toBase64url, toHex } from './bytes.js';

const anyBytes = fc.uint8Array({ maxLength: 300 });

describe('hex', () => {
  it('agrees with Node', () => {
    fc.assert(fc.property(anyBytes, (bytes) => toHex(bytes) === Buffer.from(bytes).toString('hex')));
  });
  it('reads back what it wrote, spaces and upper case included', () => {
    fc.assert(fc.property(anyBytes, (bytes) => sameBytes(fromHex(toHex(bytes)) ?? new Uint8Array(1), bytes)));
    expect(fromHex('DE ad\nBE ef')).toEqual(Uint8Array.of(0xde, 0xad, 0xbe, 0xef));
  });
  it.each(['0', '0g', 'zz'])('refuses %s', (text) => expect(fromHex(text)).toBeUndefined());
});

describe('base64url', () => {
  it('agrees with Node', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => toBase64url(bytes) === Buffer.from(bytes).toString('base64url')),
    );
  });
  it('encodes more bytes than fit one call', () => {
    const large = new Uint8Array(100_000).fill(7);
    expect(toBase64url(large)).toBe(Buffer.from(large).toString('base64url'));
  });
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) =>
        sameBytes(fromBase64url(toBase64url(bytes)) ?? new Uint8Array(1), bytes),
      ),
    );
  });
  // Length 4n+1, padding, the standard alphabet, white space, and non-zero left-over bits.
  it.each(['AAAAA', 'AA==', 'a+b/', 'A A', 'AB'])('refuses %s', (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });
});

describe('base64', () => {
  it('agrees with Node', () => {
    fc.assert(fc.property(anyBytes, (bytes) => toBase64(bytes) === Buffer.from(bytes).toString('base64')));
  });
});

it('concat joins in order and copies', () => {
  const part = Uint8Array.of(1, 2);
  const joined = concat(part, new Uint8Array(0), Uint8Array.of(3));
  part[0] = 9;
  expect(joined).toEqual(Uint8Array.of(1, 2, 3));
});
