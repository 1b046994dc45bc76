/**
 * The store that lives as long as the process.
 *
 * Transactions run to their end before anything else can, because their bodies are synchronous. Each change leaves its undoing
 * in a journal, so a body that throws costs as much as it did, not as much as the store holds.
 */
import type { CoseKey } from '../../ctap/cose.js';
import { sameBytes } from '../../data/bytes.js';
import { bytesKey } from '../bytes-key.js';
import type {
  AuthenticatorState,
  CredentialStore,
  PersistentState,
  PinState,
  StoredCredential,
  StoredTemplate,
  StoreReader,
  StoreWriter,
} from '../ports.js';
import { conflict, isHidden, LAST_COUNT } from './store-rules.js';

/**
 * An empty store.
 *
 * @example
 * ```ts
 * const store = createMemoryStore();
 * await store.write((writer) => writer.advanceCounter(1)); // 1
 * ```
 */
export function createMemoryStore(): CredentialStore {
  return new MemoryStore();
}

class MemoryStore implements CredentialStore {
  readonly #tables = new Tables();
  #running = false;
  #closed = false;

  async read<T>(body: (reader: StoreReader) => T): Promise<T> {
    return this.#transaction(body);
  }

  async write<T>(body: (writer: StoreWriter) => T): Promise<T> {
    return this.#transaction(body);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #transaction<T>(body: (transaction: Transaction) => T): T {
    if (this.#closed) throw conflict('the store is closed');
    if (this.#running) throw conflict('a transaction was started inside of another one');
    const transaction = new Transaction(this.#tables);
    this.#running = true;
    try {
      return body(transaction);
    } catch (error) {
      transaction.undo();
      throw error;
    } finally {
      transaction.end();
      this.#running = false;
    }
  }
}

/** Everything that is stored. Only the two maps change in place; every other change is a new value, so undoing is putting the old one back. */
class Tables {
  byId = new Map<string, StoredCredential>();
  /** How many of them are in no list. */
  hidden = 0;
  /** The discoverable ones: newest first, and never empty. */
  byRp = new Map<string, readonly StoredCredential[]>();
  templates: readonly StoredTemplate[] = [];
  created = 0;
  count = 0;
  pin: PinState | undefined;
  state: AuthenticatorState | undefined;
  largeBlobs: Uint8Array | undefined;
}

class Transaction implements StoreWriter {
  readonly #tables: Tables;
  readonly #journal: (() => void)[] = [];
  #open = true;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Takes back every change, the last one first. */
  undo(): void {
    for (const step of this.#journal.reverse()) step();
  }

  end(): void {
    this.#open = false;
  }

  credential(id: Uint8Array): StoredCredential | undefined {
    return this.#use().byId.get(bytesKey(id));
  }

  credentialsOf(rpId: string): readonly StoredCredential[] {
    return this.#use().byRp.get(rpId) ?? [];
  }

  rpIds(): readonly string[] {
    const first = [...this.#use().byRp].map(([rpId, credentials]) => ({
      rpId,
      created: credentials.at(-1)?.created ?? 0,
    }));
    return first.sort((a, b) => a.created - b.created).map((entry) => entry.rpId);
  }

  credentialCount(): number {
    const { byId, hidden } = this.#use();
    return byId.size - hidden;
  }

  counter(): number {
    return this.#use().count;
  }

  pin(): PinState | undefined {
    return this.#use().pin;
  }

  state(): AuthenticatorState | undefined {
    return this.#use().state;
  }

  largeBlobs(): Uint8Array | undefined {
    return this.#use().largeBlobs;
  }

  templates(): readonly StoredTemplate[] {
    return this.#use().templates;
  }

  putCredential(credential: Omit<StoredCredential, 'created'>): StoredCredential {
    const tables = this.#use();
    this.deleteCredential(credential.id);
    const created = tables.created + 1;
    const stored = copyCredential(credential, created);
    this.#set('created', created);
    this.#put(tables.byId, bytesKey(stored.id), stored);
    if (isHidden(stored)) this.#set('hidden', tables.hidden + 1);
    else this.#put(tables.byRp, stored.rpId, [stored, ...(tables.byRp.get(stored.rpId) ?? [])]);
    return stored;
  }

  replaceCredential(credential: StoredCredential): boolean {
    const tables = this.#use();
    const found = tables.byId.get(bytesKey(credential.id));
    if (found?.rpId !== credential.rpId || isHidden(found) !== isHidden(credential)) return false;
    const stored = copyCredential(credential, found.created);
    this.#put(tables.byId, bytesKey(stored.id), stored);
    if (isHidden(stored)) return true;
    const all = this.credentialsOf(found.rpId).map((other) => (other === found ? stored : other));
    this.#put(tables.byRp, stored.rpId, all);
    return true;
  }

  deleteCredential(id: Uint8Array): boolean {
    const tables = this.#use();
    const found = tables.byId.get(bytesKey(id));
    if (found === undefined) return false;
    this.#put(tables.byId, bytesKey(id), undefined);
    if (isHidden(found)) {
      this.#set('hidden', tables.hidden - 1);
      return true;
    }
    const others = this.credentialsOf(found.rpId).filter((other) => other !== found);
    this.#put(tables.byRp, found.rpId, others.length === 0 ? undefined : others);
    return true;
  }

  advanceCounter(by: number): number {
    const next = Math.min(LAST_COUNT, this.#use().count + Math.max(1, by));
    this.#set('count', next);
    return next;
  }

  setPin(pin: PinState): void {
    this.#set('pin', { ...pin, ...(pin.hash === undefined ? {} : { hash: pin.hash.slice() }) });
  }

  setState(state: AuthenticatorState): void {
    const { persistent } = state;
    const copy = {
      ...state,
      wrappingKey: state.wrappingKey.slice(),
      minPinLengthRpIds: [...state.minPinLengthRpIds],
      ...(persistent === undefined ? {} : { persistent: copyPersistent(persistent) }),
    };
    this.#set('state', copy);
  }

  setLargeBlobs(bytes: Uint8Array): void {
    this.#set('largeBlobs', bytes.slice());
  }

  putTemplate(template: StoredTemplate): void {
    const copy = { ...template, id: template.id.slice() };
    const at = this.templates().findIndex((other) => sameBytes(other.id, template.id));
    this.#set('templates', at === -1 ? [...this.templates(), copy] : this.templates().with(at, copy));
  }

  deleteTemplate(id: Uint8Array): boolean {
    const others = this.templates().filter((template) => !sameBytes(template.id, id));
    const known = others.length < this.templates().length;
    if (known) this.#set('templates', others);
    return known;
  }

  reset(): void {
    this.#set('byId', new Map());
    this.#set('byRp', new Map());
    this.#set('hidden', 0);
    this.#set('templates', []);
    this.#set('pin', undefined);
    this.#set('state', undefined);
    this.#set('largeBlobs', undefined);
  }

  #use(): Tables {
    if (!this.#open) throw conflict('a transaction was used after its end');
    return this.#tables;
  }

  #set<K extends keyof Tables>(name: K, value: Tables[K]): void {
    const tables = this.#use();
    const before = tables[name];
    this.#journal.push(() => {
      tables[name] = before;
    });
    tables[name] = value;
  }

