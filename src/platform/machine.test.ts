import { describe, expect, it } from 'vitest';
import type { CeremonyRequest } from '../client/ports.js';
import type { EnvironmentWishes } from './environment.js';
import {
  allow,
  key,
  laptop,
  loadProfile,
  loadProfiles,
  machineFor,
  phone,
  register,
  signIn,
  walk,
} from './platform.suite.js';
import type { ObservedRow } from './profile.js';

const windows = loadProfile('win11-23h2');
const legacy = loadProfile('win-legacy-docs');
const linux = loadProfile('chromium-linux');

const observed = loadProfiles().flatMap((profile) =>
  (profile.observations ?? []).flatMap(({ rows }) => rows.map((row) => ({ profile, row, id: row.id }))),
);

function requestOf({ request }: ObservedRow): CeremonyRequest {
  const { allow: transports = [], ...rest } = request;
  return {
    ...signIn,
    ...allow(...transports),
    operation: rest.operation,
    hints: rest.hints ?? [],
    residentKey: rest.residentKey ?? 'preferred',
    ...(rest.attachment === undefined ? {} : { attachment: rest.attachment }),
  };
}

describe('what was observed in running browsers', () => {
  it('is something', () => {
    expect(observed.length).toBeGreaterThanOrEqual(12);
  });

  it.each(observed)('$profile.id: $id', ({ profile, row }) => {
    const { bluetooth } = row.environment;
    const machine = machineFor(profile, {
      environment: bluetooth === undefined ? {} : { bluetooth },
      request: requestOf(row),
    });
    const { step, asks, choices, selected, controls } = machine.screen(machine.start());
    const { shows } = row;
    expect(step).toBe(shows.step);
    if (shows.asks !== undefined) expect(asks).toEqual(shows.asks);
    if (shows.choices !== undefined) expect(choices.map(({ kind }) => kind)).toEqual(shows.choices);
    if (shows.selected !== undefined) expect(selected).toBe(shows.selected);
    if (shows.controls !== undefined)
      expect(controls.map(({ label }) => label)).toEqual([...shows.controls, 'Cancel']);
  });
});

type First = readonly [name: string, environment: EnvironmentWishes, request: CeremonyRequest, step: string];

const ready: EnvironmentWishes = { winHello: 'ready' };

