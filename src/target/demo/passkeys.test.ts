import { describe, expect, it } from 'vitest';
import { alice, DemoWorld, mallory, ORIGIN, testUser } from '../../../test/targets/demo-world.js';
import { TestKey } from '../../../test/targets/test-key.js';
import { CEREMONY_LIFETIME } from './ceremonies.js';

const accepted = { verdict: 'accepted' };
const refused = { verdict: 'refused' };

describe('registration', () => {
  it('lists the new passkey with its account, and nobody else', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    expect(await session.credentials()).toEqual([{ id: world.aliceKey.id, name: 'Passkey 1' }]);
    expect((await session.registrationOptions(alice)).excludeCredentials).toEqual([
      { type: 'public-key', id: world.aliceKey.id, transports: ['usb'] },
    ]);
  });

  it('gives an account the same user handle every time, and another one another', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const first = await session.registrationOptions(alice);
    const second = await session.registrationOptions(alice);
    const other = await (await world.signedIn(mallory)).registrationOptions(mallory);
    expect(second.user.id).toBe(first.user.id);
    expect(second.challenge).not.toBe(first.challenge);
    expect(other.user.id).not.toBe(first.user.id);
  });

  it('has no options for somebody who is not signed in', async () => {
    const world = await DemoWorld.open();
    await expect(world.target.openSession('nobody').registrationOptions(alice)).rejects.toMatchObject({
      code: 'target-answer',
      facts: { status: 401 },
    });
  });

  it('refuses an envelope whose id is not that of the authenticator data', async () => {
    const world = await DemoWorld.open();
    expect(await world.register(alice, new TestKey(), { envelopeId: new TestKey().id })).toMatchObject(
      refused,
    );
  });

  it('refuses client data from inside of another page', async () => {
    const world = await DemoWorld.open();
    const change = { clientData: { crossOrigin: true } };
    expect(await world.register(alice, new TestKey(), change)).toMatchObject(refused);
    const topOrigin = { clientData: { topOrigin: 'https://evil.example' } };
    expect(await world.register(alice, new TestKey(), topOrigin)).toMatchObject(refused);
  });

  it('takes client data with members that nobody knows', async () => {
    const world = await DemoWorld.open();
    const change = { clientData: { other_keys_can_be_added_here: 'do not compare' } };
    expect(await world.register(alice, new TestKey(), change)).toMatchObject(accepted);
  });

  it('refuses an assertion in place of a registration', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const { challenge } = await session.registrationOptions(alice);
    const change = { clientData: { type: 'webauthn.get' } };
    const options = { ...(await session.registrationOptions(alice)), challenge };
    expect(await session.submitRegistration(new TestKey().create(options, ORIGIN, change))).toMatchObject(
      refused,
    );
  });

  it('forgets options that were begun before somebody else signed in', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const options = await session.registrationOptions(alice);
    expect(await session.signInWithPassword(mallory)).toMatchObject(accepted);
    expect(await session.submitRegistration(new TestKey().create(options, ORIGIN))).toMatchObject(refused);
    expect(await session.credentials()).toHaveLength(1);
  });
});

