/**
 * A store at which the power goes.
 */
import type { CredentialStore, StoreReader, StoreWriter } from '../ports.js';

/** The power goes before, or right after, the first change that a command makes. */
export class CuttingStore implements CredentialStore {
  readonly #store: CredentialStore;
  readonly #when: 'before-change' | 'after-change';
  readonly #cut: () => void;

  constructor(store: CredentialStore, when: 'before-change' | 'after-change', cut: () => void) {
    this.#store = store;
    this.#when = when;
    this.#cut = cut;
  }

  read<T>(body: (reader: StoreReader) => T): Promise<T> {
    return this.#store.read(body);
  }

  async write<T>(body: (writer: StoreWriter) => T): Promise<T> {
    if (this.#when === 'before-change') this.#cut();
    const value = await this.#store.write(body);
    this.#cut();
    return value;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
