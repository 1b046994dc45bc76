import { describe, expect, it } from 'vitest';
import type { PublicKeyCredentialDescriptor } from '../../webauthn/types.js';
import type { AllowedTransport, CredentialSource, DecisionInput, RecognisedCredential } from './decision.js';
import { firstScreen } from './first-screen.js';
import { countingHint } from './hints.js';
import { listMechanisms } from './mechanisms.js';
import { allowedTransports, availableChannels } from './transports.js';
import { type DialogInput, windowsDialog } from './windows-dialog.js';

const ALL: readonly AllowedTransport[] = ['usb', 'nfc', 'ble', 'internal', 'hybrid'];

function descriptor(...transports: string[]): PublicKeyCredentialDescriptor {
  return { type: 'public-key', id: Uint8Array.of(1), transports };
}

const withoutTransports: PublicKeyCredentialDescriptor = { type: 'public-key', id: Uint8Array.of(1) };

describe('transports that the relying party allows', () => {
  const get = (...allowCredentials: PublicKeyCredentialDescriptor[]) => [
    ...allowedTransports({ operation: 'get', allowCredentials }),
  ];

  it('are all of them for an empty list', () => {
    expect(get()).toEqual(ALL);
  });

  it('are the union of all descriptors', () => {
    expect(get(descriptor('usb'), descriptor('nfc', 'hybrid'))).toEqual(['usb', 'nfc', 'hybrid']);
  });

  it.each([
    ['lacks transports', withoutTransports],
    ['has an empty list of them', descriptor()],
    ['names only unknown ones', descriptor('carrier-pigeon')],
  ])('are all of them as soon as one descriptor %s', (_name, loose) => {
    expect(get(descriptor('usb'), loose)).toEqual(ALL);
  });

  it('take cable for hybrid', () => {
    expect(get(descriptor('cable'))).toEqual(['hybrid']);
  });

  it.each([
    ['platform', ['internal']],
    ['cross-platform', ['usb', 'nfc', 'ble', 'hybrid']],
  ] as const)('follow the attachment %s of a create', (attachment, expected) => {
    const allowed = allowedTransports({ operation: 'create', allowCredentials: [], attachment });
    expect([...allowed]).toEqual(expected);
  });

  it('are all of them for a create without attachment', () => {
    expect([...allowedTransports({ operation: 'create', allowCredentials: [] })]).toEqual(ALL);
  });
});

const facts: Parameters<typeof availableChannels>[0] = {
  operation: 'get',
  allowed: new Set(ALL),
  windows: null,
  bluetooth: 'on',
  platformAuthenticator: 'enumerable',
  credentials: [],
};

describe('channels that are left on the machine', () => {
  const left = (change: Partial<typeof facts> = {}) => [...availableChannels({ ...facts, ...change })];

  it('lack the platform authenticator when it has nothing that matches', () => {
    expect(left()).toEqual(['usb', 'hybrid']);
    expect(left({ platformAuthenticator: 'opaque' })).toEqual(['usb', 'hybrid', 'internal']);
    expect(left({ operation: 'create' })).toEqual(['usb', 'hybrid', 'internal']);
    expect(left({ operation: 'create', platformAuthenticator: 'none' })).toEqual(['usb', 'hybrid']);
  });

  it('lack phones without a Bluetooth adapter, not with one that is off', () => {
    expect(left({ bluetooth: 'absent' })).toEqual(['usb']);
    expect(left({ bluetooth: 'off' })).toEqual(['usb', 'hybrid']);
    expect(left({ bluetooth: 'denied' })).toEqual(['usb', 'hybrid']);
  });

  it.each([
    [3, ['hybrid']],
    [5, ['hybrid']],
    [6, []],
    [7, []],
  ])('leave the rest to Windows with interface version %i', (api, expected) => {
    expect(left({ windows: { api, hello: 'ready' } })).toEqual(expected);
  });

  it('are none when only NFC or Bluetooth LE is allowed', () => {
    expect(left({ allowed: new Set(['nfc', 'ble']) })).toEqual([]);
  });
});

describe('the hint that counts', () => {
  it('is the first known one by the specification', () => {
    expect(countingHint(['hybrid', 'security-key'], 'spec')).toBe('hybrid');
    expect(countingHint(['security-key', 'hybrid'], 'spec')).toBe('security-key');
    expect(countingHint(['future', 'client-device'], 'spec')).toBe('client-device');
  });

  it('is the first of the sorted set in builds of 2024, whatever the order', () => {
    expect(countingHint(['hybrid', 'security-key'], 'chromium-set')).toBe('security-key');
    expect(countingHint(['hybrid', 'client-device'], 'chromium-set')).toBe('client-device');
  });

  it.each(['spec', 'chromium-set'] as const)('is none when none is known (%s)', (order) => {
    expect(countingHint(['future'], order)).toBeUndefined();
  });
});

