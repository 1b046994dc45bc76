/**
 * The relying party of a run: opened once to see what it can do, then once for each result, so that every exchange lands in its trace.
 */
import { createSeededRandom } from '../crypto/seeded-random.js';
import { KeyrigError } from '../errors.js';
import { type Random, systemClock } from '../ports.js';
import type { Demo } from '../target/demo/demo.js';
import { openTarget } from '../target/open-target.js';
import type { Target } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';

/** A relying party that can be opened again and again. */
export interface Targets {
  /** As the user named it. */
  readonly source: string;
  readonly description: Pick<Target, 'id' | 'capabilities'>;
  /** What the user should know of it before the run. */
  readonly notice?: string;
  /** A result begins: from here on what the demo draws follows from this seed. Other relying parties draw what they like. */
  reseed(seed: string): void;
  open(trace: TraceSink): Promise<Target>;
  close(): Promise<void>;
}

/** How the relying party of a run is found. */
export interface TargetsOptions {
  readonly ownThisTarget: boolean;
  readonly seed: string;
}

/**
 * Where the demo is unless the port is taken. The port is part of its origin, which every passkey signs: runs repeat each other's bytes only
 * on one port. Below the ports that systems hand out by themselves, and nobody's by the registry.
 */
export const DEMO_PORT = 24_857;

const nowhere: TraceSink = { emit: () => {} };

/**
 * Finds the relying party; the demo is started here and runs until `close`.
 *
 * @throws KeyrigError as `openTarget` does
 */
export async function openTargets(source: string, options: TargetsOptions): Promise<Targets> {
  const random = new ReseededRandom(options.seed);
  const demo = source === 'demo' ? await startSeededDemo(random) : undefined;
  const address = demo === undefined ? source : `demo:${demo.origin}`;
  const open = (trace: TraceSink) =>
    openTarget(address, { trace, clock: systemClock, ownThisTarget: options.ownThisTarget });
  try {
    const probe = await open(nowhere);
    const { id, capabilities } = probe;
    await probe.close();
    return {
      source,
      description: { id, capabilities },
      ...noticeOf(demo),
      reseed: (seed) => random.reseed(seed),
      open,
      close: async () => demo?.close(),
    };
  } catch (error) {
    await demo?.close();
    throw error;
  }
}

async function startSeededDemo(random: Random): Promise<Demo> {
  // Loaded only here: the server and its verification library take most of a second.
  const { startDemo } = await import('../target/demo/demo.js');
  try {
    return await startDemo({ random, port: DEMO_PORT });
  } catch (error) {
    // The port is a wish: some systems reserve ranges of them. Whatever else is wrong goes wrong again.
    if (error instanceof KeyrigError && error.code === 'option-invalid') return startDemo({ random });
    throw error;
  }
}

function noticeOf(demo: Demo | undefined): { readonly notice?: string } {
  if (demo === undefined || demo.port === DEMO_PORT) return {};
  return {
    notice: `Port ${DEMO_PORT} is taken, so the demo is at ${demo.origin}: what is signed there differs from runs on other ports.`,
  };
}

/** The demo's randomness. It outlives a result, and what a result draws must not depend on what ran before it. */
class ReseededRandom implements Random {
  #random: Random;

  constructor(seed: string) {
    this.#random = createSeededRandom(seed).fork('demo');
  }

  reseed(seed: string): void {
    this.#random = createSeededRandom(seed).fork('demo');
  }

  bytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }
}
