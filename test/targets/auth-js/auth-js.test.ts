import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/ports.js';
import { openTarget } from '../../../src/target/open-target.js';
import type { SubmitOutcome, Target, TargetSession, TargetUser } from '../../../src/target/target.js';
import type { TraceEvent } from '../../../src/trace/events.js';
import { type Change, TestKey } from '../test-key.js';
import { type AuthJsServer, startAuthJs } from './server.js';

let server: AuthJsServer;
let target: Target;
const events: TraceEvent[] = [];

beforeAll(async () => {
  server = await startAuthJs();
  const trace = { emit: (event: TraceEvent) => void events.push(event) };
  target = await openTarget(server.adapter, { trace, clock: systemClock });
});
afterAll(() => server.close());

let user: TargetUser;
let key: TestKey;
let users = 0;

async function newUser(name: string): Promise<TargetUser> {
  users += 1;
  const unique = `${name}-${users}`;
  const made = { name: unique, displayName: name, email: `${unique}@rp.example`, password: 'not used here' };
  await target.createUser(made);
  return made;
}

/** A session that signed in with a link. */
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
  signing: TestKey,
  change: Change = {},
): Promise<{ outcome: SubmitOutcome; browser: TargetSession }> {
  const browser = target.openSession('browser');
  const options = await browser.signInOptions('username', user);
  return { outcome: await browser.submitSignIn(signing.get(options, target.origin, change)), browser };
}

beforeEach(async () => {
  user = await newUser('ada');
  key = new TestKey();
  expect(await register(user, key)).toMatchObject({ verdict: 'accepted', status: 200 });
});

describe('Auth.js, by its adapter alone,', () => {
  it('signs in with an e-mail address and the passkey that it lists', async () => {
    const browser = target.openSession('browser');
    const options = await browser.signInOptions('username', user);
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([key.id]);
    expect(options.userVerification).toBe('required');
    expect(await browser.submitSignIn(key.get(options, target.origin))).toMatchObject({
      verdict: 'accepted',
    });
    expect(await browser.whoami()).toBe(user.name);
    await browser.signOut();
    expect(await browser.whoami()).toBeUndefined();
  });

  it('signs in with a passkey alone', async () => {
    const browser = target.openSession('browser');
    const options = await browser.signInOptions('usernameless');
    expect(options.allowCredentials).toBeUndefined();
    expect(await browser.submitSignIn(key.get(options, target.origin))).toMatchObject({
      verdict: 'accepted',
    });
    expect(await browser.whoami()).toBe(user.name);
  });

  it('names the passkeys that an account has when it gets another', async () => {
    const options = await (await signedIn(user)).registrationOptions(user);
    expect(options.excludeCredentials?.map(({ id }) => id)).toEqual([key.id]);
  });

  it('makes no second account for an address', async () => {
    await target.createUser(user);
    expect((await signIn(key)).outcome).toMatchObject({ verdict: 'accepted' });
  });

  it('offers first what was used last', async () => {
    const methods = () => target.openSession('browser').signInMethods(user);
    await signedIn(user);
    expect(await methods()).toEqual({ preferred: 'password', available: ['password', 'passkey'] });
    await signIn(key);
    expect(await methods()).toEqual({ preferred: 'passkey', available: ['passkey', 'password'] });
  });

  it("leaves neither a link's token nor a form's in the trace", () => {
    const shown = JSON.stringify(events);
    expect(shown).toContain('/auth/callback/email?');
    // Both are 64 hexadecimal digits, which a challenge and a credential ID in base64url are not.
    expect(shown).not.toMatch(/(?:token|csrf)[^,]{0,20}[0-9a-f]{64}/i);
  });
});

describe('a wrong registration', () => {
  it.each<[string, Change]>([
    ['a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another RP ID', { rpId: 'evil.example' }],
    ['nobody verified', { userVerified: false }],
  ])('with %s is refused', async (_, change) => {
    expect(await register(user, new TestKey(), change)).toMatchObject({ verdict: 'refused', status: 200 });
  });

  it("under another account's credential ID is refused", async () => {
    const taken = new TestKey({ id: key.id });
    expect(await register(await newUser('eve'), taken)).toMatchObject({ verdict: 'refused' });
    expect((await signIn(taken)).outcome).toMatchObject({ verdict: 'refused' });
  });

  it('without an open ceremony is refused', async () => {
    const options = await (await signedIn(user)).registrationOptions(user);
    const other = await signedIn(await newUser('eve'));
    const response = new TestKey().create(options, target.origin);
    expect(await other.submitRegistration(response)).toMatchObject({ verdict: 'refused' });
  });
});

describe('a wrong sign-in', () => {
  it.each<[string, Change]>([
    ['a challenge of its own', { challenge: randomBytes(32).toString('base64url') }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another RP ID', { rpId: 'evil.example' }],
    ['nobody verified', { userVerified: false }],
    ['a bad signature', { badSignature: true }],
    ['a counter that goes back', { counter: 1 }],
  ])('with %s is refused, and signs nobody in', async (_, change) => {
    await signIn(key);
    const { outcome, browser } = await signIn(key, change);
    expect(outcome.verdict).toBe('refused');
    expect(await browser.whoami()).toBeUndefined();
  });

  it('with a passkey that was never registered is refused', async () => {
    expect((await signIn(new TestKey())).outcome).toMatchObject({ verdict: 'refused' });
  });
});

/** Known of @auth/core 0.41.3: what it keeps of a ceremony is in a sealed cookie and nowhere else, and the cookie doesn't say which ceremony it is of. */
describe('what a cookie cannot hold back:', () => {
  it('an assertion is good again for who kept the cookies of its first use', async () => {
    key = new TestKey({ countless: true });
    await register(user, key);
    const browser = target.openSession('browser');
    const response = key.get(await browser.signInOptions('username', user), target.origin);
    const before = browser.snapshot();
    expect(await browser.submitSignIn(response)).toMatchObject({ verdict: 'accepted' });
    expect(await browser.submitSignIn(response)).toMatchObject({ verdict: 'refused' });
    const another = target.openSession('another browser');
    another.restore(before);
    expect(await another.submitSignIn(response)).toMatchObject({ verdict: 'accepted' });
    expect(await another.whoami()).toBe(user.name);
  });

  it("a registration's challenge is good for a sign-in", async () => {
    const account = await signedIn(user);
    const { challenge } = await account.registrationOptions(user);
    await account.signOut();
    expect(await account.whoami()).toBeUndefined();
    const response = key.get({ challenge, rpId: target.rpId }, target.origin);
    expect(await account.submitSignIn(response)).toMatchObject({ verdict: 'accepted' });
    expect(await account.whoami()).toBe(user.name);
  });
});
