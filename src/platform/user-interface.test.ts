import { beforeEach, describe, expect, it } from 'vitest';
import type { CeremonyRequest, ClientDevice, DeviceChoice, PinRequest } from '../client/ports.js';
import { KeyrigError } from '../errors.js';
import type { TraceEvent } from '../trace/events.js';
import { WebAuthnError } from '../webauthn/errors.js';
import { type EnvironmentWishes, resolveEnvironment } from './environment.js';
import { follows, headsFor } from './person.js';
import { allow, loadProfile, register, signIn } from './platform.suite.js';
import type { Action, Person, World } from './ports.js';
import type { PlatformProfile } from './profile.js';
import { type PlatformUserInterface, platformUserInterface } from './user-interface.js';

const windows = loadProfile('win11-23h2');
const legacy = loadProfile('win-legacy-docs');
const linux = loadProfile('chromium-linux');

function device(id: string, kind: ClientDevice['kind']): ClientDevice {
  return {
    id,
    label: id,
    kind,
    transport: kind === 'phone' ? 'hybrid' : 'usb',
    attachment: 'cross-platform',
    reachable: true,
    connect: () => Promise.reject(new KeyrigError('transport-closed', 'nobody connects in these tests')),
  };
}

const DEVICES = [device('key', 'security-key'), device('second', 'security-key'), device('phone', 'phone')];

/** A drawer with two keys, a phone on the desk, and a note of everything that hands did. */
class Desk implements World {
  readonly plugged = new Set<string>();
  readonly done: string[] = [];
  readonly pinSet: ReadonlySet<string>;
  knownPin: string | undefined = '1234';
  onInsert: (device: string) => void = () => {};

  constructor(pinSet: readonly string[] = []) {
    this.pinSet = new Set(pinSet);
  }

  keyFacts(id: string) {
    return { plugged: this.plugged.has(id), pinSet: this.pinSet.has(id) };
  }
  async insert(id: string) {
    this.done.push(`insert ${id}`);
    this.plugged.add(id);
    this.onInsert(id);
  }
  touch(id: string) {
    this.done.push(`touch ${id}`);
  }
  async scan(id: string) {
    this.done.push(`scan ${id}`);
  }
  verify(id: string) {
    this.done.push(`verify ${id}`);
  }
  async pin(_request: PinRequest) {
    return this.knownPin;
  }
  async localCredentials() {
    return [];
  }
}

const verifyPin: PinRequest = { device: 'key', reason: 'verify', minPinLength: 4, wrong: false };
const open = new AbortController().signal;

let desk: Desk;
let trace: TraceEvent[];

beforeEach(() => {
  desk = new Desk();
  trace = [];
});

function start(
  profile: PlatformProfile,
  person: Person,
  environment: EnvironmentWishes = {},
): PlatformUserInterface {
  return platformUserInterface({
    profile,
    environment: resolveEnvironment(profile, environment),
    person,
    world: desk,
    trace: { emit: (event) => trace.push(event) },
  });
}

const choose = (ui: PlatformUserInterface, request: CeremonyRequest = signIn): Promise<DeviceChoice> =>
  ui.chooseDevice(request, DEVICES, open);

const wantsTouch = (id = 'key') =>
  ({ kind: 'keepalive', device: id, status: 'user-presence-needed' }) as const;

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** The rest of a ceremony, as a client goes through it: PIN if the key has one, then a touch. */
async function finish(ui: PlatformUserInterface, choice: DeviceChoice): Promise<string | undefined> {
  if (choice.kind !== 'device') return undefined;
  const { device: id } = choice;
  const pin = desk.pinSet.has(id) ? await ui.enterPin({ ...verifyPin, device: id }, open) : undefined;
  ui.notify(wantsTouch(id));
  await settle();
  ui.notify({ kind: 'done', device: id });
  return pin;
}

/** A person who does what the test says, one action per screen. */
function does(...actions: Action[]): Person & { readonly seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    act: async ({ screen }, signal) => {
      seen.push(screen.step);
      const next = actions.shift();
      if (next !== undefined) return next;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new KeyrigError('internal', 'too late')));
      });
    },
  };
}

