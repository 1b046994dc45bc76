/**
 * Names that users type, and what is said when there is no such thing.
 */
import { nearestName } from '../data/nearest-name.js';
import { KeyrigError } from '../errors.js';

/**
 * The one of `known` that is called `name`.
 *
 * @param what What it would be: `check`.
 * @param nameOf How it is called.
 * @throws KeyrigError `option-invalid`, with the nearest name or all of them
 *
 * @example
 * ```ts
 * named('check', 'AUTH-2O', suite, ({ id }) => id); // there is no check "AUTH-2O" (did you mean "AUTH-20"?)
 * ```
 */
export function named<T>(what: string, name: string, known: readonly T[], nameOf: (one: T) => string): T {
  const found = known.find((one) => nameOf(one) === name);
  if (found !== undefined) return found;
  const names = known.map(nameOf);
  const near = nearestName(name, names);
  const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`;
  throw new KeyrigError('option-invalid', `there is no ${what} "${name}"`, { hint });
}
