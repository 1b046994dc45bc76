import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

describe('nearestName', () => {
  const known = ['username', 'password', 'pin', 'origin'];

  it.each([
    ['usrname', 'username'],
    ['passwrod', 'password'],
    ['Username', 'username'],
    ['pim', 'pin'],
    ['origins', 'origin'],
  ])('takes %s for %s', (wanted, expected) => {
    expect(nearestName(wanted, known)).toBe(expected);
  });

  it.each([
    ['win11', 'win11-23h2'],
    ['WIN-leg', 'win-legacy-docs'],
    ['win', 'win11-23h2'],
    // A misspelling is nearer than a beginning.
    ['key', 'keys'],
  ])('takes %s for the name that begins with it, %s', (wanted, expected) => {
    const names = ['chromium-linux', 'win-legacy-docs', 'win11-25h2-long', 'win11-23h2', 'keyboard', 'keys'];
    expect(nearestName(wanted, names)).toBe(expected);
  });

  it.each(['', 'x', 'us', 'zebra', 'certificate'])('guesses nothing for "%s"', (wanted) => {
    expect(nearestName(wanted, known)).toBeUndefined();
  });
});
