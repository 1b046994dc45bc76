import { describe, expect, it } from 'vitest';
import { decodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import { fromBase64url } from '../data/bytes.js';
import { VirtualClock } from '../ports.js';
import type { RegistrationResponseJSON } from '../webauthn/types.js';
import type { TouchBehaviour } from './rig.js';
import { type Bench, type BenchChanges, benchWith, CREATION, ending, REQUEST, settle } from './rig.suite.js';

const PLATFORMS = ['chromium-linux', 'win11-23h2', 'win-legacy-docs'];
const START = Date.UTC(2026, 0, 1);
const PIN = '246810';

const WITH_PIN: BenchChanges = { devices: [{ id: 'key', profile: 'yubikey-5', pin: PIN }] };
const PHONE: BenchChanges = { devices: [{ id: 'key', profile: 'phone-synced' }] };

/** A bench whose person knows what to take. */
async function bench(changes: BenchChanges): Promise<Bench> {
  const made = await benchWith(changes);
  if (made.rig.device('key').kind === 'phone') made.rig.person.wants('phone');
  return made;
}

const register = ({ rig }: Bench) => rig.browser().create(CREATION);

function isVerified({ response }: RegistrationResponseJSON): boolean {
  const bytes = fromBase64url(response.authenticatorData ?? '') ?? new Uint8Array();
  return (decodeAuthenticatorData(bytes).flags & FLAGS.UV) !== 0;
}

describe.each(PLATFORMS)('a touch on %s', (platform) => {
  describe.each([
    ['a key', {}],
    ['a key with a PIN', WITH_PIN],
    ['a phone', PHONE],
  ])('of %s', (_, changes) => {
    /** How signing in with this hand at the device ends, and how many milliseconds it takes. */
    async function signingInWith(touch: TouchBehaviour): Promise<readonly [string, number]> {
      const made = await bench({ ...changes, platform });
      expect(await ending(register(made))).toBe('done');
      const before = made.clock.now();
      made.rig.device('key').setTouch(touch);
      const ended = await ending(made.rig.browser().get(REQUEST));
      const took = made.clock.now() - before;
      await made.rig.close();
      expect(made.clock.pending).toBe(0);
      return [ended, took];
    }

    it('comes at once', async () => {
      expect(await signingInWith({ kind: 'at-once' })).toEqual(['done', 0]);
    });

    it('is given up after 30 seconds when it never comes', async () => {
      expect(await signingInWith({ kind: 'never' })).toEqual(['NotAllowedError', 30_000]);
    });

    it('can be refused', async () => {
      expect(await signingInWith({ kind: 'deny' })).toEqual(['NotAllowedError', 0]);
    });

    it('may take its time', async () => {
      expect(await signingInWith({ kind: 'after', milliseconds: 7_000 })).toEqual(['done', 7_000]);
    });

    it('is too late after 30 seconds', async () => {
      expect(await signingInWith({ kind: 'after', milliseconds: 31_000 })).toEqual([
        'NotAllowedError',
        30_000,
      ]);
    });
  });
});

describe('a hand that waits at the key', () => {
  /** A key that waits, with time that stands still. */
  async function waiting(): Promise<Bench & { readonly ended: Promise<string> }> {
    const made = await benchWith({ clock: new VirtualClock() });
    made.rig.device('key').setTouch({ kind: 'never' });
    const ended = ending(register(made));
    await settle();
    expect(made.events).toContainEqual(expect.objectContaining({ layer: 'user', kind: 'wait' }));
    return { ...made, ended };
  }

  it.each([
    ['touches when it is told to', 'at-once', 'done'],
    ['refuses when it is told to', 'deny', 'NotAllowedError'],
  ] as const)('%s', async (_, kind, expected) => {
    const { rig, ended } = await waiting();
    rig.device('key').setTouch({ kind });
    expect(await ended).toBe(expected);
  });

  it('forgets a touch that was on its way when the key is pulled', async () => {
    const { rig, clock, ended } = await waiting();
    rig.device('key').setTouch({ kind: 'after', milliseconds: 5_000 });
    const before = clock.pending;
    rig.device('key').unplug();
    await settle();
    // The person has plugged it in again and is about to touch it, once.
    expect(clock.pending).toBe(before);
    await rig.close();
    expect(await ended).toBe('transport-closed');
    expect(clock.pending).toBe(0);
  });

  it('forgets a touch that was on its way when it is told otherwise', async () => {
    const { rig, clock, ended } = await waiting();
    rig.device('key').setTouch({ kind: 'after', milliseconds: 5_000 });
    await clock.advance(4_000);
    rig.device('key').setTouch({ kind: 'never' });
    await clock.advance(30_000);
    expect(await ended).toBe('NotAllowedError');
  });
});

describe('a port', () => {
  it('can be empty from the start: the person plugs the key in', async () => {
    const made = await benchWith();
    const key = made.rig.device('key');
    key.unplug();
    expect(key.plugged).toBe(false);
    expect(await ending(key.client.connect())).toBe('transport-closed');
    expect(await ending(register(made))).toBe('done');
    expect(key.plugged).toBe(true);
  });

  it.each(PLATFORMS)(
    'can lose its key while that waits for a touch (%s): it is plugged in again',
    async (platform) => {
      const made = await benchWith({ platform });
      const key = made.rig.device('key');
      key.setTouch({ kind: 'never' });
      made.once('user wait', () => {
        key.unplug();
        key.setTouch({ kind: 'at-once' });
      });
      expect(await ending(register(made))).toBe('done');
      const plugging = made.events.filter(({ kind }) => kind === 'plug' || kind === 'unplug');
      expect(plugging.map(({ kind }) => kind)).toEqual(['unplug', 'plug']);
    },
  );

  it('that loses its key again and again keeps nobody from ending it', async () => {
    const made = await benchWith();
    const stop = new AbortController();
    const pull = () => {
      made.rig.device('key').unplug();
      made.once('user wait', pull);
    };
    made.once('user wait', pull);
    setTimeout(() => stop.abort(new DOMException('enough', 'AbortError')), 20);
    const ended = await ending(made.rig.browser().create(CREATION, { signal: stop.signal }));
    expect(['AbortError', 'NotAllowedError']).toContain(ended);
  });

  it('says nothing twice', async () => {
    const { rig, events } = await benchWith();
    const key = rig.device('key');
    key.plug();
    key.unplug();
    key.unplug();
    key.plug();
    expect(events.map(({ kind }) => kind)).toEqual(['unplug', 'power-cycle', 'plug']);
  });
});

describe('a fault', () => {
  it('is one until it is cleared', async () => {
    const made = await benchWith();
    const key = made.rig.device('key');
    key.setFault({ fault: 'status', value: 'CTAP1_ERR_OTHER', command: 'authenticatorMakeCredential' });
    expect(await ending(register(made))).not.toBe('done');
    key.clearFaults('counter');
    expect(await ending(register(made))).not.toBe('done');
    key.clearFaults();
    expect(await ending(register(made))).toBe('done');
  });

  it('that there is not is refused', async () => {
    const { rig } = await benchWith();
    expect(() => rig.device('key').setFault({ fault: 'signatur' })).toThrow('there is no fault "signatur"');
  });

  it.each(['waiting', 'before-change', 'after'])(
    'that cuts the power (%s) takes the connection and the ceremony with it; the next one works',
    async (value) => {
      const made = await benchWith();
      const key = made.rig.device('key');
      const { insertions = 0 } = key.client;
      const scope = { command: 'authenticatorMakeCredential', times: 1 };
      key.setFault({ fault: 'power-cut', value, ...scope });
      expect(await ending(register(made))).toBe('NotAllowedError');
      expect([key.plugged, key.client.insertions]).toEqual([true, insertions + 1]);
      const cycles = made.events.filter(({ kind }) => kind === 'power-cycle' || kind === 'fault');
      expect(cycles.map(({ kind }) => kind)).toEqual(['power-cycle', 'fault']);
      expect(await ending(register(made))).toBe('done');
    },
  );
});

describe('a PIN', () => {
  it('that the person knows verifies them', async () => {
    const made = await benchWith(WITH_PIN);
    expect(isVerified(await register(made))).toBe(true);
  });

  it.each([
    ['is wrong', '000000'],
    ['is not known', undefined],
  ])('ends with NotAllowedError when it %s', async (_, knows) => {
    const made = await benchWith(WITH_PIN);
    made.rig.device('key').setKnownPin(knows);
    expect(await ending(register(made))).toBe('NotAllowedError');
  });

  it('is asked for again only after the power was away, once three were wrong', async () => {
    const made = await benchWith(WITH_PIN);
    const key = made.rig.device('key');
    key.setKnownPin('000000');
    expect(await ending(register(made))).toBe('NotAllowedError');
    key.setKnownPin(PIN);
    expect(await ending(register(made))).toBe('NotAllowedError');
    key.powerCycle();
    expect(await ending(register(made))).toBe('done');
  });

  it.each([
    ['too short', 'yubikey-5', '12'],
    ['for a device that takes none', 'phone-synced', PIN],
  ])('is not taken when it is %s', async (_, profile, pin) => {
    expect(await ending(benchWith({ devices: [{ id: 'key', profile, pin }] }))).toBe('ctap-status');
  });

  it('is set once', async () => {
    const { rig } = await benchWith();
    await rig.device('key').initialisePin(PIN);
    expect(await ending(rig.device('key').initialisePin(PIN))).toBe('ctap-status');
  });
});

describe('a finger', () => {
  it.each([
    ['succeed', 'done'],
    ['fail', 'NotAllowedError'],
    ['not-configured', 'ConstraintError'],
  ] as const)('(%s) ends with %s where verification is required', async (outcome, expected) => {
    const { rig } = await bench(PHONE);
    rig.device('key').setVerification(outcome);
    const options = { ...CREATION, authenticatorSelection: { userVerification: 'required' } } as const;
    expect(await ending(rig.browser().create(options))).toBe(expected);
  });
});

it('starts where time starts', async () => {
  const { clock } = await benchWith(WITH_PIN);
  // Setting up takes no time: nothing ran away meanwhile.
  expect(clock.now()).toBe(START);
});
