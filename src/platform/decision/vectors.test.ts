/**
 * Golden vectors of Chromium's third generation, restated from what its unit tests expect: available transports, local credentials and flags
 * on one side, the list and the first screen on the other.
 */
import { describe, expect, it } from 'vitest';
import type {
  AllowedTransport,
  Channel,
  CredentialSource,
  DecisionInput,
  Mechanism,
  RecognisedCredential,
} from './decision.js';
import { firstScreen } from './first-screen.js';
import { listMechanisms, windowsLabel } from './mechanisms.js';
import type { Outcome } from './outcomes.js';
import { availableChannels } from './transports.js';

const ALL: ReadonlySet<AllowedTransport> = new Set(['usb', 'nfc', 'ble', 'internal', 'hybrid']);

/** Linux with Bluetooth, a get with an empty list, nothing local: the plainest way for a phone to come first. */
const base: DecisionInput = {
  operation: 'get',
  os: 'linux',
  allowed: ALL,
  available: new Set(['usb', 'internal', 'hybrid']),
  emptyAllowList: true,
  credentials: [],
  residentKey: 'preferred',
  userVerification: 'required',
  bluetooth: 'on',
  windows: null,
  platformAuthenticator: 'enumerable',
  passwordManager: 'off',
  passwordManagerDeclines: 0,
  savedPassword: false,
  icloud: 'absent',
  createInIcloud: false,
  biometrics: false,
};

function credential(user: string, source: CredentialSource = 'other'): RecognisedCredential {
  const bytes = new TextEncoder().encode(user);
  return { device: 'laptop', id: bytes, userId: bytes, userName: user, source };
}

function channels(...names: Channel[]): Pick<DecisionInput, 'available'> {
  return { available: new Set(names) };
}

/** A Windows machine: what is available follows from the interface version. */
function onWindows(api: number, change: Partial<DecisionInput> = {}): DecisionInput {
  const input: DecisionInput = {
    ...base,
    os: 'windows',
    windows: { api, hello: 'ready' },
    ...change,
  };
  return { ...input, available: availableChannels(input) };
}

function nameOf(mechanism: Mechanism): string {
  switch (mechanism.kind) {
    case 'credential':
      return mechanism.credential.userName;
    case 'hybrid':
      return mechanism.withKey ? 'phone-or-key' : 'phone';
    default:
      return mechanism.kind;
  }
}

function decide(input: DecisionInput): { list: readonly string[]; first: Outcome; rule: string } {
  const mechanisms = listMechanisms(input);
  const { outcome, rule } = firstScreen(input, mechanisms);
  return { list: mechanisms.map(nameOf), first: outcome, rule };
}

type Vector = readonly [
  id: string,
  input: DecisionInput,
  list: readonly string[],
  first: Outcome,
  rule: string,
];

const one = [credential('ada')];
const two = [credential('ada'), credential('bob')];
const named: Partial<DecisionInput> = { emptyAllowList: false };

const GET: readonly Vector[] = [
  ['g1 key only', { ...base, ...channels('usb') }, ['usb'], 'key', 'R3'],
  ['g2 key and phone', { ...base, ...channels('usb', 'hybrid') }, ['phone-or-key'], 'qr', 'R3'],
  ['g3 everything, empty list', base, ['phone-or-key'], 'qr', 'R3'],
  ['g4 everything, named credentials', { ...base, ...named }, ['phone-or-key'], 'qr', 'R3'],
  ['g5 without keys', { ...base, ...channels('internal', 'hybrid') }, ['phone'], 'qr', 'R3'],
  [
    'g6 Bluetooth off',
    { ...base, ...channels('usb', 'hybrid'), bluetooth: 'off' },
    ['phone', 'usb'],
    'list',
    'R8',
  ],
  [
    'g6 Bluetooth denied',
    { ...base, ...channels('usb', 'hybrid'), bluetooth: 'denied' },
    ['phone', 'usb'],
    'list',
    'R8',
  ],
  ['g7 one local credential', { ...base, credentials: one }, ['ada', 'phone-or-key'], 'account', 'R4'],
  ['g8 two local users', { ...base, credentials: two }, ['ada', 'bob', 'phone-or-key'], 'list', 'R8'],
  [
    'g9 named, one local, macOS',
    { ...base, ...named, os: 'macos', credentials: [credential('ada', 'touch-id')] },
    ['ada', 'phone-or-key'],
    'platform',
    'R5',
  ],
  [
    'g9 named, one local, elsewhere',
    { ...base, ...named, os: 'chromeos', credentials: [credential('ada', 'chromeos')] },
    ['ada', 'phone-or-key'],
    'account',
    'R5',
  ],
  ['g10 hint at the key', { ...base, hint: 'security-key' }, ['phone', 'usb'], 'key', 'R7'],
  [
    'g11 hint at the key that is not allowed',
    { ...base, ...channels('internal', 'hybrid'), hint: 'security-key' },
    ['phone'],
    'qr',
    'R3',
  ],
  [
    'g12 hint at the key, named, local credential of another source',
    { ...base, ...named, hint: 'security-key', credentials: one },
    ['ada', 'phone', 'usb'],
    'list',
    'R8',
  ],
  [
    'g12 with an empty list',
    { ...base, hint: 'security-key', credentials: one },
    ['ada', 'phone', 'usb'],
    'account',
    'R4',
  ],
  [
    'g12 with a match of the platform',
    { ...base, ...named, os: 'macos', hint: 'security-key', credentials: [credential('ada', 'touch-id')] },
    ['ada', 'phone', 'usb'],
    'platform',
    'R5',
  ],
  ['g13 hint at the phone', { ...base, hint: 'hybrid' }, ['phone', 'usb'], 'qr', 'R7'],
  [
    'g14 hint at the phone without Bluetooth',
    { ...base, ...channels('usb', 'internal'), hint: 'hybrid' },
    ['usb'],
    'key',
    'R3',
  ],
  ['g15 hint at this machine', { ...base, hint: 'client-device' }, ['phone-or-key'], 'qr', 'R3'],
];

