import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AvailableDevice } from './engine-ports.js';
import { FAKE_DEVICES, FAKE_SETTINGS } from './fake-rig.suite.js';
import { type PlannedRun, type PlanSettings, parseShard, plan, shardOf } from './plan.js';
import { defineScenario, type ScenarioNeeds, type ScenarioVariant } from './scenario.js';

const scenario = (needs: ScenarioNeeds, variants?: readonly ScenarioVariant[]) =>
  defineScenario({ id: 'any', title: 'anything', needs, variants, run: async () => {} });

/** Plans one scenario that should give one run. */
function planOne(needs: ScenarioNeeds, settings: Partial<PlanSettings> = {}): PlannedRun {
  const [run, ...others] = plan([scenario(needs)], { ...FAKE_SETTINGS, ...settings });
  expect(others).toEqual([]);
  expect(run).toBeDefined();
  return run as PlannedRun;
}

const without = (...missing: readonly string[]) => ({
  id: 'acme',
  capabilities: new Set([...FAKE_SETTINGS.target.capabilities].filter((it) => !missing.includes(it))),
});

it('two runs may not have the same id', () => {
  const one = scenario({}, [{ name: 'a' }, { name: 'b' }]);
  const split = (one.variants ?? []).map((variant) => ({ ...one, variants: [variant] }));
  expect(plan(split, FAKE_SETTINGS).map(({ id }) => id)).toEqual(['any/a', 'any/b']);
  expect(() => plan([one, ...split], FAKE_SETTINGS)).toThrow(
    expect.objectContaining({ code: 'scenario-invalid' }),
  );
});

describe('capabilities', () => {
  it('that are all there make a run', () => {
    expect(planOne({ capabilities: ['register', 'whoami'] }).skip).toBeUndefined();
  });
  it('that are missing skip it, named', () => {
    const run = planOne({ capabilities: ['register', 'whoami'] }, { target: without('whoami') });
    expect(run.skip).toBe('the adapter of acme has no whoami');
  });
  it('that stand for each other are met by either', () => {
    const needs = { capabilities: [['signIn.usernameless', 'signIn.username']] } as const;
    expect(planOne(needs, { target: without('signIn.usernameless') }).skip).toBeUndefined();
    expect(planOne(needs, { target: without('signIn.usernameless', 'signIn.username') }).skip).toBe(
      'the adapter of acme has no signIn.usernameless or signIn.username',
    );
  });
});

describe('devices', () => {
  it('are the first of their kind that have the traits', () => {
    const devices = planOne({
      devices: [
        { id: 'key', kind: 'security-key' },
        { id: 'mine', kind: 'phone', traits: ['synced'] },
      ],
    }).devices;
    expect(devices).toEqual([
      { id: 'key', profile: 'fake-key' },
      { id: 'mine', profile: 'fake-phone-synced' },
    ]);
  });
  it('that are missing skip the run, named by kind, profile and traits', () => {
    const [key] = FAKE_DEVICES;
    const devices = key === undefined ? [] : [key];
    expect(planOne({ devices: [{ id: 'mine', kind: 'phone' }] }, { devices }).skip).toBe(
      'it needs a phone for "mine", and this run has none',
    );
    expect(planOne({ devices: [{ id: 'mine', kind: 'phone', traits: ['pin'] }] }).skip).toBe(
      'it needs a phone that is able to take a PIN for "mine", and this run has none',
    );
    const yubikey = { id: 'key', kind: 'security-key', profile: 'yubikey-5' } as const;
    expect(planOne({ devices: [yubikey] }).skip).toBe(
      'it needs a security key with the profile yubikey-5 for "key", and this run has none',
    );
  });

  const two = {
    devices: [
      { id: 'old', kind: 'security-key' },
      { id: 'new', kind: 'security-key' },
    ],
  } as const;
  const key = (profile: string, exclusive = false): AvailableDevice => ({
    profile,
    kind: 'security-key',
    traits: new Set(),
    exclusive,
  });
  it('of one kind get profiles of their own while there are enough', () => {
    const profiles = planOne(two, { devices: [key('a'), key('b')] }).devices.map((it) => it.profile);
    expect(profiles).toEqual(['a', 'b']);
  });
  it('share a profile, but never a piece of hardware', () => {
    expect(planOne(two, { devices: [key('a')] }).devices.map((it) => it.profile)).toEqual(['a', 'a']);
    const run = planOne(two, { devices: [key('hid:1', true)] });
    expect(run.skip).toBe('it needs another security key for "new"');
    expect(run.devices).toEqual([]);
  });
});

