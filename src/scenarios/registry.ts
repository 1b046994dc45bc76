/**
 * The scenarios that come with keyrig, and finding one by its name.
 */
import { nearestName } from '../data/nearest-name.js';
import { KeyrigError } from '../errors.js';
import { otherWaysToSignIn } from './built-in/other-ways-to-sign-in.js';
import { prioritisedPhone } from './built-in/prioritised-phone.js';
import { prioritisedPhoneHints } from './built-in/prioritised-phone-hints.js';
import { prioritisedPhoneLegacy } from './built-in/prioritised-phone-legacy.js';
import { prioritisedPhoneTransports } from './built-in/prioritised-phone-transports.js';
import { register } from './built-in/register.js';
import { registerOnPhone } from './built-in/register-on-phone.js';
import { signInPhone } from './built-in/sign-in-phone.js';
import { signInUsername } from './built-in/sign-in-username.js';
import { signInUsernameless } from './built-in/sign-in-usernameless.js';
import { wrongPinThreeTimes } from './built-in/wrong-pin-three-times.js';
import type { Scenario } from './scenario.js';

/** In the order in which they run: from the simplest to the known issue and its mitigations. */
export const builtInScenarios: readonly Scenario[] = [
  register,
  signInUsername,
  signInUsernameless,
  otherWaysToSignIn,
  wrongPinThreeTimes,
  registerOnPhone,
  signInPhone,
  prioritisedPhone,
  prioritisedPhoneLegacy,
  prioritisedPhoneTransports,
  prioritisedPhoneHints,
];

/**
 * A scenario by its id, or with only one of its variants by `id/variant`.
 *
 * @throws KeyrigError `scenario-not-found`, with the nearest name as its hint
 *
 * @example
 * ```ts
 * findScenario('prioritised-phone/edge').variants; // only edge
 * ```
 */
export function findScenario(name: string, scenarios: readonly Scenario[] = builtInScenarios): Scenario {
  const whole = scenarios.find(({ id }) => id === name);
  if (whole !== undefined) return whole;
  for (const scenario of scenarios) {
    const variant = scenario.variants?.find((one) => `${scenario.id}/${one.name}` === name);
    if (variant !== undefined) return { ...scenario, variants: [variant] };
  }
  const names = scenarios.flatMap(runNames);
  const nearest = nearestName(name, names);
  throw new KeyrigError('scenario-not-found', `no scenario is named "${name}"`, {
    hint:
      nearest === undefined
        ? `the scenarios are ${scenarios.map(({ id }) => id).join(', ')}`
        : `did you mean "${nearest}"?`,
    facts: { names },
  });
}

/** Every name that {@link findScenario} takes for this scenario. */
function runNames({ id, variants = [] }: Scenario): readonly string[] {
  return [id, ...variants.map(({ name }) => `${id}/${name}`)];
}
