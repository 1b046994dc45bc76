/** Runs scenarios or checks against a relying party with the default devices, as the command does. */
import { systemClock } from '../../src/ports.js';
import { availableDevice } from '../../src/rig/available-devices.js';
import { createRigFactory } from '../../src/rig/make-rig.js';
import { listProfiles } from '../../src/rig/profiles.js';
import { type PlannedRun, plan } from '../../src/scenarios/plan.js';
import type { RunReport } from '../../src/scenarios/results.js';
import { runPlan } from '../../src/scenarios/run.js';
import type { Scenario } from '../../src/scenarios/scenario.js';
import { openTarget } from '../../src/target/open-target.js';
import type { TraceSink } from '../../src/trace/events.js';
import { createTimeline } from '../../src/trace/timeline.js';

const DEVICES = ['yubikey-5', 'phone-device-bound', 'phone-synced'];

/** The plan and what came of it. */
export interface Outcome {
  readonly runs: readonly PlannedRun[];
  readonly report: RunReport;
}

/** @param source As `openTarget` takes it. */
export async function runAgainst(
  source: string,
  scenarios: readonly Scenario[],
  seed = 'test',
  platform?: string,
): Promise<Outcome> {
  const trace = createTimeline({ clock: systemClock });
  const open = (sink: TraceSink) => openTarget(source, { trace: sink, clock: systemClock });
  const target = await open(trace);
  const platforms = (await listProfiles('platform')).map(({ name }) => name);
  const devices = await Promise.all(DEVICES.map(availableDevice));
  const runs = plan(scenarios, { target, devices, platforms, platform, defaultPlatform: 'win11-23h2' });
  await target.close();
  const report = await runPlan(runs, {
    makeRig: createRigFactory({ openTarget: open, seeded: true }),
    clock: systemClock,
    trace,
    seed,
    tool: { version: '0', node: '0' },
    command: 'test',
  });
  return { runs, report };
}

/** `register: PASS`, or the verdict with its reason. */
export function verdicts({ report }: Outcome): readonly string[] {
  return report.results.map(
    ({ id, verdict, reason }) => `${id}: ${verdict}${reason === undefined ? '' : ` (${reason})`}`,
  );
}
