/**
 * Reading deliberate faults: what people write becomes a fault, or a sentence that says what is wrong with it.
 */
import { nearestName } from '../data/nearest-name.js';
import { KeyrigError } from '../errors.js';
import {
  DEVICE_FAULT_NAMES,
  DEVICE_FAULTS,
  type DeviceFault,
  type DeviceFaultInput,
  type FaultCommand,
  type FaultKind,
  type FaultValueKind,
} from './device-faults.js';
import { BIO_ENROLLMENT_SUBCOMMANDS } from './messages/bio-enrollment.js';
import { CLIENT_PIN_SUBCOMMANDS } from './messages/client-pin.js';
import { CONFIG_SUBCOMMANDS } from './messages/config.js';
import { CREDENTIAL_MANAGEMENT_SUBCOMMANDS } from './messages/credential-management.js';
import { STATUS } from './status.js';
import { U2F_STATUS } from './u2f.js';

/** Sub-commands with their numbers, by command. */
const SUBCOMMANDS: Partial<Readonly<Record<FaultCommand, Readonly<Record<string, number>>>>> = {
  authenticatorClientPIN: CLIENT_PIN_SUBCOMMANDS,
  authenticatorBioEnrollment: BIO_ENROLLMENT_SUBCOMMANDS,
  authenticatorBioEnrollmentPreview: BIO_ENROLLMENT_SUBCOMMANDS,
  authenticatorCredentialManagement: CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  authenticatorCredentialManagementPreview: CREDENTIAL_MANAGEMENT_SUBCOMMANDS,
  authenticatorConfig: CONFIG_SUBCOMMANDS,
};

/** The number of a sub-command, `undefined` when the command has none of this name. */
export function subCommandNumber(command: FaultCommand, name: string): number | undefined {
  return SUBCOMMANDS[command]?.[name];
}

/** What is wrong with a fault. */
export interface DeviceFaultProblem {
  readonly member: keyof DeviceFaultInput;
  readonly message: string;
  /** What was meant, perhaps. */
  readonly nearest: string | undefined;
}

/** The first thing that is wrong with it, `undefined` when nothing is. */
export function deviceFaultProblem(input: DeviceFaultInput): DeviceFaultProblem | undefined {
  const kind = kindOf(input.fault);
  if (kind === undefined) return unknownName('fault', input.fault, DEVICE_FAULT_NAMES);
  return valueProblem(kind.value, input) ?? scopeProblem(kind, input);
}

/**
 * A fault that can be armed.
 *
 * @throws KeyrigError `option-invalid` for a name or a value that there is not, with the nearest one that there is
 * @example
 * ```ts
 * readDeviceFault({ fault: 'signature' });   // { fault: 'signature', value: 'wrong' }
 * readDeviceFault({ fault: 'signatur' });    // there is no fault "signatur" (did you mean signature?)
 * ```
 */
export function readDeviceFault(input: DeviceFaultInput): DeviceFault {
  const problem = deviceFaultProblem(input);
  if (problem !== undefined) {
    const { member, message, nearest } = problem;
    throw new KeyrigError('option-invalid', message, {
      where: member,
      hint: nearest === undefined ? 'docs/faults.md lists all of them' : `did you mean ${nearest}?`,
      facts: { member },
    });
  }
  const { fault, value = usualValue(input.fault), command, subCommand, times } = input;
  const scope = { command, subCommand, times };
  const given = Object.fromEntries(Object.entries(scope).filter(([, member]) => member !== undefined));
  // Name, value and scope were just looked up in the table that the type is made from.
  return { fault, value, ...given } as DeviceFault;
}

function kindOf(name: string): FaultKind | undefined {
  return Object.hasOwn(DEVICE_FAULTS, name)
    ? (DEVICE_FAULTS as Readonly<Record<string, FaultKind>>)[name]
    : undefined;
}

function usualValue(name: string): string | number | undefined {
  const value = kindOf(name)?.value;
  if (value?.kind === 'choice') return value.choices[0];
  return value?.kind === 'amount' ? value.usual : undefined;
}

function valueProblem(
  kind: FaultValueKind,
  { fault, value }: DeviceFaultInput,
): DeviceFaultProblem | undefined {
  if (value === undefined) {
    const needed = kind.kind === 'status' || kind.kind === 'status-word';
    return needed ? problem('value', `the fault ${fault} needs a ${kind.kind}`) : undefined;
  }
  switch (kind.kind) {
    case 'choice':
      return kind.choices.includes(String(value))
        ? undefined
        : unknownName('value', String(value), kind.choices);
    case 'amount':
      return isWhole(value, 1, kind.most)
        ? undefined
        : problem('value', `expected 1 to ${kind.most} ${kind.unit}, got ${value}`);
    case 'status':
      return isWhole(value, 0, 0xff) || Object.hasOwn(STATUS, value)
        ? undefined
        : unknownName('value', String(value), Object.keys(STATUS));
    case 'status-word':
      return Object.hasOwn(U2F_STATUS, value)
        ? undefined
        : unknownName('value', String(value), Object.keys(U2F_STATUS));
  }
}

function isWhole(value: string | number, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function scopeProblem(
  { commands }: FaultKind,
  { fault, command, subCommand, times }: DeviceFaultInput,
): DeviceFaultProblem | undefined {
  if (command !== undefined && !commands.some((one) => one === command)) {
    return { ...unknownName('command', command, commands), message: `${command} can not have ${fault}` };
  }
  if (subCommand !== undefined) {
    const known = Object.keys(SUBCOMMANDS[command as FaultCommand] ?? {});
    if (command === undefined) return problem('subCommand', 'a sub-command needs its command');
    if (!known.includes(subCommand)) return unknownName('subCommand', subCommand, known);
  }
  const wrong = times !== undefined && !isWhole(times, 1, Number.MAX_SAFE_INTEGER);
  return wrong ? problem('times', `expected a whole number from 1 on, got ${times}`) : undefined;
}

const KINDS: Readonly<Record<keyof DeviceFaultInput, string>> = {
  fault: 'fault',
  value: 'value',
  command: 'command',
  subCommand: 'sub-command',
  times: 'number',
};

function unknownName(
  member: keyof DeviceFaultInput,
  name: string,
  known: readonly string[],
): DeviceFaultProblem {
  const expected = known.length > 12 ? '' : `: expected ${known.join(', ') || 'none'}`;
  return {
    member,
    message: `there is no ${KINDS[member]} "${name}"${expected}`,
    nearest: nearestName(name, known),
  };
}

function problem(member: keyof DeviceFaultInput, message: string): DeviceFaultProblem {
  return { member, message, nearest: undefined };
}
