/**
 * What a key must know and answer, told in as few words as possible: the oracle that sequences of commands are judged by.
 *
 * It knows nothing of CBOR, ECDH or stores. Every rule is one `if`, in the order in which the answer depends on it.
 */
import type { StatusName } from '../../ctap/status.js';
import { sameBytes, toHex } from '../../data/bytes.js';
import type { PinUvAuthTokens } from '../pin-uv-auth-token.js';
import type { StoreReader } from '../ports.js';
import { nodeCrypto, pinHash, type TestKey } from '../test-platform.suite.js';
import { type Permission, PINS, RP_IDS, type RpId } from './steps.suite.js';

/** A credential as its relying party knows it. */
export interface ModelCredential {
  readonly id: Uint8Array;
  readonly rpId: string;
  readonly user: string;
  readonly discoverable: boolean;
  readonly credProtect: number;
}

/** The token in use. */
export interface ModelToken {
  readonly permissions: ReadonlySet<Permission>;
  readonly rpId: RpId | undefined;
  readonly begun: number;
  /** `maybe`: junk was sent that could have been a use. */
  used: 'no' | 'yes' | 'maybe';
  /** Whether it has been good for an operation with a touch, after which it is only good for large blobs. */
  spent: boolean;
}

/** How a request is authorised. */
export interface Authorisation {
  /** Whether there is a proof at all. */
  readonly proven: boolean;
  /** Whether it was made with the token in use. */
  readonly current: boolean;
}

const OK = 'CTAP1_ERR_SUCCESS';
const RETRIES = 8;
const SOFT_LIMIT = 3;
const IDLE = 30_000;
const LIFE = 600_000;
const RESET_WINDOW = 10_000;

/** A key, as it should be. */
export class Model {
  readonly capacity: number;
  now = 0;
  poweredUp = 0;
  pin: string | undefined;
  retries = RETRIES;
  misses = 0;
  leastPin = 4;
  mustChange = false;
  alwaysUv = false;
  counter = 0;
  blobs: Uint8Array | undefined;
  /** Discoverable ones, oldest first. */
  credentials: ModelCredential[] = [];
  /** Those that carry themselves, made since the last reset. */
  wrapped: ModelCredential[] = [];
  token: ModelToken | undefined;
  pending: { rest: readonly ModelCredential[]; since: number; token: ModelToken | undefined } | undefined;

