import { describe, expect, it } from 'vitest';
import { isHardToGuess } from './pin-complexity.js';

describe('a PIN is easy to guess', () => {
  it.each([
    ['with one character only', '000000'],
    ['with two characters only', '1212121'],
    ['as a run up', '1234567'],
    ['as a run down', '9876543'],
    ['as a run in twos', 'acegik'],
    ['where everybody has it', '123123'],
    ['where everybody has it, in capitals', 'PassWord'],
  ])('%s', (_, pin) => {
    expect(isHardToGuess([...pin])).toBe(false);
  });
});

it.each(['4071', '1235', '000012', 'correct horse', '🔑🪓🧭x'])('%s is hard to guess', (pin) => {
  expect(isHardToGuess([...pin])).toBe(true);
});
