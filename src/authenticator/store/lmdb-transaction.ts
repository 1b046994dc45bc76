/**
 * One transaction of a durable store: the port's methods over keys and records. LMDB sees to it that it is whole.
 */
import { sameBytes } from '../../data/bytes.js';
import { KeyrigError } from '../../errors.js';
import type {
  AuthenticatorState,
  PinState,
  StoredCredential,
  StoredTemplate,
  StoreWriter,
} from '../ports.js';
import {
  ALL_CREDENTIALS,
  ALL_ORDERS,
  ALL_RELYING_PARTIES,
  credentialKey,
  idOf,
  KEYS,
  type KeyRange,
  orderKey,
  orderOf,
  ordersOf,
  relyingPartyKey,
  seal,
  unseal,
} from './lmdb-layout.js';
import type { Database } from './lmdb-library.js';
import { RECORDS, type RecordCodec, type Totals } from './records.js';
import { conflict, isHidden, LAST_COUNT } from './store-rules.js';

const NO_TOTALS: Totals = { created: 0, credentials: 0 };

/** Reads and, inside of a write transaction of LMDB, writes. */
export class LmdbTransaction implements StoreWriter {
  readonly #database: Database;
  #open = true;

  constructor(database: Database) {
    this.#database = database;
  }

  end(): void {
    this.#open = false;
  }

  credential(id: Uint8Array): StoredCredential | undefined {
    const key = credentialKey(id);
    const found = key && this.#get(key, RECORDS.credential);
    return found && { id: id.slice(), ...found };
  }

  credentialsOf(rpId: string): readonly StoredCredential[] {
    const ids = this.#values(ordersOf(rpId), RECORDS.reference);
    return ids.reverse().map((id) => this.#required(id));
  }

  rpIds(): readonly string[] {
    const rpIds = this.#values(ALL_RELYING_PARTIES, RECORDS.relyingParty);
    const oldest = this.#oldestOfEach();
    // Both are in the order of the RP IDs' hashes.
    const dated = rpIds.map((rpId, at) => ({ rpId, created: oldest[at] ?? 0 }));
    return dated.sort((a, b) => a.created - b.created).map(({ rpId }) => rpId);
  }

  /** The order of creation of every relying party's oldest credential: one pass over keys alone, however many there are. */
  #oldestOfEach(): readonly number[] {
    const oldest: number[] = [];
    let last: Uint8Array | undefined;
    for (const key of this.#use().getKeys(ALL_ORDERS)) {
      const { rpIdHash, created } = orderOf(key);
      if (last === undefined || !sameBytes(last, rpIdHash)) oldest.push(created);
      last = rpIdHash;
    }
    return oldest;
  }

  credentialCount(): number {
    return this.#totals().credentials;
  }

  counter(): number {
    return this.#get(KEYS.counter, RECORDS.counter) ?? 0;
  }

  pin(): PinState | undefined {
    return this.#get(KEYS.pin, RECORDS.pin);
  }

  state(): AuthenticatorState | undefined {
    return this.#get(KEYS.state, RECORDS.state);
  }

  largeBlobs(): Uint8Array | undefined {
    return this.#get(KEYS.largeBlobs, RECORDS.largeBlobs);
  }

  templates(): readonly StoredTemplate[] {
    return this.#get(KEYS.templates, RECORDS.templates) ?? [];
  }

  putCredential(credential: Omit<StoredCredential, 'created'>): StoredCredential {
    const key = credentialKey(credential.id);
    if (key === undefined) throw tooLong(credential.id);
    const { id } = credential;
    this.deleteCredential(id);
    const created = this.#totals().created + 1;
    this.#put(key, RECORDS.credential, { ...credential, created });
    this.#putTotals({ created });
    const stored = this.#required(id);
    if (!isHidden(stored)) this.#list(stored);
    return stored;
  }

  replaceCredential(credential: StoredCredential): boolean {
    const key = credentialKey(credential.id);
    const known = this.credential(credential.id);
    if (key === undefined || known?.rpId !== credential.rpId) return false;
    if (isHidden(known) !== isHidden(credential)) return false;
    this.#put(key, RECORDS.credential, { ...credential, created: known.created });
    return true;
  }

  deleteCredential(id: Uint8Array): boolean {
    const key = credentialKey(id);
    const known = this.credential(id);
    if (key === undefined || known === undefined) return false;
    this.#remove(key);
    if (!isHidden(known)) this.#unlist(known);
    return true;
  }