describe('the first screen of Windows 11 23H2', () => {
  it.each([
    ['an empty list', {}, signIn, 'W1'],
    ['named credentials without transports', {}, { ...signIn, ...allow(undefined) }, 'W1'],
    ['keys only', {}, { ...signIn, ...allow(['usb', 'nfc'], ['ble']) }, 'WK'],
    ['keys, and one descriptor without transports', {}, { ...signIn, ...allow(['usb'], undefined) }, 'W1'],
    ['keys and phones', {}, { ...signIn, ...allow(['usb', 'nfc', 'hybrid']) }, 'W1'],
    ['phones only', {}, { ...signIn, ...allow(['hybrid']) }, 'WQ'],
    ['this machine only, nothing local', {}, { ...signIn, ...allow(['internal']) }, 'EN'],
    ['a hint at the key, interface 7', {}, { ...signIn, hints: ['security-key'] }, 'W1'],
    ['a hint at the phone, interface 6', { winApi: 6 }, { ...signIn, hints: ['hybrid'] }, 'W1'],
    ['a hint at the key, interface 8', { winApi: 8 }, { ...signIn, hints: ['security-key'] }, 'WK'],
    [
      'a hint at the key, interface 8 that ignores it',
      { winApi: 8, dialogHints: 'ignored' },
      { ...signIn, hints: ['security-key'] },
      'W1',
    ],
    ['no Bluetooth', { bluetooth: 'absent' }, signIn, 'W1'],
    ['Bluetooth off', { bluetooth: 'off' }, signIn, 'W1'],
    ['autofill', {}, { ...signIn, mediation: 'conditional' }, 'AF'],
    ['a passkey on a device to carry', {}, register, 'W1'],
    ['a passkey on a device to carry, with Hello', ready, register, 'W1'],
    ['a passkey, with Hello', ready, withoutAttachment(register), 'WS'],
    ['a passkey, without Hello', {}, withoutAttachment(register), 'W1'],
    ['both halves of the usual advice', {}, { ...register, hints: ['security-key'] }, 'W1'],
  ] satisfies First[])('for %s', (_name, environment, request, step) => {
    const machine = machineFor(windows, { environment, request });
    expect(machine.start().step).toBe(step);
  });

  it('is Windows Hello for a credential that it has, with another device one click away', () => {
    const machine = machineFor(windows, {
      environment: ready,
      local: ['ada'],
      devices: [laptop, key, phone],
    });
    expect(machine.start().step).toBe('WH');
    expect(walk(machine, machine.start(), 'press Use another device').step).toBe('W1');
    expect(walk(machine, machine.start(), 'verify')).toMatchObject({ phase: 'running', device: 'laptop' });
  });

  it('has the phone selected, and says so where a large card would', () => {
    const machine = machineFor(windows);
    expect(machine.screen(machine.start())).toMatchObject({
      title: 'Sign in with your passkey',
      listLabel: 'More choices',
      choices: [{ label: 'iPhone, iPad, or Android device' }, { label: 'Security key' }],
      selected: 'phone',
      controls: [
        { label: 'Next', isDefault: true },
        { label: 'Cancel', isDefault: false },
      ],
    });
  });

  it('has a linked phone first and selected, and asks it by name', () => {
    const machine = machineFor(windows, { environment: { linkedPhones: ['Pixel', "Ada's phone"] } });
    const screen = machine.screen(machine.start());
    expect(screen.choices.map(({ label }) => label)).toEqual([
      'Pixel',
      "Ada's phone",
      'iPhone, iPad, or Android device',
      'Security key',
    ]);
    expect(screen.selected).toBe('linked-phone:0');
    const sent = walk(machine, machine.start(), "select Ada's phone", 'press Next');
    expect(machine.screen(sent)).toMatchObject({ step: 'WL', title: "Ada's phone" });
  });

  it('takes the linked phone that was picked, and any phone for the code', () => {
    const devices = [phone, { ...phone, id: 'pixel', label: 'Pixel' }, key];
    const machine = machineFor(windows, { environment: { linkedPhones: ['Pixel'] }, devices });
    const scans = (...words: string[]) =>
      machine
        .offered(walk(machine, machine.start(), ...words))
        .flatMap((action) => (action.kind === 'scan' ? [action.device] : []));
    expect(scans('press Next')).toEqual(['pixel']);
    expect(scans('select iPhone, iPad, or Android device', 'press Next')).toEqual(['phone', 'pixel']);
  });

  it('of a new passkey with Hello leads to the other devices, Hello left out', () => {
    const request = withoutAttachment(register);
    const machine = machineFor(windows, { environment: ready, request, devices: [laptop, key, phone] });
    const others = walk(machine, machine.start(), 'press Use another device');
    expect(machine.screen(others)).toMatchObject({
      step: 'W1',
      title: 'Choose where to save your passkey',
      selected: 'phone',
    });
  });

  it('can no longer be gone back from once a device is in use', () => {
    const machine = machineFor(windows, { environment: ready, local: ['ada'], devices: [laptop, key] });
    const verified = walk(machine, machine.start(), 'verify');
    expect(machine.screen(verified).controls.map(({ label }) => label)).toContain('Use another device');
    expect(machine.offered(verified)).toEqual([{ kind: 'press', control: 'Cancel' }, { kind: 'cancel' }]);
  });

  it('names the program that asks', () => {
    const machine = machineFor(windows, { request: { ...signIn, ...allow(['usb']) } });
    expect(machine.screen(machine.start()).body).toContain(
      '"chrome.exe" by "Google LLC" asks for it, for example.com',
    );
  });
});

function withoutAttachment({ attachment: _, ...rest }: CeremonyRequest): CeremonyRequest {
  return rest;
}

describe.each([
  ['chromium-linux', linux],
  ['win-legacy-docs', legacy],
])('the first screen of %s', (_id, profile) => {
  it.each([
    ['an empty list', {}, signIn, 'LQ'],
    ['no Bluetooth', { bluetooth: 'absent' }, signIn, 'LU'],
    ['Bluetooth off', { bluetooth: 'off' }, signIn, 'LM'],
    ['keys only', {}, { ...signIn, ...allow(['usb', 'nfc']) }, 'LU'],
    ['keys and phones', {}, { ...signIn, ...allow(['usb', 'hybrid']) }, 'LQ'],
    ['phones only', {}, { ...signIn, ...allow(['hybrid']) }, 'LQ'],
    ['phones only, Bluetooth off', { bluetooth: 'off' }, { ...signIn, ...allow(['hybrid']) }, 'LB'],
    ['this machine only', {}, { ...signIn, ...allow(['internal']) }, 'LEN'],
    ['NFC only, which browsers on desktops lack', {}, { ...signIn, ...allow(['nfc']) }, 'LET'],
    ['a hint at the key', {}, { ...signIn, hints: ['security-key'] }, 'LU'],
    ['a passkey on a device to carry', {}, register, 'LQ'],
    ['both halves of the usual advice', {}, { ...register, hints: ['security-key'] }, 'LU'],
    ['autofill', {}, { ...signIn, mediation: 'conditional' }, 'LAF'],
  ] satisfies First[])('for %s', (_name, environment, request, step) => {
    const machine = machineFor(profile, { environment, request });
    expect(machine.start().step).toBe(step);
  });

  it.each([
    ['spec', 'LQ'],
    ['chromium-set', 'LU'],
  ] as const)('for hints at phone and key depends on whose order counts: %s', (hintsOrder, step) => {
    const request: CeremonyRequest = { ...signIn, hints: ['hybrid', 'security-key'] };
    expect(machineFor(profile, { environment: { hintsOrder }, request }).start().step).toBe(step);
  });
});