  /** As seen last. */
  #wrappingKey: Uint8Array | undefined;
  #identity: object | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get isProtected(): boolean {
    return this.pin !== undefined;
  }

  /** Of one relying party, newest first. */
  of(rpId: string): readonly ModelCredential[] {
    return this.credentials.filter((one) => one.rpId === rpId).toReversed();
  }

  /** Whatever this ID belongs to. */
  known(id: Uint8Array, rpId: string): ModelCredential | undefined {
    const all = [...this.credentials, ...this.wrapped];
    return all.find((one) => one.rpId === rpId && sameBytes(one.id, id));
  }

  /** Time has come to this. */
  at(now: number): void {
    this.now = now;
    const { token } = this;
    if (token === undefined) return;
    const age = now - token.begun;
    if (age > LIFE || (age > IDLE && token.used === 'no')) this.token = undefined;
  }

  powerCycle(): void {
    this.poweredUp = this.now;
    this.misses = 0;
    this.token = undefined;
    this.pending = undefined;
  }

  reset(): StatusName {
    if (this.now - this.poweredUp > RESET_WINDOW) return 'CTAP2_ERR_NOT_ALLOWED';
    const { counter, now, poweredUp, capacity } = this;
    Object.assign(this, new Model(capacity), { counter, now, poweredUp });
    this.#wrappingKey = undefined;
    return OK;
  }

  setPin(pin: string): StatusName {
    if (this.pin !== undefined) return 'CTAP2_ERR_PIN_AUTH_INVALID';
    if (pin.length < this.leastPin) return 'CTAP2_ERR_PIN_POLICY_VIOLATION';
    this.#keepPin(pin);
    return OK;
  }

  changePin(from: string, to: string): StatusName {
    const wrong = this.#tryPin(from);
    if (wrong !== undefined) return wrong;
    if (to.length < this.leastPin) return 'CTAP2_ERR_PIN_POLICY_VIOLATION';
    if (this.mustChange && to === from) return 'CTAP2_ERR_PIN_POLICY_VIOLATION';
    this.#keepPin(to);
    this.token = undefined;
    return OK;
  }

  /** A token with permissions. */
  issue(pin: string, permissions: ReadonlySet<Permission>, rpId: RpId | undefined): StatusName {
    if (rpId === undefined && (permissions.has('mc') || permissions.has('ga')))
      return 'CTAP2_ERR_MISSING_PARAMETER';
    const wrong = this.#tryPin(pin);
    if (wrong !== undefined) return wrong;
    if (this.mustChange) return 'CTAP2_ERR_PIN_POLICY_VIOLATION';
    this.token = { permissions, rpId, begun: this.now, used: 'no', spent: false };
    return OK;
  }

  /** What comes of a registration; the credential itself is for the caller to add, who learns its ID. */
  register(
    rpId: RpId,
    user: string,
    asked: { readonly discoverable: boolean; readonly excluded: Uint8Array | undefined },
    proof: Authorisation,
  ): StatusName {
    const refused = this.#ceremony('mc', rpId, proof, true);
    if (refused !== undefined) return refused;
    if (this.isProtected && !proof.proven && asked.discoverable) return 'CTAP2_ERR_PUAT_REQUIRED';
    const verified = this.isProtected && proof.proven;
    const excluded = asked.excluded === undefined ? undefined : this.known(asked.excluded, rpId);
    if (excluded !== undefined && (verified || excluded.credProtect !== 3))
      return 'CTAP2_ERR_CREDENTIAL_EXCLUDED';
    this.#spend();
    const replaced = this.credentials.some((one) => one.rpId === rpId && one.user === user);
    const full = asked.discoverable && !replaced && this.credentials.length >= this.capacity;
    return full ? 'CTAP2_ERR_KEY_STORE_FULL' : OK;
  }

  keep(credential: ModelCredential): void {
    if (!credential.discoverable) {
      this.wrapped.push(credential);
      return;
    }
    const { rpId, user } = credential;
    this.credentials = this.credentials.filter((one) => one.rpId !== rpId || one.user !== user);
    this.credentials.push(credential);
  }

  /** What comes of an assertion, and who signs it. */
  assert(
    rpId: RpId,
    asked: { readonly allowed: Uint8Array | undefined; readonly up: boolean },
    proof: Authorisation,
  ): { readonly status: StatusName; readonly by?: ModelCredential; readonly count?: number } {
    const refused = this.#ceremony('ga', rpId, proof, asked.up);
    if (refused !== undefined) return { status: refused };
    const verified = this.isProtected && proof.proven;
    const [by, ...rest] = this.#applicable(rpId, asked.allowed, verified);
    if (by === undefined) return { status: 'CTAP2_ERR_NO_CREDENTIALS' };
    const token = verified ? this.token : undefined;
    if (asked.up) this.#spend();
    this.counter += 1;
    if (rest.length === 0) return { status: OK, by };
    this.pending = { rest, since: this.now, token };
    return { status: OK, by, count: rest.length + 1 };
  }

  next(): { readonly status: StatusName; readonly by?: ModelCredential } {
    const { pending } = this;
    this.pending = undefined;
    const late = pending === undefined || this.now - pending.since > IDLE;
    const orphaned = pending?.token !== undefined && pending.token !== this.token;
    const [by, ...rest] = pending?.rest ?? [];
    if (pending === undefined || late || orphaned || by === undefined)
      return { status: 'CTAP2_ERR_NOT_ALLOWED' };
    this.counter += 1;
    if (rest.length > 0) this.pending = { ...pending, rest, since: this.now };
    return { status: OK, by };
  }

  toggleAlwaysUv(proof: Authorisation): StatusName {
    const wayOut = !this.isProtected && this.alwaysUv;
    const refused = wayOut ? undefined : this.#manages('acfg', proof);
    if (refused !== undefined) return refused;
    this.alwaysUv = !this.alwaysUv;
    return OK;
  }

  raiseLeastPin(length: number, proof: Authorisation): StatusName {
    const refused = this.#manages('acfg', proof);
    if (refused !== undefined) return refused;
    if (length < this.leastPin) return 'CTAP2_ERR_PIN_POLICY_VIOLATION';
    this.leastPin = length;
    if (this.pin !== undefined && this.pin.length < length) this.mustChange = true;
    // A change that is still due ends tokens as one that becomes due
    if (this.mustChange) this.token = undefined;
    return OK;
  }

  forceChange(proof: Authorisation): StatusName {
    const refused = this.#manages('acfg', proof);
    if (refused !== undefined) return refused;
    if (this.pin === undefined) return 'CTAP2_ERR_PIN_NOT_SET';
    this.mustChange = true;
    this.token = undefined;
    return OK;
  }

  /** Credential management over all relying parties. */
  survey(proof: Authorisation): StatusName {
    const refused = this.#lists(proof);
    if (refused !== undefined) return refused;
    return this.token?.rpId === undefined ? OK : 'CTAP2_ERR_PIN_AUTH_INVALID';
  }

  /** Deleting a credential, or renaming its user. */
  change(id: Uint8Array, what: 'delete' | 'update', proof: Authorisation): StatusName {
    const refused = this.#lists(proof);
    if (refused !== undefined) return refused;
    const found = this.credentials.find((one) => sameBytes(one.id, id));
    const bound = this.token?.rpId;
    if (bound !== undefined && found?.rpId !== bound) return 'CTAP2_ERR_PIN_AUTH_INVALID';
    if (found === undefined) return 'CTAP2_ERR_NO_CREDENTIALS';
    if (what === 'delete') this.credentials = this.credentials.filter((one) => one !== found);
    return OK;
  }

  writeBlobs(array: Uint8Array, whole: boolean, room: number, proof: Authorisation): StatusName {
    if (array.length > room) return 'CTAP2_ERR_LARGE_BLOB_STORAGE_FULL';
    const refused = this.#manages('lbw', proof);
    if (refused !== undefined) return refused;
    if (!whole) return 'CTAP2_ERR_INTEGRITY_FAILURE';
    this.blobs = array;
    return OK;
  }

  /** Remembers what tells a reset, and another token. */
  seen(key: TestKey, { wrappingKey }: Stored): void {
    this.#wrappingKey = wrappingKey;
    this.#identity = key.machine.session.tokens.identity;
  }

  /** Takes over what only the key can know after junk that it accepted. */
  adopt(key: TestKey, stored: Stored): void {
    const { tokens, pinMismatches } = key.machine.session;
    // A reset among the junk
    const before = this.#wrappingKey;
    if (before !== undefined && !sameBytes(before, stored.wrappingKey)) this.wrapped = [];
    this.#wrappingKey = stored.wrappingKey;
    this.pin = stored.pinHash === undefined ? undefined : pinOf(stored.pinHash);
    this.retries = stored.retries;
    this.misses = pinMismatches;
    this.leastPin = stored.leastPin;
    this.mustChange = stored.mustChange;
    this.alwaysUv = stored.alwaysUv;
    this.counter = stored.counter;
    this.blobs = stored.blobs;
    this.credentials = [...stored.credentials];
    if (tokens.identity === undefined) this.token = undefined;
    else if (tokens.identity !== this.#identity) this.token = strangerOf(tokens, this.now);
    if (this.token !== undefined && !tokens.userVerified) this.token.spent = true;
    this.#identity = tokens.identity;
    this.pending = undefined;
  }

  /** Everything that can be seen, to be compared with {@link factsOf}. */
  facts(): Facts {
    const { token } = this;
    return {
      pin: this.pin === undefined ? 'none' : toHex(pinHash(this.pin)),
      retries: this.retries,
      misses: this.misses,
      leastPin: this.leastPin,
      mustChange: this.mustChange,
      alwaysUv: this.alwaysUv,
      counter: this.counter,
      blobs: hashOf(this.blobs),
      credentials: RP_IDS.map((rpId) =>
        this.of(rpId)
          .map(({ id }) => toHex(id))
          .join(),
      ).join('|'),
      token: token === undefined ? 'none' : permissionsOf((one) => mayStill(token, one)),
    };
  }

  #keepPin(pin: string): void {
    this.pin = pin;
    this.retries = RETRIES;
    this.mustChange = false;
  }

  #tryPin(pin: string): StatusName | undefined {
    if (this.pin === undefined) return 'CTAP2_ERR_PIN_NOT_SET';
    if (this.retries === 0) return 'CTAP2_ERR_PIN_BLOCKED';
    if (this.misses >= SOFT_LIMIT) return 'CTAP2_ERR_PIN_AUTH_BLOCKED';
    if (pin === this.pin) {
      this.misses = 0;
      this.retries = RETRIES;
      return undefined;
    }
    this.retries -= 1;
    this.misses += 1;
    if (this.retries === 0) return 'CTAP2_ERR_PIN_BLOCKED';
    return this.misses >= SOFT_LIMIT ? 'CTAP2_ERR_PIN_AUTH_BLOCKED' : 'CTAP2_ERR_PIN_INVALID';
  }

  /** What registrations and assertions demand; a key that nothing protects ignores proofs. */
  #ceremony(
    permission: 'mc' | 'ga',
    rpId: RpId,
    { proven, current }: Authorisation,
    up: boolean,
  ): StatusName | undefined {
    if (this.alwaysUv && up && !(this.isProtected && proven)) return 'CTAP2_ERR_PUAT_REQUIRED';
    if (!this.isProtected || !proven) return undefined;
    if (!current || this.token === undefined) return 'CTAP2_ERR_PIN_AUTH_INVALID';
    this.token.used = 'yes';
    const fits = mayStill(this.token, permission) && !this.token.spent && this.token.rpId === rpId;
    return fits ? undefined : 'CTAP2_ERR_PIN_AUTH_INVALID';
  }

  #manages(permission: Permission, proof: Authorisation): StatusName | undefined {
    return this.isProtected || this.alwaysUv ? this.#proves(permission, proof) : undefined;
  }

  /** Credential management wants a proof always. */
  #lists(proof: Authorisation): StatusName | undefined {
    return this.#proves('cm', proof);
  }

  #proves(permission: Permission, { proven, current }: Authorisation): StatusName | undefined {
    if (!proven) return 'CTAP2_ERR_PUAT_REQUIRED';
    if (!current || this.token === undefined) return 'CTAP2_ERR_PIN_AUTH_INVALID';
    this.token.used = 'yes';
    return mayStill(this.token, permission) ? undefined : 'CTAP2_ERR_PIN_AUTH_INVALID';
  }

  #applicable(rpId: string, allowed: Uint8Array | undefined, verified: boolean): readonly ModelCredential[] {
    if (allowed === undefined) return this.of(rpId).filter((one) => verified || one.credProtect === 1);
    const named = this.known(allowed, rpId);
    return named !== undefined && (verified || named.credProtect < 3) ? [named] : [];
  }

  #spend(): void {
    if (this.token !== undefined) this.token.spent = true;
  }
}

