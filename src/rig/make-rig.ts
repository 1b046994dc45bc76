/**
 * Wires one target, one platform and its devices together.
 */
import { createTestRoot } from '../attestation/attestation.js';
import type { CertifiedKey } from '../attestation/certificates.js';
import { loadOrCreateTestRoot } from '../attestation/test-root-file.js';
import type { Crypto } from '../crypto/crypto.js';
import { createNobleCrypto } from '../crypto/noble.js';
import { createNodeCrypto } from '../crypto/node.js';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { KeyrigError } from '../errors.js';
import { browserOf, type EnvironmentWishes, resolveEnvironment } from '../platform/environment.js';
import { ScriptedPeople } from '../platform/person.js';
import type { Environment } from '../platform/ports.js';
import type { PlatformProfile } from '../platform/profile.js';
import { NO_PROMPTS } from '../platform/summary.js';
import { type Clock, systemClock } from '../ports.js';
import type { MakeRig, RequestedDevice } from '../scenarios/engine-ports.js';
import { type OpenTargetOptions, openTarget } from '../target/open-target.js';
import type { Target } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';
import { compact } from '../webauthn/compact.js';
import { emulatedBrowser } from './emulated-browser.js';
import { createEmulatedDevice, type EmulatedDevice } from './emulated-device.js';
import { loadDeviceProfile, loadPlatformProfile } from './profiles.js';
import type { PromptSummary, Rig } from './rig.js';
import { Turns } from './turns.js';
import { deviceIn, worldOf } from './world.js';

/** A device of a rig. */
export interface RigDevice extends RequestedDevice {
  /** Set over CTAP when the rig is made, and known to the device's user; without one it has no PIN. */
  readonly pin?: string;
}

/**
 * What a rig is made from.
 *
 * The members of {@link OpenTargetOptions} (`fetch`, `demo`, `ownThisTarget`, `deadlines`) are for a target that the rig opens itself.
 */
export interface RigOptions extends Partial<OpenTargetOptions> {
  /**
   * The relying party: as `openTarget` takes it (an adapter file, `preset:URL`, `demo`), or one that is open already. The rig closes it, but
   * for one that was open already when no rig comes about.
   */
  readonly target: Target | string;
  /** A platform profile's name or path; by default {@link DEFAULT_PLATFORM}. */
  readonly platform?: string;
  /** A browser of the platform; by default its first. */
  readonly browser?: string;
  /** What differs from the platform profile's defaults, e.g. `{ bluetooth: 'absent' }`. */
  readonly environment?: EnvironmentWishes;
  /** By default one security key, `key`, without a PIN. */
  readonly devices?: readonly RigDevice[];
  /**
   * A directory in which devices keep what they know, for later rigs: credentials, PINs, counters. Each has its own by id and profile, and all
   * have one attestation root. Without one all are fresh, and forget everything with this process.
   */
  readonly state?: string;
  /** The same seed makes the same keys and signatures; without one they are random. */
  readonly seed?: string;
  /** By default the machine's. */
  readonly clock?: Clock;
  /** Gets everything that happens; by default nobody does. */
  readonly trace?: TraceSink;
}

/** The platform for those who don't care. */
export const DEFAULT_PLATFORM = 'win11-23h2';

const DEFAULT_DEVICES: readonly RigDevice[] = [{ id: 'key', profile: 'yubikey-5' }];

const nowhere: TraceSink = { emit: () => {} };

/**
 * Makes a rig: its devices are plugged in, and fresh unless there is `state` of them, without a PIN unless they are given one.
 *
 * @throws KeyrigError `profile-not-found`, `profile-invalid`, `option-invalid`; `ctap-status` for a PIN that a device does not take;
 * `store-invalid` and `store-unavailable` for its state; and whatever `openTarget` throws
 *
 * @example
 * ```ts
 * const rig = await createRig({ target: 'demo', devices: [{ id: 'key', profile: 'yubikey-5', pin: '246810' }] });
 * const passkey = await rig.browser().create(optionsFromServer);
 * await rig.close();
 * ```
 */
export async function createRig(options: RigOptions): Promise<Rig> {
  const { clock = systemClock } = options;
  // Reading profiles and loading certificate code is real work, which a virtual clock must not run away from.
  const release = clock.hold();
  try {
    return await makeRig(options, clock);
  } finally {
    release();
  }
}

