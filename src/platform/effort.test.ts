import { describe, expect, it } from 'vitest';
import { effortOf } from './effort.js';
import { allow, loadProfile, machineFor, signIn } from './platform.suite.js';
import type { Screen } from './ports.js';
import { wayToDevice, wayToKeyPage } from './search.js';

/** The chooser of 23H2: a list with the phone selected, a default button. */
const chooser: Screen = {
  step: 'W1',
  title: 'Sign in with your passkey',
  body: '',
  choices: [
    { id: 'phone', label: 'Phone', kind: 'phone' },
    { id: 'security-key', label: 'Security key', kind: 'security-key' },
  ],
  selected: 'phone',
  selectSubmits: false,
  controls: [
    { label: 'Next', isDefault: true, role: 'submit' },
    { label: 'Cancel', isDefault: false, role: 'cancel' },
  ],
  asks: [],
  keyInserted: false,
  softBlock: false,
};

describe('the effort of', () => {
  it('a row behind a default button is Tab round to the list, and down', () => {
    expect(effortOf(chooser, { kind: 'select', choice: 'security-key' })).toEqual({
      clicks: 1,
      keystrokes: 3,
    });
  });

  it('the default button is Enter', () => {
    expect(effortOf(chooser, { kind: 'press', control: 'Next' })).toEqual({ clicks: 1, keystrokes: 1 });
  });

  it('another button is Tab to it and Enter', () => {
    expect(effortOf(chooser, { kind: 'press', control: 'Cancel' })).toEqual({ clicks: 1, keystrokes: 2 });
  });

  it('a row that goes on by itself, with nothing selected and only a cancel button, is Tab, down, Enter', () => {
    // The redrawn Windows dialog: one click or three keystrokes, as a tool that automates it has counted.
    const { selected: _, ...rest } = chooser;
    const rows: Screen = {
      ...rest,
      selectSubmits: true,
      controls: [{ label: 'Cancel', isDefault: false, role: 'cancel' }],
    };
    expect(effortOf(rows, { kind: 'select', choice: 'security-key' })).toEqual({ clicks: 1, keystrokes: 3 });
  });

  it('a row in a list that has the focus is down and Enter', () => {
    const list: Screen = { ...chooser, selectSubmits: true };
    expect(effortOf(list, { kind: 'select', choice: 'security-key' })).toEqual({ clicks: 1, keystrokes: 2 });
    expect(effortOf(list, { kind: 'select', choice: 'phone' })).toEqual({ clicks: 1, keystrokes: 1 });
  });

  it('what is done away from the screen is nothing', () => {
    expect(effortOf(chooser, { kind: 'insert' })).toEqual({ clicks: 0, keystrokes: 0 });
    expect(effortOf(chooser, { kind: 'scan' })).toEqual({ clicks: 0, keystrokes: 0 });
  });

  it('leaving is Escape', () => {
    expect(effortOf(chooser, { kind: 'cancel' })).toEqual({ clicks: 1, keystrokes: 1 });
  });
});

describe('the way to a device', () => {
  const windows = loadProfile('win11-23h2');
  const linux = loadProfile('chromium-linux');

  it('is the shortest one, ready to be acted out', () => {
    const machine = machineFor(windows);
    const way = wayToDevice(machine, machine.start(), 'security-key');
    expect(way).toEqual(expect.objectContaining({ clicks: 2, keystrokes: 4 }));
    expect(way?.actions).toEqual([
      { kind: 'select', choice: 'security-key' },
      { kind: 'press', control: 'Next' },
      { kind: 'insert', device: 'key' },
    ]);
  });

  it('leads back from the sheet with the code where that one is not for keys', () => {
    const machine = machineFor(linux, { request: { ...signIn, hints: ['hybrid', 'security-key'] } });
    expect(machine.start().step).toBe('LQ');
    expect(wayToKeyPage(machine, machine.start())).toMatchObject({ clicks: 2 });
    expect(wayToDevice(machine, machine.start(), 'security-key')?.actions.slice(0, 2)).toEqual([
      { kind: 'press', control: 'Back' },
      { kind: 'select', choice: 'security-key' },
    ]);
  });

  it('is none where the relying party does not allow the device', () => {
    const machine = machineFor(linux, { request: { ...signIn, ...allow(['usb']) } });
    expect(wayToDevice(machine, machine.start(), 'phone')).toBeUndefined();
    expect(wayToDevice(machine, machine.start(), 'platform')).toBeUndefined();
  });
});
