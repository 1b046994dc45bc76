/** The relying-party suite against the demo: all good on a good one, and each check proven on the switch that breaks its rule. */
import { afterEach, describe, expect, it } from 'vitest';
import { relyingPartySuite } from '../../src/conformance/relying-party/suite.js';
import { systemClock } from '../../src/ports.js';
import { plan } from '../../src/scenarios/plan.js';
import { runPlan } from '../../src/scenarios/run.js';
import { DEMO_BREAK_NAMES, type DemoBreak } from '../../src/target/demo/breaks.js';
import { startDemo } from '../../src/target/demo/demo.js';
import { openTarget } from '../../src/target/open-target.js';
import { createTimeline } from '../../src/trace/timeline.js';
import { bareRig } from './bare-rig.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Verdict by check id. */
async function verdictsOf(
  breaks: readonly DemoBreak[],
  ids?: readonly string[],
): Promise<Record<string, string>> {
  const demo = await startDemo({ breaks });
  closing.push(() => demo.close());
  const trace = createTimeline({ clock: systemClock });
  const source = `demo:${demo.origin}`;
  const target = await openTarget(source, { trace, clock: systemClock });
  const suite = relyingPartySuite.filter(({ id }) => ids?.includes(id) ?? true);
  const runs = plan(suite, { target, devices: [], platforms: ['none'], defaultPlatform: 'none' });
  const report = await runPlan(runs, {
    makeRig: async ({ trace: sink }) =>
      bareRig(await openTarget(source, { trace: sink, clock: systemClock }), sink),
    clock: systemClock,
    trace,
    seed: 'suite',
    tool: { version: '0', node: '0' },
    command: 'test',
  });
  return Object.fromEntries(
    report.results.map(({ id, verdict, reason }) => [
      id,
      verdict === 'PASS' ? verdict : `${verdict}: ${reason}`,
    ]),
  );
}

/** Which check notices which switch, and by which observation. */
const NOTICED: Readonly<Record<DemoBreak, readonly string[]>> = {
  'accept-any-challenge': ['AUTH-29'],
  'accept-replay': ['SES-01'],
  'accept-any-origin': ['AUTH-34'],
  'accept-any-rp-id-hash': ['AUTH-50'],
  'skip-signature': ['AUTH-20'],
  'skip-user-verification': ['AUTH-52'],
  'accept-other-users-credential': ['AUTH-90'],
  'trust-user-handle': ['AUTH-93'],
  'cross-ceremony-challenge': ['SES-08'],
  'overwrite-credential': ['REG-80'],
};

describe('the relying-party suite', () => {
  it('passes on the demo', async () => {
    const verdicts = await verdictsOf([]);
    expect(verdicts).toEqual(Object.fromEntries(relyingPartySuite.map(({ id }) => [id, 'PASS'])));
  });

  it('has a switch for every check, and a check for every switch', () => {
    expect(Object.keys(NOTICED).sort()).toEqual([...DEMO_BREAK_NAMES].sort());
    expect([...new Set(Object.values(NOTICED).flat())].sort()).toEqual(
      relyingPartySuite.map(({ id }) => id).sort(),
    );
  });

  it.each(DEMO_BREAK_NAMES)('notices %s, and only that', async (name) => {
    const verdicts = await verdictsOf([name]);
    const broken = Object.entries(verdicts).filter(([, verdict]) => /^(FAIL|CRASH|WARN)/.test(verdict));
    expect(broken.map(([id, verdict]) => `${id} ${verdict.split(':')[0]}`)).toEqual(
      NOTICED[name].map((id) => `${id} FAIL`),
    );
  });
});
