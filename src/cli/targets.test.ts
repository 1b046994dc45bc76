import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_PORT, openTargets, type Targets } from './targets.js';

const open: Targets[] = [];
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((targets) => targets.close()));
  for (const server of servers.splice(0)) server.close();
});

async function demo(seed = 'seed'): Promise<Targets> {
  const targets = await openTargets('demo', { ownThisTarget: false, seed });
  open.push(targets);
  return targets;
}

/** Keeps the demo's port from it, unless somebody else does already. */
async function takePort(): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen({ port: DEMO_PORT, host: '127.0.0.1', exclusive: true }, resolve);
  });
}

/** A result of a run with this seed: what the demo draws in it. */
async function challenges(targets: Targets, seed: string, count = 1): Promise<readonly string[]> {
  targets.reseed(seed);
  const target = await targets.open({ emit: () => {} });
  const drawn: string[] = [];
  for (let at = 0; at < count; at++) {
    const options = await target.openSession('a').signInOptions('usernameless');
    drawn.push(options.challenge);
  }
  return drawn;
}

describe('the demo of a run', () => {
  it('draws what follows from the seed of the result, whatever ran before', async () => {
    const first = await demo();
    const alone = await challenges(first, 'seed/register');
    await first.close();
    const second = await demo();
    const before = await challenges(second, 'seed/sign-in', 3);
    expect(new Set([...before, ...alone]).size).toBe(4);
    expect(await challenges(second, 'seed/register')).toEqual(alone);
  });

  it('is on the next free port, and says so, where its own is taken', async () => {
    await takePort();
    const targets = await demo();
    const { origin } = await targets.open({ emit: () => {} });
    expect(origin).not.toBe(`http://localhost:${DEMO_PORT}`);
    expect(targets.notice).toContain(`Port ${DEMO_PORT} is taken, so the demo is at ${origin}`);
  });
});
