import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../crypto/seeded-random.js';
import { KeyrigError } from '../errors.js';
import { VirtualClock } from '../ports.js';
import { createDemoServer } from '../target/demo/server.js';
import type { TraceEvent } from '../trace/events.js';
import { createRig, createRigFactory, DEFAULT_PLATFORM, type RigOptions } from './make-rig.js';
import { AddressOnly, benchWith, CREATION, ending, REQUEST, settle } from './rig.suite.js';

describe('a rig', () => {
  it('needs no more than a relying party', async () => {
    const target = new AddressOnly();
    const rig = await createRig({ target });
    expect(rig.platform).toBe(`${DEFAULT_PLATFORM}/chrome`);
    expect(rig.devices.map(({ id, profile, plugged }) => ({ id, profile, plugged }))).toEqual([
      { id: 'key', profile: 'yubikey-5', plugged: true },
    ]);
    expect(rig.browser().origin).toBe(target.origin);
    expect(rig.lastPrompts()).toMatchObject({ firstScreen: 'none', screens: [] });
    await rig.close();
  });

  it('knows its devices by their ids', async () => {
    const { rig } = await benchWith({
      devices: [
        { id: 'mine', profile: 'yubikey-5' },
        { id: 'yours', profile: 'yubikey-5' },
      ],
    });
    expect(rig.device('yours')).toBe(rig.devices[1]);
    expect(() => rig.device('ours')).toThrow(
      expect.objectContaining({ code: 'option-invalid', hint: 'it has: mine, yours' }),
    );
  });

  it('keeps credentials of one device out of the other', async () => {
    const { rig, events } = await benchWith({
      devices: [
        { id: 'mine', profile: 'yubikey-5' },
        { id: 'yours', profile: 'yubikey-5' },
      ],
    });
    rig.device('yours').unplug();
    const { id } = await rig.browser().create(CREATION);
    rig.device('mine').unplug();
    rig.device('yours').plug();
    // The one that is plugged in is of no use, so the person fetches the other.
    expect(await rig.browser().get(REQUEST)).toMatchObject({ id });
    expect(rig.device('mine').plugged).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ layer: 'webauthn', name: 'no-credentials' }));
  });

  it('takes no time to be made, whoever waits meanwhile', async () => {
    const clock = new VirtualClock({ automatic: true });
    const before = clock.now();
    const deadline = new AbortController();
    const waited = clock.sleep(60_000, deadline.signal);
    const { rig } = await benchWith({ clock, devices: [{ id: 'key', profile: 'yubikey-5', pin: '246810' }] });
    expect(clock.now()).toBe(before);
    deadline.abort();
    await waited;
    await rig.close();
  });

  it('is a page at any origin', async () => {
    const { rig } = await benchWith();
    expect(await ending(rig.browser('https://example.org').create(CREATION))).toBe('done');
    expect(await ending(rig.browser('https://example.net').create(CREATION))).toBe('SecurityError');
  });
});

describe('requests at the same time', () => {
  const PIN = { devices: [{ id: 'key', profile: 'yubikey-5', pin: '246810' }] };

  it('of one page are refused but for the first', async () => {
    const { rig } = await benchWith(PIN);
    const page = rig.browser();
    const first = page.create(CREATION);
    expect(await ending(page.create(CREATION))).toBe('NotAllowedError');
    expect(await ending(first)).toBe('done');
    expect(await ending(page.get(REQUEST))).toBe('done');
  });

  it('of several pages wait for each other', async () => {
    const { rig } = await benchWith(PIN);
    await rig.browser().create(CREATION);
    const requests = Array.from({ length: 12 }, () => rig.browser().get(REQUEST));
    expect(await Promise.all(requests.map(ending))).toEqual(requests.map(() => 'done'));
  });

  it('go on after one that failed', async () => {
    const { rig } = await benchWith(PIN);
    const strange = rig.browser('https://example.net').create(CREATION);
    const next = rig.browser().create(CREATION);
    expect([await ending(strange), await ending(next)]).toEqual(['SecurityError', 'done']);
  });

  it('end at once when they are aborted while they wait', async () => {
    const { rig } = await benchWith(PIN);
    rig.device('key').setTouch({ kind: 'never' });
    const controller = new AbortController();
    const running = ending(rig.browser().create(CREATION, { signal: controller.signal }));
    const bored = new AbortController();
    const waiting = rig.browser().create(CREATION, { signal: bored.signal });
    bored.abort(new RangeError('enough'));
    await expect(waiting).rejects.toThrow('enough');
    controller.abort();
    expect(await running).toBe('AbortError');
  });
});