describe("the password manager's sheets on Linux", () => {
  const environment: EnvironmentWishes = { passwordManager: 'enabled' };
  const devices = [laptop, key, phone];

  it('confirm the one account, and lead to all other ways', () => {
    const machine = machineFor(linux, { environment, local: ['ada'], devices });
    const start = machine.start();
    expect(machine.screen(start)).toMatchObject({ step: 'LH', body: 'ada', leads: 'platform' });
    expect(walk(machine, start, 'press Continue', 'verify')).toMatchObject({ device: 'laptop' });
    const list = walk(machine, start, 'press Use a different passkey');
    expect(machine.screen(list).choices.map(({ label }) => label)).toEqual([
      'ada',
      'Use a phone, tablet, or security key',
    ]);
  });

  it('list two accounts first', () => {
    const machine = machineFor(linux, { environment, local: ['bob', 'ada'], devices });
    const screen = machine.screen(machine.start());
    expect(screen).toMatchObject({ step: 'LM', selected: 'credential:0' });
    expect(screen.choices.map(({ label }) => label).slice(0, 2)).toEqual(['ada', 'bob']);
  });

  it('offer to keep a new passkey, unless cross-platform was asked for', () => {
    const any = machineFor(linux, { environment, request: withoutAttachment(register), devices });
    expect(any.start().step).toBe('LG');
    expect(
      walk(any, any.start(), 'press Save another way', 'select Use a phone, tablet, or security key').step,
    ).toBe('LQ');
    expect(machineFor(linux, { environment, request: register, devices }).start().step).toBe('LQ');
  });

  it('come after a suggestion is picked, and not at all after "another device"', () => {
    const request: CeremonyRequest = { ...signIn, mediation: 'conditional' };
    const machine = machineFor(linux, { environment, local: ['ada'], request, devices });
    const start = machine.start();
    expect(walk(machine, start, 'select ada').step).toBe('LV');
    const others = walk(machine, start, 'select Use a passkey from another device');
    expect(others.step).toBe('LQ');
    expect(machine.decision(others).mechanisms.map(({ kind }) => kind)).toEqual(['hybrid']);
  });
});

describe('the way to the key on Windows', () => {
  it('is select, Next, insert, touch', () => {
    const machine = machineFor(windows);
    const selected = walk(machine, machine.start(), 'select Security key');
    expect(selected).toMatchObject({ step: 'W1', selected: 'security-key' });
    const page = walk(machine, selected, 'press Next');
    expect(machine.screen(page)).toMatchObject({ step: 'WK', asks: ['insert', 'touch'] });
    expect(walk(machine, page, 'insert')).toMatchObject({ phase: 'running', device: 'key', step: 'WK' });
  });

  it('needs no insertion when the key is in', () => {
    const machine = machineFor(windows, { devices: [{ ...key, plugged: true }, phone] });
    const start = machine.start();
    expect(start).toMatchObject({ phase: 'choosing', step: 'W1' });
    expect(machine.offered(start)).not.toContainEqual({ kind: 'touch', device: 'key' });
    expect(walk(machine, start, 'select Security key', 'press Next')).toMatchObject({
      phase: 'running',
      device: 'key',
    });
  });

  it('needs a touch when several keys are in', () => {
    const devices = [
      { ...key, plugged: true },
      { ...key, id: 'second', plugged: true },
    ];
    const machine = machineFor(windows, { devices, request: { ...signIn, ...allow(['usb']) } });
    const start = machine.start();
    expect(machine.screen(start)).toMatchObject({ step: 'WK', asks: ['touch'] });
    const result = machine.act(start, { kind: 'touch', device: 'second' });
    expect(result).toMatchObject({ ok: true, state: { phase: 'running', device: 'second' } });
  });

  it('leads by Next alone to the phone', () => {
    const machine = machineFor(windows);
    const page = walk(machine, machine.start(), 'press Next');
    expect(machine.screen(page)).toMatchObject({ step: 'WQ', asks: ['scan'] });
    expect(walk(machine, page, 'scan')).toMatchObject({ phase: 'running', device: 'phone', step: 'WC' });
  });

  it.each(['absent', 'off', 'denied'] as const)(
    'ends at the wish for Bluetooth when it is %s',
    (bluetooth) => {
      const machine = machineFor(windows, { environment: { bluetooth } });
      expect(walk(machine, machine.start(), 'press Next', 'scan')).toMatchObject({
        phase: 'choosing',
        step: 'WB',
      });
    },
  );
});

