/**
 * The faults that a key has been told to have: armed when it is made or while it runs, off by default.
 */
import { COMMANDS } from '../../ctap/commands.js';
import { readDeviceFault, subCommandNumber } from '../../ctap/device-fault-input.js';
import {
  DEVICE_FAULTS,
  type DeviceFault,
  type DeviceFaultInput,
  type DeviceFaultName,
  type FaultCommand,
  type FaultKind,
} from '../../ctap/device-faults.js';
import { U2F_INSTRUCTIONS } from '../../ctap/u2f.js';
import { type ArmedFault, FaultsAtHand } from './faults-at-hand.js';
import { Sabotage } from './sabotage.js';
import { subCommandOf } from './sub-command-of.js';
import type { Ceremony } from './wrong-members.js';

/** What a key can do to sabotage itself. */
export interface SelfControl {
  /** Takes its own power and gives it back. */
  readonly powerCycle: () => void;
  /** Says that a fault struck. */
  readonly note: (fault: DeviceFault) => void;
}

/** Arms and ends the faults of a key that runs. */
export interface FaultControl {
  /** What is armed, in the order of arming. */
  readonly faults: readonly DeviceFault[];
  /**
   * Arms a fault from the next command on, in place of the one that has its name and its commands.
   *
   * @throws KeyrigError `option-invalid` for a name or a value that there is not
   */
  set(fault: DeviceFaultInput): void;
  /** Ends all faults of this name, or all. */
  clear(name?: DeviceFaultName): void;
}

/** Where faults are armed and looked up. Without any, a command costs one comparison. */
export class FaultBoard implements FaultControl {
  readonly #self: SelfControl;
  #armed: readonly ArmedFault[] = [];

  constructor(self: SelfControl, faults: readonly DeviceFault[] = []) {
    this.#self = self;
    for (const fault of faults) this.set(fault);
  }

  get faults(): readonly DeviceFault[] {
    return this.#armed.map(({ fault }) => fault);
  }

  set(input: DeviceFaultInput): void {
    const fault = readDeviceFault(input);
    const others = this.#armed.filter((one) => !isSamePlace(one.fault, fault));
    this.#armed = [...others, { fault, struck: 0 }];
  }

  clear(name?: DeviceFaultName): void {
    this.#armed = name === undefined ? [] : this.#armed.filter(({ fault }) => fault.fault !== name);
  }

  /** What goes wrong with this message, `undefined` when nothing does. */
  of(message: Uint8Array): Sabotage | undefined {
    if (this.#armed.length === 0) return undefined;
    return this.#sabotage(({ fault }) => concerns(fault, message), CEREMONIES.get(message[0] ?? -1));
  }

  /** The same for an APDU of U2F. */
  ofU2f(apdu: Uint8Array): Sabotage | undefined {
    if (this.#armed.length === 0) return undefined;
    const command = U2F_BY_INSTRUCTION.get(apdu[1] ?? -1);
    return this.#sabotage(({ fault }) => command !== undefined && isFor(fault, command));
  }

  /** The command is over: what has struck often enough is over, too. */
  settle(sabotage: Sabotage): void {
    for (const armed of sabotage.struck) {
      armed.struck += 1;
      this.#self.note(armed.fault);
    }
    this.#armed = this.#armed.filter(
      ({ fault, struck }) => struck < (fault.times ?? Number.POSITIVE_INFINITY),
    );
  }

  #sabotage(concerned: (armed: ArmedFault) => boolean, ceremony?: Ceremony): Sabotage | undefined {
    const concerning = this.#armed.filter(concerned);
    if (concerning.length === 0) return undefined;
    return new Sabotage(new FaultsAtHand(concerning), ceremony, this.#self.powerCycle);
  }
}

const CEREMONIES: ReadonlyMap<number, Ceremony> = new Map<number, Ceremony>([
  [COMMANDS.authenticatorMakeCredential, 'registration'],
  [COMMANDS.authenticatorGetAssertion, 'assertion'],
  [COMMANDS.authenticatorGetNextAssertion, 'assertion'],
]);

const U2F_BY_INSTRUCTION: ReadonlyMap<number, FaultCommand> = new Map<number, FaultCommand>([
  [U2F_INSTRUCTIONS.register, 'U2F_REGISTER'],
  [U2F_INSTRUCTIONS.authenticate, 'U2F_AUTHENTICATE'],
  [U2F_INSTRUCTIONS.version, 'U2F_VERSION'],
]);

function isSamePlace(one: DeviceFault, other: DeviceFault): boolean {
  return one.fault === other.fault && one.command === other.command && one.subCommand === other.subCommand;
}

function isFor(fault: DeviceFault, command: FaultCommand): boolean {
  if (fault.command !== undefined) return fault.command === command;
  const { commands }: FaultKind = DEVICE_FAULTS[fault.fault];
  return commands.includes(command);
}

function concerns(fault: DeviceFault, message: Uint8Array): boolean {
  const { commands }: FaultKind = DEVICE_FAULTS[fault.fault];
  const command = commands.find((name) => isCtap2(name) && COMMANDS[name] === message[0]);
  if (command === undefined || !isFor(fault, command)) return false;
  const { subCommand } = fault;
  return subCommand === undefined || subCommandNumber(command, subCommand) === subCommandOf(message);
}

function isCtap2(name: FaultCommand): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}
