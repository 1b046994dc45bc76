/**
 * Relying parties by ID, with the hash of it that goes into authenticator data.
 */
import type { Crypto } from '../crypto/crypto.js';
import { utf8 } from '../data/bytes.js';

/** A relying party as look-ups need it. */
export interface RelyingParty {
  readonly id: string;
  /** SHA-256 of the ID. */
  readonly hash: Uint8Array;
}

/** A kilobyte each at most, because a message has no room for longer IDs. */
const CAPACITY = 1_000;

/** Remembers hashes: a key hears from few relying parties, and a hash takes longer than reading the request that it is for. */
export class RelyingParties {
  readonly #crypto: Pick<Crypto, 'sha256'>;
  readonly #known = new Map<string, RelyingParty>();

  constructor(crypto: Pick<Crypto, 'sha256'>) {
    this.#crypto = crypto;
  }

  /** The relying party with this ID. */
  of(id: string): RelyingParty {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const party = { id, hash: this.#crypto.sha256(utf8(id)) };
    // Somebody who makes up an ID for each message gets no slower key, and no larger one.
    if (this.#known.size >= CAPACITY) this.#known.clear();
    this.#known.set(id, party);
    return party;
  }
}
