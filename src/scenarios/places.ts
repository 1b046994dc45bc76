/**
 * Where the members of a scenario stand in the user's file, for failures that only show when it is planned.
 */
import type { LocatedYaml } from '../data/located-yaml.js';
import type { Scenario } from './scenario.js';

/** Beside the scenarios, so that what people write and what `defineScenario` checks has no member for it. */
const places = new WeakMap<Scenario, LocatedYaml>();

/** Remembers the file that a scenario was made of. */
export function rememberPlaces(scenario: Scenario, yaml: LocatedYaml): void {
  places.set(scenario, yaml);
}

/** `file:line:column` of what stands at `path` of the scenario's YAML; `undefined` for a scenario in code. */
export function placeInYaml(scenario: Scenario, path: readonly PropertyKey[]): string | undefined {
  return places.get(scenario)?.where(path);
}