const input: DecisionInput = {
  operation: 'get',
  os: 'macos',
  allowed: new Set(ALL),
  available: new Set(['usb', 'hybrid', 'internal']),
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

function credential(
  user: string,
  source: CredentialSource,
  id = `${user} in ${source}`,
): RecognisedCredential {
  const encode = (text: string) => new TextEncoder().encode(text);
  return { device: 'laptop', id: encode(id), userId: encode(user), userName: user, source };
}

function first(change: Partial<DecisionInput>) {
  const changed = { ...input, ...change };
  const { outcome, rule, mechanism } = firstScreen(changed, listMechanisms(changed));
  const source = mechanism?.kind === 'credential' ? mechanism.credential.source : mechanism?.kind;
  return [rule, outcome, source];
}

describe('the first screen', () => {
  it.each([
    [new Set(ALL), 'no-passkeys'],
    [new Set(['usb'] as const), 'no-transports'],
  ])('is an error when nothing is left (R1)', (allowed, outcome) => {
    expect(first({ allowed, available: new Set() })).toEqual(['R1', outcome, undefined]);
  });

  it('is the list when the password manager wants a sign-in, even with one way more (R2)', () => {
    expect(first({ passwordManager: 'needs-sign-in' })).toEqual(['R2', 'list', undefined]);
  });

  const everywhere = [
    credential('ada', 'touch-id'),
    credential('ada', 'icloud'),
    credential('ada', 'password-manager'),
  ];

  it('prefers the password manager, then iCloud, then the browser profile (R4)', () => {
    expect(first({ credentials: everywhere })).toEqual(['R4', 'account', 'password-manager']);
    expect(first({ credentials: everywhere.slice(0, 2) })).toEqual(['R4', 'icloud', 'icloud']);
    expect(first({ credentials: everywhere.slice(0, 1) })).toEqual(['R4', 'account', 'touch-id']);
  });

  it('passes over the password manager after two refusals (R4)', () => {
    const outcome = first({ credentials: everywhere, passwordManagerDeclines: 2 });
    expect(outcome).toEqual(['R4', 'icloud', 'icloud']);
  });

  it('leaves the confirmation to a source that has one of its own (R4)', () => {
    expect(first({ credentials: everywhere, biometrics: true })).toEqual([
      'R4',
      'platform',
      'password-manager',
    ]);
  });

  it('is the list when a saved password is offered too', () => {
    expect(first({ credentials: everywhere, savedPassword: true })).toEqual(['R8', 'list', undefined]);
  });

  it('prefers iCloud, then the platform, then the password manager for named credentials (R5)', () => {
    const named = { emptyAllowList: false };
    expect(first({ ...named, credentials: everywhere })).toEqual(['R5', 'icloud', 'icloud']);
    const [touch, , manager] = everywhere;
    const without = [touch, manager].filter((found) => found !== undefined);
    expect(first({ ...named, credentials: without })).toEqual(['R5', 'platform', 'touch-id']);
    expect(first({ ...named, credentials: without.slice(1) })).toEqual([
      'R5',
      'platform',
      'password-manager',
    ]);
    expect(first({ ...named, credentials: without.slice(1), userVerification: 'discouraged' })).toEqual([
      'R5',
      'account',
      'password-manager',
    ]);
  });

  it('is the list on Windows when another store has one of the matches (not R6)', () => {
    const windows = { api: 5, hello: 'ready' } as const;
    const credentials = [credential('ada', 'windows-hello'), credential('bob', 'other')];
    expect(first({ os: 'windows', windows, credentials })).toEqual(['R8', 'list', undefined]);
    expect(first({ os: 'windows', windows, credentials: credentials.slice(0, 1) })[0]).toBe('R6');
  });

  it('offers a keychain that may not be listed before the phone, and R7 finds it', () => {
    const list = listMechanisms({ ...input, icloud: 'no-permission' }).map(({ kind }) => kind);
    expect(list).toEqual(['icloud', 'hybrid']);
    expect(first({ icloud: 'no-permission', hint: 'client-device' })).toEqual(['R7', 'icloud', 'icloud']);
  });

  it('of a create goes to the password manager until it was turned down twice (C1)', () => {
    const create: Partial<DecisionInput> = { operation: 'create', passwordManager: 'enabled' };
    expect(first(create)).toEqual(['C1', 'create-password-manager', 'password-manager']);
    expect(first({ ...create, passwordManagerDeclines: 2 })).toEqual(['C1', 'create-here', 'internal']);
    expect(first({ ...create, attachment: 'cross-platform' })).toEqual(['C3', 'qr', 'hybrid']);
  });

  it('of a create on macOS goes to iCloud Keychain where that is the default (C1)', () => {
    const create: Partial<DecisionInput> = { operation: 'create', icloud: 'present' };
    expect(first({ ...create, createInIcloud: true })).toEqual(['C1', 'icloud', 'icloud']);
    expect(first(create)).toEqual(['C1', 'create-here', 'internal']);
  });

  it('of a create on Windows from version 6 on is the dialog (C2 or the only way)', () => {
    const windows = { api: 6, hello: 'not-set-up' } as const;
    const create: Partial<DecisionInput> = {
      operation: 'create',
      os: 'windows',
      windows,
      available: new Set(),
    };
    expect(first(create)).toEqual(['R3', 'windows', 'windows']);
    expect(first({ ...create, attachment: 'cross-platform', passwordManager: 'enabled' })).toEqual([
      'C2',
      'windows',
      'windows',
    ]);
  });
});

describe('the list', () => {
  it('sorts local credentials by user name, then by ids', () => {
    const credentials = [
      credential('bob', 'other'),
      credential('ada', 'other', 'z'),
      credential('Älva', 'other'),
      credential('ada', 'other', 'a'),
    ];
    const listed = listMechanisms({ ...input, credentials }).flatMap((mechanism) =>
      mechanism.kind === 'credential' ? [new TextDecoder().decode(mechanism.credential.id)] : [],
    );
    expect(listed).toEqual(['a', 'z', 'Älva in other', 'bob in other']);
  });
});

const dialog: DialogInput = {
  operation: 'get',
  windows: { api: 7, hello: 'not-set-up' },
  allowed: new Set(ALL),
  helloMatches: false,
  linkedPhones: [],
  dialogHints: 'honoured',
};

describe('the Windows dialog', () => {
  const decided = (change: Partial<DialogInput>) =>
    windowsDialog({ ...dialog, ...change }).rules.map(({ rule, outcome }) => `${rule} ${outcome}`);
  const ready = { api: 7, hello: 'ready' } as const;
  const eight = { api: 8, hello: 'not-set-up' } as const;

  it('lists the phone first when nothing local matches', () => {
    expect(decided({})).toEqual(['D-chooser chooser']);
  });

  it('puts a linked phone before it', () => {
    expect(decided({ linkedPhones: ['Pixel'] })).toEqual(['D-linked-phone chooser']);
  });

  it('goes to Windows Hello for a match, only if Hello is set up and allowed', () => {
    expect(decided({ helloMatches: true, windows: ready })).toEqual(['D-hello hello']);
    expect(decided({ helloMatches: true })).toEqual(['D-chooser chooser']);
    const allowed = new Set(['usb', 'hybrid'] as const);
    expect(decided({ helloMatches: true, windows: ready, allowed })).toEqual(['D-chooser chooser']);
  });

  it.each([
    [['usb', 'nfc'], 'D-key-only dialog-key'],
    [['ble'], 'D-key-only dialog-key'],
    [['usb', 'internal'], 'D-key-only dialog-key'],
    [['hybrid'], 'D-phone-only phone'],
    [['usb', 'nfc', 'hybrid'], 'D-chooser chooser'],
  ] as const)('goes for %j to %s', (allowed, expected) => {
    expect(decided({ allowed: new Set(allowed) })).toEqual([expected]);
  });

  it('asks for the key at once below version 6, which reaches no phones', () => {
    expect(decided({ windows: { api: 5, hello: 'not-set-up' } })).toEqual(['D-key-only dialog-key']);
  });

  it.each(['security-key', 'hybrid', 'client-device'] as const)(
    'ignores the hint %s below version 8',
    (hint) => {
      expect(decided({ hint })).toEqual(['D-hint chooser', 'D-chooser chooser']);
    },
  );

  it.each([
    ['security-key', ['D-hint dialog-key']],
    ['hybrid', ['D-hint phone']],
    ['client-device', ['D-hint chooser', 'D-chooser chooser']],
  ] as const)('takes the hint %s from version 8 on, if it honours hints', (hint, expected) => {
    expect(decided({ hint, windows: eight })).toEqual(expected);
    expect(decided({ hint, windows: eight, dialogHints: 'ignored' })).toEqual([
      'D-hint chooser',
      'D-chooser chooser',
    ]);
  });

  it('lets a match in Windows Hello and a single kind of device beat the hint', () => {
    const both = { api: 8, hello: 'ready' } as const;
    expect(decided({ hint: 'security-key', windows: both, helloMatches: true })).toEqual(['D-hello hello']);
    const allowed = new Set(['hybrid'] as const);
    expect(decided({ hint: 'security-key', windows: eight, allowed })).toEqual(['D-phone-only phone']);
  });

  it('keeps a new passkey on this machine where Hello is set up, unless cross-platform was asked for', () => {
    expect(decided({ operation: 'create', windows: ready })).toEqual(['D-save-here save-here']);
    expect(decided({ operation: 'create' })).toEqual(['D-chooser chooser']);
    const allowed = new Set(['usb', 'nfc', 'ble', 'hybrid'] as const);
    expect(decided({ operation: 'create', windows: ready, allowed })).toEqual(['D-chooser chooser']);
  });
});
