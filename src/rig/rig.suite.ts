/**
 * Rigs for tests: virtual time, a seed, everything that happens in a list, and a relying party that only has an address.
 */
import { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import type { Target, TargetSession } from '../target/target.js';
import type { TraceEvent } from '../trace/events.js';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../webauthn/types.js';
import { createRig, type RigOptions } from './make-rig.js';
import type { Rig } from './rig.js';

/** A relying party with an address and nothing behind it: tests make the options themselves. */
export class AddressOnly implements Target {
  readonly id = 'address-only';
  readonly origin = 'https://login.example.org';
  readonly rpId = 'example.org';
  readonly policy = { userVerification: 'required' } as const;
  readonly capabilities = new Set<never>();
  closed = 0;

  openSession(): TargetSession {
    throw new TypeError('nobody is there');
  }

  async createUser(): Promise<void> {}

  async close(): Promise<void> {
    this.closed += 1;
  }
}

/** Registration options; tests change one thing. */
export const CREATION: PublicKeyCredentialCreationOptionsJSON = {
  rp: { id: 'example.org', name: 'Example' },
  user: { id: 'AQID', name: 'ada', displayName: 'Ada' },
  challenge: 'CQkJ',
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  timeout: 60_000,
  authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
};

/** Sign-in options without a username. */
export const REQUEST: PublicKeyCredentialRequestOptionsJSON = {
  challenge: 'CQkJ',
  rpId: 'example.org',
  timeout: 60_000,
  userVerification: 'preferred',
};

/** A rig and everything around it that a test looks at. */
export interface Bench {
  readonly rig: Rig;
  readonly clock: VirtualClock;
  readonly events: readonly TraceEvent[];
  readonly target: AddressOnly;
  /** Does something the moment that an event such as `user wait` happens, the first time only. */
  once(event: string, action: () => void): void;
}

/** What differs from the usual bench. */
export interface BenchChanges extends Partial<Omit<RigOptions, 'clock' | 'trace' | 'target'>> {
  /** By default one that moves by itself. */
  readonly clock?: VirtualClock;
}

/** A rig with one key on Linux, where everything works from one sheet, in time that moves by itself. */
export async function benchWith(changes: BenchChanges = {}): Promise<Bench> {
  const clock = changes.clock ?? new VirtualClock({ automatic: true });
  const events: TraceEvent[] = [];
  const actions = new Map<string, () => void>();
  const emit = (event: TraceEvent) => {
    events.push(event);
    const name = `${event.layer} ${event.kind}`;
    const action = actions.get(name);
    actions.delete(name);
    action?.();
  };
  const target = new AddressOnly();
  const rig = await createRig({
    platform: 'chromium-linux',
    devices: [{ id: 'key', profile: 'yubikey-5' }],
    seed: 'bench',
    ...changes,
    target,
    clock,
    trace: { emit },
  });
  return { rig, clock, events, target, once: (event, action) => void actions.set(event, action) };
}

/** How a ceremony ended: `done`, a DOMException's name, or the code of a KeyrigError. */
export function ending(ceremony: Promise<unknown>): Promise<string> {
  return ceremony.then(
    () => 'done',
    (error: unknown) => {
      if (error instanceof KeyrigError) return error.code;
      return error instanceof Error ? error.name : String(error);
    },
  );
}

/** Lets everything go on until it waits for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}