describe('keys that listen in the background', () => {
  const withPin = { ...key, pinSet: true };

  it('are used by insert and touch from the sheet with the code', () => {
    const machine = machineFor(linux);
    const inserted = walk(machine, machine.start(), 'insert');
    expect(inserted).toMatchObject({ phase: 'choosing', step: 'LQ' });
    expect(machine.screen(inserted).asks).toEqual(['scan', 'touch']);
    expect(walk(machine, inserted, 'touch')).toMatchObject({ phase: 'running', device: 'key', step: 'LQ' });
  });

  it('leave the phone usable until they are touched', () => {
    const machine = machineFor(linux);
    expect(walk(machine, machine.start(), 'insert', 'scan')).toMatchObject({
      phase: 'running',
      device: 'phone',
    });
  });

  it('with a PIN take over as soon as they are in', () => {
    const machine = machineFor(linux, { devices: [withPin, phone] });
    const inserted = walk(machine, machine.start(), 'insert');
    expect(inserted).toMatchObject({ phase: 'running', device: 'key' });
    expect(machine.offered(inserted).map(({ kind }) => kind)).not.toContain('scan');
  });

  it('with a PIN that nobody wants wait for the touch', () => {
    const request: CeremonyRequest = {
      ...signIn,
      ...allow(['usb', 'hybrid']),
      userVerification: 'discouraged',
    };
    const machine = machineFor(linux, { devices: [withPin, phone], request });
    expect(walk(machine, machine.start(), 'insert').phase).toBe('choosing');
  });

  it('with a PIN replace the first sheet when they are in from the start', () => {
    const machine = machineFor(linux, { devices: [{ ...withPin, plugged: true }, phone] });
    expect(machine.start()).toMatchObject({ phase: 'running', device: 'key' });
  });

  it('wait for a touch when there are two, PIN or not', () => {
    const devices = [
      { ...withPin, plugged: true },
      { ...withPin, id: 'second', plugged: true },
    ];
    const machine = machineFor(linux, { devices });
    expect(machine.start().phase).toBe('choosing');
  });

  it('listen on the list, too, but not under autofill', () => {
    const list = machineFor(linux, { environment: { bluetooth: 'off' } });
    expect(list.start().step).toBe('LM');
    expect(walk(list, list.start(), 'insert', 'touch').phase).toBe('running');
    const autofill = machineFor(linux, { request: { ...signIn, mediation: 'conditional' } });
    expect(autofill.offered(autofill.start()).map(({ kind }) => kind)).toEqual(['select', 'cancel']);
  });

  it('are not listened for when the relying party allows phones only', () => {
    const machine = machineFor(linux, { request: { ...signIn, ...allow(['hybrid']) } });
    expect(machine.offered(machine.start()).map(({ kind }) => kind)).not.toContain('insert');
  });
});

