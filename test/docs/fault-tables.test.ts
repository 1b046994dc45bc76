/** docs/faults.md lists every fault, its values and its commands, no more and no less. */
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/ctap/commands.js';
import {
  DEVICE_FAULT_NAMES,
  DEVICE_FAULTS,
  type DeviceFaultInput,
  type FaultKind,
  type FaultValueKind,
  U2F_COMMANDS,
} from '../../src/ctap/device-faults.js';
import { column, nameIn, namesIn, namesOf, readPage, sorted } from './markdown.js';

const page = readPage('docs/faults.md');
const rows = page.table('What can go wrong');
const groups = new Map(page.table('Commands').map(([name, commands]) => [name, namesIn(commands)]));

/** What the page says of a value. */
function words(value: FaultValueKind): string {
  switch (value.kind) {
    case 'choice':
      return value.choices.map((choice) => `\`${choice}\``).join(', ');
    case 'amount':
      return `1 to ${value.most} ${value.unit}, ${value.usual} as a rule`;
    case 'status':
      return 'a status, by name or as a byte';
    case 'status-word':
      return 'a status word by name';
  }
}

/** The commands of a group, as its row names them. */
function commandsOf(group: string | undefined): readonly string[] {
  const named = groups.get(group ?? '') ?? [];
  const ctap2 = Object.keys(COMMANDS);
  if (group === 'ceremonies') return [...commandsOf('registrations'), ...commandsOf('assertions')];
  if (group === 'signatures') return [...commandsOf('assertions'), ...named];
  if (group === 'CTAP2') return ctap2;
  return group === 'any' ? [...ctap2, ...U2F_COMMANDS] : named;
}

describe('docs/faults.md', () => {
  it('lists the faults in their order', () => {
    expect(column(rows)).toEqual(DEVICE_FAULT_NAMES);
  });

  it.each(DEVICE_FAULT_NAMES)('says of %s what it can be and where', (name) => {
    const row = rows.find(([cell]) => nameIn(cell) === name);
    const { value, commands }: FaultKind = DEVICE_FAULTS[name];
    expect(row?.[1]).toBe(words(value));
    expect(sorted(commandsOf(row?.[2]))).toEqual(sorted(commands));
  });

  it('lists the members of a fault', () => {
    const members = namesOf<keyof DeviceFaultInput>({
      ...{ fault: true, value: true, command: true, subCommand: true, times: true },
    });
    expect(column(page.table('Members'))).toEqual(members);
  });
});
