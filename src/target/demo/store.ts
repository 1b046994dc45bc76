/**
 * What the demo remembers: accounts and their passkeys, for as long as it runs.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { toBase64url } from '../../data/bytes.js';
import type { Random } from '../../ports.js';
import type { SignInMethod, TargetUser } from '../target.js';

/** An account. */
export interface Account {
  /** The user handle, base64url: random, and nothing about the person (WebAuthn L3 §14.6.1). */
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: PasswordHash;
  /** Used most recently; `undefined` before the first sign-in. */
  lastMethod: SignInMethod | undefined;
}

/** A credential record (WebAuthn L3 §4). */
export interface Passkey {
  /** Base64url. */
  readonly id: string;
  readonly accountId: string;
  readonly publicKey: Uint8Array;
  counter: number;
  readonly transports: readonly string[];
  readonly name: string;
  readonly createdAt: number;
  lastUsedAt: number | undefined;
}

interface PasswordHash {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const HANDLE_LENGTH = 32;

/** Accounts and passkeys in memory. */
export class DemoStore {
  readonly #random: Random;
  readonly #accountsByName = new Map<string, Account>();
  readonly #accountsById = new Map<string, Account>();
  readonly #passkeys = new Map<string, Passkey>();

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * `undefined` when the name is taken. Names are compared without regard to case.
   *
   * @param handle The user handle where passkeys of this account have been made elsewhere; else it is drawn.
   */
  async addAccount(user: TargetUser, handle?: string): Promise<Account | undefined> {
    const password = await hashPassword(user.password);
    // After the only wait: two sign-ups for one name at once make one account.
    if (this.#accountsByName.has(nameKey(user.name))) return undefined;
    const { name, displayName, email } = user;
    const id = handle ?? toBase64url(this.#random.bytes(HANDLE_LENGTH));
    const account: Account = { id, name, displayName, email, password, lastMethod: undefined };
    this.#accountsByName.set(nameKey(name), account);
    this.#accountsById.set(id, account);
    return account;
  }

  accountNamed(name: string): Account | undefined {
    return this.#accountsByName.get(nameKey(name));
  }

  account(id: string): Account | undefined {
    return this.#accountsById.get(id);
  }

  /** The account, if the password is right. An unknown name costs the same time. */
  async accountWithPassword(name: string, password: string): Promise<Account | undefined> {
    const account = this.accountNamed(name);
    const matches = await verifyPassword(password, account?.password ?? NOBODY);
    return matches ? account : undefined;
  }

  passkey(id: string): Passkey | undefined {
    return this.#passkeys.get(id);
  }

  passkeysOf(accountId: string): readonly Passkey[] {
    return [...this.#passkeys.values()].filter((passkey) => passkey.accountId === accountId);
  }

  /** Adds or replaces; whether an id may be replaced is the caller's to know. */
  putPasskey(passkey: Passkey): void {
    this.#passkeys.set(passkey.id, passkey);
  }

  /** Deletes a passkey of this account; `false` when the account has none with this id. */
  deletePasskey(accountId: string, id: string): boolean {
    return this.#passkeys.get(id)?.accountId === accountId && this.#passkeys.delete(id);
  }
}

function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

const deriveKey = promisify<string, Uint8Array, number, { N: number }, Buffer>(scrypt);

/** Cheap on purpose: hashes live only in this process, and a conformance run signs in hundreds of times. */
const SCRYPT_COST = { N: 1024 };

const KEY_LENGTH = 32;

/** Compared with when there is no account. */
const NOBODY: PasswordHash = { salt: new Uint8Array(16), hash: new Uint8Array(KEY_LENGTH) };

/** Salts come from the machine, never from a seed: nothing that a run repeats depends on them. */
async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = new Uint8Array(randomBytes(16));
  return { salt, hash: new Uint8Array(await deriveKey(password, salt, KEY_LENGTH, SCRYPT_COST)) };
}

async function verifyPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await deriveKey(password, expected.salt, KEY_LENGTH, SCRYPT_COST), expected.hash);
}