describe('what a device in use brings up', () => {
  const machine = machineFor(windows);
  const inUse = walk(machine, machine.start(), 'select Security key', 'press Next', 'insert');
  const pin = { device: 'key', reason: 'verify', minPinLength: 4, wrong: false } as const;

  it('is the PIN page, again with the tries that are left', () => {
    const asked = machine.raise(inUse, { kind: 'pin-wanted', request: pin });
    expect(machine.screen(asked)).toMatchObject({ step: 'WP', asks: ['pin'] });
    const entered = walk(machine, asked, 'pin');
    expect(machine.offered(entered)).toEqual([{ kind: 'press', control: 'Cancel' }, { kind: 'cancel' }]);
    const again = machine.raise(entered, {
      kind: 'pin-wanted',
      request: { ...pin, wrong: true, retries: 7 },
    });
    expect(machine.screen(again)).toMatchObject({ step: 'WP', body: 'That PIN is wrong. Tries left: 7.' });
  });

  it('is the page for a new PIN', () => {
    const asked = machine.raise(inUse, { kind: 'pin-wanted', request: { ...pin, reason: 'set' } });
    expect(machine.screen(asked)).toMatchObject({ step: 'WN' });
    expect(machine.screen(asked).body).toContain('4 characters');
  });

  it('is the touch page, once per touch', () => {
    const asked = machine.raise(inUse, { kind: 'touch-wanted', device: 'key' });
    expect(machine.screen(asked)).toMatchObject({ step: 'WT', asks: ['touch'] });
    expect(machine.raise(asked, { kind: 'touch-wanted', device: 'key' })).toBe(asked);
    const touched = walk(machine, asked, 'touch');
    expect(machine.raise(touched, { kind: 'touch-wanted', device: 'key' })).toBe(touched);
    const working = machine.raise(touched, { kind: 'working', device: 'key' });
    expect(machine.raise(working, { kind: 'touch-wanted', device: 'key' }).wanted).toBe('touch');
  });

  it('is the account page', () => {
    const asked = machine.raise(inUse, { kind: 'account-wanted', accounts: ['ada', 'bob'] });
    expect(machine.screen(asked)).toMatchObject({ step: 'WA', selected: 'account:0' });
    expect(walk(machine, asked, 'select bob', 'press OK')).toMatchObject({ phase: 'running', account: 1 });
    expect(walk(machine, asked, 'press OK').account).toBe(0);
  });

  it('is the page for a key that does not look familiar, and then the page for another one', () => {
    const failed = machine.raise(inUse, { kind: 'no-credentials', device: 'key' });
    expect(machine.screen(failed).title).toBe("This security key doesn't look familiar");
    const back = walk(machine, failed, 'press OK');
    expect(back).toMatchObject({ step: 'WK', phase: 'choosing', tried: ['key'] });
    // The same key is of no use until it is pulled out.
    expect(machine.offered(back).map(({ kind }) => kind)).toEqual(['press', 'cancel']);
    const pulled = machine.raise(back, { kind: 'unplugged', device: 'key' });
    expect(walk(machine, pulled, 'insert').phase).toBe('running');
  });

  it('takes another key there at once', () => {
    const two = machineFor(windows, { devices: [key, { ...key, id: 'second' }] });
    const first = walk(two, two.start(), 'select Security key', 'press Next', 'insert');
    const failed = two.raise(first, { kind: 'no-credentials', device: 'key' });
    expect(walk(two, failed, 'press OK', 'insert')).toMatchObject({ phase: 'running', device: 'second' });
  });

  it('is the wish to insert the key again after three wrong PINs', () => {
    const blocked = machine.raise(inUse, { kind: 'pin-blocked', device: 'key', untilPowerCycle: true });
    expect(machine.screen(blocked)).toMatchObject({ step: 'WX', asks: ['insert'] });
    expect(walk(machine, blocked, 'insert')).toMatchObject({ phase: 'running', device: 'key' });
  });

  it('is the end of the key after eight', () => {
    const blocked = machine.raise(inUse, { kind: 'pin-blocked', device: 'key', untilPowerCycle: false });
    expect(machine.screen(blocked)).toMatchObject({ step: 'WZ' });
    expect(machine.offered(blocked)).toEqual([{ kind: 'press', control: 'Close' }, { kind: 'cancel' }]);
  });

  it('is something else for a phone than for a key', () => {
    const scanned = walk(machine, machine.start(), 'press Next', 'scan');
    const asked = machine.raise(scanned, { kind: 'touch-wanted', device: 'phone' });
    expect(asked).toMatchObject({ step: 'WC', wanted: 'verify' });
    const failed = machine.raise(asked, { kind: 'no-credentials', device: 'phone' });
    expect(failed.step).toBe('WF');
    expect(walk(machine, failed, 'press Try again').step).toBe('W1');
  });

  it('ends with the ceremony', () => {
    const ended = machine.raise(inUse, { kind: 'finished' });
    expect(ended).toMatchObject({ phase: 'ended', ending: 'finished' });
    expect(machine.offered(ended)).toEqual([]);
    expect(machine.raise(ended, { kind: 'touch-wanted', device: 'key' })).toBe(ended);
  });
});

describe('an action that the screen does not offer', () => {
  it('changes nothing and says what is offered', () => {
    const machine = machineFor(windows);
    expect(machine.act(machine.start(), { kind: 'insert' })).toEqual({
      ok: false,
      offered: [
        { kind: 'select', choice: 'phone' },
        { kind: 'select', choice: 'security-key' },
        { kind: 'press', control: 'Next' },
        { kind: 'press', control: 'Cancel' },
        { kind: 'cancel' },
      ],
    });
  });
});
