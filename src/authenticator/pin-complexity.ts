/**
 * When a PIN is hard to guess. The specification leaves the rule to the authenticator (CTAP 2.2 §6.4, pinComplexityPolicy); this one is of
 * the kind that products publish: no repetition, no run, none of the PINs that everybody has.
 */

/** PINs that lead every list of leaked ones and that the other rules let pass. */
const COMMON: ReadonlySet<string> = new Set([
  '123123',
  '112233',
  '159753',
  '147258',
  '147258369',
  '1qaz2wsx',
  'password',
  'qwerty',
  'abc123',
  'iloveyou',
  'letmein',
]);

/** Fewer different characters make a pattern on the keypad. */
const LEAST_VARIETY = 3;

/**
 * Whether a PIN meets the policy.
 *
 * @param characters Its code points, each as a string
 *
 * @example isHardToGuess([...'1234']) // false: a run
 */
export function isHardToGuess(characters: readonly string[]): boolean {
  if (new Set(characters).size < LEAST_VARIETY) return false;
  return !isRun(characters) && !COMMON.has(characters.join('').toLowerCase());
}

/** Every character is the same step from the one before: 1234, 9876, aceg. */
function isRun(characters: readonly string[]): boolean {
  const points = characters.map((character) => character.codePointAt(0) ?? 0);
  const steps = points.slice(1).map((point, at) => point - (points[at] ?? 0));
  return new Set(steps).size === 1;
}
