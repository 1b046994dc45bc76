/**
 * The user interface as ceremonies use it: questions end with the ceremony, and a broken interface ends the ceremony.
 */
import { ABORTED, type Ceremony, untilAborted } from './ceremony.js';
import type {
  AccountChoice,
  CeremonyNotice,
  CeremonyRequest,
  ClientDevice,
  DeviceChoice,
  PinRequest,
  UserInterface,
} from './ports.js';

/** The questions; an ended ceremony answers them like a person who cancels. */
export class Prompts {
  readonly #ui: UserInterface;
  readonly #ceremony: Ceremony;

  constructor(ui: UserInterface, ceremony: Ceremony) {
    this.#ui = ui;
    this.#ceremony = ceremony;
  }

  chooseDevice(request: CeremonyRequest, devices: readonly ClientDevice[]): Promise<DeviceChoice> {
    return this.#ask((signal) => this.#ui.chooseDevice(request, devices, signal), { kind: 'cancel' });
  }

  enterPin(request: PinRequest): Promise<string | undefined> {
    return this.#ask((signal) => this.#ui.enterPin(request, signal), undefined);
  }

  chooseAccount(accounts: readonly AccountChoice[]): Promise<number | undefined> {
    return this.#ask((signal) => this.#ui.chooseAccount(accounts, signal), undefined);
  }

  notify(notice: CeremonyNotice): void {
    try {
      this.#ui.notify(notice);
    } catch (cause) {
      this.#ceremony.fail(cause);
    }
  }

  async #ask<T>(question: (signal: AbortSignal) => Promise<T>, cancelled: T): Promise<T> {
    const { over } = this.#ceremony;
    if (over.aborted) return cancelled;
    try {
      const answer = await untilAborted(question(over), over);
      return answer === ABORTED ? cancelled : answer;
    } catch (cause) {
      this.#ceremony.fail(cause);
      return cancelled;
    }
  }
}
