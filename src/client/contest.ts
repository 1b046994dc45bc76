/**
 * Several devices at once: all are asked, the first touch wins, the others are cancelled (WebAuthn L3 §5.1.3 and §5.1.4, the loops).
 *
 * Devices may be plugged in while it runs, and drop out of it one by one.
 */
import { Cancellation } from './cancellation.js';
import type { Ceremony } from './ceremony.js';
import { type DeviceSession, type SessionPorts, withDevice } from './device-session.js';
import type { DeviceOperation } from './operation.js';
import { type Outcome, type Refusal, refused } from './outcome.js';
import type { ClientDevice } from './ports.js';
import { touchOnly } from './touch-only.js';

/** How often new devices are looked for, in milliseconds: no slower than a person notices. */
const LOOK_AGAIN = 200;

/** A ceremony with devices to choose from. */
export interface Arena<T> {
  readonly ceremony: Ceremony;
  readonly ports: SessionPorts;
  readonly operation: DeviceOperation<T>;
  /** Devices that may take part, as of now. */
  readonly candidates: () => readonly ClientDevice[];
  /** Told of each device that drops out, and which of its insertions that was. */
  readonly onRefusal: (device: ClientDevice, refusal: Refusal, insertions: number | undefined) => void;
}

/** Who won, and with what. */
export interface Winner<T> {
  readonly device: ClientDevice;
  readonly outcome: Exclude<Outcome<T>, Refusal>;
}

/** Runs one contest; `undefined` when everybody dropped out, or when the ceremony ended. */
export function contest<T>(arena: Arena<T>): Promise<Winner<T> | undefined> {
  return new Contest(arena).run();
}

class Contest<T> {
  readonly #arena: Arena<T>;
  /** Who is in it, with what makes them leave. */
  readonly #entrants = new Map<string, Cancellation>();
  /** Everybody who ever was: who drops out does not come back into the same contest, unless it is plugged in anew. */
  readonly #seen = new Set<string>();
  readonly #running: Promise<void>[] = [];
  /** Aborted when the contest is decided or deserted, or its ceremony over. */
  readonly #closed: Cancellation;
  #champion: string | undefined;
  #winner: Winner<T> | undefined;

  constructor(arena: Arena<T>) {
    this.#arena = arena;
    this.#closed = new Cancellation(arena.ceremony.over);
  }

  async run(): Promise<Winner<T> | undefined> {
    const { clock } = this.#arena.ports;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      if (this.#champion === undefined) this.#admit();
      await clock.sleep(LOOK_AGAIN, signal);
    }
    this.#closed.release();
    // Whoever still runs was cancelled, and a cancelled device answers soon or is given up.
    await Promise.all(this.#running);
    return this.#winner;
  }

  #admit(): void {
    const fresh = this.#arena.candidates().filter((device) => !this.#seen.has(presenceOf(device)));
    // All are in before the first is asked: whether it is alone decides how.
    for (const device of fresh) {
      this.#seen.add(presenceOf(device));
      this.#entrants.set(device.id, new Cancellation(this.#arena.ceremony.over));
    }
    for (const device of fresh) this.#running.push(this.#enter(device));
  }

  async #enter(device: ClientDevice): Promise<void> {
    const { ceremony, ports } = this.#arena;
    const leave = this.#entrants.get(device.id) ?? new Cancellation(ceremony.over);
    const { insertions } = device;
    try {
      const outcome = await withDevice(device, ports, leave.signal, (session) => this.#ask(session));
      this.#settle(device, outcome, insertions);
    } catch (cause) {
      ceremony.fail(cause);
    }
    leave.release();
    this.#entrants.delete(device.id);
    if (this.#entrants.size === 0) this.#closed.abort();
  }

  async #ask(session: DeviceSession): Promise<Outcome<T>> {
    const prepared = await this.#arena.operation.prepare(session);
    if (prepared.kind !== 'done' || !prepared.value.asksFirst)
      return prepared.kind === 'done' ? prepared.value.run() : prepared;
    // Nobody types a PIN for one device while others blink: a touch says which one is meant.
    const touched = this.#entrants.size > 1 ? await touchOnly(session) : undefined;
    if (touched !== undefined && touched.kind !== 'done') return touched;
    return this.#claim(session.device.id) ? prepared.value.run() : refused('no-touch');
  }

  /** The first one becomes the champion, and everybody else has to leave. */
  #claim(id: string): boolean {
    this.#champion ??= id;
    if (this.#champion !== id) return false;
    for (const [other, leave] of this.#entrants) if (other !== id) leave.abort();
    return true;
  }

  #settle(device: ClientDevice, outcome: Outcome<T>, insertions: number | undefined): void {
    const beaten = this.#champion !== undefined && this.#champion !== device.id;
    if (beaten || this.#arena.ceremony.over.aborted) return;
    if (outcome.kind === 'refused') this.#arena.onRefusal(device, outcome, insertions);
    else if (this.#claim(device.id)) {
      this.#winner = { device, outcome };
      this.#closed.abort();
    }
  }
}

/** A device, as plugged in now. */
function presenceOf({ id, insertions = 0 }: ClientDevice): string {
  return `${insertions} ${id}`;
}
