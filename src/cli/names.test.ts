import { expect, it } from 'vitest';
import { formatError } from '../errors.js';
import { named } from './names.js';

const CHECKS = [{ id: 'AUTH-20' }, { id: 'AUTH-29' }, { id: 'SES-01' }];
const find = (name: string) => named('check', name, CHECKS, ({ id }) => id);

it('finds what is called so', () => {
  expect(find('AUTH-29')).toBe(CHECKS[1]);
});

it.each([
  ['AUTH-2', 'there is no check "AUTH-2" (did you mean "AUTH-20"?)'],
  ['ses-01', 'there is no check "ses-01" (did you mean "SES-01"?)'],
  ['everything', 'there is no check "everything" (there are AUTH-20, AUTH-29, SES-01)'],
])('misses %s with the nearest name, or with all', (name, message) => {
  expect(() => find(name)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  let seen: unknown;
  try {
    find(name);
  } catch (error) {
    seen = error;
  }
  expect(formatError(seen)).toBe(message);
});
