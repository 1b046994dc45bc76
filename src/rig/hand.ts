/**
 * The hand at one device: what it does when its owner reaches for the device, as scenarios have told it to.
 */
import type { PresenceRequest } from '../authenticator/ports.js';
import { createScriptedUser, type ScriptedUser, USUAL_FINGER } from '../authenticator/user.js';
import type { Clock } from '../ports.js';
import type { TouchBehaviour, VerificationBehaviour } from './rig.js';

/** Moves the user of one device, who by themselves do nothing. */
export class Hand {
  /** What the authenticator asks. */
  readonly user: ScriptedUser;
  readonly #clock: Clock;
  #behaviour: TouchBehaviour = { kind: 'at-once' };
  #finger: string = USUAL_FINGER;
  /** What the device waited for when its owner last reached for it. */
  #reachedFor: PresenceRequest | undefined;
  /** Ends the delay of a gesture that nobody waits for any more. */
  #delay = new AbortController();

  constructor(clock: Clock, verification: VerificationBehaviour) {
    this.#clock = clock;
    this.user = createScriptedUser({ clock, touch: { kind: 'manual' }, verification });
  }

  /** Does something while the hand is always there, as when a device is being set up. */
  async present<T>(finger: string, act: () => Promise<T>): Promise<T> {
    this.user.setTouch({ kind: 'at-once' });
    this.user.setFinger(finger);
    try {
      return await act();
    } finally {
      this.user.setTouch({ kind: 'manual' });
      this.user.setFinger(this.#finger);
    }
  }

  get finger(): string {
    return this.#finger;
  }

  /** The finger that comes from now on. */
  set finger(finger: string) {
    this.#finger = finger;
    this.user.setFinger(finger);
  }

  /** Another behaviour from now on; where the owner's hand is at the waiting device already, that counts at once. */
  set behaviour(behaviour: TouchBehaviour) {
    this.#behaviour = behaviour;
    this.#delay.abort();
    const { waiting } = this.user;
    if (waiting !== undefined && waiting === this.#reachedFor) this.reach();
  }

  /** The person reaches for the device: a touch, a finger, a screen unlocked. Nothing happens while it waits for nothing. */
  reach(): void {
    this.#reachedFor = this.user.waiting;
    if (this.#behaviour.kind === 'at-once') this.user.touch();
    if (this.#behaviour.kind === 'deny') this.user.deny();
    if (this.#behaviour.kind === 'after') void this.#reachAfter(this.#behaviour.milliseconds);
  }

  /** The gesture belongs to what was waited for when it began, never to something later. */
  async #reachAfter(milliseconds: number): Promise<void> {
    const { waiting } = this.user;
    if (waiting === undefined) return;
    this.#delay = new AbortController();
    const over = AbortSignal.any([this.#delay.signal, waiting.signal]);
    await this.#clock.sleep(milliseconds, over);
    if (!over.aborted && this.user.waiting === waiting) this.user.touch();
  }
}
