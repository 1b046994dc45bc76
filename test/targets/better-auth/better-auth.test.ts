import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/ports.js';
import { openTarget } from '../../../src/target/open-target.js';
import type { SubmitOutcome, Target, TargetSession, TargetUser } from '../../../src/target/target.js';
import { type Change, TestKey } from '../test-key.js';
import { type BetterAuthServer, startBetterAuth } from './server.js';

let server: BetterAuthServer;
let target: Target;

beforeAll(async () => {
  server = await startBetterAuth();
  target = await openTarget(`better-auth:${server.origin}`, {
    trace: { emit: () => {} },
    clock: systemClock,
  });
});
afterAll(() => server.close());

let user: TargetUser;
let key: TestKey;
let session: TargetSession;
let users = 0;

async function newUser(name: string): Promise<TargetUser> {
  users += 1;
  const unique = `${name}-${users}`;
  const made = {
    name: unique,
    displayName: name,
    email: `${unique}@rp.example`,
    password: 'a password of theirs',
  };
  await target.createUser(made);
  return made;
}

async function signedIn(who: TargetUser): Promise<TargetSession> {
  const opened = target.openSession(who.name);
  expect(await opened.signInWithPassword(who)).toMatchObject({ verdict: 'accepted', status: 200 });
  return opened;
}

async function register(who: TargetUser, newKey: TestKey, change: Change = {}): Promise<SubmitOutcome> {
  const opened = await signedIn(who);
  const options = await opened.registrationOptions(who);
  return opened.submitRegistration(newKey.create(options, target.origin, change));
}

async function signIn(
  newKey: TestKey,
  change: Change = {},
): Promise<{ outcome: SubmitOutcome; browser: TargetSession }> {
  const browser = target.openSession('browser');
  const options = await browser.signInOptions('usernameless');
  return { outcome: await browser.submitSignIn(newKey.get(options, target.origin, change)), browser };
}

beforeEach(async () => {
  user = await newUser('ada');
  key = new TestKey();
  expect(await register(user, key)).toMatchObject({ verdict: 'accepted', status: 200 });
  session = target.openSession('browser');
});

describe('Better Auth, by its adapter alone,', () => {
  it('signs in with a passkey', async () => {
    const { outcome, browser } = await signIn(key);
    expect(outcome).toMatchObject({ verdict: 'accepted', status: 200 });
    expect(await browser.whoami()).toBe(user.name);
    await browser.signOut();
    expect(await browser.whoami()).toBeUndefined();
  });

  it('makes an account that exists no second time', async () => {
    await target.createUser(user);
    expect(await session.signInWithPassword({ ...user, password: 'not this one' })).toMatchObject({
      verdict: 'refused',
      status: 401,
    });
  });

  it('lists and deletes passkeys', async () => {
    const account = await signedIn(user);
    expect(await account.credentials()).toEqual([{ id: key.id }]);
    const { excludeCredentials } = await account.registrationOptions(user);
    expect(excludeCredentials?.map(({ id }) => id)).toEqual([key.id]);
    expect(await account.deleteCredential(key.id)).toMatchObject({ verdict: 'accepted' });
    expect(await account.credentials()).toEqual([]);
    expect((await signIn(key)).outcome).toMatchObject({ verdict: 'refused', status: 401 });
  });

  it('tells about sessions and cookies what restores them', async () => {
    const account = await signedIn(user);
    session.restore(account.snapshot());
    expect(await session.whoami()).toBe(user.name);
  });
});

describe('a wrong registration', () => {
  it.each<[string, Change]>([
    ['a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another RP ID', { rpId: 'evil.example' }],
  ])('with %s is refused with a 500, which is no crash', async (_, change) => {
    expect(await register(user, new TestKey(), change)).toMatchObject({ verdict: 'refused', status: 500 });
  });

  it('without an open ceremony is refused', async () => {
    const options = await (await signedIn(user)).registrationOptions(user);
    const other = await signedIn(await newUser('eve'));
    expect(await other.submitRegistration(new TestKey().create(options, target.origin))).toMatchObject({
      verdict: 'refused',
      status: 400,
    });
  });
});

describe('a wrong sign-in', () => {
  it.each<[string, Change]>([
    ['a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another RP ID', { rpId: 'evil.example' }],
    ['a bad signature', { badSignature: true }],
    ['a counter that goes back', { counter: 1 }],
  ])('with %s is refused, and signs nobody in', async (_, change) => {
    await signIn(key);
    const { outcome, browser } = await signIn(key, change);
    expect(outcome.verdict).toBe('refused');
    expect(await browser.whoami()).toBeUndefined();
  });

  it('that is a replay is refused', async () => {
    const response = key.get(await session.signInOptions('usernameless'), target.origin);
    expect(await session.submitSignIn(response)).toMatchObject({ verdict: 'accepted' });
    expect(await session.submitSignIn(response)).toMatchObject({ verdict: 'refused', status: 400 });
  });

  it('with a registration challenge is refused', async () => {
    const account = await signedIn(user);
    const { challenge } = await account.registrationOptions(user);
    const response = key.get({ challenge, rpId: 'localhost' }, target.origin);
    expect(await account.submitSignIn(response)).toMatchObject({ verdict: 'refused', status: 400 });
  });
});