describe('the documented instructions', () => {
  it('"More choices", "Security key", "Next" lead to the key on Windows 11 23H2', async () => {
    desk = new Desk(['key']);
    const ui = start(windows, follows(['select Security key', 'press Next', 'insert', 'pin', 'touch']));
    const choice = await choose(ui);
    expect(choice).toEqual({ kind: 'device', device: 'key' });
    expect(await finish(ui, choice)).toBe('1234');
    expect(ui.summary()).toEqual({
      firstScreen: 'W1',
      firstTitle: 'Sign in with your passkey',
      defaultChoice: 'phone',
      order: ['iPhone, iPad, or Android device', 'Security key'],
      clicksToSecurityKey: 2,
      keystrokes: 4,
      phoneOffered: true,
      screens: ['W1', 'WK', 'WP', 'WT'],
      simulated: true,
    });
    expect(desk.done).toEqual(['insert key', 'touch key']);
  });

  it.each([
    ['with the heading of the list', ['select More choices', 'select Security key', 'select Next', 'insert']],
    ['in another case', ['SELECT security key', 'press next', 'Insert']],
    [
      'with the button of the PIN page',
      ['select Security key', 'press Next', 'insert', 'pin', 'press OK', 'touch'],
    ],
  ])('may be written %s', async (_how, instructions) => {
    desk = new Desk(instructions.includes('pin') ? ['key'] : []);
    const ui = start(windows, follows(instructions));
    const choice = await choose(ui);
    expect(choice).toEqual({ kind: 'device', device: 'key' });
    if (instructions.includes('pin')) await finish(ui, choice);
    expect(ui.cancelled.aborted).toBe(false);
  });

  it('skip the insertion of a key that is in', async () => {
    desk.plugged.add('key');
    const ui = start(windows, follows(['select Security key', 'press Next', 'insert', 'touch']));
    await finish(ui, await choose(ui));
    expect(ui.summary().screens).toEqual(['W1', 'WK', 'WT']);
    expect(desk.done).toEqual(['touch key']);
  });

  it.each([
    ['earlier Windows', legacy],
    ['Chromium on Linux', linux],
  ])('"insert and touch" is all it takes on %s', async (_name, profile) => {
    const ui = start(profile, follows(['insert', 'touch']));
    const choice = await choose(ui, register);
    expect(choice).toEqual({ kind: 'device', device: 'key' });
    await finish(ui, choice);
    expect(ui.summary()).toMatchObject({
      firstScreen: 'LQ',
      defaultChoice: 'phone',
      order: [],
      clicksToSecurityKey: 0,
      keystrokes: 0,
      phoneOffered: true,
      screens: ['LQ'],
    });
    // One touch at the key, given when it asks for it.
    expect(desk.done).toEqual(['insert key', 'touch key']);
  });

  it('of 23H2 fail on Chromium for Linux, which says what it offers', async () => {
    const ui = start(linux, follows(['select Security key', 'press Next']));
    const failure = await choose(ui).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeyrigError);
    expect(failure).toMatchObject({
      code: 'platform-script',
      message: 'LQ "Passkeys & Security Keys" does not offer "select Security key"',
      hint: 'it offers press Cancel, insert, scan, cancel',
      facts: {
        step: 'LQ',
        instruction: 'select Security key',
        offered: ['press Cancel', 'insert', 'scan', 'cancel'],
      },
    });
    expect(trace.at(-1)).toMatchObject({ kind: 'close', step: 'LQ', fields: { ending: 'failed' } });
  });

  it('fail where the list does not come up because only keys are allowed', async () => {
    const ui = start(windows, follows(['select Security key']));
    await expect(choose(ui, { ...signIn, ...allow(['usb']) })).rejects.toMatchObject({
      code: 'platform-script',
      facts: { step: 'WK', offered: ['press Cancel', 'insert', 'cancel'] },
    });
  });

  it('fail when they end before the screens do', async () => {
    const ui = start(windows, follows(['select Security key']));
    await expect(choose(ui)).rejects.toMatchObject({
      code: 'platform-script',
      message: 'the instructions end at W1 "Sign in with your passkey", which waits for something',
    });
  });

  it('fail at once when a word is unknown', () => {
    expect(() => follows(['click Next'])).toThrow(expect.objectContaining({ code: 'platform-script' }));
  });

  it('that fail on a page of the running device end the ceremony through "cancelled"', async () => {
    const ui = start(windows, follows(['select Security key', 'press Next', 'insert', 'pin']));
    await choose(ui);
    ui.notify(wantsTouch());
    await settle();
    expect(ui.cancelled.reason).toMatchObject({ code: 'platform-script', facts: { step: 'WT' } });
  });
});

