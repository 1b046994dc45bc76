import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../data/bytes.js';
import { readCommandApdu, readResponseApdu, writeCommandApdu, writeResponseApdu } from './apdu.js';

const bytes = (hex: string) => fromHex(hex.replaceAll(' ', '')) ?? expect.unreachable('not hexadecimal');
const read = (hex: string) => {
  const apdu = readCommandApdu(bytes(hex));
  return apdu && { data: toHex(apdu.data), expected: apdu.expected, extended: apdu.extended };
};

describe('a command', () => {
  it.each([
    ['case 1', '00 03 00 00', { data: '', expected: 0, extended: false }],
    ['case 2 short', '00 03 00 00 10', { data: '', expected: 16, extended: false }],
    ['case 2 short, any length', '00 03 00 00 00', { data: '', expected: 256, extended: false }],
    ['case 3 short', '00 01 00 00 02 aabb', { data: 'aabb', expected: 0, extended: false }],
    ['case 4 short', '00 01 00 00 02 aabb 05', { data: 'aabb', expected: 5, extended: false }],
    ['case 4 short, any length', '00 01 00 00 02 aabb 00', { data: 'aabb', expected: 256, extended: false }],
    ['case 2 extended', '00 03 00 00 00 0100', { data: '', expected: 256, extended: true }],
    ['case 2 extended, any length', '00 03 00 00 00 0000', { data: '', expected: 65_536, extended: true }],
    ['case 3 extended', '00 01 00 00 00 0002 aabb', { data: 'aabb', expected: 0, extended: true }],
    ['case 4 extended', '00 01 00 00 00 0002 aabb 0203', { data: 'aabb', expected: 515, extended: true }],
    [
      'case 4 extended, any length',
      '00 01 00 00 00 0001 aa 0000',
      { data: 'aa', expected: 65_536, extended: true },
    ],
    [
      'Lc of zero before Le, as libfido2 writes it',
      '00 03 00 00 00 0000 0000',
      { data: '', expected: 65_536, extended: true },
    ],
  ])('is read: %s', (_name, hex, expected) => {
    expect(read(hex)).toEqual(expected);
  });

  it('has a header', () => {
    expect(readCommandApdu(bytes('80 10 ff 01'))).toMatchObject({ cla: 0x80, ins: 0x10, p1: 0xff, p2: 0x01 });
  });

  it.each([
    ['nothing', ''],
    ['less than a header', '00 03 00'],
    ['less data than Lc says', '00 01 00 00 03 aabb'],
    ['more than Lc and Le', '00 01 00 00 01 aa 00 00'],
    ['half an extended length', '00 01 00 00 00 00'],
    ['less data than an extended Lc says', '00 01 00 00 00 0003 aabb'],
    ['half an extended Le', '00 01 00 00 00 0001 aa 00'],
    ['more than an extended Lc and Le', '00 01 00 00 00 0001 aa 0000 00'],
  ])('is refused: %s', (_name, hex) => {
    expect(readCommandApdu(bytes(hex))).toBeUndefined();
  });

  it('comes back as it was written', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const parts = fc.record({
      cla: byte,
      ins: byte,
      p1: byte,
      p2: byte,
      data: fc.uint8Array({ maxLength: 600 }),
    });
    fc.assert(
      fc.property(parts, (command) => {
        expect(readCommandApdu(writeCommandApdu(command))).toEqual({
          ...command,
          expected: 65_536,
          extended: true,
        });
      }),
    );
  });

  it('of any bytes is read or refused, never thrown at', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (any) => void readCommandApdu(any)));
  });
});

describe('an answer', () => {
  it('ends with its status', () => {
    expect(toHex(writeResponseApdu(0x9000, bytes('aabb')))).toBe('aabb9000');
    expect(toHex(writeResponseApdu(0x6985))).toBe('6985');
    expect(readResponseApdu(bytes('aabb9000'))).toEqual({ data: bytes('aabb'), status: 0x9000 });
    expect(readResponseApdu(bytes('6a80'))).toEqual({ data: bytes(''), status: 0x6a80 });
  });

  it.each(['', '90'])('without a status is none: "%s"', (hex) => {
    expect(readResponseApdu(bytes(hex))).toBeUndefined();
  });
});