const hello = [credential('ada', 'windows-hello')];

const WINDOWS: readonly Vector[] = [
  ['w1 no phone, nothing local', onWindows(4, { bluetooth: 'absent' }), ['windows'], 'windows', 'R3'],
  [
    'w1 no phone, one in Hello',
    onWindows(4, { bluetooth: 'absent', credentials: hello, ...named }),
    ['ada', 'windows'],
    'windows',
    'R5',
  ],
  ['w2 versions 4 and 5', onWindows(4), ['phone', 'windows'], 'list', 'R8'],
  ['w2 named credentials', onWindows(5, named), ['phone', 'windows'], 'list', 'R8'],
  [
    'w3 one in Hello, empty list',
    onWindows(5, { credentials: hello }),
    ['ada', 'phone', 'windows'],
    'windows',
    'R6',
  ],
  ['w4 below version 4', onWindows(3), ['windows', 'phone'], 'list', 'R8'],
  [
    'w4 below version 4, Hello not set up',
    onWindows(3, { windows: { api: 3, hello: 'not-set-up' } }),
    ['phone', 'windows'],
    'list',
    'R8',
  ],
  ['w5 hint at the key', onWindows(4, { hint: 'security-key' }), ['phone', 'windows'], 'windows', 'R7'],
  ['w6 hint at the phone', onWindows(4, { hint: 'hybrid' }), ['phone', 'windows'], 'qr', 'R7'],
  ['w7 version 6, hint at the phone', onWindows(6, { hint: 'hybrid' }), ['windows'], 'windows', 'R3'],
  ['w8 hint at this machine', onWindows(4, { hint: 'client-device' }), ['phone', 'windows'], 'windows', 'R7'],
];

const createBase: DecisionInput = {
  ...base,
  operation: 'create',
  emptyAllowList: true,
  residentKey: 'required',
};
const cross: Partial<DecisionInput> = {
  attachment: 'cross-platform',
  allowed: new Set(['usb', 'nfc', 'ble', 'hybrid']),
};
const phoneAndHere = channels('hybrid', 'internal');
const onWindowsCreate = (api: number, change: Partial<DecisionInput> = {}) =>
  onWindows(api, { operation: 'create', residentKey: 'required', ...change });

