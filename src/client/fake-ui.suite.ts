/**
 * A person and a clock for tests of the client: answers are lists that are used up, then the plainest answer is given.
 */
import { createNodeCrypto } from '../crypto/node.js';
import { VirtualClock } from '../ports.js';
import type { TraceEvent } from '../trace/events.js';
import type { FakeKey } from './fake-key.suite.js';
import type {
  AccountChoice,
  CeremonyNotice,
  CeremonyRequest,
  ClientDevice,
  DeviceChoice,
  PinRequest,
  UserInterface,
} from './ports.js';
import { createWebAuthnClient, type WebAuthnClient, type WebAuthnClientOptions } from './webauthn-client.js';

/** A person who takes the first device offered, knows no PIN and picks the first account. */
export class FakeUi implements UserInterface {
  readonly choices: (DeviceChoice | (() => DeviceChoice))[] = [];
  readonly pins: (string | undefined)[] = [];
  account: number | undefined = 0;
  readonly requests: CeremonyRequest[] = [];
  readonly offers: (readonly string[])[] = [];
  readonly pinRequests: PinRequest[] = [];
  readonly accounts: (readonly AccountChoice[])[] = [];
  readonly notices: CeremonyNotice[] = [];

  async chooseDevice(
    request: CeremonyRequest,
    devices: readonly ClientDevice[],
    signal: AbortSignal,
  ): Promise<DeviceChoice> {
    this.requests.push(request);
    this.offers.push(devices.map(({ id }) => id));
    const next = this.choices.shift();
    if (next !== undefined) return typeof next === 'function' ? next() : next;
    const [first] = devices;
    if (first !== undefined) return { kind: 'device', device: first.id };
    // Looks at an empty list until the ceremony is over.
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { kind: 'cancel' };
  }

  async enterPin(request: PinRequest): Promise<string | undefined> {
    this.pinRequests.push(request);
    return this.pins.shift();
  }

  async chooseAccount(accounts: readonly AccountChoice[]): Promise<number | undefined> {
    this.accounts.push(accounts);
    return this.account;
  }

  notify(notice: CeremonyNotice): void {
    this.notices.push(notice);
  }

  /** Kinds of the notices, without keep-alives. */
  told(): readonly string[] {
    return this.notices.map(({ kind }) => kind).filter((kind) => kind !== 'keepalive');
  }
}

/** A machine with keys, a person, a clock that stands still, and everything that happened. */
export interface FakeMachine {
  readonly client: WebAuthnClient;
  readonly ui: FakeUi;
  readonly clock: VirtualClock;
  readonly events: readonly TraceEvent[];
}

/** Makes one. `keys` may grow later. */
export function fakeMachine(
  keys: readonly FakeKey[],
  change: Partial<Omit<WebAuthnClientOptions, 'devices'>> = {},
): FakeMachine {
  const ui = new FakeUi();
  const clock = new VirtualClock();
  const events: TraceEvent[] = [];
  const client = createWebAuthnClient({
    devices: () => keys.map((key) => key.client),
    ui,
    clock,
    crypto: createNodeCrypto(),
    trace: { emit: (event) => events.push(event) },
    ...change,
  });
  return { client, ui, clock, events };
}

/** Lets everything that waits for nothing but promises run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
