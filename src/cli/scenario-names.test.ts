import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { builtInScenarios } from '../scenarios/registry.js';
import { defineScenario, type Scenario, type ScenarioNeeds } from '../scenarios/scenario.js';
import { say } from './io.suite.js';
import { checkScenarioNames } from './scenario-names.js';

const folder = await mkdtemp(join(tmpdir(), 'keyrig-names-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const YAML = `id: mine
title: anything
platform: win11-23h2
browser: edge
devices:
  key: { kind: security-key, profile: yubikey-5 }
steps:
  - register: {}
`;

describe('a scenario in YAML', () => {
  it.each([
    ['win11-23h2', 'win11-23h3', '3:11: platform: there is no platform profile "win11-23h3"', 'win11-23h2'],
    ['edge', 'egde', '4:10: browser: there is no browser of win11-23h2 "egde"', 'edge'],
    [
      'yubikey-5',
      'yubikey-9',
      '6:39: devices.key.profile: no device profile is named "yubikey-9"',
      'yubikey-5',
    ],
  ])(
    'that names %s as %s ends the run before anything ran, with the place',
    async (from, to, fault, near) => {
      const file = join(folder, `${to}.yaml`);
      await writeFile(file, YAML.replace(from, to));
      const { code, stdout, stderr } = await say(['run', file, '--out', join(folder, 'reports')]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toBe(`keyrig: ${file}:${fault} (did you mean "${near}"?) [scenario-invalid]\n`);
    },
  );

  it('that names what there is can be listed', async () => {
    const file = join(folder, 'good.yaml');
    await writeFile(file, YAML);
    expect(await say(['run', file, '--list'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a scenario in code', () => {
  const scenario = (changes: Partial<Scenario>) =>
    defineScenario({ id: 'mine', title: 'anything', needs: {}, run: async () => {}, ...changes });
  const key = (profile: string): ScenarioNeeds => ({
    devices: [{ id: 'key', kind: 'security-key', profile }],
  });

  it.each<[string, Partial<Scenario>, string]>([
    ['needs.platforms[1]', { needs: { platforms: ['win11-23h2', 'win11-23h3'] } }, 'win11-23h2'],
    ['needs.prefersPlatform', { needs: { prefersPlatform: 'win11-23h3' } }, 'win11-23h2'],
    ['needs.devices[0].profile', { needs: key('yubikey-9') }, 'yubikey-5'],
    [
      'variants[0].needs.devices[0].profile',
      { variants: [{ name: 'a', needs: key('yubikey-9') }] },
      'yubikey-5',
    ],
    ['variants[0].browser', { variants: [{ name: 'a', browser: 'egde' }] }, 'edge'],
  ])('is told by its id and the member %s', async (member, changes, near) => {
    await expect(checkScenarioNames([scenario(changes)])).rejects.toMatchObject({
      code: 'scenario-invalid',
      where: 'scenario "mine"',
      message: expect.stringMatching(new RegExp(`^${member.replaceAll(/[[\]]/g, '\\$&')}: .*"`)),
      hint: `did you mean "${near}"?`,
    });
  });
});

it('every built-in scenario names what there is', async () => {
  await expect(checkScenarioNames(builtInScenarios)).resolves.toBeUndefined();
});
