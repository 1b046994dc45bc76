/**
 * Prepared signers of the credentials used last. Importing a private key costs several times as much as signing with it.
 */
import type { Crypto, KeyPair, Signer } from '../crypto/crypto.js';
import { sameBytes } from '../data/bytes.js';
import { bytesKey } from './bytes-key.js';

/** About a kilobyte each, so ten megabytes at most. */
const CAPACITY = 10_000;

interface Entry {
  readonly privateKey: Uint8Array;
  readonly sign: Signer;
}

/** A cache by credential ID that forgets what was not used for longest. */
export class SignerCache {
  readonly #crypto: Crypto;
  readonly #capacity: number;
  /** In the order of use: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, Entry>();

  constructor(crypto: Crypto, capacity: number = CAPACITY) {
    this.#crypto = crypto;
    this.#capacity = capacity;
  }

  /**
   * The signer of a credential. A store may have exchanged the key behind an ID, so the private key decides whether an entry
   * still holds; `restore` completes the pair when there is none.
   */
  signer(id: Uint8Array, privateKey: Uint8Array, restore: () => KeyPair): Signer {
    const key = bytesKey(id);
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const entry =
      known !== undefined && sameBytes(known.privateKey, privateKey)
        ? known
        : { privateKey, sign: this.#crypto.prepareSigner(restore()) };
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#capacity) this.#dropOldest();
    return entry.sign;
  }

  /** How many are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Forgets all of them: the credentials are gone. */
  clear(): void {
    this.#entries.clear();
  }

  #dropOldest(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
