/**
 * What a scenario is: its name, what it needs, and what it does with a rig. `defineScenario` checks the first two.
 */
import { z } from 'zod';
import { checkSchema, formatPath } from '../data/schema-problems.js';
import { KeyrigError } from '../errors.js';
import type { TargetCapability } from '../target/target.js';
import type { ScenarioContext } from './context.js';
import type { DeviceTrait } from './engine-ports.js';
import type { Result } from './results.js';

/** One device that a scenario uses. */
export interface DeviceNeed {
  /** What the scenario calls it: `context.rig.device('key')`. */
  readonly id: string;
  readonly kind: 'security-key' | 'phone' | 'platform';
  /** Exactly this profile; by default the first one of the kind that has the traits. */
  readonly profile?: string | undefined;
  readonly traits?: readonly DeviceTrait[] | undefined;
}

/** What must be there; a run whose needs aren't met is skipped with the reason. */
export interface ScenarioNeeds {
  /** Every entry must be met; an array is met by any of its members. */
  readonly capabilities?: readonly (TargetCapability | readonly TargetCapability[])[] | undefined;
  readonly devices?: readonly DeviceNeed[] | undefined;
  /** Only on these platform profiles. The first is used when the user names none. */
  readonly platforms?: readonly string[] | undefined;
  /** On any platform, but on this one when the user names none. */
  readonly prefersPlatform?: string | undefined;
}

/** The same scenario in another setting; its run is called `<id>/<name>`. */
export interface ScenarioVariant {
  readonly name: string;
  /** Browser of the platform profile. */
  readonly browser?: string | undefined;
  /** Takes the place of the scenario's own members where given. */
  readonly needs?: ScenarioNeeds | undefined;
}

/** Everything about a scenario. */
export interface Scenario {
  /** Stable, e.g. `sign-in-username`. */
  readonly id: string;
  readonly title: string;
  readonly needs: ScenarioNeeds;
  /** None: one run, named like the scenario. */
  readonly variants?: readonly ScenarioVariant[] | undefined;
  /** `scenario` unless it is a check of a suite. */
  readonly kind?: Result['kind'] | undefined;
  /** A broken SHOULD or HARD rule gives WARN, a broken OBS one OBS; without a level a broken rule is FAIL. */
  readonly level?: Result['level'];
  readonly severity?: Result['severity'];
  /** Where the rule is written, e.g. `CTAP 2.1 §6.5.5.7`. */
  readonly clause?: string | undefined;
  /** In place of the run's deadline. */
  readonly deadlineMs?: number | undefined;
  /** Does it. Returning means that everything expected was seen. */
  run(context: ScenarioContext): Promise<void>;
}

const capability = z.enum([
  'users',
  'register',
  'signIn.username',
  'signIn.usernameless',
  'signIn.password',
  'signIn.methods',
  'whoami',
  'credentials.list',
  'credentials.delete',
  'signOut',
  'options.wishes',
] satisfies [TargetCapability, ...TargetCapability[]]);

const needsSchema = z.strictObject({
  capabilities: z.array(z.union([capability, z.array(capability).min(1)])).optional(),
  devices: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        kind: z.enum(['security-key', 'phone', 'platform']),
        profile: z.string().optional(),
        traits: z.array(z.enum(['pin', 'discoverable', 'device-bound', 'synced'])).optional(),
      }),
    )
    .refine((devices) => isUnique(devices.map(({ id }) => id)), 'expected device ids that differ')
    .optional(),
  platforms: z.array(z.string()).min(1).optional(),
  prefersPlatform: z.string().optional(),
});

/** Ids stand in file names and on command lines. */
export const SCENARIO_ID = /^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/;

/** What {@link SCENARIO_ID} means, for people. */
export const SCENARIO_ID_RULE = 'expected letters, digits and single hyphens, e.g. sign-in-username';

const scenarioSchema = z.strictObject({
  id: z.string().regex(SCENARIO_ID, SCENARIO_ID_RULE),
  title: z.string().min(1),
  needs: needsSchema,
  variants: z
    .array(
      z.strictObject({
        name: z.string().regex(SCENARIO_ID, SCENARIO_ID_RULE),
        browser: z.string().optional(),
        needs: needsSchema.optional(),
      }),
    )
    .refine((variants) => isUnique(variants.map(({ name }) => name)), 'expected variant names that differ')
    .optional(),
  kind: z.enum(['scenario', 'check']).optional(),
  level: z.enum(['MUST', 'SHOULD', 'HARD', 'POL', 'ACC', 'OBS']).optional(),
  severity: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  clause: z.string().optional(),
  deadlineMs: z.int().positive().optional(),
  run: z.custom<Scenario['run']>((value) => typeof value === 'function', 'expected a function run(context)'),
});

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/**
 * Checks a scenario's members and gives it back, so that a mistake shows where it is made.
 *
 * @throws KeyrigError `scenario-invalid`; `where` is the path of the first wrong member.
 *
 * @example
 * ```ts
 * export default defineScenario({
 *   id: 'two-taps',
 *   title: 'a user signs in with a key',
 *   needs: { capabilities: ['register', 'signIn.username'], devices: [{ id: 'key', kind: 'security-key' }] },
 *   async run(context) {
 *     const user = context.user('alice');
 *     await registerPasskey(context, { user, device: 'key' });
 *     const { session } = await signInWithPasskey(context, { flow: 'username', user, device: 'key' });
 *     await context.expectSignedIn(session, user);
 *   },
 * });
 * ```
 */
export function defineScenario(scenario: Scenario): Scenario {
  return Object.freeze(checkScenario(scenario));
}

/**
 * A value that came from outside, as a scenario.
 *
 * @throws KeyrigError `scenario-invalid`; `where` is the path of the first wrong member.
 */
export function checkScenario(value: unknown): Scenario {
  const verdict = checkSchema(scenarioSchema, value);
  if (verdict.ok) return verdict.value;
  const [problem] = verdict.problems;
  const where = formatPath(problem.path);
  throw new KeyrigError('scenario-invalid', `a scenario's ${where}: ${problem.message}`, {
    where,
    ...(problem.suggestion === undefined ? {} : { hint: `did you mean "${problem.suggestion}"?` }),
  });
}
