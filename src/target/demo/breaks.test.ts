import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { alice, DemoWorld, mallory, ORIGIN } from '../../../test/targets/demo-world.js';
import { TestKey } from '../../../test/targets/test-key.js';
import type { SubmitOutcome } from '../target.js';
import { DEMO_BREAK_NAMES, type DemoBreak } from './breaks.js';

/** One wrong answer: true when the demo fell for it. */
type Attack = (world: DemoWorld) => Promise<boolean>;

const accepted = ({ verdict }: SubmitOutcome) => verdict === 'accepted';
const aRandomChallenge = () => randomBytes(32).toString('base64url');

/** Wrong answers by the switch that must let them pass, and no other. */
const ATTACKS: Record<DemoBreak, Readonly<Record<string, Attack>>> = {
  'accept-any-challenge': {
    'a registration with a challenge of its own': async (world) =>
      accepted(await world.register(alice, new TestKey(), { challenge: aRandomChallenge() })),
    'a sign-in with a challenge of its own': async (world) => {
      const { outcome, session } = await world.signIn(alice, world.aliceKey, {
        challenge: aRandomChallenge(),
      });
      return accepted(outcome) && (await session.whoami()) === 'alice';
    },
  },
  'accept-replay': {
    'an assertion sent twice': (world) => replay(world, world.aliceKey),
    'an assertion without counter sent twice': async (world) => {
      const countless = new TestKey({ countless: true });
      await world.register(alice, countless);
      return replay(world, countless);
    },
  },
  'accept-any-origin': {
    'a registration from another origin': async (world) =>
      accepted(await world.register(alice, new TestKey(), { origin: 'https://evil.example' })),
    'a sign-in from another origin': async (world) =>
      accepted((await world.signIn(alice, world.aliceKey, { origin: 'https://evil.example' })).outcome),
  },
  'accept-any-rp-id-hash': {
    'a registration for another RP ID': async (world) =>
      accepted(await world.register(alice, new TestKey(), { rpId: 'evil.example' })),
    'a sign-in for another RP ID': async (world) =>
      accepted((await world.signIn(alice, world.aliceKey, { rpId: 'evil.example' })).outcome),
  },
  'skip-signature': {
    'a sign-in with a signature over something else': async (world) =>
      accepted((await world.signIn(alice, world.aliceKey, { badSignature: true })).outcome),
    "a sign-in signed by another user's key": async (world) => {
      const change = { envelopeId: world.aliceKey.id, userHandle: world.aliceKey.userHandle };
      return accepted((await world.signIn(alice, world.malloryKey, change)).outcome);
    },
  },
  'skip-user-verification': {
    'a registration without user verification': async (world) =>
      accepted(await world.register(alice, new TestKey(), { userVerified: false })),
    'a sign-in without user verification': async (world) =>
      accepted((await world.signIn(alice, world.aliceKey, { userVerified: false })).outcome),
  },
  'accept-other-users-credential': {
    "another user's own passkey": async (world) => {
      const { outcome, session } = await world.signIn(alice, world.malloryKey);
      return accepted(outcome) && (await session.whoami()) === 'alice';
    },
    "another user's own passkey without its user handle": async (world) => {
      const { outcome, session } = await world.signIn(alice, world.malloryKey, { userHandle: undefined });
      return accepted(outcome) && (await session.whoami()) === 'alice';
    },
  },
  'trust-user-handle': {
    "an own passkey with another user's handle": async (world) => {
      const session = world.target.openSession('browser');
      const options = await session.signInOptions('usernameless');
      const { userHandle } = world.aliceKey;
      const outcome = await session.submitSignIn(world.malloryKey.get(options, ORIGIN, { userHandle }));
      return accepted(outcome) && (await session.whoami()) === 'alice';
    },
  },
  'cross-ceremony-challenge': {
    "a sign-in with a registration's challenge": async (world) => {
      const session = await world.signedIn(alice);
      const { challenge } = await session.registrationOptions(alice);
      const assertion = world.aliceKey.get({ challenge, rpId: 'localhost' }, ORIGIN);
      return accepted(await session.submitSignIn(assertion));
    },
    "a sign-in with a registration's challenge while its own is open": async (world) => {
      const session = await world.signedIn(alice);
      const { challenge } = await session.registrationOptions(alice);
      const options = await session.signInOptions('username', alice);
      return accepted(await session.submitSignIn(world.aliceKey.get({ ...options, challenge }, ORIGIN)));
    },
    "a registration with a sign-in's challenge": async (world) => {
      const session = await world.signedIn(alice);
      const options = await session.registrationOptions(alice);
      const { challenge } = await session.signInOptions('usernameless');
      return accepted(
        await session.submitRegistration(new TestKey().create({ ...options, challenge }, ORIGIN)),
      );
    },
  },
  'overwrite-credential': {
    "another user's credential id with a new key": async (world) => {
      const outcome = await world.register(mallory, new TestKey({ id: world.aliceKey.id }));
      const { session } = await world.signIn(alice, world.aliceKey).catch(() => ({ session: undefined }));
      const isGone = session === undefined || (await session.whoami()) === undefined;
      return accepted(outcome) && isGone;
    },
    "another user's credential as it is": async (world) => {
      const { userHandle } = world.aliceKey;
      const outcome = await world.register(mallory, world.aliceKey);
      world.aliceKey.userHandle = userHandle;
      return accepted(outcome);
    },
    'an own credential again': async (world) => accepted(await world.register(alice, world.aliceKey)),
  },
};

async function replay(world: DemoWorld, key: TestKey): Promise<boolean> {
  const session = world.target.openSession('browser');
  const assertion = key.get(await session.signInOptions('username', alice), ORIGIN);
  expect(await session.submitSignIn(assertion)).toMatchObject({ verdict: 'accepted' });
  await session.signOut();
  const again = await session.submitSignIn(assertion);
  return accepted(again) && (await session.whoami()) === 'alice';
}

const EVERY_ATTACK = DEMO_BREAK_NAMES.flatMap((switchName) =>
  Object.entries(ATTACKS[switchName]).map(([name, attack]) => ({ switchName, name, attack })),
);

/** The names of the wrong answers that a demo takes, each tried on a demo of its own. */
async function takenWith(breaks: readonly DemoBreak[]): Promise<string[]> {
  const taken: string[] = [];
  for (const { name, attack } of EVERY_ATTACK) {
    if (await attack(await DemoWorld.open(breaks))) taken.push(name);
  }
  return taken;
}

describe('a sound demo', () => {
  it('takes no wrong answer', async () => {
    expect(await takenWith([])).toEqual([]);
  });
});

describe.each(DEMO_BREAK_NAMES)('a demo with %s', (switchName) => {
  it('takes the wrong answers of this switch and no others', async () => {
    expect(await takenWith([switchName])).toEqual(Object.keys(ATTACKS[switchName]));
  });

  it('takes every good answer', async () => {
    const world = await DemoWorld.open([switchName]);
    const typed = await world.signIn(alice, world.aliceKey);
    expect(typed.outcome).toMatchObject({ verdict: 'accepted', status: 200 });
    expect(await typed.session.whoami()).toBe('alice');
    const untyped = world.target.openSession('other browser');
    const options = await untyped.signInOptions('usernameless');
    expect(await untyped.submitSignIn(world.malloryKey.get(options, ORIGIN))).toMatchObject({
      verdict: 'accepted',
    });
    expect(await untyped.whoami()).toBe('mallory');
    expect(await world.register(alice, new TestKey())).toMatchObject({ verdict: 'accepted' });
  });
});
