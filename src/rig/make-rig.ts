/**
 * Wires one target, one platform and its devices together.
 */
import { createTestRoot } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { type EnvironmentWishes, resolveEnvironment } from '../platform/environment.js';
import { ScriptedPeople } from '../platform/person.js';
import { NO_PROMPTS } from '../platform/summary.js';
import { type Clock, systemClock } from '../ports.js';
import type { MakeRig, RequestedDevice } from '../scenarios/engine-ports.js';
import type { Target } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';
import { compact } from '../webauthn/compact.js';
import { emulatedBrowser } from './emulated-browser.js';
import { createEmulatedDevice, type EmulatedDevice } from './emulated-device.js';
import { loadDeviceProfile, loadPlatformProfile } from './profiles.js';
import type { PromptSummary, Rig } from './rig.js';
import { deviceIn, worldOf } from './world.js';

/** What a rig is made from. */
export interface RigOptions {
  /** The rig closes it. */
  readonly target: Target;
  /** A platform profile's name or path. */
  readonly platform: string;
  /** A browser of the platform; by default its first. */
  readonly browser?: string;
  /** What differs from the platform profile's defaults, e.g. `{ bluetooth: 'absent' }`. */
  readonly environment?: EnvironmentWishes;
  readonly devices: readonly RequestedDevice[];
  /** The same seed makes the same keys and signatures; without one they are random. */
  readonly seed?: string;
  readonly clock?: Clock;
  readonly trace?: TraceSink;
}

const nowhere: TraceSink = { emit: () => {} };

/**
 * Makes a rig: its devices are fresh, plugged in and without a PIN.
 *
 * @throws KeyrigError `profile-not-found`, `profile-invalid`, `option-invalid`
 *
 * @example
 * ```ts
 * const target = await openTarget('demo', { trace, clock: systemClock });
 * const rig = await createRig({ target, platform: 'win11-23h2', devices: [{ id: 'key', profile: 'yubikey-5' }] });
 * const passkey = await rig.browser().create(optionsFromServer);
 * await rig.close();
 * ```
 */
export async function createRig(options: RigOptions): Promise<Rig> {
  const { target, clock = systemClock, trace = nowhere } = options;
  const profile = await loadPlatformProfile(options.platform);
  const environment = resolveEnvironment(profile, options.environment);
  const devices = await createDevices(options, clock, trace);
  const people = new ScriptedPeople();
  const world = worldOf(devices);
  // The client's keys are its own: a device more must not change them.
  const crypto = cryptoFor(options.seed, 'client');
  let summary: PromptSummary = NO_PROMPTS;
  const parts = {
    devices,
    profile,
    browser: options.browser,
    environment,
    people,
    world,
    crypto,
    clock,
    trace,
  };
  const onSummary = (latest: PromptSummary) => {
    summary = latest;
  };
  return {
    target,
    platform: `${profile.id}/${options.browser ?? profile.browsers[0]?.id ?? 'none'}`,
    devices,
    device: (id) => deviceIn(devices, id),
    person: people,
    browser: (origin = target.origin) => emulatedBrowser(origin, { ...parts, onSummary }),
    lastPrompts: () => summary,
    trace,
    close: async () => {
      await Promise.all(devices.map((device) => device.close()));
      await target.close();
    },
  };
}

async function createDevices(
  options: RigOptions,
  clock: Clock,
  trace: TraceSink,
): Promise<readonly EmulatedDevice[]> {
  // Loading certificate code is real work, which a virtual clock must not run away from.
  const release = clock.hold();
  try {
    return await makeDevices(options, clock, trace);
  } finally {
    release();
  }
}

async function makeDevices(
  options: RigOptions,
  clock: Clock,
  trace: TraceSink,
): Promise<readonly EmulatedDevice[]> {
  const root = await createTestRoot(cryptoFor(options.seed, 'root'), clock.now());
  return Promise.all(
    options.devices.map(async ({ id, profile }) => {
      const crypto = cryptoFor(options.seed, `device ${id}`);
      return createEmulatedDevice({
        id,
        profile: await loadDeviceProfile(profile),
        crypto,
        clock,
        trace,
        root,
      });
    }),
  );
}

/** A stream of its own for everybody who draws, so that nobody's bytes depend on how much others draw. */
function cryptoFor(seed: string | undefined, label: string): Crypto {
  return seed === undefined
    ? createNodeCrypto()
    : createNobleCrypto({ random: createSeededRandom(seed).fork(label) });
}

/** What every rig of a run has in common. */
export interface RigFactoryOptions {
  /** A relying party whose exchanges go to `trace`. */
  readonly openTarget: (trace: TraceSink) => Promise<Target>;
  /** Whether the user gave the seed: then keys and signatures follow from it. */
  readonly seeded: boolean;
}

/** The engine's door to rigs. */
export function createRigFactory({ openTarget, seeded }: RigFactoryOptions): MakeRig {
  return async ({ platform, browser, devices, trace, clock, seed }) => {
    const target = await openTarget(trace);
    try {
      return await createRig(
        compact({ target, platform, browser, devices, trace, clock, seed: seeded ? seed : undefined }),
      );
    } catch (error) {
      await target.close();
      throw error;
    }
  };
}