describe('the platform', () => {
  it.each([
    ['the default for scenarios that do not care', {}, undefined, 'win11-23h2'],
    ['what the scenario prefers', { prefersPlatform: 'win-legacy-docs' }, undefined, 'win-legacy-docs'],
    ['the first that the scenario needs', { platforms: ['win-legacy-docs'] }, undefined, 'win-legacy-docs'],
    ['what the user asked for', { prefersPlatform: 'win11-23h2' }, 'win-legacy-docs', 'win-legacy-docs'],
  ] as const)('is %s', (_, needs, platform, expected) => {
    const run = planOne(needs, { platform });
    expect(run).toMatchObject({ platform: expected, skip: undefined });
  });
  it('that the scenario can not use skips the run', () => {
    const run = planOne({ platforms: ['win11-23h2'] }, { platform: 'win-legacy-docs/edge' });
    expect(run.skip).toBe('it needs the platform win11-23h2, and this run has win-legacy-docs');
  });
  it('without a profile skips the run', () => {
    expect(planOne({ platforms: ['beos'] }).skip).toBe('no platform profile is named beos');
  });
});

describe('variants', () => {
  const browsers = scenario({}, [
    { name: 'chrome', browser: 'chrome' },
    { name: 'edge', browser: 'edge' },
  ]);
  it('make a run each, called by both names', () => {
    const runs = plan([browsers], FAKE_SETTINGS);
    expect(runs.map(({ id, browser, skip }) => [id, browser, skip])).toEqual([
      ['any/chrome', 'chrome', undefined],
      ['any/edge', 'edge', undefined],
    ]);
  });
  it('for another browser than the one asked for are skipped', () => {
    const runs = plan([browsers], { ...FAKE_SETTINGS, platform: 'win11-23h2/edge' });
    expect(runs.map(({ skip }) => skip)).toEqual([
      'it needs the browser chrome, and this run has edge',
      undefined,
    ]);
  });
  it('have needs of their own', () => {
    const runs = plan(
      [
        scenario({ capabilities: ['register'] }, [
          { name: 'phone', needs: { devices: [{ id: 'p', kind: 'phone' }] } },
        ]),
      ],
      { ...FAKE_SETTINGS, target: without('register') },
    );
    expect(runs).toMatchObject([
      { devices: [{ id: 'p', profile: 'fake-phone-bound' }], skip: 'the adapter of acme has no register' },
    ]);
  });
});

describe('shards', () => {
  it.each(['0/3', '4/3', '1', 'a/b', '1/0', '-1/3', '1/3/3'])('refuse %s', (text) => {
    expect(() => parseShard(text)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  });
  it('hold every run exactly once, in the order of the plan', () => {
    const numbered = (at: number) => ({ ...scenario({}), id: `any-${at}` });
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 9 }), (length, count) => {
        const runs = plan(
          Array.from({ length }, (_, at) => numbered(at)),
          FAKE_SETTINGS,
        );
        const shards = Array.from({ length: count }, (_, at) =>
          shardOf(runs, parseShard(`${at + 1}/${count}`)),
        );
        const all = shards.flat();
        expect(new Set(all)).toEqual(new Set(runs));
        expect(all.length).toBe(runs.length);
        for (const shard of shards)
          expect(shard.map((run) => runs.indexOf(run))).toEqual(
            shard.map((run) => runs.indexOf(run)).toSorted((left, right) => left - right),
          );
      }),
    );
  });
});