  /** Sets or, with `undefined`, deletes. */
  #put<V>(map: Map<string, V>, key: string, value: V | undefined): void {
    const before = map.get(key);
    this.#journal.push(() => change(map, key, before));
    change(map, key, value);
  }
}

function change<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** Byte strings are copied at the border, so that nobody who put something can change it later. */
function copyCredential(credential: Omit<StoredCredential, 'created'>, created: number): StoredCredential {
  const { keyPair } = credential;
  return {
    ...credential,
    id: credential.id.slice(),
    userId: credential.userId.slice(),
    keyPair: {
      algorithm: keyPair.algorithm,
      privateKey: keyPair.privateKey.slice(),
      publicKey: copyKey(keyPair.publicKey),
    },
    credRandomWithUv: credential.credRandomWithUv.slice(),
    credRandomWithoutUv: credential.credRandomWithoutUv.slice(),
    ...copyBlobs(credential),
    created,
  };
}

function copyPersistent({ token, identifier, credStoreState }: PersistentState): PersistentState {
  return {
    token: token.slice(),
    identifier: identifier.slice(),
    credStoreState: credStoreState.slice(),
  };
}

function copyBlobs({ credBlob, largeBlobKey, largeBlob }: Omit<StoredCredential, 'created'>) {
  return {
    ...(credBlob === undefined ? {} : { credBlob: credBlob.slice() }),
    ...(largeBlobKey === undefined ? {} : { largeBlobKey: largeBlobKey.slice() }),
    ...(largeBlob === undefined ? {} : { largeBlob: { ...largeBlob, data: largeBlob.data.slice() } }),
  };
}

function copyKey(key: CoseKey): CoseKey {
  if (key.kty === 'EC2') return { ...key, x: key.x.slice(), y: key.y.slice() };
  if (key.kty === 'OKP') return { ...key, x: key.x.slice() };
  if (key.kty === 'RSA') return { ...key, n: key.n.slice(), e: key.e.slice() };
  return { ...key, pub: key.pub.slice() };
}