describe('a person who heads for the key', () => {
  it.each([
    ['Windows 11 23H2', windows, {}, ['W1', 'WK', 'WT'], 2, 4],
    ['Windows 11 23H2 with a linked phone', windows, { linkedPhones: ['Pixel'] }, ['W1', 'WK', 'WT'], 2, 5],
    ['earlier Windows', legacy, {}, ['LQ'], 0, 0],
    ['Chromium on Linux', linux, {}, ['LQ'], 0, 0],
    ['Chromium on Linux without Bluetooth', linux, { bluetooth: 'absent' }, ['LU'], 0, 0],
    ['Chromium on Linux with Bluetooth off', linux, { bluetooth: 'off' }, ['LM', 'LU'], 1, 2],
  ] as const)('gets there on %s', async (_name, profile, environment, screens, clicks, keystrokes) => {
    const ui = start(profile, headsFor('security-key'), environment);
    const choice = await choose(ui);
    expect(choice).toEqual({ kind: 'device', device: 'key' });
    await finish(ui, choice);
    expect(ui.summary()).toMatchObject({ screens, clicksToSecurityKey: clicks, keystrokes });
    expect(ui.cancelled.aborted).toBe(false);
  });

  it('cancels where only phones are allowed', async () => {
    const ui = start(windows, headsFor('security-key'));
    expect(await choose(ui, { ...signIn, ...allow(['hybrid']) })).toEqual({ kind: 'cancel' });
    expect(ui.summary()).toMatchObject({ firstScreen: 'WQ', clicksToSecurityKey: -1, keystrokes: -1 });
  });

  it('takes the second key when the first does not look familiar', async () => {
    const ui = start(windows, headsFor('security-key'));
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'key' });
    ui.notify({ kind: 'no-credentials', device: 'key' });
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'second' });
    expect(ui.summary().screens).toEqual(['W1', 'WK', 'ERR', 'WK']);
    ui.notify({ kind: 'no-credentials', device: 'second' });
    await expect(choose(ui)).rejects.toMatchObject({
      name: 'NotAllowedError',
      reason:
        'no device could do it, and the user gave up: key has no passkey for this; second has no passkey for this',
    });
  });

  it('does not lift a soft block', async () => {
    desk = new Desk(['key']);
    const ui = start(windows, headsFor('security-key'));
    await choose(ui);
    await ui.enterPin(verifyPin, open);
    ui.notify({ kind: 'pin-blocked', device: 'key', untilPowerCycle: true });
    await expect(choose(ui)).rejects.toMatchObject({
      name: 'NotAllowedError',
      reason: 'no device could do it, and the user gave up: the PIN of key is blocked',
    });
    expect(ui.summary().screens).toEqual(['W1', 'WK', 'WP', 'WX']);
  });
});

describe('a person who heads for the phone', () => {
  it.each([
    ['Windows 11 23H2', windows, ['W1', 'WQ', 'WC']],
    ['Chromium on Linux', linux, ['LQ', 'LC', 'LC2']],
  ] as const)('scans and goes on there on %s', async (_name, profile, screens) => {
    const ui = start(profile, headsFor('phone'));
    const choice = await choose(ui);
    expect(choice).toEqual({ kind: 'device', device: 'phone' });
    await finish(ui, choice);
    expect(ui.summary().screens).toEqual(screens);
    expect(desk.done).toEqual(['scan phone', 'verify phone']);
  });

  it('can no longer when a key with a PIN is in', async () => {
    desk = new Desk(['key']);
    desk.plugged.add('key');
    const ui = start(linux, headsFor('phone'));
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'key' });
    expect(await ui.enterPin(verifyPin, open)).toBeUndefined();
    // The sheet with the code was replaced before anybody saw it.
    expect(ui.summary()).toMatchObject({ firstScreen: 'LP', screens: ['LP'], defaultChoice: 'security-key' });
  });
});

