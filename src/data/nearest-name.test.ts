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

  it.each(['', 'x', 'zebra', 'certificate'])('guesses nothing for "%s"', (wanted) => {
    expect(nearestName(wanted, known)).toBeUndefined();
  });
});
