/**
 * The pinUvAuthToken and the key-agreement keys: what lives from power-up to power-down (CTAP 2.1 §6.5.2.1, §6.5.5).
 *
 * There is one token per protocol, but issuing one resets all, so at most one is in use; the others could not verify anything and
 * are not kept. Timers are not timers: each look at the token first lets lapse what has run out since the last one.
 */

import type { Crypto } from '../crypto/crypto.js';
import {
  createPinUvAuthProtocol,
  KeyAgreement,
  PIN_UV_AUTH_TOKEN_LENGTH,
  type PinUvAuthProtocol,
  type PinUvAuthProtocolVersion,
} from '../crypto/pin-uv-auth-protocol.js';
import { PERMISSIONS, type PermissionName } from '../ctap/messages/client-pin.js';
import type { Clock } from '../ports.js';

/** How long a token may be used at most, whatever happens (§6.5.2.1, "max usage time period"). */
export const MAX_TOKEN_LIFE = 600_000;

/** What a token is issued for. */
export interface TokenGrant {
  /** Bits of PERMISSIONS. */
  readonly permissions: number;
  /** The only relying party that it serves; bound at first use when absent. */
  readonly rpId?: string;
  /** Whether obtaining it included a touch. */
  readonly userIsPresent: boolean;
  /** Whether getPinToken gave it out, which knows of no permissions. */
  readonly legacy?: boolean;
}

interface TokenInUse {
  readonly version: PinUvAuthProtocolVersion;
  readonly token: Uint8Array;
  readonly begun: number;
  readonly legacy: boolean;
  permissions: number;
  rpId: string | undefined;
  userVerified: boolean;
  userPresent: boolean;
  /** Whether an operation has been authorised with it. */
  used: boolean;
}

/** A deliberate fault: what is to be thought of tokens, whatever they are worth (`docs/faults.md`). */
export type Misjudgement = 'stale-accepted' | 'refused';

/** Which token authorised an operation: equal as long as it is the same token, still in use. */
export type TokenIdentity = object;

/** The tokens and key-agreement keys of one power cycle. */
export class PinUvAuthTokens {
  readonly #crypto: Crypto;
  readonly #clock: Clock;
  /** Both the initial usage limit and the user-present limit (§6.5.2.1), in milliseconds. */
  readonly #usageLimit: number;
  readonly #agreements = new Map<PinUvAuthProtocolVersion, KeyAgreement>();
  readonly #protocols = new Map<PinUvAuthProtocolVersion, PinUvAuthProtocol>();
  #inUse: TokenInUse | undefined;
  /** The one that was in use before. */
  #stale: TokenInUse | undefined;
  #misjudged: { readonly as: Misjudgement; readonly strike: () => void; pardoned: boolean } | undefined;

  constructor(crypto: Crypto, clock: Clock, usageLimit: number) {
    this.#crypto = crypto;
    this.#clock = clock;
    this.#usageLimit = usageLimit;
  }

