/**
 * Profiles, platforms and browsers that a scenario names: whether there are such things at all. A misspelt one would skip the scenario,
 * and a run that skips is green.
 */
import { KeyrigError } from '../errors.js';
import { listProfiles, loadDeviceProfile, loadPlatformProfile } from '../rig/profiles.js';
import { placeInYaml } from '../scenarios/places.js';
import type { Scenario, ScenarioNeeds } from '../scenarios/scenario.js';
import { named } from './names.js';

/** A name in a scenario, and where it stands. */
interface Naming {
  readonly kind: 'platform' | 'browser' | 'profile';
  readonly name: string;
  /** In the scenario, e.g. `needs.platforms[0]`. */
  readonly member: string;
  /** Of the same in a YAML file. */
  readonly yamlPath: readonly PropertyKey[];
  /** Of a browser: the platforms that the scenario can be on; none means any. */
  readonly platforms: readonly string[];
}

/**
 * Checks every name in these scenarios.
 *
 * @throws KeyrigError `scenario-invalid`: the place in the file, or the scenario's id, and the nearest name
 */
export async function checkScenarioNames(scenarios: readonly Scenario[]): Promise<void> {
  const look = new Lookups();
  for (const scenario of scenarios)
    for (const naming of namingsOf(scenario)) {
      try {
        await look.find(naming);
      } catch (cause) {
        throw placed(scenario, naming, cause);
      }
    }
}

function placed(scenario: Scenario, naming: Naming, cause: unknown): unknown {
  if (!(cause instanceof KeyrigError)) return cause;
  const { hint, where } = cause;
  const place = placeInYaml(scenario, naming.yamlPath);
  const member = place === undefined ? naming.member : naming.yamlPath.join('.');
  // A profile of somebody's own that is wrong has a place of its own.
  const message = where === undefined ? cause.message : `${where}: ${cause.message}`;
  return new KeyrigError('scenario-invalid', `${member}: ${message}`, {
    where: place ?? `scenario "${scenario.id}"`,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

function namingsOf(scenario: Scenario): readonly Naming[] {
  const variants = scenario.variants ?? [];
  return [
    ...namingsIn(scenario.needs, 'needs'),
    ...variants.flatMap(({ needs, browser }, at): Naming[] => {
      const { platforms = [] } = { ...scenario.needs, ...needs };
      const member = `variants[${at}]`;
      const yamlPath = ['browser'];
      return [
        ...(needs === undefined ? [] : namingsIn(needs, `${member}.needs`)),
        ...(browser === undefined
          ? []
          : [{ kind: 'browser' as const, name: browser, member: `${member}.browser`, yamlPath, platforms }]),
      ];
    }),
  ];
}

function namingsIn({ platforms = [], prefersPlatform, devices = [] }: ScenarioNeeds, at: string): Naming[] {
  const common = { yamlPath: ['platform'], platforms: [] };
  const namings: Naming[] = platforms.map((name, index) => ({
    ...common,
    ...{ kind: 'platform', name, member: `${at}.platforms[${index}]` },
  }));
  if (prefersPlatform !== undefined)
    namings.push({ ...common, kind: 'platform', name: prefersPlatform, member: `${at}.prefersPlatform` });
  devices.forEach(({ id, profile }, index) => {
    if (profile === undefined) return;
    const yamlPath = ['devices', id, 'profile'];
    const member = `${at}.devices[${index}].profile`;
    namings.push({ ...common, kind: 'profile', name: profile, member, yamlPath });
  });
  return namings;
}

/** What was looked up; many scenarios name the same. */
class Lookups {
  readonly #found = new Map<string, Promise<unknown>>();

  find(naming: Naming): Promise<unknown> {
    const key = JSON.stringify([naming.kind, naming.name, naming.platforms]);
    const found = this.#found.get(key) ?? this.#look(naming);
    this.#found.set(key, found);
    return found;
  }

  async #look({ kind, name, platforms }: Naming): Promise<void> {
    if (kind === 'profile') return void (await loadDeviceProfile(name));
    const known = (await listProfiles('platform')).map((entry) => entry.name);
    if (kind === 'platform') return void named('platform profile', name, known, (one) => one);
    const profiles = await Promise.all((platforms.length === 0 ? known : platforms).map(loadPlatformProfile));
    const browsers = [...new Set(profiles.flatMap((profile) => profile.browsers.map(({ id }) => id)))];
    const of = platforms.length === 0 ? '' : ` of ${platforms.join(' or ')}`;
    named(`browser${of}`, name, browsers, (one) => one);
  }
}