describe('what a rig is refused for', () => {
  const target = new AddressOnly();

  it.each<[string, Partial<RigOptions>, string, string]>([
    [
      'two devices of one id',
      {
        devices: [
          { id: 'a', profile: 'yubikey-5' },
          { id: 'a', profile: 'phone-synced' },
        ],
      },
      'option-invalid',
      'two devices of this rig are called "a"',
    ],
    [
      'an unknown device',
      { devices: [{ id: 'a', profile: 'yubikey5' }] },
      'profile-not-found',
      'no device profile is named "yubikey5"',
    ],
    [
      'an unknown platform',
      { platform: 'win12' },
      'profile-not-found',
      'no platform profile is named "win12"',
    ],
    ['an unknown browser', { browser: 'firefox' }, 'option-invalid', 'win11-23h2 has no browser "firefox"'],
    [
      'an environment without rules',
      { environment: { passwordManager: 'enabled' } },
      'option-invalid',
      'win11-23h2 has no rules for passwordManager "enabled"',
    ],
    [
      'an unknown relying party',
      { target: 'http://localhost:1' },
      'option-invalid',
      'http://localhost:1 is an address without an adapter',
    ],
  ])('%s', async (_, changes, code, message) => {
    await expect(createRig({ target, ...changes })).rejects.toThrow(
      expect.objectContaining({ code, message }),
    );
    // It was open before, and is its owner's to close.
    expect(target.closed).toBe(0);
  });
});

describe('the environment', () => {
  it.each([
    ['on', 'LQ'],
    ['absent', 'LU'],
  ] as const)('with Bluetooth %s shows %s first', async (bluetooth, first) => {
    const { rig } = await benchWith({ environment: { bluetooth } });
    await rig.browser().create(CREATION);
    expect(rig.lastPrompts().firstScreen).toBe(first);
  });

  it('has the browser that was asked for', async () => {
    const { rig } = await benchWith({ platform: 'win11-23h2', browser: 'edge' });
    expect(rig.platform).toBe('win11-23h2/edge');
  });
});

/** Registers and signs in at the demo, which runs in this process with a seed and time of its own; everything that happened. */
async function wholeStory(seed: string | undefined, devices = ['key']): Promise<readonly TraceEvent[]> {
  const clock = new VirtualClock({ automatic: true });
  const origin = 'http://localhost:4000';
  const fetch = await createDemoServer({
    policy: { rpId: 'localhost', origin, attestation: 'direct' },
    breaks: new Set(),
    users: [],
    clock: new VirtualClock(),
    random: createSeededRandom('demo'),
  });
  const events: TraceEvent[] = [];
  const rig = await createRig({
    target: `demo:${origin}`,
    fetch,
    devices: devices.map((id) => ({ id, profile: 'yubikey-5', pin: '246810' })),
    ...(seed === undefined ? {} : { seed }),
    clock,
    trace: { emit: (event) => void events.push(event) },
  });
  const user = { name: 'alice', displayName: 'Alice', email: 'alice@keyrig.test', password: 'correct-horse' };
  await rig.target.createUser(user);
  const session = rig.target.openSession('alice');
  await session.signInWithPassword(user);
  const made = await rig.browser().create(await session.registrationOptions(user));
  expect(await session.submitRegistration(made)).toMatchObject({ verdict: 'accepted' });
  const page = rig.target.openSession('alice signing in');
  const answer = await rig.browser().get(await page.signInOptions('usernameless'));
  expect(await page.submitSignIn(answer)).toMatchObject({ verdict: 'accepted' });
  expect(await page.whoami()).toBe(user.name);
  await rig.close();
  return events;
}

/** The keys' own words: CTAP answers in hex. */
function answersOf(events: readonly TraceEvent[], device = 'key'): readonly string[] {
  return events.flatMap((event) =>
    event.layer === 'ctap' && event.kind === 'response' && event.device === device && event.hex !== undefined
      ? [event.hex]
      : [],
  );
}