async function makeRig(options: RigOptions, clock: Clock): Promise<Rig> {
  const { trace = nowhere } = options;
  const profile = await loadPlatformProfile(options.platform ?? DEFAULT_PLATFORM);
  const browser = browserOf(profile, options.browser).id;
  const environment = resolveEnvironment(profile, options.environment);
  const devices = await makeDevices(options, clock, trace);
  try {
    const target = await targetOf(options, clock, trace);
    return assemble({ options, target, devices, profile, browser, environment, clock, trace });
  } catch (error) {
    await closeAll(devices);
    throw error;
  }
}

async function targetOf(options: RigOptions, clock: Clock, trace: TraceSink): Promise<Target> {
  const { target } = options;
  return typeof target === 'string' ? openTarget(target, { ...options, clock, trace }) : target;
}

/** Everything that a rig is wired from. */
interface RigParts {
  readonly options: RigOptions;
  readonly target: Target;
  readonly devices: readonly EmulatedDevice[];
  readonly profile: PlatformProfile;
  readonly browser: string;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly trace: TraceSink;
}

function assemble(parts: RigParts): Rig {
  const { options, target, devices, profile, browser, clock, trace } = parts;
  const people = new ScriptedPeople();
  const world = worldOf(devices, clock);
  // The client's keys are its own: a device more must not change them.
  const crypto = cryptoFor(options.seed, 'client');
  let summary: PromptSummary = NO_PROMPTS;
  const onSummary = (latest: PromptSummary) => {
    summary = latest;
  };
  const closing = new AbortController();
  const around = { ...parts, people, world, crypto, closed: closing.signal, turns: new Turns(), onSummary };
  return {
    target,
    platform: `${profile.id}/${browser}`,
    devices,
    device: (id) => deviceIn(devices, id),
    person: people,
    browser: (origin = target.origin) => emulatedBrowser(origin, around),
    lastPrompts: () => summary,
    trace,
    close: async () => {
      if (closing.signal.aborted) return;
      closing.abort(new KeyrigError('transport-closed', 'the rig is closed'));
      try {
        await closeAll(devices);
      } finally {
        await target.close();
      }
    },
  };
}

async function closeAll(devices: readonly EmulatedDevice[]): Promise<void> {
  await Promise.all(devices.map((device) => device.close()));
}

/** One after the other, so that a seeded trace is always the same. */
async function makeDevices(
  options: RigOptions,
  clock: Clock,
  trace: TraceSink,
): Promise<readonly EmulatedDevice[]> {
  const { seed, devices: requested = DEFAULT_DEVICES } = options;
  refuseTwins(requested.map(({ id }) => id));
  const wanted = await Promise.all(
    requested.map(async (device) => ({ ...device, profile: await loadDeviceProfile(device.profile) })),
  );
  const root = await rootOf(options, clock);
  const devices: EmulatedDevice[] = [];
  try {
    for (const { id, profile, pin } of wanted) {
      const crypto = cryptoFor(seed, `device ${id}`);
      const parts = { id, profile, crypto, clock, trace, root, state: options.state };
      const device = await createEmulatedDevice(compact(parts));
      devices.push(device);
      if (pin !== undefined) await device.initialisePin(pin);
      device.setKnownPin(pin);
    }
    return devices;
  } catch (error) {
    await closeAll(devices);
    throw error;
  }
}

/** The state directory's, so that a relying party that trusts it trusts it in the next run as well; otherwise one for this rig. */
function rootOf({ seed, state }: RigOptions, clock: Clock): Promise<CertifiedKey> {
  const options = { crypto: cryptoFor(seed, 'root'), now: clock.now() };
  return state === undefined
    ? createTestRoot(options.crypto, options.now)
    : loadOrCreateTestRoot(state, options);
}

function refuseTwins(ids: readonly string[]): void {
  const twin = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twin === undefined) return;
  throw new KeyrigError('option-invalid', `two devices of this rig are called "${twin}"`, {
    hint: 'give one of them another id',
  });
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
  /** Whether keys and signatures follow from the run's seed; by default they do. */
  readonly seeded?: boolean;
  /** As {@link RigOptions} has it. */
  readonly state?: string | undefined;
}

/** The engine's door to rigs. */
export function createRigFactory({ openTarget: open, seeded = true, state }: RigFactoryOptions): MakeRig {
  return async ({ platform, browser, devices, trace, clock, seed }) => {
    const release = clock.hold();
    const target = await open(trace).finally(release);
    try {
      return await createRig(
        compact({ target, platform, browser, devices, trace, clock, state, seed: seeded ? seed : undefined }),
      );
    } catch (error) {
      await target.close();
      throw error;
    }
  };
}