const CREATE: readonly Vector[] = [
  [
    'c1 passkey, cross-platform',
    { ...createBase, ...cross, ...channels('usb', 'hybrid') },
    ['phone-or-key'],
    'qr',
    'R3',
  ],
  [
    'c1 with a platform authenticator in the list',
    { ...createBase, ...cross },
    ['phone-or-key', 'internal'],
    'qr',
    'C3',
  ],
  ['c2 passkey, any, Linux', { ...createBase, ...phoneAndHere }, ['phone', 'internal'], 'qr', 'C3'],
  [
    'c2 passkey, any, macOS',
    { ...createBase, ...phoneAndHere, os: 'macos' },
    ['phone', 'internal'],
    'create-here',
    'C1',
  ],
  [
    'c3 no passkey, Linux',
    { ...createBase, ...phoneAndHere, residentKey: 'discouraged' },
    ['phone', 'internal'],
    'list',
    'C5',
  ],
  [
    'c3 no passkey, platform, macOS',
    { ...createBase, ...phoneAndHere, os: 'macos', residentKey: 'discouraged', attachment: 'platform' },
    ['phone', 'internal'],
    'create-here',
    'C1',
  ],
  ['c4 hint at the key', { ...createBase, hint: 'security-key' }, ['phone', 'internal', 'usb'], 'key', 'C4'],
  [
    'c5 hint at a key that is not allowed',
    { ...createBase, ...phoneAndHere, hint: 'security-key' },
    ['phone', 'internal'],
    'qr',
    'C3',
  ],
  [
    'c5 on macOS',
    { ...createBase, ...phoneAndHere, os: 'macos', hint: 'security-key' },
    ['phone', 'internal'],
    'create-here',
    'C1',
  ],
  ['c6 hint at the phone', { ...createBase, hint: 'hybrid' }, ['phone', 'internal', 'usb'], 'qr', 'C3'],
  [
    'c7 hint at this machine',
    { ...createBase, ...phoneAndHere, hint: 'client-device' },
    ['phone', 'internal'],
    'platform',
    'C4',
  ],
  [
    'c7 on macOS',
    { ...createBase, ...phoneAndHere, os: 'macos', hint: 'client-device' },
    ['phone', 'internal'],
    'create-here',
    'C1',
  ],
  [
    'c7 without a platform authenticator',
    { ...createBase, ...channels('hybrid'), hint: 'client-device' },
    ['phone'],
    'qr',
    'R3',
  ],
  ['c8 versions 4 and 5, cross-platform', onWindowsCreate(5, cross), ['phone', 'windows'], 'qr', 'C3'],
  ['c8 with any attachment', onWindowsCreate(5), ['windows', 'phone'], 'windows', 'C1'],
  [
    'c8 with platform',
    onWindowsCreate(5, { attachment: 'platform', allowed: new Set(['internal']) }),
    ['windows'],
    'windows',
    'R3',
  ],
  ['c9 hint at the key', onWindowsCreate(4, { hint: 'security-key' }), ['windows', 'phone'], 'windows', 'C1'],
  [
    'c9 hint at this machine',
    onWindowsCreate(4, { hint: 'client-device' }),
    ['windows', 'phone'],
    'windows',
    'C1',
  ],
  ['c10 hint at the phone', onWindowsCreate(4, { hint: 'hybrid' }), ['windows', 'phone'], 'qr', 'C3'],
  ['c10 from version 6 on', onWindowsCreate(6, { hint: 'hybrid' }), ['windows'], 'windows', 'R3'],
  [
    'c11 cross-platform and a hint at the key: the hint is lost',
    onWindowsCreate(5, { ...cross, hint: 'security-key' }),
    ['phone', 'windows'],
    'qr',
    'C3',
  ],
  [
    'c11 below version 4, too',
    onWindowsCreate(3, { ...cross, hint: 'security-key' }),
    ['phone', 'windows'],
    'qr',
    'C3',
  ],
  [
    'c11 with a credential that need not be a passkey: the hint holds',
    onWindowsCreate(5, { ...cross, hint: 'security-key', residentKey: 'discouraged' }),
    ['phone', 'windows'],
    'windows',
    'C3',
  ],
];

describe('golden vectors', () => {
  it.each([...GET, ...WINDOWS, ...CREATE])('%s', (_id, input, list, first, rule) => {
    expect(decide(input)).toEqual({ list, first, rule });
  });
});

const KEY_ONLY: ReadonlySet<AllowedTransport> = new Set(['usb', 'nfc', 'ble']);
const PHONE_ONLY: ReadonlySet<AllowedTransport> = new Set(['hybrid']);
const HERE_ONLY: ReadonlySet<AllowedTransport> = new Set(['internal']);

describe('the Windows button', () => {
  it.each([
    ['all', ALL, 'phone-tablet-or-key', 'key', 'hello-or-key', 'key'],
    ['keys only', KEY_ONLY, 'key', 'key', 'key', 'key'],
    ['phones only', PHONE_ONLY, 'phone-or-tablet', undefined, undefined, undefined],
    ['this machine only', HERE_ONLY, undefined, undefined, 'hello', undefined],
  ] as const)('says for %s what its dialog can do', (_name, allowed, six, four, three, threeWithoutHello) => {
    const label = (api: number, state: 'ready' | 'not-set-up') =>
      windowsLabel({ ...base, os: 'windows', allowed, windows: { api, hello: state } });
    expect(label(6, 'ready')).toBe(six);
    expect(label(7, 'ready')).toBe(six);
    expect(label(4, 'ready')).toBe(four);
    expect(label(5, 'ready')).toBe(four);
    expect(label(3, 'ready')).toBe(three);
    expect(label(3, 'not-set-up')).toBe(threeWithoutHello);
  });
});
