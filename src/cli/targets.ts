/**
 * The relying party of a run: opened once to see what it can do, then once for each result, so that every exchange lands in its trace.
 */
import { systemClock } from '../ports.js';
import { openTarget } from '../target/open-target.js';
import type { Target } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';

/** A relying party that can be opened again and again. */
export interface Targets {
  /** As the user named it. */
  readonly source: string;
  readonly description: Pick<Target, 'id' | 'capabilities'>;
  open(trace: TraceSink): Promise<Target>;
  close(): Promise<void>;
}

const nowhere: TraceSink = { emit: () => {} };

/**
 * Finds the relying party; the demo is started here and runs until `close`.
 *
 * @throws KeyrigError as `openTarget` does
 */
export async function openTargets(
  source: string,
  options: { readonly ownThisTarget: boolean },
): Promise<Targets> {
  // Loaded only here: the server and its verification library take most of a second.
  const demo = source === 'demo' ? await (await import('../target/demo/demo.js')).startDemo() : undefined;
  const address = demo === undefined ? source : `demo:${demo.origin}`;
  const open = (trace: TraceSink) =>
    openTarget(address, { trace, clock: systemClock, ownThisTarget: options.ownThisTarget });
  try {
    const probe = await open(nowhere);
    const { id, capabilities } = probe;
    await probe.close();
    return { source, description: { id, capabilities }, open, close: async () => demo?.close() };
  } catch (error) {
    await demo?.close();
    throw error;
  }
}