describe('a person who takes whatever comes first', () => {
  it.each([
    ['Windows 11 23H2', windows, signIn, 'phone'],
    ['Chromium on Linux', linux, signIn, 'phone'],
    ['Chromium on Linux, hinted at the key', linux, { ...signIn, hints: ['security-key'] }, 'key'],
    ['Windows 11 23H2, keys only', windows, { ...signIn, ...allow(['usb']) }, 'key'],
  ] satisfies [string, PlatformProfile, CeremonyRequest, string][])(
    'on %s',
    async (_name, profile, request, expected) => {
      const ui = start(profile, headsFor('whatever-comes-first'));
      expect(await choose(ui, request)).toEqual({ kind: 'device', device: expected });
    },
  );

  it('ends somewhere when nothing works', async () => {
    const ui = start(windows, headsFor('whatever-comes-first'));
    await choose(ui);
    ui.notify({ kind: 'no-credentials', device: 'phone' });
    await expect(choose(ui)).rejects.toMatchObject({
      name: 'NotAllowedError',
      reason: 'no device could do it, and the user gave up: phone has no passkey for this',
    });
  });
});

describe('what the running device brings up', () => {
  const toKey: Action[] = [
    { kind: 'select', choice: 'security-key' },
    { kind: 'press', control: 'Next' },
    { kind: 'insert' },
  ];

  it('returns to the PIN page after a wrong PIN, with the tries that are left', async () => {
    desk = new Desk(['key']);
    const ui = start(windows, headsFor('security-key'));
    await choose(ui);
    expect(await ui.enterPin(verifyPin, open)).toBe('1234');
    expect(await ui.enterPin({ ...verifyPin, wrong: true, retries: 7 }, open)).toBe('1234');
    expect(ui.summary().screens).toEqual(['W1', 'WK', 'WP', 'WP']);
    const bodies = trace.flatMap((event) =>
      event.layer === 'prompt' && event.kind === 'show' && event.step === 'WP' ? [event.fields] : [],
    );
    expect(bodies[1]).toMatchObject({ body: 'That PIN is wrong. Tries left: 7.' });
  });

  it('takes a PIN that the person types rather than the one the world knows', async () => {
    const ui = start(windows, does(...toKey, { kind: 'pin', pin: '9999' }));
    await choose(ui);
    expect(await ui.enterPin(verifyPin, open)).toBe('9999');
  });

  it('is cancelled by a person who does not know the PIN', async () => {
    desk = new Desk(['key']);
    desk.knownPin = undefined;
    const ui = start(windows, headsFor('security-key'));
    await choose(ui);
    expect(await ui.enterPin(verifyPin, open)).toBeUndefined();
    expect(trace.at(-1)).toMatchObject({ kind: 'close', step: 'WP', fields: { ending: 'cancelled' } });
  });

  it('asks once for a touch however often the keep-alive repeats, and again after it went on working', async () => {
    const person = does(...toKey, { kind: 'touch' }, { kind: 'touch' });
    const ui = start(windows, person);
    await choose(ui);
    for (let times = 0; times < 3; times++) ui.notify(wantsTouch());
    await settle();
    ui.notify(wantsTouch());
    await settle();
    expect(desk.done).toEqual(['insert key', 'touch key']);
    ui.notify({ kind: 'keepalive', device: 'key', status: 'processing' });
    ui.notify(wantsTouch());
    await settle();
    expect(desk.done).toEqual(['insert key', 'touch key', 'touch key']);
    expect(person.seen).toEqual(['W1', 'W1', 'WK', 'WT', 'WT']);
  });

  it('chooses the account by name, or the first', async () => {
    const accounts = ['ada', 'bob'].map((name) => ({ userId: new TextEncoder().encode(name), name }));
    for (const [account, index] of [
      ['bob', 1],
      [undefined, 0],
      ['eve', undefined],
    ] as const) {
      desk = new Desk();
      const ui = start(windows, headsFor('security-key', account === undefined ? {} : { account }));
      await choose(ui);
      expect(await ui.chooseAccount(accounts, open)).toBe(index);
    }
  });

  it('offers the choice of another device when the client asks again without a word', async () => {
    const ui = start(windows, headsFor('security-key'));
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'key' });
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'second' });
    expect(ui.summary().screens).toContain('WF');
  });
});

