/** The machine around a run: a profile's defaults with what the user asked for, checked against what the profile has rules for. */
import { nearestName } from '../data/nearest-name.js';
import { KeyrigError } from '../errors.js';
import type { Environment } from './ports.js';
import type { PlatformProfile, ProfileBrowser } from './profile.js';

/** What a run may say about its environment; the rest is as the profile says. */
export type EnvironmentWishes = Partial<Omit<Environment, 'localCredentials'>>;

/**
 * Fills `wishes` up with the profile's defaults. Local credentials come later, with the request.
 *
 * @throws KeyrigError `option-invalid` for a value that the profile has no rules for.
 *
 * @example
 * ```ts
 * resolveEnvironment(linux, { bluetooth: 'absent' }); // the machine on which the phone never shows
 * ```
 */
export function resolveEnvironment(profile: PlatformProfile, wishes: EnvironmentWishes = {}): Environment {
  const spec = profile.environment;
  requireKnown(profile, wishes);
  const pick = <Value>(
    name: keyof EnvironmentWishes,
    input: { readonly default: Value; readonly allowed: readonly Value[] },
    wish: Value | undefined,
  ): Value => {
    const value = wish === undefined ? input.default : wish;
    if (!input.allowed.includes(value)) throw notAllowed(profile, name, value, input.allowed);
    return value;
  };
  return {
    bluetooth: pick('bluetooth', spec.bluetooth, wishes.bluetooth),
    winApi: pick('winApi', spec.winApi, wishes.winApi),
    winHello: pick('winHello', spec.winHello, wishes.winHello),
    hintsOrder: pick('hintsOrder', spec.hintsOrder, wishes.hintsOrder),
    dialogHints: pick('dialogHints', spec.dialogHints, wishes.dialogHints),
    passwordManager: pick('passwordManager', spec.passwordManager, wishes.passwordManager),
    linkedPhones: linkedPhones(profile, wishes.linkedPhones ?? spec.linkedPhones.default),
    localCredentials: [],
  };
}

/** A misspelt input would leave the default in place, and a run would measure something else than it says. */
function requireKnown(profile: PlatformProfile, wishes: EnvironmentWishes): void {
  const known = Object.keys(profile.environment);
  const unknown = Object.keys(wishes).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw new KeyrigError('option-invalid', `there is no environment input "${unknown}"`, {
    hint: near === undefined ? `use one of ${known.join(', ')}` : `did you mean "${near}"?`,
  });
}

function linkedPhones(profile: PlatformProfile, names: readonly string[]): readonly string[] {
  const { most } = profile.environment.linkedPhones;
  if (names.length <= most) return names;
  const hint = most === 0 ? 'this platform lists no phones by name' : `name at most ${most} phones`;
  throw new KeyrigError('option-invalid', `${profile.id} can't list ${names.length} linked phones`, { hint });
}

function notAllowed(
  profile: PlatformProfile,
  name: string,
  value: unknown,
  allowed: readonly unknown[],
): KeyrigError {
  const values = allowed.map((one) => JSON.stringify(one)).join(', ');
  return new KeyrigError(
    'option-invalid',
    `${profile.id} has no rules for ${name} ${JSON.stringify(value)}`,
    {
      hint: `use one of ${values}`,
      facts: { input: name, value, allowed },
    },
  );
}

/**
 * A browser of the profile by id; the first one when none is named.
 *
 * @throws KeyrigError `option-invalid` when the profile has no such browser.
 */
export function browserOf(profile: PlatformProfile, id?: string): ProfileBrowser {
  const found = id === undefined ? profile.browsers[0] : profile.browsers.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new KeyrigError('option-invalid', `${profile.id} has no browser "${id}"`, {
    hint: `use one of ${profile.browsers.map((one) => one.id).join(', ')}`,
  });
}
