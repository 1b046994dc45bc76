/**
 * The scripted person at a key: does what it was told to, and can be told otherwise at any time.
 */
import type { Clock } from '../ports.js';
import type { TouchBehaviour, VerificationBehaviour } from '../rig/rig.js';
import type {
  FingerSample,
  PresenceOutcome,
  PresenceRequest,
  SampleQuality,
  User,
  VerificationOutcome,
} from './ports.js';

/** What the hand does when the key wants it; `manual`: nothing until somebody calls `touch` or `deny`. */
export type ScriptedTouch = TouchBehaviour | { readonly kind: 'manual' };

/** How a scripted user begins. */
export interface ScriptedUserOptions {
  readonly clock: Clock;
  /** By default at once. */
  readonly touch?: ScriptedTouch;
  /** By default `not-configured`. Which fingers a key that enrols them itself knows is for the key to say: then all but `fail` are alike. */
  readonly verification?: VerificationBehaviour;
  /** The finger that is put on a sensor; see {@link ScriptedUser.setFinger}. */
  readonly finger?: string;
}

/** The finger that people put on a sensor unless they are told otherwise. */
export const USUAL_FINGER = 'right index';
/** A finger that nobody ever enrols: of whoever tries a key that isn't theirs. */
const STRANGER = "somebody else's";

/** A user under somebody's control. After a reset of the key nothing is set up for verification until `setVerification` says so. */
export interface ScriptedUser extends User {
  /** From now on, for what the key is waiting for already too. */
  setTouch(behaviour: ScriptedTouch): void;
  setVerification(behaviour: VerificationBehaviour): void;
  /** Which finger comes from now on, for enrolling and for verification alike. */
  setFinger(finger: string): void;
  /** How the next samples turn out, one after the other; those after them are good. */
  setSamples(...qualities: readonly SampleQuality[]): void;
  /** How long a touch lasts where the key asks for a long one, in milliseconds; by default as long as it takes. */
  setHold(milliseconds: number | undefined): void;
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
  #finger: string;
  #samples: readonly SampleQuality[] = [];
  #hold: number | undefined;
  #wait: Wait | undefined;

  constructor(options: ScriptedUserOptions) {
    this.#clock = options.clock;
    this.#touch = options.touch ?? { kind: 'at-once' };
    this.#verification = options.verification ?? 'not-configured';
    this.#finger = options.finger ?? USUAL_FINGER;
  }

  get verificationConfigured(): boolean {
    return this.#verification !== 'not-configured';
  }

  get waiting(): PresenceRequest | undefined {
    return this.#wait?.request;
  }

  async presence(request: PresenceRequest): Promise<PresenceOutcome> {
    // The usual case without a promise of its own: a load test touches ten thousand times a second.
    if (this.#touch.kind === 'at-once' && request.hold === undefined) return 'touched';
    const gesture = await this.#gesture(request);
    if (gesture === 'touch') return this.#heldFor(request);
    return gesture === 'deny' ? 'denied' : gesture;
  }

  async verification(request: PresenceRequest): Promise<VerificationOutcome> {
    const gesture = this.#touch.kind === 'at-once' ? 'touch' : await this.#gesture(request);
    if (gesture !== 'touch') return 'cancelled';
    // Looked up last, so that the script can change its mind while the finger is on its way.
    return this.#verification === 'succeed' ? 'verified' : 'failed';
  }

  async finger(request: PresenceRequest): Promise<FingerSample | 'cancelled'> {
    const gesture = this.#touch.kind === 'at-once' ? 'touch' : await this.#gesture(request);
    if (gesture !== 'touch') return 'cancelled';
    const [quality = 'good', ...later] = this.#samples;
    this.#samples = later;
    return { finger: this.#verification === 'fail' ? STRANGER : this.#finger, quality };
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

  setFinger(finger: string): void {
    this.#finger = finger;
  }

  setSamples(...qualities: readonly SampleQuality[]): void {
    this.#samples = qualities;
  }

  setHold(milliseconds: number | undefined): void {
    this.#hold = milliseconds;
  }

  touch(): boolean {
    return this.#wait?.settle('touch') ?? false;
  }

  deny(): boolean {
    return this.#wait?.settle('deny') ?? false;
  }

  /** Taking the finger away too soon is a way of saying no. */
  async #heldFor({ hold: asked = 0, signal }: PresenceRequest): Promise<PresenceOutcome> {
    const held = this.#hold ?? asked;
    if (asked > 0) await this.#clock.sleep(Math.min(held, asked), signal);
    if (signal.aborted) return 'cancelled';
    return held >= asked ? 'touched' : 'denied';
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