describe('a seed', () => {
  it('makes the same bytes of everything, from HTTP bodies to attestation', async () => {
    const [first, second] = [await wholeStory('7'), await wholeStory('7')];
    expect(first.length).toBeGreaterThan(50);
    expect(second).toEqual(first);
  });

  it('decides', async () => {
    const [first, second] = [await wholeStory('7'), await wholeStory('8')];
    expect(answersOf(second).at(-1)).not.toBe(answersOf(first).at(-1));
  });

  it('gives each device bytes of its own, whatever else is there', async () => {
    const both = await wholeStory('7', ['other', 'key']);
    const alone = answersOf(await wholeStory('7')).slice(0, 2);
    // What the key says while it is set up: getInfo, and its half of the key agreement.
    expect(answersOf(both).slice(0, 2)).toEqual(alone);
    expect(answersOf(both, 'other')[0]).toBe(alone[0]);
    expect(answersOf(both, 'other')[1]).not.toBe(alone[1]);
  });

  it('left out makes everything different', async () => {
    const [first, second] = [await wholeStory(undefined), await wholeStory(undefined)];
    expect(answersOf(second).at(-1)).not.toBe(answersOf(first).at(-1));
  });
});

describe('a relying party that the rig opens', () => {
  it('is a demo of its own, which ends with the rig', async () => {
    const rig = await createRig({ target: 'demo', demo: { breaks: ['skip-signature'] } });
    const { origin } = rig.target;
    expect((await fetch(origin)).status).toBe(200);
    await rig.close();
    await expect(fetch(origin)).rejects.toThrow();
  });

  it('gets the rig’s trace', async () => {
    const events = await wholeStory('7');
    expect(events.filter(({ layer }) => layer === 'http').length).toBeGreaterThan(10);
  });
});

describe('closing a rig', () => {
  it('takes everything with it, once', async () => {
    const { rig, clock, target } = await benchWith();
    await rig.browser().create(CREATION);
    await rig.close();
    await rig.close();
    expect(target.closed).toBe(1);
    expect(rig.devices.map(({ plugged }) => plugged)).toEqual([false]);
    expect(clock.pending).toBe(0);
  });

  it.each(['never', 'after'] as const)('ends a ceremony that waits for a touch (%s)', async (kind) => {
    const { rig, clock, target, once } = await benchWith({ clock: new VirtualClock() });
    rig.device('key').setTouch(kind === 'after' ? { kind, milliseconds: 20_000 } : { kind });
    once('user wait', () => void rig.close());
    expect(await ending(rig.browser().create(CREATION))).toBe('transport-closed');
    expect(target.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('leaves nothing to be used', async () => {
    const { rig, clock } = await benchWith();
    await rig.close();
    expect(await ending(rig.browser().create(CREATION))).toBe('transport-closed');
    expect(await ending(rig.device('key').client.connect())).toBe('transport-closed');
    expect(clock.pending).toBe(0);
  });

  it('closes the relying party even if a device can’t be closed', async () => {
    const { rig, target } = await benchWith();
    const [device] = rig.devices;
    if (device !== undefined)
      Reflect.set(device, 'close', () => Promise.reject(new KeyrigError('internal', 'stuck')));
    expect(await ending(rig.close())).toBe('internal');
    expect(target.closed).toBe(1);
  });
});

describe('the engine’s door to rigs', () => {
  const request = {
    run: 'sign-in',
    seed: 'seed/sign-in',
    platform: 'chromium-linux',
    browser: undefined,
    devices: [{ id: 'key', profile: 'yubikey-5' }],
    clock: new VirtualClock(),
    trace: { emit: () => {} },
    signal: new AbortController().signal,
  };

  it('closes what it opened when no rig comes about', async () => {
    const target = new AddressOnly();
    const make = createRigFactory({ openTarget: async () => target });
    expect(await ending(make({ ...request, platform: 'win12' }))).toBe('profile-not-found');
    expect(target.closed).toBe(1);
  });

  it('lets no time run away while the relying party is opened', async () => {
    const clock = new VirtualClock({ automatic: true });
    const before = clock.now();
    const deadline = new AbortController();
    const waited = clock.sleep(60_000, deadline.signal);
    const make = createRigFactory({
      openTarget: async () => {
        await settle();
        return new AddressOnly();
      },
    });
    await (await make({ ...request, clock })).close();
    expect(clock.now()).toBe(before);
    deadline.abort();
    await waited;
  });

  it.each([
    ['follows from', undefined, true],
    ['follows from', true, true],
    ['has nothing to do with', false, false],
  ])('makes keys whose randomness %s the seed (seeded: %s)', async (_, seeded, same) => {
    const make = createRigFactory({
      openTarget: async () => new AddressOnly(),
      ...(seeded === undefined ? {} : { seeded }),
    });
    const ids = [];
    for (let again = 0; again < 2; again++) {
      const rig = await make(request);
      ids.push((await rig.browser().create(CREATION)).id);
      await rig.close();
    }
    expect(ids[0] === ids[1]).toBe(same);
  });
});
