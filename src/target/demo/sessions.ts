/**
 * The demo's sessions: kept at the server, found by a random id in a cookie, replaced at every sign-in.
 */
import { toBase64url } from '../../data/bytes.js';
import type { Clock, Random } from '../../ports.js';
import type { OptionsWishes } from '../target.js';
import type { Ceremony, CeremonyKind } from './ceremonies.js';

/** One browser's session. Without an account it only carries a sign-in that is under way. */
export interface DemoSession {
  readonly id: string;
  readonly accountId: string | undefined;
  readonly expiresAt: number;
  /** At most one open ceremony of each kind. */
  readonly ceremonies: Map<CeremonyKind, Ceremony>;
  /** What was typed on the sign-in page. */
  typedName: string | undefined;
  /** What the pages were asked to put into options. */
  wishes: OptionsWishes;
}

const ID_LENGTH = 32;
const SIGNED_IN_LIFETIME = 12 * 60 * 60 * 1000;
const ANONYMOUS_LIFETIME = 30 * 60 * 1000;

/** Enough for any run; what is beyond pushes the oldest out, so that a flood of requests can't fill the memory. */
export const MAX_SESSIONS = 10_000;

/** All sessions, oldest first. */
export class DemoSessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #sessions = new Map<string, DemoSession>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** How many there are, live or not. */
  get size(): number {
    return this.#sessions.size;
  }

  /** The live session with this id. */
  find(id: string | undefined): DemoSession | undefined {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (session === undefined || session.expiresAt > this.#clock.now()) return session;
    this.#sessions.delete(session.id);
    return undefined;
  }

  open(accountId?: string): DemoSession {
    const lifetime = accountId === undefined ? ANONYMOUS_LIFETIME : SIGNED_IN_LIFETIME;
    const session: DemoSession = {
      id: toBase64url(this.#random.bytes(ID_LENGTH)),
      accountId,
      expiresAt: this.#clock.now() + lifetime,
      ceremonies: new Map(),
      typedName: undefined,
      wishes: {},
    };
    this.#sessions.set(session.id, session);
    if (this.#sessions.size > MAX_SESSIONS) this.#dropOldest();
    return session;
  }

  /** A new session for the account. The old id is worth nothing afterwards, whoever else knows it. */
  signIn(old: DemoSession | undefined, accountId: string): DemoSession {
    this.close(old);
    return this.open(accountId);
  }

  close(session: DemoSession | undefined): void {
    if (session !== undefined) this.#sessions.delete(session.id);
  }

  /** Sign-ins that were only begun go first. */
  #dropOldest(): void {
    const all = [...this.#sessions.values()];
    const victim = all.find(({ accountId }) => accountId === undefined) ?? all[0];
    this.close(victim);
  }
}