  /** The key agreement of a protocol. Its key is made when first asked for, which nobody can tell from power-up. */
  agreement(version: PinUvAuthProtocolVersion): KeyAgreement {
    const known = this.#agreements.get(version);
    if (known !== undefined) return known;
    const made = new KeyAgreement(this.#crypto, this.protocol(version));
    this.#agreements.set(version, made);
    return made;
  }

  protocol(version: PinUvAuthProtocolVersion): PinUvAuthProtocol {
    const known = this.#protocols.get(version);
    if (known !== undefined) return known;
    const made = createPinUvAuthProtocol(this.#crypto, version);
    this.#protocols.set(version, made);
    return made;
  }

  /** resetPinUvAuthToken for all protocols, then beginUsingPinUvAuthToken for one: a copy of its bytes, to be sent encrypted. */
  issue(version: PinUvAuthProtocolVersion, grant: TokenGrant): Uint8Array {
    const token = this.#crypto.random.bytes(PIN_UV_AUTH_TOKEN_LENGTH);
    this.resetAll();
    this.#inUse = {
      version,
      token,
      begun: this.#clock.now(),
      legacy: grant.legacy ?? false,
      permissions: grant.permissions,
      rpId: grant.rpId,
      userVerified: true,
      userPresent: grant.userIsPresent,
      used: false,
    };
    return token.slice();
  }

  /** resetPinUvAuthToken for all protocols: nothing that was handed out is worth anything from here on. */
  resetAll(): void {
    this.#stale = this.#inUse ?? this.#stale;
    this.#inUse = undefined;
  }

  /** What a reset does: new tokens and new key-agreement keys for all protocols. */
  forgetKeys(): void {
    this.resetAll();
    this.#agreements.clear();
  }

  /**
   * verify(pinUvAuthToken, message, param). Succeeding counts as a use. False while the token is not in use, and for the other
   * protocol's parameter.
   */
  verify(version: PinUvAuthProtocolVersion, param: Uint8Array, ...message: readonly Uint8Array[]): boolean {
    if (this.#misjudged !== undefined) return this.#misjudge(version, param, message);
    return this.#verifies(version, param, message);
  }

  #verifies(version: PinUvAuthProtocolVersion, param: Uint8Array, message: readonly Uint8Array[]): boolean {
    const token = this.#current();
    if (token?.version !== version) return false;
    if (!this.protocol(version).verify(token.token, param, ...message)) return false;
    token.used = true;
    return true;
  }

  has(permission: PermissionName): boolean {
    return this.#pardoned || ((this.#current()?.permissions ?? 0) & PERMISSIONS[permission]) !== 0;
  }

  /** The permissions RP ID, `undefined` while there is none. */
  get rpId(): string | undefined {
    return this.#pardoned ? undefined : this.#current()?.rpId;
  }

  /** Binds the token to a relying party for the rest of its life. */
  bind(rpId: string): void {
    const token = this.#current();
    if (token !== undefined) token.rpId = rpId;
  }

  /** Whether the token is one of CTAP 2.0, from getPinToken. */
  get legacy(): boolean {
    return this.#current()?.legacy ?? false;
  }

  /** getUserVerifiedFlagValue. */
  get userVerified(): boolean {
    return this.#pardoned || (this.#current()?.userVerified ?? false);
  }

  /** getUserPresentFlagValue. */
  get userPresent(): boolean {
    return this.#current()?.userPresent ?? false;
  }

  /**
   * clearUserPresentFlag, clearUserVerifiedFlag and clearPinUvAuthTokenPermissionsExceptLbw, which always come together:
   * a token is good for one MakeCredential or GetAssertion with a touch.
   */
  consume(): void {
    const token = this.#current();
    if (token === undefined) return;
    token.userPresent = false;
    token.userVerified = false;
    token.permissions &= PERMISSIONS.lbw;
  }

  /** The token in use, to be compared later; `undefined` when none is. */
  get identity(): TokenIdentity | undefined {
    return this.#current();
  }

  /** From here on `verify` is wrong about tokens; `strike` is called when that made a difference. */
  misjudge(as: Misjudgement, strike: () => void): void {
    this.#misjudged = { as, strike, pardoned: false };
  }

  /** The end of that. */
  judgeWell(): void {
    this.#misjudged = undefined;
  }

  /** Whether a token that is worth nothing was taken: then it may do anything, for any relying party. */
  get #pardoned(): boolean {
    return this.#misjudged?.pardoned === true;
  }

  #misjudge(version: PinUvAuthProtocolVersion, param: Uint8Array, message: readonly Uint8Array[]): boolean {
    const misjudged = this.#misjudged;
    const verifies = this.#verifies(version, param, message);
    if (misjudged === undefined) return verifies;
    if (misjudged.as === 'refused') {
      if (verifies) misjudged.strike();
      return false;
    }
    // A token that authorised something once has lost its flag.
    const usedUp = verifies && this.#current()?.userVerified !== true;
    const stale = this.#stale;
    const expired =
      !verifies &&
      stale?.version === version &&
      this.protocol(version).verify(stale.token, param, ...message);
    if (usedUp || expired) {
      misjudged.pardoned = true;
      misjudged.strike();
    }
    return verifies || expired;
  }

  /** pinUvAuthTokenUsageTimerObserver (§6.5.5.3), run when somebody looks. */
  #current(): TokenInUse | undefined {
    const token = this.#inUse;
    if (token === undefined) return undefined;
    const age = this.#clock.now() - token.begun;
    if (age > MAX_TOKEN_LIFE || (age > this.#usageLimit && !token.used)) this.resetAll();
    else if (age > this.#usageLimit) token.userPresent = false;
    return this.#inUse;
  }
}
