/**
 * One emulated device: an authenticator made from a profile, the port that it is plugged into, and the hand at it.
 */
import type { CertifiedKey } from '../attestation/certificates.js';
import { type Authenticator, createAuthenticator } from '../authenticator/authenticator.js';
import type { CredentialStore } from '../authenticator/ports.js';
import { openDurableStore } from '../authenticator/store/lmdb.js';
import { createMemoryStore } from '../authenticator/store/memory.js';
import { USUAL_FINGER } from '../authenticator/user.js';
import type { ClientDevice } from '../client/ports.js';
import type { Crypto } from '../crypto/crypto.js';
import type { DeviceFaultInput, DeviceFaultName } from '../ctap/device-faults.js';
import { toHex, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { KeyFacts } from '../platform/ports.js';
import type { Clock } from '../ports.js';
import type { TraceSink } from '../trace/events.js';
import { createInProcessPort, type InProcessPort } from '../transport/in-process.js';
import type { KeepAliveStatus } from '../transport/transport.js';
import { makeAttester } from './device-attestation.js';
import { authenticatorConfig } from './device-config.js';
import { aaguidBytes, type DeviceProfile } from './device-profile.js';
import { enrolFinger, setUpFingers } from './fingers.js';
import { setFirstPin } from './first-pin.js';
import { Hand } from './hand.js';
import { withLatency } from './latency.js';
import type { DeviceControl, TouchBehaviour, VerificationBehaviour } from './rig.js';
import { storeOf } from './state-directory.js';

/** What a device is made from. */
export interface EmulatedDeviceOptions {
  /** What its rig calls it. */
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly trace: TraceSink;
  /** Signs the certificate of basic attestation. */
  readonly root: CertifiedKey;
  /** The state directory in which it keeps what it knows; without one it forgets it with this process. */
  readonly state?: string;
}

/**
 * Makes a device: plugged in, and fresh, without a PIN, unless its state directory knows it.
 *
 * @throws KeyrigError `option-invalid` for a profile, not checked by its schema, that asks for what is not implemented; `store-invalid` and
 * `store-unavailable` for what is wrong with its state
 */
export async function createEmulatedDevice(options: EmulatedDeviceOptions): Promise<EmulatedDevice> {
  const store = await openStore(options);
  try {
    return await deviceOn(store, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore({ state, id, profile }: EmulatedDeviceOptions): Promise<CredentialStore> {
  return state === undefined ? createMemoryStore() : openDurableStore(storeOf(state, id, profile.id).folder);
}

async function deviceOn(store: CredentialStore, options: EmulatedDeviceOptions): Promise<EmulatedDevice> {
  const { profile, crypto, clock, trace, id } = options;
  const hand = new Hand(clock, initialVerification(profile));
  const attester = await attesterOf(options);
  const config = authenticatorConfig(profile);
  let device: EmulatedDevice | undefined;
  const authenticator = createAuthenticator({
    onPowerCut: () => device?.lostPower(),
    config,
    store,
    user: hand.user,
    crypto,
    clock,
    attester,
    trace,
    device: id,
  });
  await enrolFirstFinger(store, options);
  const pinSet = (await pinHash(store)) !== undefined;
  device = new EmulatedDevice(options, { authenticator, store, hand, pinSet });
  return device;
}

/** A new key whose profile says that its verification is set up comes with a finger. */
async function enrolFirstFinger(
  store: CredentialStore,
  { profile, crypto }: EmulatedDeviceOptions,
): Promise<void> {
  if (!hasSensor(profile) || initialVerification(profile) === 'not-configured') return;
  const isNew = (await store.read((reader) => reader.state())) === undefined;
  if (isNew) await setUpFingers(store, crypto, USUAL_FINGER);
}

function hasSensor({ authenticator }: DeviceProfile): boolean {
  return authenticator.userVerification?.sensor !== undefined;
}

/** What the key keeps of its PIN; `undefined` without one. */
function pinHash(store: CredentialStore): Promise<Uint8Array | undefined> {
  return store.read((reader) => reader.pin()?.hash);
}

function initialVerification({ authenticator }: DeviceProfile): VerificationBehaviour {
  return authenticator.userVerification?.configured ? 'succeed' : 'not-configured';
}

function attesterOf(options: EmulatedDeviceOptions) {
  const { profile, crypto, clock, root } = options;
  const { authenticator } = profile;
  return makeAttester(authenticator, {
    crypto,
    root,
    aaguid: aaguidBytes(profile),
    transports: authenticator.transports,
    serialNumber: serialNumberOf(options),
    now: clock.now(),
  });
}

/** Bytes that tell devices apart. */
const SERIAL_NUMBER_LENGTH = 8;

/** The same in all runs with one root, and another for everything else that has a name or a root of its own. */
function serialNumberOf({ id, profile, crypto, root }: EmulatedDeviceOptions): string {
  const digest = crypto.sha256(root.certificate, utf8(`${id}\n${profile.id}`));
  return toHex(digest.subarray(0, SERIAL_NUMBER_LENGTH));
}

interface Parts {
  readonly authenticator: Authenticator;
  readonly store: CredentialStore;
  readonly hand: Hand;
  readonly pinSet: boolean;
}

/** A device with the controls that scenarios, and the person at the screens, have over it. */
export class EmulatedDevice implements DeviceControl {
  readonly id: string;
  readonly profile: string;
  readonly kind: DeviceControl['kind'];
  readonly client: ClientDevice;
  readonly #options: EmulatedDeviceOptions;
  readonly #parts: Parts;
  readonly #port: InProcessPort;
  readonly #watchers = new Set<(plugged: boolean) => void>();
  #knownPin: string | undefined;
  #pinSet: boolean;
  /** What has to be done before the next message. */
  #ready: Promise<void> | undefined;

  constructor(options: EmulatedDeviceOptions, parts: Parts) {
    this.id = options.id;
    this.profile = options.profile.id;
    this.kind = options.profile.kind;
    this.#options = options;
    this.#parts = parts;
    this.#pinSet = parts.pinSet;
    const handle = withLatency(parts.authenticator.handle, options.profile.latency, options.clock);
    this.#port = createInProcessPort({
      device: options.id,
      name: options.profile.transport,
      handle: async (message, exchange) => {
        // As over any wire: what the device says arrives after the device has gone on, so that it waits when it says that it waits.
        const keepAlive = (status: KeepAliveStatus) => queueMicrotask(() => exchange.keepAlive(status));
        if (this.#ready !== undefined) await this.#ready;
        const answer = await handle(message, { ...exchange, keepAlive });
        // A PIN can come and go with any ClientPIN or Reset; who looks at the screens wants to know at once.
        this.#pinSet = (await pinHash(parts.store)) !== undefined;
        return answer;
      },
      ...(parts.authenticator.handleU2f && { handleU2f: parts.authenticator.handleU2f }),
    });
    this.client = clientDevice(options, this.#port);
  }

  get plugged(): boolean {
    return this.#port.plugged;
  }

  setTouch(behaviour: TouchBehaviour): void {
    this.#parts.hand.behaviour = behaviour;
  }

  setVerification(behaviour: VerificationBehaviour): void {
    const { store, hand } = this.#parts;
    hand.user.setVerification(behaviour);
    if (!hasSensor(this.#options.profile)) return;
    // A key with a sensor knows by itself whether it is set up; whoever talks to it next finds it so.
    const finger = behaviour === 'not-configured' ? undefined : hand.finger;
    const ready = setUpFingers(store, this.#options.crypto, finger);
    ready.catch(() => {});
    this.#ready = ready;
  }

  plug(): void {
    if (this.plugged) return;
    this.#parts.authenticator.powerCycle();
    this.#port.plug();
    this.#note('plug');
    for (const watch of this.#watchers) watch(true);
  }

  unplug(): void {
    if (!this.plugged) return;
    this.#port.unplug();
    this.#note('unplug');
    for (const watch of this.#watchers) watch(false);
  }

  powerCycle(): void {
    this.unplug();
    this.plug();
  }

  setFault(fault: DeviceFaultInput): void {
    this.#parts.authenticator.faults.set(fault);
  }

  clearFaults(name?: DeviceFaultName): void {
    this.#parts.authenticator.faults.clear(name);
  }

  /** It has just started anew by itself: whoever talks to it sees it go and come. */
  lostPower(): void {
    if (!this.plugged) return;
    this.#port.unplug();
    this.#port.plug();
    for (const plugged of [false, true]) for (const watch of this.#watchers) watch(plugged);
  }

  setKnownPin(pin: string | undefined): void {
    this.#knownPin = pin;
  }

  async initialisePin(pin: string): Promise<void> {
    const { clock, crypto, trace } = this.#options;
    if (await this.#keeps(pin)) return;
    await setFirstPin(this.client, pin, { clock, crypto, trace });
  }

  useFinger(finger: string): void {
    this.#parts.hand.finger = finger;
  }

  async enrolFinger(finger: string, pin: string): Promise<void> {
    const { clock, crypto, trace } = this.#options;
    await this.#parts.hand.present(finger, () => enrolFinger(this.client, pin, { clock, crypto, trace }));
  }

  /** Whether it has this PIN from an earlier run. @throws KeyrigError `option-invalid` when it has another one */
  async #keeps(pin: string): Promise<boolean> {
    const { state, crypto, id } = this.#options;
    const hash = state === undefined ? undefined : await pinHash(this.#parts.store);
    if (hash === undefined) return false;
    if (crypto.equal(hash, crypto.sha256(utf8(pin)).subarray(0, hash.length))) return true;
    throw new KeyrigError('option-invalid', `${id} has another PIN, from an earlier run`, {
      hint: `use another state directory, or delete what ${state} has of ${id}`,
    });
  }

  /** The PIN that its owner would type. */
  get knownPin(): string | undefined {
    return this.#knownPin;
  }

  /** What a platform sees of it before talking to it. */
  get facts(): KeyFacts {
    return { plugged: this.plugged, pinSet: this.#pinSet };
  }

  /** Its owner reaches for it: touch, finger or screen lock, as told. */
  reach(): void {
    this.#parts.hand.reach();
  }

  /** Tells when it is plugged in and pulled out; the result stops that. */
  watch(onChange: (plugged: boolean) => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  /** Pulls it out for good; what runs on it ends. */
  async close(): Promise<void> {
    this.#port.unplug();
    await this.#parts.authenticator.close();
    await this.#parts.store.close();
  }

  #note(kind: 'plug' | 'unplug'): void {
    this.#options.trace.emit({ layer: 'user', kind, device: this.id });
  }
}

function clientDevice({ id, profile }: EmulatedDeviceOptions, port: InProcessPort): ClientDevice {
  return {
    id,
    label: profile.label,
    kind: profile.kind,
    transport: profile.transport,
    attachment: profile.kind === 'platform' ? 'platform' : 'cross-platform',
    get reachable() {
      return port.plugged;
    },
    get insertions() {
      return port.insertions;
    },
    connect: async () => port.open(),
  };
}
