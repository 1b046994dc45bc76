/**
 * The faults of one command: looked up by name, and marked when they do damage.
 */
import type { DeviceFault, DeviceFaultName } from '../../ctap/device-faults.js';

/** The values of all faults by name. */
type FaultValues = { readonly [F in DeviceFault as F['fault']]: F['value'] };

/** The value of a fault. */
export type FaultValue<N extends DeviceFaultName> = FaultValues[N];

/** A fault and how far it has come. */
export interface ArmedFault {
  readonly fault: DeviceFault;
  /** How many answers it has damaged. */
  struck: number;
}

/** What a command's deeds ask. A fault counts only the answers that it damaged, so each deed says when it did. */
export class FaultsAtHand {
  readonly #armed: ReadonlyMap<DeviceFaultName, ArmedFault>;
  readonly #values: Partial<FaultValues>;
  readonly #struck = new Set<ArmedFault>();

  constructor(armed: readonly ArmedFault[]) {
    // Of two with one name the one that was armed later.
    this.#armed = new Map(armed.map((one) => [one.fault.fault, one]));
    // Each value stands under the name that it came with.
    this.#values = Object.fromEntries(armed.map(({ fault }) => [fault.fault, fault.value]));
  }

  /** Those that did damage so far. */
  get struck(): ReadonlySet<ArmedFault> {
    return this.#struck;
  }

  /** Its value, `undefined` when the command does not have it. */
  value<N extends DeviceFaultName>(name: N): FaultValue<N> | undefined {
    return this.#values[name];
  }

  /** How often it has struck before this command. */
  strikesOf(name: DeviceFaultName): number {
    return this.#armed.get(name)?.struck ?? 0;
  }

  hasStruck(name: DeviceFaultName): boolean {
    return [...this.#struck].some(({ fault }) => fault.fault === name);
  }

  /** It did damage. */
  strike(name: DeviceFaultName): void {
    const armed = this.#armed.get(name);
    if (armed !== undefined) this.#struck.add(armed);
  }
}
