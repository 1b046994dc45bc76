/**
 * A demo relying party without a socket, driven through its adapter, and two users with a passkey each.
 */
import { expect } from 'vitest';
import { systemClock, systemRandom, VirtualClock } from '../../src/ports.js';
import { createAdapterTarget } from '../../src/target/adapter-target.js';
import type { DemoBreak } from '../../src/target/demo/breaks.js';
import { createDemoServer } from '../../src/target/demo/server.js';
import { loadPreset } from '../../src/target/presets.js';
import type { SubmitOutcome, Target, TargetSession, TargetUser } from '../../src/target/target.js';
import { type Change, TestKey } from './test-key.js';

export const ORIGIN = 'http://localhost:4000';

export const alice = testUser('alice');
export const mallory = testUser('mallory');

export function testUser(name: string): TargetUser {
  return { name, displayName: name, email: `${name}@demo.example`, password: `password-of-${name}` };
}

/** Parsed once: worlds are made by the dozen. */
const adapter = await loadPreset('demo');

export class DemoWorld {
  readonly target: Target;
  /** The demo's clock; it moves only when told to. */
  readonly clock = new VirtualClock();
  readonly handle: (request: Request) => Promise<Response>;
  readonly aliceKey = new TestKey();
  readonly malloryKey = new TestKey();

  private constructor(clock: VirtualClock, handle: (request: Request) => Promise<Response>) {
    this.clock = clock;
    this.handle = handle;
    this.target = createAdapterTarget({
      id: 'demo',
      adapter,
      place: { baseUrl: ORIGIN, origin: ORIGIN, rpId: 'localhost' },
      fetch: handle,
      trace: { emit: () => {} },
      clock,
      deadlines: systemClock,
      close: async () => {},
    });
  }

  /** Passkeys are registered by the right way, so every world is a check that it works. */
  static async open(breaks: readonly DemoBreak[] = []): Promise<DemoWorld> {
    const clock = new VirtualClock();
    const handle = await createDemoServer({
      policy: { rpId: 'localhost', origin: ORIGIN, attestation: 'none' },
      breaks: new Set(breaks),
      users: [alice, mallory],
      clock,
      random: systemRandom,
    });
    const world = new DemoWorld(clock, handle);
    expect(await world.register(alice, world.aliceKey)).toMatchObject({ verdict: 'accepted' });
    expect(await world.register(mallory, world.malloryKey)).toMatchObject({ verdict: 'accepted' });
    return world;
  }

  /** A session that signed in with the password. */
  async signedIn(user: TargetUser): Promise<TargetSession> {
    const session = this.target.openSession(user.name);
    expect(await session.signInWithPassword(user)).toMatchObject({ verdict: 'accepted' });
    return session;
  }

  async register(user: TargetUser, key: TestKey, change: Change = {}): Promise<SubmitOutcome> {
    const session = await this.signedIn(user);
    const options = await session.registrationOptions(user);
    return session.submitRegistration(key.create(options, ORIGIN, change));
  }

  /** A sign-in with a username, in a new session. */
  async signIn(
    user: TargetUser,
    key: TestKey,
    change: Change = {},
  ): Promise<{ outcome: SubmitOutcome; session: TargetSession }> {
    const session = this.target.openSession('browser');
    const options = await session.signInOptions('username', user);
    return { outcome: await session.submitSignIn(key.get(options, ORIGIN, change)), session };
  }
}
