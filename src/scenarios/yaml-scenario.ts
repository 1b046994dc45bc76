/**
 * A scenario file as a scenario: what it needs follows from its steps.
 */
import type { TargetCapability } from '../target/target.js';
import type { ScenarioContext } from './context.js';
import type { DeviceTrait } from './engine-ports.js';
import { setUpPin } from './flows.js';
import { type DeviceNeed, defineScenario, type Scenario, type ScenarioNeeds } from './scenario.js';
import type { YamlScenario, YamlStep } from './yaml-schema.js';
import { toTouch, YamlPlay } from './yaml-steps.js';

/** Makes a scenario of a checked file. */
export function scenarioFromYaml(file: YamlScenario): Scenario {
  const { id, title, clause, deadline, browser } = file;
  return defineScenario({
    id,
    title,
    ...(clause === undefined ? {} : { clause }),
    ...(deadline === undefined ? {} : { deadlineMs: deadline * 1000 }),
    ...(browser === undefined ? {} : { variants: [{ name: browser, browser }] }),
    needs: needsOf(file),
    async run(context) {
      await setUpDevices(file, context);
      const play = new YamlPlay(context, file);
      for (const [at, step] of file.steps.entries()) await play.perform(step, file.steps[at + 1]);
    },
  });
}

async function setUpDevices(file: YamlScenario, context: ScenarioContext): Promise<void> {
  for (const [id, { pin, plugged, touch }] of Object.entries(file.devices)) {
    const control = context.rig.device(id);
    if (pin !== undefined) await setUpPin(context, id, pin);
    if (touch !== undefined) control.setTouch(toTouch(touch));
    if (plugged === false) control.unplug();
  }
}

function needsOf(file: YamlScenario): ScenarioNeeds {
  return {
    capabilities: [...new Set(file.steps.flatMap(capabilitiesOf))],
    devices: Object.entries(file.devices).map(([id, device]) => needOf(id, device)),
    ...(file.platform === undefined ? {} : { platforms: [file.platform] }),
  };
}

function needOf(id: string, { kind, profile, passkeys, pin }: YamlScenario['devices'][string]): DeviceNeed {
  const traits: DeviceTrait[] = [];
  if (passkeys !== undefined) traits.push(passkeys);
  if (pin !== undefined) traits.push('pin');
  return {
    id,
    kind,
    ...(profile === undefined ? {} : { profile }),
    ...(traits.length === 0 ? {} : { traits }),
  };
}

function capabilitiesOf(step: YamlStep): readonly TargetCapability[] {
  const needed: TargetCapability[] = [];
  if (step.register !== undefined) needed.push('register');
  if (step.signIn !== undefined) needed.push(`signIn.${step.signIn.flow ?? 'username'}`);
  if (step.signInWithPassword !== undefined) needed.push('signIn.password');
  if (step.expect?.signedInAs !== undefined) needed.push('whoami');
  return needed;
}