  advanceCounter(by: number): number {
    const next = Math.min(LAST_COUNT, this.counter() + Math.max(1, by));
    this.#put(KEYS.counter, RECORDS.counter, next);
    return next;
  }

  setPin(pin: PinState): void {
    this.#put(KEYS.pin, RECORDS.pin, pin);
  }

  setState(state: AuthenticatorState): void {
    this.#put(KEYS.state, RECORDS.state, state);
  }

  setLargeBlobs(bytes: Uint8Array): void {
    this.#put(KEYS.largeBlobs, RECORDS.largeBlobs, bytes);
  }

  putTemplate(template: StoredTemplate): void {
    const templates = this.templates();
    const at = templates.findIndex((other) => sameBytes(other.id, template.id));
    const changed = at === -1 ? [...templates, template] : templates.with(at, template);
    this.#put(KEYS.templates, RECORDS.templates, changed);
  }

  deleteTemplate(id: Uint8Array): boolean {
    const templates = this.templates();
    const others = templates.filter((template) => !sameBytes(template.id, id));
    const known = others.length < templates.length;
    if (known) this.#put(KEYS.templates, RECORDS.templates, others);
    return known;
  }

  reset(): void {
    const counter = this.counter();
    const { created } = this.#totals();
    const format = this.#get(KEYS.format, RECORDS.format);
    // In this transaction, like everything else: LMDB frees whole pages, so that a full key takes no longer.
    this.#use().clearSync();
    if (format !== undefined) this.#put(KEYS.format, RECORDS.format, format);
    this.#put(KEYS.counter, RECORDS.counter, counter);
    this.#put(KEYS.totals, RECORDS.totals, { created, credentials: 0 });
  }

  /** Every credential, by ID; one at a time, however many there are. */
  *credentials(): Iterable<StoredCredential> {
    for (const { key, value } of this.#use().getRange(ALL_CREDENTIALS)) {
      yield { id: idOf(key), ...unseal(key, value, RECORDS.credential) };
    }
  }

  /** A credential that the store itself names. */
  #required(id: Uint8Array): StoredCredential {
    const found = this.credential(id);
    if (found !== undefined) return found;
    throw new KeyrigError('store-invalid', 'the store names a credential that it does not have', {
      hint: 'restore the folder from a copy, or use another state directory',
      facts: { reason: 'damaged' },
    });
  }

  #list({ id, rpId, created }: StoredCredential): void {
    this.#put(orderKey(rpId, created), RECORDS.reference, id);
    this.#put(relyingPartyKey(rpId), RECORDS.relyingParty, rpId);
    this.#putTotals({ credentials: this.#totals().credentials + 1 });
  }

  #unlist({ rpId, created }: StoredCredential): void {
    this.#remove(orderKey(rpId, created));
    const others = this.#values({ ...ordersOf(rpId), limit: 1 }, RECORDS.reference);
    if (others.length === 0) this.#remove(relyingPartyKey(rpId));
    this.#putTotals({ credentials: this.#totals().credentials - 1 });
  }

  #putTotals(change: Partial<Totals>): void {
    this.#put(KEYS.totals, RECORDS.totals, { ...this.#totals(), ...change });
  }

  #totals(): Totals {
    return this.#get(KEYS.totals, RECORDS.totals) ?? NO_TOTALS;
  }

  #get<T>(key: Uint8Array, codec: RecordCodec<T>): T | undefined {
    const sealed = this.#use().getBinary(key);
    return sealed === undefined ? undefined : unseal(key, sealed, codec);
  }

  /** Whole, so that nobody changes what a cursor stands on. */
  #values<T>(range: KeyRange & { readonly limit?: number }, codec: RecordCodec<T>): T[] {
    return Array.from(this.#use().getRange(range), ({ key, value }) => unseal(key, value, codec));
  }

  #put<T>(key: Uint8Array, codec: RecordCodec<T>, value: T): void {
    this.#use().putSync(key, seal(key, codec.write(value)));
  }

  #remove(key: Uint8Array): void {
    this.#use().removeSync(key);
  }

  #use(): Database {
    if (!this.#open) throw conflict('a transaction was used after its end');
    return this.#database;
  }
}

function tooLong(id: Uint8Array): KeyrigError {
  return new KeyrigError(
    'option-invalid',
    `a credential ID has at most 1023 bytes, and this one ${id.length}`,
    {
      facts: { length: id.length },
    },
  );
}
