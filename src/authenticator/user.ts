/**
 * The scripted person at a key: does what it was told to, and can be told otherwise at any time.
 */
import type { Clock } from '../ports.js';
import type { TouchBehaviour, VerificationBehaviour } from '../rig/rig.js';
import type { PresenceOutcome, PresenceRequest, User, VerificationOutcome } from './ports.js';

/** What the hand does when the key wants it; `manual`: nothing until somebody calls `touch` or `deny`. */
export type ScriptedTouch = TouchBehaviour | { readonly kind: 'manual' };

/** How a scripted user begins. */
export interface ScriptedUserOptions {
  readonly clock: Clock;
  /** By default at once. */
  readonly touch?: ScriptedTouch;
  /** By default `not-configured`. */
  readonly verification?: VerificationBehaviour;
}

/** A user under somebody's control. After a reset of the key nothing is set up for verification until `setVerification` says so. */
export interface ScriptedUser extends User {
  /** From now on, for what the key is waiting for already too. */
  setTouch(behaviour: ScriptedTouch): void;
  setVerification(behaviour: VerificationBehaviour): void;
  /** Touches now, whatever the behaviour; false when the key isn't waiting. */
  touch(): boolean;
  /** Refuses now; false when the key isn't waiting. */
  deny(): boolean;
  /** What the key is waiting for. */
  readonly waiting: PresenceRequest | undefined;
}

/**
 * A scripted user.
 *
 * @example
 * ```ts
 * const user = createScriptedUser({ clock, touch: { kind: 'after', milliseconds: 500 }, verification: 'succeed' });
 * user.setTouch({ kind: 'never' });
 * ```
 */
export function createScriptedUser(options: ScriptedUserOptions): ScriptedUser {
  return new Script(options);
}

/** What the hand does in the end. */
type Gesture = 'touch' | 'deny';

class Script implements ScriptedUser {
  readonly #clock: Clock;
  #touch: ScriptedTouch;
  #verification: VerificationBehaviour;
  #wait: Wait | undefined;

  constructor({ clock, touch = { kind: 'at-once' }, verification = 'not-configured' }: ScriptedUserOptions) {
    this.#clock = clock;
    this.#touch = touch;
    this.#verification = verification;
  }

  get verificationConfigured(): boolean {
    return this.#verification !== 'not-configured';
  }

  get waiting(): PresenceRequest | undefined {
    return this.#wait?.request;
  }

  async presence(request: PresenceRequest): Promise<PresenceOutcome> {
    // The usual case without a promise of its own: a load test touches ten thousand times a second.
    if (this.#touch.kind === 'at-once') return 'touched';
    const gesture = await this.#gesture(request);
    return gesture === 'deny' ? 'denied' : gesture === 'touch' ? 'touched' : gesture;
  }

  async verification(request: PresenceRequest): Promise<VerificationOutcome> {
    const gesture = this.#touch.kind === 'at-once' ? 'touch' : await this.#gesture(request);
    if (gesture !== 'touch') return 'cancelled';
    // Looked up last, so that the script can change its mind while the finger is on its way.
    return this.#verification === 'succeed' ? 'verified' : 'failed';
  }

  forgetVerification(): void {
    this.#verification = 'not-configured';
  }

  setTouch(behaviour: ScriptedTouch): void {
    this.#touch = behaviour;
    this.#wait?.begin(behaviour, this.#clock);
  }

  setVerification(behaviour: VerificationBehaviour): void {
    this.#verification = behaviour;
  }

  touch(): boolean {
    return this.#wait?.settle('touch') ?? false;
  }

  deny(): boolean {
    return this.#wait?.settle('deny') ?? false;
  }

  async #gesture(request: PresenceRequest): Promise<Gesture | 'cancelled'> {
    const wait = new Wait(request);
    this.#wait = wait;
    wait.begin(this.#touch, this.#clock);
    const gesture = await wait.done;
    if (this.#wait === wait) this.#wait = undefined;
    return gesture;
  }
}

/** One time that the key waits. */
class Wait {
  readonly request: PresenceRequest;
  readonly done: Promise<Gesture | 'cancelled'>;
  readonly #resolve: (gesture: Gesture | 'cancelled') => void;
  #over = false;
  /** Ends the delay of a behaviour that is no longer wanted. */
  #plan = new AbortController();

  constructor(request: PresenceRequest) {
    const { promise, resolve } = withResolvers();
    this.request = request;
    this.done = promise;
    this.#resolve = resolve;
    const { signal } = request;
    if (signal.aborted) this.settle('cancelled');
    else signal.addEventListener('abort', () => this.settle('cancelled'), { once: true });
  }

  begin(behaviour: ScriptedTouch, clock: Clock): void {
    this.#plan.abort('another plan');
    this.#plan = new AbortController();
    if (behaviour.kind === 'at-once') this.settle('touch');
    else if (behaviour.kind === 'deny') this.settle('deny');
    else if (behaviour.kind === 'after')
      void this.#touchAfter(behaviour.milliseconds, clock, this.#plan.signal);
  }

  settle(gesture: Gesture | 'cancelled'): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#plan.abort('over');
    this.#resolve(gesture);
    return true;
  }

  async #touchAfter(milliseconds: number, clock: Clock, plan: AbortSignal): Promise<void> {
    await clock.sleep(milliseconds, plan);
    if (!plan.aborted) this.settle('touch');
  }
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers() {
  let resolve: (gesture: Gesture | 'cancelled') => void = () => {};
  const promise = new Promise<Gesture | 'cancelled'>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
