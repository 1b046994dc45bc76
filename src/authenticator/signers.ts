/**
 * Prepared signers of the credentials used last. Importing a private key costs several times as much as signing with it.
 */
import type { Crypto, KeyPair, Signer } from '../crypto/crypto.js';
import { sameBytes } from '../data/bytes.js';
import { bytesKey } from './bytes-key.js';

/** About a kilobyte each, so ten megabytes at most; with ML-DSA, whose expanded keys have up to five, fifty. */
const CAPACITY = 10_000;

interface Entry {
  readonly privateKey: Uint8Array;
  readonly sign: Signer;
}

/**
 * A cache by credential ID in two generations: whatever was used moves to the young one, and when that is full it becomes the old one,
 * whose entries are forgotten. So half the capacity is kept for certain in the order of use, and a hit among the young costs no write.
 */
export class SignerCache {
  readonly #crypto: Crypto;
  readonly #generation: number;
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();

  constructor(crypto: Crypto, capacity: number = CAPACITY) {
    this.#crypto = crypto;
    this.#generation = Math.max(1, Math.floor(capacity / 2));
  }

  /**
   * The signer of a credential. A store may have exchanged the key behind an ID, so the private key decides whether an entry
   * still holds; `restore` completes the pair when there is none.
   */
  signer(id: Uint8Array, privateKey: Uint8Array, restore: () => KeyPair): Signer {
    const key = bytesKey(id);
    const young = this.#young.get(key);
    const known = young ?? this.#old.get(key);
    const holds = known !== undefined && sameBytes(known.privateKey, privateKey);
    if (holds && young !== undefined) return known.sign;
    const entry = holds ? known : { privateKey, sign: this.#crypto.prepareSigner(restore()) };
    this.#keep(key, entry);
    return entry.sign;
  }

  /** Forgets all of them: the credentials are gone. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  #keep(key: string, entry: Entry): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}