describe('cancelling', () => {
  const cancel: Action = { kind: 'cancel' };
  const insertFromPage: Action[] = [
    { kind: 'select', choice: 'security-key' },
    { kind: 'press', control: 'Next' },
  ];

  it.each([
    ['Escape on the first screen', [cancel]],
    ['the button on the first screen', [{ kind: 'press', control: 'Cancel' }]],
    ['Escape on the key page', [...insertFromPage, cancel]],
    [
      'the button on the page of the phone',
      [
        { kind: 'press', control: 'Next' },
        { kind: 'press', control: 'Cancel' },
      ],
    ],
  ] satisfies [string, Action[]][])('by %s ends the choice', async (_name, actions) => {
    const ui = start(windows, does(...actions));
    expect(await choose(ui)).toEqual({ kind: 'cancel' });
    expect(trace.at(-1)).toMatchObject({ kind: 'close', fields: { ending: 'cancelled' } });
  });

  it('on the PIN page yields no PIN, on the account page no account', async () => {
    const pin = start(windows, does(...insertFromPage, { kind: 'insert' }, cancel));
    await choose(pin);
    expect(await pin.enterPin(verifyPin, open)).toBeUndefined();
    desk = new Desk();
    const account = start(windows, does(...insertFromPage, { kind: 'insert' }, cancel));
    await choose(account);
    expect(await account.chooseAccount([{ userId: Uint8Array.of(1) }], open)).toBeUndefined();
  });

  it('on the touch page reaches the client as the NotAllowedError that it ends with', async () => {
    const ui = start(windows, does(...insertFromPage, { kind: 'insert' }, cancel));
    await choose(ui);
    ui.notify(wantsTouch());
    await settle();
    expect(ui.cancelled.reason).toBeInstanceOf(WebAuthnError);
    expect(ui.cancelled.reason).toMatchObject({ name: 'NotAllowedError' });
  });

  const toKey: Action[] = [...insertFromPage, { kind: 'insert' }];

  it.each([
    [
      'which device',
      [],
      { kind: 'cancel' },
      (ui: PlatformUserInterface, signal: AbortSignal) => ui.chooseDevice(signIn, DEVICES, signal),
    ],
    [
      'which PIN',
      toKey,
      undefined,
      (ui: PlatformUserInterface, signal: AbortSignal) => ui.enterPin(verifyPin, signal),
    ],
    [
      'which account',
      toKey,
      undefined,
      (ui: PlatformUserInterface, signal: AbortSignal) =>
        ui.chooseAccount([{ userId: Uint8Array.of(1) }], signal),
    ],
  ] as const)('by the client ends the question %s', async (_question, before, answer, ask) => {
    const ui = start(windows, does(...before));
    if (before.length > 0) await choose(ui);
    const control = new AbortController();
    const answered = ask(ui, control.signal);
    await settle();
    control.abort();
    expect(await answered).toEqual(answer);
    expect(trace.at(-1)).toMatchObject({ kind: 'close', fields: { ending: 'aborted' } });
  });
});

describe('keys that somebody else plugs in', () => {
  it('are used while the person still thinks', async () => {
    desk = new Desk(['key']);
    const person = does();
    const ui = start(linux, person);
    const choice = choose(ui);
    await settle();
    ui.plugged('key');
    expect(await choice).toEqual({ kind: 'device', device: 'key' });
    expect(person.seen).toEqual(['LQ']);
  });

  it('are seen once, also when the world reports its own insertion', async () => {
    const ui = start(windows, headsFor('security-key'));
    desk.onInsert = (id) => ui.plugged(id);
    expect(await choose(ui)).toEqual({ kind: 'device', device: 'key' });
  });

  it('can be pulled out again', async () => {
    desk.plugged.add('key');
    const person = does({ kind: 'select', choice: 'security-key' });
    const ui = start(windows, person);
    const choice = choose(ui);
    await settle();
    ui.unplugged('key');
    await settle();
    ui.close();
    expect(await choice).toEqual({ kind: 'cancel' });
  });
});

