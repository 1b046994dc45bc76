/** The example of docs/adapters.md drives the shop that it describes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relyingPartySuite } from '../../src/conformance/relying-party/suite.js';
import { systemClock } from '../../src/ports.js';
import { plan } from '../../src/scenarios/plan.js';
import { runPlan } from '../../src/scenarios/run.js';
import { openTarget } from '../../src/target/open-target.js';
import type { Target, TargetUser } from '../../src/target/target.js';
import type { TraceSink } from '../../src/trace/events.js';
import { createTimeline } from '../../src/trace/timeline.js';
import { bareRig } from '../integration/bare-rig.js';
import { openBookshop } from './bookshop.js';
import { exampleNamed } from './examples.js';

const nowhere: TraceSink = { emit: () => {} };
const folder = await mkdtemp(join(tmpdir(), 'keyrig-docs-'));
const file = join(folder, 'bookshop.yaml');
const fetch = await openBookshop();

function open(trace: TraceSink = nowhere): Promise<Target> {
  return openTarget(file, { trace, clock: systemClock, fetch });
}

beforeAll(() => writeFile(file, exampleNamed('bookshop.yaml').text));
afterAll(() => rm(folder, { recursive: true }));

describe('the Bookshop and its adapter', () => {
  it('understand each other in every check of the suite', async () => {
    const target = await open();
    const runs = plan(relyingPartySuite, {
      target,
      devices: [],
      platforms: ['none'],
      defaultPlatform: 'none',
    });
    const { results } = await runPlan(runs, {
      makeRig: async ({ trace }) => bareRig(await open(trace), trace),
      clock: systemClock,
      trace: createTimeline({ clock: systemClock }),
      seed: 'bookshop',
      tool: { version: '0', node: '0' },
      command: 'keyrig test rp bookshop.yaml',
    });
    const seen = results.map(({ id, verdict, reason = '' }) => `${id} ${verdict} ${reason}`.trim());
    expect(seen).toEqual(relyingPartySuite.map(({ id }) => `${id} PASS`));
  });

  it('refuse a wrong password', async () => {
    const user: TargetUser = {
      name: 'eve',
      displayName: 'Eve',
      email: 'eve@shop.test',
      password: 'right-one',
    };
    const target = await open();
    await target.createUser(user);
    // The same account again is no mistake.
    await target.createUser(user);
    const wrong = await target.openSession('eve').signInWithPassword({ ...user, password: 'wrong-one' });
    expect(wrong.verdict).toBe('refused');
  });
});
