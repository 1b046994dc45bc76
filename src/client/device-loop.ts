/**
 * The loop of `create()` and `get()`: the person picks a device, the device answers or drops out, until there is a result
 * (WebAuthn L3 §5.1.3 and §5.1.4, "while lifetimeTimer has not expired").
 */
import { statusName } from '../ctap/status.js';
import { KeyrigError } from '../errors.js';
import { WebAuthnError } from '../webauthn/errors.js';
import type { DomExceptionName } from '../webauthn/types.js';
import type { Ceremony } from './ceremony.js';
import { contest, type Winner } from './contest.js';
import { type SessionPorts, withDevice } from './device-session.js';
import type { DeviceOperation } from './operation.js';
import { REFUSALS, type Refusal, type RefusalReason } from './outcome.js';
import type { CeremonyRequest, ClientDevice, DeviceChoice } from './ports.js';

/** Everything that one loop works with. */
export interface LoopOptions<T> {
  readonly ceremony: Ceremony;
  readonly ports: SessionPorts;
  readonly devices: () => readonly ClientDevice[];
  readonly request: CeremonyRequest;
  readonly operation: DeviceOperation<T>;
}

/** Lets the person and the devices work until one answers. @throws WebAuthnError, or whatever ends the ceremony */
export function useDevices<T>(options: LoopOptions<T>): Promise<T> {
  return new DeviceLoop(options).run();
}

/**
 * Refusals that `create()` may tell the page once no device is left that could do better (§5.1.3, list of exceptions). Everything else
 * would tell more about the user than the user agreed to.
 */
const TELLABLE: Partial<Record<RefusalReason, DomExceptionName>> = {
  'cannot-store': 'ConstraintError',
  'cannot-verify': 'ConstraintError',
  algorithm: 'NotSupportedError',
};

/** A device that dropped out. */
interface Dropped {
  readonly refusal: Refusal;
  /** Whether it could be reached. */
  readonly reachable: boolean;
  readonly insertions: number | undefined;
}

class DeviceLoop<T> {
  readonly #options: LoopOptions<T>;
  /** Why devices dropped out, and how they were plugged in when they did. */
  readonly #dropped = new Map<string, Dropped>();

  constructor(options: LoopOptions<T>) {
    this.#options = options;
  }

  async run(): Promise<T> {
    const { ceremony, ports, request } = this.#options;
    for (;;) {
      const choice = await ports.prompts.chooseDevice(request, this.#offered());
      ceremony.throwIfOver();
      const winner = await this.#pursue(choice);
      ceremony.throwIfOver();
      if (winner?.outcome.kind === 'ended') throw winner.outcome.error;
      if (winner?.outcome.kind === 'done') {
        ports.prompts.notify({ kind: 'done', device: winner.device.id });
        return winner.outcome.value;
      }
      this.#throwIfHopeless();
    }
  }

  #pursue(choice: DeviceChoice): Promise<Winner<T> | undefined> {
    if (choice.kind === 'cancel') throw new WebAuthnError('NotAllowedError', 'the user cancelled');
    if (choice.kind === 'device') return this.#one(this.#find(choice.device));
    const { ceremony, ports, operation } = this.#options;
    return contest({
      ceremony,
      ports,
      operation,
      candidates: () => this.#offered().filter((device) => device.reachable),
      onRefusal: (device, refusal, insertions) => this.#drop(device, refusal, insertions),
    });
  }

  async #one(device: ClientDevice): Promise<Winner<T> | undefined> {
    const { ceremony, ports, operation } = this.#options;
    const { insertions } = device;
    const outcome = await withDevice(device, ports, ceremony.over, async (session) => {
      const prepared = await operation.prepare(session);
      return prepared.kind === 'done' ? prepared.value.run() : prepared;
    });
    if (outcome.kind !== 'refused') return { device, outcome };
    if (!ceremony.over.aborted) this.#drop(device, outcome, insertions);
    return undefined;
  }

  /** Fitting devices that have not dropped out. */
  #offered(): readonly ClientDevice[] {
    const { devices, request } = this.#options;
    const fits = (device: ClientDevice) =>
      request.attachment === undefined || device.attachment === request.attachment;
    return devices().filter((device) => fits(device) && !this.#isOut(device));
  }

  /** A device that was pulled is in again once it is back: power off and on lifts a soft block, and clears whatever else it held. */
  #isOut(device: ClientDevice): boolean {
    const drop = this.#dropped.get(device.id);
    if (drop === undefined) return false;
    if (!device.reachable || !isBack(device, drop)) return true;
    this.#dropped.delete(device.id);
    return false;
  }

  /** The chosen device; it may have been plugged in since the list was made. */
  #find(id: string): ClientDevice {
    const device = this.#options.devices().find((one) => one.id === id);
    if (device === undefined)
      throw new KeyrigError('platform-script', `the user interface chose "${id}", which is no device`, {
        facts: { device: id },
      });
    if (!this.#offered().some((one) => one.id === id))
      throw new WebAuthnError('NotAllowedError', `the user insists on ${id}, which can't answer`);
    return device;
  }

  /** @param insertions What the device said when it was asked; it may have been pulled since, and be back already. */
  #drop(device: ClientDevice, refusal: Refusal, insertions: number | undefined): void {
    this.#report(device, refusal);
    // Somebody who missed the moment may touch it after all.
    if (refusal.why === 'no-touch') return;
    const now = this.#options.devices().find((one) => one.id === device.id);
    this.#dropped.set(device.id, { refusal, reachable: now?.reachable ?? false, insertions });
  }

  #report({ id }: ClientDevice, { why, status, cause }: Refusal): void {
    const { ports, request } = this.#options;
    const fields = {
      device: id,
      reason: REFUSALS[why],
      ...(status === undefined ? {} : { status: statusName(status) }),
      ...(cause instanceof KeyrigError ? { code: cause.code, message: cause.message } : {}),
    };
    ports.trace?.emit({ layer: 'webauthn', kind: 'device', origin: request.origin, name: why, fields });
    if (why === 'no-credentials') ports.prompts.notify({ kind: 'no-credentials', device: id });
    else if (status !== undefined && why !== 'pin-blocked')
      ports.prompts.notify({ kind: 'device-refused', device: id, status });
    else if (why !== 'pin-blocked')
      ports.prompts.notify({ kind: 'device-unusable', device: id, reason: REFUSALS[why] });
  }

  /** Ends a `create()` that no present device can fulfil. */
  #throwIfHopeless(): void {
    const { request } = this.#options;
    const refusals = [...this.#dropped.values()].map((drop) => drop.refusal.why);
    if (request.operation !== 'create' || refusals.length === 0) return;
    if (this.#offered().some((device) => device.reachable)) return;
    const names = refusals.map((why) => TELLABLE[why]);
    const [name] = names;
    if (name !== undefined && !names.includes(undefined))
      throw new WebAuthnError(name, `no device is left: ${refusals.map((why) => REFUSALS[why]).join(', ')}`);
  }
}

/** Whether it was plugged in anew since it dropped out. A device that doesn't count is believed only where it was away. */
function isBack(device: ClientDevice, drop: Dropped): boolean {
  if (device.insertions !== undefined && drop.insertions !== undefined)
    return device.insertions !== drop.insertions;
  return drop.refusal.why === 'gone' && !drop.reachable;
}
