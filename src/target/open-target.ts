/**
 * From what a user names to a {@link Target}: an adapter file, a preset with an address, or the embedded demo.
 */
import { basename, extname } from 'node:path';
import { KeyrigError } from '../errors.js';
import { type Clock, systemClock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import type { Adapter } from './adapter-schema.js';
import { createAdapterTarget, type TargetPlace } from './adapter-target.js';
import type { DemoOptions } from './demo/demo.js';
import type { Fetch } from './http-client.js';
import { loadAdapter, loadPreset } from './presets.js';
import type { Target } from './target.js';

/** How a target is opened. */
export interface OpenTargetOptions {
  readonly trace: TraceSink;
  /** The run's clock, held while a socket is waited for. */
  readonly clock: Clock;
  /** The clock of HTTP deadlines; by default the machine's, whatever the run's clock is. */
  readonly deadlines?: Clock;
  /** In place of the network, e.g. a server's handler in this process. */
  readonly fetch?: Fetch;
  /** The user says that this relying party is theirs to test. Needed for every address but this machine's. */
  readonly ownThisTarget?: boolean;
  /** For `demo`. */
  readonly demo?: DemoOptions;
}

/**
 * Opens a relying party.
 *
 * @param source The path of an adapter file, `preset:URL`, or `demo`, which starts the embedded demo and closes it with the target.
 * @throws KeyrigError `adapter-invalid` for a faulty file; `option-invalid` for an unknown source, or one that isn't local and not owned.
 *
 * @example
 * ```ts
 * const target = await openTarget('better-auth:http://localhost:3000', { trace, clock });
 * const alice = target.openSession('alice');
 * ```
 */
export async function openTarget(source: string, options: OpenTargetOptions): Promise<Target> {
  if (source === 'demo') return openDemo(options);
  const preset = /^(?<name>[a-z0-9][a-z0-9-]*):(?<address>https?:\/\/.+)$/.exec(source)?.groups;
  if (preset !== undefined) {
    const { name = '', address = '' } = preset;
    return build(name, await loadPreset(name), addressOf(address, source), options);
  }
  if (/^https?:/.test(source)) {
    throw new KeyrigError('option-invalid', `${source} is an address without an adapter`, {
      hint: `put a preset in front (better-auth:${source}), or write an adapter file`,
    });
  }
  const adapter = await loadAdapter(source);
  return build(basename(source, extname(source)), adapter, adapter.target.baseUrl, options);
}

/** The demo is driven like any other relying party: through its adapter, over its socket. */
async function openDemo(options: OpenTargetOptions): Promise<Target> {
  // Loaded only here: the server and its verification library take most of a second.
  const { startDemo } = await import('./demo/demo.js');
  const demo = await startDemo(options.demo);
  try {
    return build('demo', await loadPreset('demo'), demo.origin, options, () => demo.close());
  } catch (error) {
    await demo.close();
    throw error;
  }
}

function build(
  id: string,
  adapter: Adapter,
  baseUrl: string | undefined,
  options: OpenTargetOptions,
  close: () => Promise<void> = async () => {},
): Target {
  const place = placeOf(adapter, baseUrl);
  requireOwned(place.baseUrl, options.ownThisTarget ?? false);
  return createAdapterTarget({
    id,
    adapter,
    place,
    trace: options.trace,
    clock: options.clock,
    deadlines: options.deadlines ?? systemClock,
    fetch: options.fetch ?? ((request) => fetch(request)),
    close,
  });
}

function placeOf({ name, target }: Adapter, baseUrl: string | undefined): TargetPlace {
  if (baseUrl === undefined) {
    throw new KeyrigError('adapter-invalid', `the adapter "${name}" doesn't say where the relying party is`, {
      where: 'target.baseUrl',
      hint: 'add target.baseUrl, or open it as a preset with an address',
    });
  }
  const origin = target.origin ?? baseUrl;
  return { baseUrl, origin, rpId: target.rpId ?? new URL(origin).hostname };
}

function addressOf(address: string, source: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.href === `${url.origin}/` || url.href === url.origin)) return url.origin;
  throw new KeyrigError('option-invalid', `${source} must end with an origin, such as http://localhost:3000`);
}

/** A run sends hundreds of forged responses: nobody's server but one's own. */
function requireOwned(baseUrl: string, owned: boolean): void {
  if (owned || isLocal(new URL(baseUrl).hostname)) return;
  throw new KeyrigError('option-invalid', `${baseUrl} is not on this machine`, {
    hint: 'if this relying party is yours to test, say so with --i-own-this-target',
    facts: { baseUrl },
  });
}

/** Loopback addresses, and the names that RFC 6761 §6.3 ties to them. Other names may resolve anywhere. */
function isLocal(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(host)
  );
}