/** A token that junk has obtained: nobody has its bytes. */
function strangerOf(tokens: PinUvAuthTokens, begun: number): ModelToken {
  const permissions = new Set(PERMISSIONS.filter((one) => tokens.has(one)));
  const rpId = RP_IDS.find((one) => one === tokens.rpId);
  return { permissions, rpId, begun, used: 'maybe', spent: false };
}

/** After an operation with a touch only large blobs are left. */
function mayStill(token: ModelToken, permission: Permission): boolean {
  return token.permissions.has(permission) && (!token.spent || permission === 'lbw');
}

/** What of a key can be compared. */
export interface Facts {
  readonly pin: string;
  readonly retries: number;
  readonly misses: number;
  readonly leastPin: number;
  readonly mustChange: boolean;
  readonly alwaysUv: boolean;
  readonly counter: number;
  readonly blobs: string;
  readonly credentials: string;
  readonly token: string;
}

/** The same facts as they are in the key. */
export function factsOf(key: TestKey, stored: Stored): Facts {
  const { tokens, pinMismatches } = key.machine.session;
  return {
    pin: stored.pinHash === undefined ? 'none' : toHex(stored.pinHash),
    retries: stored.retries,
    misses: pinMismatches,
    leastPin: stored.leastPin,
    mustChange: stored.mustChange,
    alwaysUv: stored.alwaysUv,
    counter: stored.counter,
    blobs: hashOf(stored.blobs),
    credentials: RP_IDS.map((rpId) =>
      stored.credentials
        .filter((one) => one.rpId === rpId)
        .map(({ id }) => toHex(id))
        .toReversed()
        .join(),
    ).join('|'),
    token: tokens.identity === undefined ? 'none' : permissionsOf((one) => tokens.has(one)),
  };
}

