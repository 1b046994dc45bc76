import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CollectedClientData, serializeClientData } from './client-data.js';

/** A good one; each test changes one thing. */
const GOOD: CollectedClientData = {
  type: 'webauthn.get',
  challenge: 'q83vEg',
  origin: 'https://example.org',
  crossOrigin: false,
};

const text = (data: CollectedClientData, extra?: Record<string, unknown>) =>
  new TextDecoder().decode(serializeClientData(data, extra));

describe('clientDataJSON', () => {
  it('has its members in one order, and always says crossOrigin', () => {
    expect(text(GOOD)).toBe(
      '{"type":"webauthn.get","challenge":"q83vEg","origin":"https://example.org","crossOrigin":false}',
    );
  });

  it('names the top origin behind crossOrigin', () => {
    expect(text({ ...GOOD, crossOrigin: true, topOrigin: 'https://top.example' })).toMatch(
      /,"crossOrigin":true,"topOrigin":"https:\/\/top\.example"}$/,
    );
  });

  it('puts further members last, as plain JSON', () => {
    expect(text(GOOD, { note: 'a\nb', list: [1] })).toMatch(
      /"crossOrigin":false,"note":"a\\nb","list":\[1\]}$/,
    );
  });

  it.each([
    ['a quotation mark and a backslash', '"\\', '\\"\\\\'],
    [
      'control characters, without short forms',
      '\u0000\b\t\n\f\r\u001f',
      '\\u0000\\u0008\\u0009\\u000a\\u000c\\u000d\\u001f',
    ],
    ['nothing from U+0020 on', ' /<>&\u007f\u0080\u2028\u2029', ' /<>&\u007f\u0080\u2028\u2029'],
    ['no characters beyond the first plane', '\u{1f511}', '\u{1f511}'],
    ['nothing twice', '\\u0041', '\\\\u0041'],
  ])('escapes %s', (_, challenge, written) => {
    expect(text({ ...GOOD, challenge })).toContain(`"challenge":"${written}"`);
  });

  it('writes UTF-8, with U+FFFD for half a surrogate pair', () => {
    const bytes = serializeClientData({ ...GOOD, challenge: 'é\ud800\u{1f511}' });
    const challenge = [...bytes].slice('{"type":"webauthn.get","challenge":"'.length).slice(0, 9);
    expect(challenge).toEqual([0xc3, 0xa9, 0xef, 0xbf, 0xbd, 0xf0, 0x9f, 0x94, 0x91]);
  });

  it('is what a JSON parser reads back', () => {
    const member = fc.string({ unit: 'binary' });
    const data = fc.record({
      type: member,
      challenge: member,
      origin: member,
      crossOrigin: fc.boolean(),
      topOrigin: member,
    });
    fc.assert(
      fc.property(data, (good) => {
        expect(JSON.parse(text(good))).toEqual(good);
      }),
    );
  });
});
