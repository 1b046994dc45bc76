/**
 * From scenarios and settings to a list of runs, each of them runnable or skipped with the reason.
 */
import { KeyrigError } from '../errors.js';
import type { Target } from '../target/target.js';
import type { AvailableDevice, RequestedDevice } from './engine-ports.js';
import type { DeviceNeed, Scenario, ScenarioNeeds, ScenarioVariant } from './scenario.js';

/** What is there to run with. */
export interface PlanSettings {
  readonly target: Pick<Target, 'id' | 'capabilities'>;
  /** In the order of preference. */
  readonly devices: readonly AvailableDevice[];
  /** Names of the platform profiles that exist. */
  readonly platforms: readonly string[];
  /** What the user asked for: `win11-23h2` or `win11-23h2/edge`. */
  readonly platform?: string | undefined;
  /** For scenarios that don't care when the user doesn't either. */
  readonly defaultPlatform: string;
}

/** One scenario in one setting. */
export interface PlannedRun {
  /** The scenario's id, with the variant after a slash. */
  readonly id: string;
  readonly scenario: Scenario;
  readonly variant: ScenarioVariant | undefined;
  readonly target: string;
  readonly platform: string;
  /** `undefined`: the platform profile's default. */
  readonly browser: string | undefined;
  /** Empty when a device is missing. */
  readonly devices: readonly RequestedDevice[];
  /** Why it can't run; `undefined`: it can. */
  readonly skip: string | undefined;
}

/**
 * Plans every variant of every scenario, in their order.
 *
 * @throws KeyrigError `scenario-invalid` when two runs would have the same id
 */
export function plan(scenarios: readonly Scenario[], settings: PlanSettings): readonly PlannedRun[] {
  const runs = scenarios.flatMap((scenario) =>
    (scenario.variants ?? [undefined]).map((variant) => planRun(scenario, variant, settings)),
  );
  refuseTwins(runs);
  return runs;
}

/** Results are told apart by their ids. */
function refuseTwins(runs: readonly PlannedRun[]): void {
  const seen = new Set<string>();
  for (const { id } of runs) {
    if (seen.has(id))
      throw new KeyrigError('scenario-invalid', `two scenarios are called "${id}"`, {
        hint: 'name it once, or give one of them another id',
      });
    seen.add(id);
  }
}

function planRun(
  scenario: Scenario,
  variant: ScenarioVariant | undefined,
  settings: PlanSettings,
): PlannedRun {
  const needs = { ...scenario.needs, ...variant?.needs };
  const place = choosePlatform(needs, variant?.browser, settings);
  const found = chooseDevices(needs.devices ?? [], settings.devices);
  return {
    id: variant === undefined ? scenario.id : `${scenario.id}/${variant.name}`,
    scenario,
    variant,
    target: settings.target.id,
    platform: place.platform,
    browser: place.browser,
    devices: found.devices,
    skip: missingCapability(needs, settings.target) ?? place.problem ?? found.problem,
  };
}

function missingCapability(needs: ScenarioNeeds, target: PlanSettings['target']): string | undefined {
  for (const need of needs.capabilities ?? []) {
    const alternatives = typeof need === 'string' ? [need] : need;
    if (!alternatives.some((capability) => target.capabilities.has(capability)))
      return `the adapter of ${target.id} has no ${alternatives.join(' or ')}`;
  }
  return undefined;
}

interface Place {
  readonly platform: string;
  readonly browser: string | undefined;
  readonly problem?: string;
}

/** The user's choice wins over what the scenario prefers, never over what it needs. */
function choosePlatform(needs: ScenarioNeeds, wanted: string | undefined, settings: PlanSettings): Place {
  const [asked, askedBrowser] = settings.platform?.split('/') ?? [];
  const platform = asked ?? needs.platforms?.[0] ?? needs.prefersPlatform ?? settings.defaultPlatform;
  const browser = wanted ?? askedBrowser;
  const problem = () => {
    if (needs.platforms !== undefined && !needs.platforms.includes(platform))
      return `it needs the platform ${needs.platforms.join(' or ')}, and this run has ${platform}`;
    if (!settings.platforms.includes(platform)) return `no platform profile is named ${platform}`;
    if (askedBrowser !== undefined && browser !== askedBrowser)
      return `it needs the browser ${browser}, and this run has ${askedBrowser}`;
    return undefined;
  };
  const reason = problem();
  return { platform, browser, ...(reason === undefined ? {} : { problem: reason }) };
}

interface Found {
  readonly devices: readonly RequestedDevice[];
  readonly problem?: string;
}

/** Every need gets a device of its own as long as there are enough; a profile, but not hardware, can serve twice. */
function chooseDevices(needs: readonly DeviceNeed[], available: readonly AvailableDevice[]): Found {
  const used = new Set<AvailableDevice>();
  const devices: RequestedDevice[] = [];
  for (const need of needs) {
    const fitting = available.filter((device) => fits(device, need));
    const device =
      fitting.find((candidate) => !used.has(candidate)) ??
      fitting.find((candidate) => candidate.exclusive !== true);
    if (device === undefined) return { devices: [], problem: missingDevice(need, fitting.length > 0) };
    used.add(device);
    devices.push({ id: need.id, profile: device.profile });
  }
  return { devices };
}

function fits(device: AvailableDevice, need: DeviceNeed): boolean {
  if (device.kind !== need.kind) return false;
  if (need.profile !== undefined && need.profile !== device.profile) return false;
  return (need.traits ?? []).every((trait) => device.traits.has(trait));
}

function missingDevice(need: DeviceNeed, onlyInUse: boolean): string {
  const kind = KIND_NAMES[need.kind];
  if (onlyInUse) return `it needs another ${kind} for "${need.id}"`;
  const profile = need.profile === undefined ? '' : ` with the profile ${need.profile}`;
  const traits =
    need.traits === undefined ? '' : ` that is ${need.traits.map((it) => TRAITS[it]).join(' and ')}`;
  return `it needs a ${kind}${profile}${traits} for "${need.id}", and this run has none`;
}

const KIND_NAMES = {
  'security-key': 'security key',
  phone: 'phone',
  platform: 'platform authenticator',
} as const;

const TRAITS = {
  pin: 'able to take a PIN',
  discoverable: 'able to keep discoverable credentials',
  'device-bound': 'device-bound',
  synced: 'synced',
} as const;

/** One of several machines that share a plan. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * Reads `2/3`.
 *
 * @throws KeyrigError `option-invalid`
 */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new KeyrigError('option-invalid', `"${text}" is not a shard`, {
    hint: 'give its number and how many there are, e.g. 2/3',
  });
}

/** This shard's part: every count-th run. All shards together hold every run once, in any order of finishing. */
export function shardOf(runs: readonly PlannedRun[], shard: Shard): readonly PlannedRun[] {
  return runs.filter((_, at) => at % shard.count === shard.index - 1);
}
