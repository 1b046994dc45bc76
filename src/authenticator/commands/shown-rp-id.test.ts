import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../data/bytes.js';
import { shortenedRpId } from './shown-rp-id.js';

describe('an RP ID that is cut to 32 bytes', () => {
  // The examples of CTAP 2.1 §6.8.7.
  it.each([
    ['example.com', 'example.com'],
    ['myfidousingwebsite.hostingprovider.net', '…ngwebsite.hostingprovider.net'],
    ['mygreatsite.hostingprovider.info', 'mygreatsite.hostingprovider.info'],
    ['otherprotocol://myfidousingwebsite.hostingprovider.net', 'otherprotocol:…ingprovider.net'],
    ['veryexcessivelylargeprotocolname://example.com', 'veryexcessivelylargeprotocolname'],
  ])('%s is %s', (rpId, shown) => {
    expect(shortenedRpId(rpId)).toBe(shown);
  });

  it('keeps whole characters', () => {
    expect(shortenedRpId(`${'界'.repeat(12)}`)).toBe(`…${'界'.repeat(9)}`);
    expect(shortenedRpId(`${'é'.repeat(15)}x${'界'.repeat(9)}:rest`)).toBe(`${'é'.repeat(15)}x`);
  });

  it('is one of 32 bytes at most, whatever it was', () => {
    const rpId = fc.string({ maxLength: 60, unit: 'grapheme' });
    fc.assert(
      fc.property(rpId, (text) => {
        const shown = shortenedRpId(text);
        expect(utf8(shown).length).toBeLessThanOrEqual(32);
        expect(shown).not.toContain('\u{fffd}');
      }),
    );
  });
});
