/**
 * Challenges: random, used once, for one session, one kind of ceremony and a limited time (WebAuthn L3 §13.4.3).
 */
import { toBase64url } from '../../data/bytes.js';
import type { Clock, Random } from '../../ports.js';
import type { DemoBreak } from './breaks.js';
import type { DemoSession } from './sessions.js';

/** What a challenge was issued for. */
export type CeremonyKind = 'registration' | 'sign-in';

/** A ceremony that was begun. */
export interface Ceremony {
  readonly kind: CeremonyKind;
  /** Base64url. */
  readonly challenge: string;
  /** The account that registers, or that was typed at sign-in; a sign-in without username has none. */
  readonly accountId: string | undefined;
  readonly expiresAt: number;
}

/** How long an answer may take, in milliseconds; also the `timeout` in the options (WebAuthn L3 §15.1). */
export const CEREMONY_LIFETIME = 5 * 60 * 1000;

const CHALLENGE_LENGTH = 32;

/** Challenges of broken demos that are remembered: as long as any run. */
const REMEMBERED = 100_000;

/** Begins ceremonies and hands each out once. */
export class Ceremonies {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #breaks: ReadonlySet<DemoBreak>;
  /** Only a broken demo looks back. */
  readonly #issued = new Set<string>();
  readonly #answered = new Map<string, Ceremony>();

  constructor(clock: Clock, random: Random, breaks: ReadonlySet<DemoBreak>) {
    this.#clock = clock;
    this.#random = random;
    this.#breaks = breaks;
  }

  /** Begins a ceremony; one of the same kind that was open in this session is void. */
  begin(session: DemoSession, kind: CeremonyKind, accountId: string | undefined): Ceremony {
    const challenge = toBase64url(this.#random.bytes(CHALLENGE_LENGTH));
    const ceremony = { kind, challenge, accountId, expiresAt: this.#clock.now() + CEREMONY_LIFETIME };
    session.ceremonies.set(kind, ceremony);
    if (this.#breaks.has('accept-any-challenge') && this.#issued.size < REMEMBERED)
      this.#issued.add(challenge);
    return ceremony;
  }

  /**
   * Takes the session's open ceremony of this kind, for good: right or wrong, there is one answer to a challenge.
   * Nothing waits in here, so of two answers at once one comes away with nothing.
   *
   * @param answered The challenge that the answer claims; a sound demo doesn't look at it here.
   */
  take(session: DemoSession, kind: CeremonyKind, answered: string): Ceremony | undefined {
    const ceremony = this.#select(session, kind, answered);
    if (ceremony === undefined || ceremony.expiresAt <= this.#clock.now()) return undefined;
    session.ceremonies.delete(ceremony.kind);
    return ceremony;
  }

  /** The challenge that an answer to `ceremony` must have. */
  expectedChallenge(ceremony: Ceremony, answered: string): string {
    const neverIssued = this.#breaks.has('accept-any-challenge') && !this.#issued.has(answered);
    return neverIssued ? answered : ceremony.challenge;
  }

  /** Tells that the sign-in was accepted. A sound demo forgets it. */
  accepted(ceremony: Ceremony): void {
    if (this.#breaks.has('accept-replay') && this.#answered.size < REMEMBERED) {
      this.#answered.set(ceremony.challenge, ceremony);
    }
  }

  /** Whether this very challenge led to a sign-in before: only a demo with `accept-replay` knows. */
  isReplay(ceremony: Ceremony): boolean {
    return this.#answered.has(ceremony.challenge);
  }

  #select(session: DemoSession, kind: CeremonyKind, answered: string): Ceremony | undefined {
    const open = session.ceremonies.get(kind);
    if (kind === 'sign-in' && this.#answered.has(answered)) return this.#answered.get(answered);
    if (!this.#breaks.has('cross-ceremony-challenge')) return open;
    const other = session.ceremonies.get(kind === 'sign-in' ? 'registration' : 'sign-in');
    return other?.challenge === answered ? other : open;
  }
}