describe('the trace', () => {
  it('shows each screen with what is on it, each action, and the end, and never a PIN', async () => {
    desk = new Desk(['key']);
    const ui = start(windows, follows(['select Security key', 'press Next', 'insert', 'pin', 'touch']));
    await finish(ui, await choose(ui));
    const told = trace.map((event) =>
      event.layer === 'prompt'
        ? [event.kind, event.step, event.kind === 'act' ? event.fields : undefined]
        : [],
    );
    expect(told).toEqual([
      ['show', 'W1', undefined],
      ['act', 'W1', { action: 'select Security key' }],
      ['act', 'W1', { action: 'press Next' }],
      ['show', 'WK', undefined],
      ['act', 'WK', { action: 'insert' }],
      ['show', 'WP', undefined],
      ['act', 'WP', { action: 'pin' }],
      ['show', 'WT', undefined],
      ['act', 'WT', { action: 'touch' }],
      ['close', 'WT', undefined],
    ]);
    expect(trace[0]).toMatchObject({
      title: 'Sign in with your passkey',
      fields: {
        listLabel: 'More choices',
        choices: ['iPhone, iPad, or Android device', 'Security key'],
        selected: 'iPhone, iPad, or Android device',
        controls: ['Next', 'Cancel'],
        default: 'Next',
      },
    });
    expect(JSON.stringify(trace)).not.toContain('1234');
  });

  it('ends with how everything that fired or was shown is known', async () => {
    const named: CeremonyRequest = { ...signIn, ...allow(['usb', 'nfc']) };
    desk = new Desk(['key']);
    const onWindows = start(windows, headsFor('security-key'));
    await finish(onWindows, await choose(onWindows, named));
    expect(trace.at(-1)).toMatchObject({
      kind: 'close',
      fields: { grounds: { M: { screens: ['WK', 'WP', 'WT'] } } },
    });
    expect(trace.at(-1)?.fields).not.toHaveProperty('grounds.observed');
    const onLinux = start(linux, headsFor('security-key'));
    await finish(onLinux, await choose(onLinux, named));
    expect(trace.at(-1)).toMatchObject({
      kind: 'close',
      fields: {
        grounds: {
          observed: { rules: expect.arrayContaining(['transports', 'R3/key']), screens: ['LU'] },
          H: { screens: ['LP'] },
          M: { screens: ['LT'] },
        },
      },
    });
  });
});

describe('the summary', () => {
  it('is empty before the first ceremony', () => {
    expect(start(windows, headsFor('phone')).summary()).toMatchObject({ firstScreen: 'none', screens: [] });
  });

  it.each([
    ['the code first, key inserted and touched', {}, register, false],
    ['the key page for named keys', {}, { ...signIn, ...allow(['usb', 'nfc']) }, false],
    ['the list with Bluetooth off', { bluetooth: 'off' }, signIn, false],
    [
      'hints as a sorted set, which 156 no longer does',
      { hintsOrder: 'chromium-set' },
      { ...signIn, hints: ['security-key'] },
      true,
    ],
  ] satisfies [string, EnvironmentWishes, CeremonyRequest, boolean][])(
    'calls only what no browser was seen to do simulated: %s',
    async (_name, environment, request, simulated) => {
      const ui = start(linux, headsFor('security-key'), environment);
      await finish(ui, await choose(ui, request));
      expect(ui.summary().screens).not.toContain('LT');
      expect(ui.summary().simulated).toBe(simulated);
    },
  );

  it('calls a run simulated once a page came up that nobody has seen', async () => {
    desk = new Desk(['key']);
    const ui = start(linux, headsFor('security-key'));
    await finish(ui, await choose(ui));
    expect(ui.summary()).toMatchObject({ screens: ['LQ', 'LP', 'LT'], simulated: true });
  });
});
