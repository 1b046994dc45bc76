/**
 * Everything that ends with the power (CTAP 2.1 §6, §6.5.2.1): tokens, the PIN soft block, the sequence that is under way.
 *
 * A power cycle makes a new session and ends the old one. A command that was running keeps the session that it began with, so that
 * nothing it still does can reach the new one.
 */
import type { PinUvAuthTokens } from './pin-uv-auth-token.js';
import type { CredentialStore } from './ports.js';
import { PoweredStore } from './powered-store.js';
import type { Sequence } from './sequence.js';
import { U2fPresence } from './u2f/presence.js';

/** One power cycle. */
export class Session {
  readonly tokens: PinUvAuthTokens;
  /** Changes nothing any more once the power is gone. */
  readonly store: CredentialStore;
  /** When the power came, by the clock. */
  readonly poweredUp: number;
  /** Wrong PINs in a row (CTAP 2.1 §6.5.2.3); reaching the limit blocks until the power goes. */
  pinMismatches = 0;
  /** What the next command could go on with. */
  sequence: Sequence | undefined;
  /** What U2F has asked its user, and nobody has answered yet. */
  readonly u2fPresence = new U2fPresence();
  readonly #power = new AbortController();

  constructor(tokens: PinUvAuthTokens, store: CredentialStore, poweredUp: number) {
    this.tokens = tokens;
    this.store = new PoweredStore(store, this.#power.signal);
    this.poweredUp = poweredUp;
  }

  /** Aborted when the power goes. */
  get ended(): AbortSignal {
    return this.#power.signal;
  }

  end(): void {
    void this.u2fPresence.end();
    this.#power.abort('power-off');
  }
}
