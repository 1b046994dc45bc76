/**
 * The store as a key with power sees it, and the one place where it is decided what a power cut leaves behind.
 */
import type { CredentialStore, StoreReader, StoreWriter } from './ports.js';

/** Ends a command whose power went before it could change anything. Never leaves the room. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/**
 * Changes happen while there is power. Whether there is one is asked inside of the transaction, which nothing can come between: without
 * power it is rolled back and everything stays as it was; with power the change stays, whatever happens from then on, and a cut before the
 * answer loses the answer alone. So a key that is pulled out in the middle of a command did a step of it or did not, never a half.
 */
export class PoweredStore implements CredentialStore {
  readonly #store: CredentialStore;
  readonly #powerOff: AbortSignal;

  constructor(store: CredentialStore, powerOff: AbortSignal) {
    this.#store = store;
    this.#powerOff = powerOff;
  }

  read<T>(body: (reader: StoreReader) => T): Promise<T> {
    return this.#store.read(body);
  }

  /** Rejects with a {@link PowerCut} when the power went before the transaction. */
  write<T>(body: (writer: StoreWriter) => T): Promise<T> {
    return this.#store.write((writer) => {
      if (this.#powerOff.aborted) throw new PowerCut('the power went');
      return body(writer);
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