describe('sign-in', () => {
  it('offers exactly the passkeys of the typed name, or none without one', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    const { allowCredentials, userVerification } = await session.signInOptions('username', alice);
    expect(allowCredentials).toEqual([{ type: 'public-key', id: world.aliceKey.id, transports: ['usb'] }]);
    expect(userVerification).toBe('required');
    expect((await session.signInOptions('usernameless')).allowCredentials).toEqual([]);
  });

  it('answers for an unknown name as for an account without passkeys', async () => {
    const world = await DemoWorld.open();
    await world.target.createUser(testUser('carol'));
    const answers = await Promise.all(
      ['carol', 'nobody'].map((name) =>
        world.target.openSession('browser').signInOptions('username', testUser(name)).catch(String),
      ),
    );
    expect(answers[0]).toBe(answers[1]);
  });

  it('offers the method used last first', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    expect(await session.signInMethods(alice)).toEqual({
      preferred: 'password',
      available: ['password', 'passkey'],
    });
    await world.signIn(alice, world.aliceKey);
    expect(await session.signInMethods(alice)).toEqual({
      preferred: 'passkey',
      available: ['passkey', 'password'],
    });
    expect(await session.signInMethods(testUser('nobody'))).toEqual({
      preferred: 'password',
      available: ['password'],
    });
  });

  it('takes an empty user handle for none where the name was typed, but needs one where it was not', async () => {
    const world = await DemoWorld.open();
    expect((await world.signIn(alice, world.aliceKey, { userHandle: '' })).outcome).toMatchObject(accepted);
    const session = world.target.openSession('browser');
    const options = await session.signInOptions('usernameless');
    expect(await session.submitSignIn(world.aliceKey.get(options, ORIGIN, { userHandle: '' }))).toMatchObject(
      refused,
    );
  });

  it('changes the session id, so that one planted before is worth nothing', async () => {
    const world = await DemoWorld.open();
    const victim = world.target.openSession('victim');
    const options = await victim.signInOptions('username', alice);
    const planted = victim.snapshot();
    expect(await victim.submitSignIn(world.aliceKey.get(options, ORIGIN))).toMatchObject(accepted);
    const attacker = world.target.openSession('attacker');
    attacker.restore(planted);
    expect(await attacker.whoami()).toBeUndefined();
    expect(victim.snapshot().cookies[0]?.value).not.toBe(planted.cookies[0]?.value);
  });

  it('ends the session that it replaces', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const before = session.snapshot();
    expect(await session.signInWithPassword(mallory)).toMatchObject(accepted);
    session.restore(before);
    expect(await session.whoami()).toBeUndefined();
  });

  it('ends the session at the server', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const before = session.snapshot();
    await session.signOut();
    session.restore(before);
    expect(await session.whoami()).toBeUndefined();
  });

  it('binds a challenge to its session', async () => {
    const world = await DemoWorld.open();
    const first = await world.target.openSession('first').signInOptions('username', alice);
    const second = world.target.openSession('second');
    await second.signInOptions('username', alice);
    expect(await second.submitSignIn(world.aliceKey.get(first, ORIGIN))).toMatchObject(refused);
  });

  it('takes one answer to a challenge, also when the first was wrong', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    const options = await session.signInOptions('username', alice);
    const wrong = world.aliceKey.get(options, ORIGIN, { badSignature: true });
    expect(await session.submitSignIn(wrong)).toMatchObject(refused);
    expect(await session.submitSignIn(world.aliceKey.get(options, ORIGIN))).toMatchObject(refused);
  });

  it('takes one of many answers that come at once', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    const countless = new TestKey({ countless: true });
    await world.register(alice, countless);
    const response = countless.get(await session.signInOptions('username', alice), ORIGIN);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => session.submitSignIn(response)));
    expect(outcomes.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(1);
  });

  it('takes one of two answers with the same counter that come at once', async () => {
    const world = await DemoWorld.open();
    const outcomes = await Promise.all([
      world.signIn(alice, world.aliceKey, { counter: 9 }),
      world.signIn(alice, world.aliceKey, { counter: 9 }),
    ]);
    expect(outcomes.filter(({ outcome }) => outcome.verdict === 'accepted')).toHaveLength(1);
  });

  it('takes an answer until the time is over', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    const options = await session.signInOptions('username', alice);
    await world.clock.advance(CEREMONY_LIFETIME - 1);
    expect(await session.submitSignIn(world.aliceKey.get(options, ORIGIN))).toMatchObject(accepted);
    const late = await session.signInOptions('username', alice);
    await world.clock.advance(CEREMONY_LIFETIME);
    expect(await session.submitSignIn(world.aliceKey.get(late, ORIGIN))).toMatchObject(refused);
  });

  it('refuses an answer that nobody asked for', async () => {
    const world = await DemoWorld.open();
    const options = await world.target.openSession('other').signInOptions('username', alice);
    const session = world.target.openSession('browser');
    expect(await session.submitSignIn(world.aliceKey.get(options, ORIGIN))).toMatchObject(refused);
  });

  it.each([
    ['the same', 5, false],
    ['a lower', 4, false],
    ['a higher', 6, true],
    ['no', 0, false],
  ])('after counter 5 meets %s counter as it should', async (_, counter, isAccepted) => {
    const world = await DemoWorld.open();
    expect((await world.signIn(alice, world.aliceKey, { counter: 5 })).outcome).toMatchObject(accepted);
    const { outcome } = await world.signIn(alice, world.aliceKey, { counter });
    expect(outcome).toMatchObject(isAccepted ? accepted : refused);
  });

  it('does not move the counter for a refused answer', async () => {
    const world = await DemoWorld.open();
    await world.signIn(alice, world.aliceKey, { counter: 500, badSignature: true });
    expect((await world.signIn(alice, world.aliceKey, { counter: 6 })).outcome).toMatchObject(accepted);
  });
});

describe('deleting', () => {
  it('ends what the passkey could do, also for options handed out before', async () => {
    const world = await DemoWorld.open();
    const browser = world.target.openSession('browser');
    const options = await browser.signInOptions('usernameless');
    const session = await world.signedIn(alice);
    expect(await session.deleteCredential(world.aliceKey.id)).toMatchObject(accepted);
    expect(await browser.submitSignIn(world.aliceKey.get(options, ORIGIN))).toMatchObject(refused);
    expect(await session.credentials()).toEqual([]);
  });

  it("refuses another account's passkey", async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(mallory);
    expect(await session.deleteCredential(world.aliceKey.id)).toMatchObject(refused);
    expect((await world.signIn(alice, world.aliceKey)).outcome).toMatchObject(accepted);
  });
});

describe('wishes', () => {
  it('reach the options, and leave the policy alone', async () => {
    const world = await DemoWorld.open();
    const session = await world.signedIn(alice);
    const wishes = {
      hints: ['security-key'],
      attachment: 'cross-platform',
      residentKey: 'discouraged',
    } as const;
    expect(await session.registrationOptions(alice, wishes)).toMatchObject({
      hints: ['security-key'],
      authenticatorSelection: {
        authenticatorAttachment: 'cross-platform',
        residentKey: 'discouraged',
        requireResidentKey: false,
        userVerification: 'required',
      },
    });
    const options = await session.signInOptions('username', alice, { transports: ['usb', 'nfc'], hints: [] });
    expect(options.allowCredentials).toEqual([
      { type: 'public-key', id: world.aliceKey.id, transports: ['usb', 'nfc'] },
    ]);
    expect(options.hints).toEqual([]);
  });

  it('can be descriptors without transports', async () => {
    const world = await DemoWorld.open();
    const session = world.target.openSession('browser');
    const options = await session.signInOptions('username', alice, { transports: [] });
    expect(options.allowCredentials).toEqual([{ type: 'public-key', id: world.aliceKey.id }]);
  });
});
