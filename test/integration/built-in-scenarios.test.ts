/** Every built-in scenario, end to end: emulated devices, platform, client, and the demo relying party on its socket. */
import { expect, it } from 'vitest';
import { systemClock } from '../../src/ports.js';
import { availableDevice } from '../../src/rig/available-devices.js';
import { createRigFactory } from '../../src/rig/make-rig.js';
import { listProfiles } from '../../src/rig/profiles.js';
import { plan } from '../../src/scenarios/plan.js';
import { builtInScenarios } from '../../src/scenarios/registry.js';
import { runPlan } from '../../src/scenarios/run.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { openTarget } from '../../src/target/open-target.js';
import { createTimeline } from '../../src/trace/timeline.js';

const DEVICES = ['yubikey-5', 'phone-device-bound', 'phone-synced'];

it('every built-in scenario passes on the demo relying party', async () => {
  const demo = await startDemo();
  try {
    const trace = createTimeline({ clock: systemClock });
    const open = (sink: Parameters<typeof openTarget>[1]['trace']) =>
      openTarget(`demo:${demo.origin}`, { trace: sink, clock: systemClock });
    const devices = await Promise.all(DEVICES.map(availableDevice));
    const platforms = (await listProfiles('platform')).map(({ name }) => name);
    const runs = plan(builtInScenarios, {
      target: await open(trace),
      devices,
      platforms,
      defaultPlatform: 'win11-23h2',
    });
    const report = await runPlan(runs, {
      makeRig: createRigFactory({ openTarget: open, seeded: true }),
      clock: systemClock,
      trace,
      seed: 'built-in',
      tool: { version: '0', node: '0' },
      command: 'test',
    });
    expect(
      report.results.map(
        ({ id, verdict, reason }) => `${id}: ${verdict}${reason === undefined ? '' : ` (${reason})`}`,
      ),
    ).toEqual(runs.map(({ id }) => `${id}: PASS`));
  } finally {
    await demo.close();
  }
});
