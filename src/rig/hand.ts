/**
 * The hand at one device: what it does when its owner reaches for the device, as scenarios have told it to.
 */
import { createScriptedUser, type ScriptedUser } from '../authenticator/user.js';
import type { Clock } from '../ports.js';
import type { TouchBehaviour, VerificationBehaviour } from './rig.js';

/** Moves the user of one device, who by themselves do nothing. */
export class Hand {
  /** What the authenticator asks. */
  readonly user: ScriptedUser;
  behaviour: TouchBehaviour = { kind: 'at-once' };
  readonly #clock: Clock;

  constructor(clock: Clock, verification: VerificationBehaviour) {
    this.#clock = clock;
    this.user = createScriptedUser({ clock, touch: { kind: 'manual' }, verification });
  }

  /** The person reaches for the device: a touch, a finger, a screen unlocked. Nothing happens while it waits for nothing. */
  reach(): void {
    const { behaviour } = this;
    if (behaviour.kind === 'at-once') this.user.touch();
    if (behaviour.kind === 'deny') this.user.deny();
    if (behaviour.kind === 'after') void this.#reachAfter(behaviour.milliseconds);
  }

  /** The gesture belongs to what was waited for when it began, never to something later. */
  async #reachAfter(milliseconds: number): Promise<void> {
    const { waiting } = this.user;
    await this.#clock.sleep(milliseconds);
    if (waiting !== undefined && this.user.waiting === waiting) this.user.touch();
  }
}