/** What the store has. */
export interface Stored {
  readonly pinHash: Uint8Array | undefined;
  readonly retries: number;
  readonly leastPin: number;
  readonly mustChange: boolean;
  readonly alwaysUv: boolean;
  readonly counter: number;
  readonly blobs: Uint8Array | undefined;
  /** Another one after a reset. */
  readonly wrappingKey: Uint8Array;
  /** Oldest first. */
  readonly credentials: readonly ModelCredential[];
}

/** Reads it. */
export function readStored(reader: StoreReader): Stored {
  const [pin, state] = [reader.pin(), reader.state()];
  return {
    pinHash: pin?.hash,
    retries: pin?.pinRetries ?? RETRIES,
    leastPin: state?.minPinLength ?? 4,
    mustChange: state?.forcePinChange ?? false,
    alwaysUv: state?.alwaysUv ?? false,
    counter: reader.counter(),
    blobs: reader.largeBlobs(),
    wrappingKey: state?.wrappingKey ?? new Uint8Array(0),
    credentials: reader.rpIds().flatMap((rpId) =>
      reader
        .credentialsOf(rpId)
        .toReversed()
        .map(({ id, userId, credProtect }) => ({
          ...{ id, rpId, credProtect, discoverable: true },
          user: new TextDecoder().decode(userId),
        })),
    ),
  };
}

const PERMISSIONS: readonly Permission[] = ['mc', 'ga', 'cm', 'lbw', 'acfg'];

function permissionsOf(has: (permission: Permission) => boolean): string {
  return PERMISSIONS.filter(has).join(' ');
}

/** A PIN that junk has set is nobody's. */
function pinOf(hash: Uint8Array): string {
  return PINS.find((pin) => sameBytes(pinHash(pin), hash)) ?? 'unknown to everybody';
}

function hashOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? 'none' : toHex(nodeCrypto.sha256(bytes));
}
