/**
 * The demo's passkeys: registration (WebAuthn L3 §7.1) and sign-in (§7.2).
 *
 * `verifier.ts` verifies. What the specification leaves to the relying party is done here: which account, which challenge, which credential.
 */
import type { Clock } from '../../ports.js';
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '../../webauthn/types.js';
import type { OptionsWishes } from '../target.js';
import type { DemoBreak } from './breaks.js';
import type { Ceremonies, Ceremony } from './ceremonies.js';
import { readClientData } from './client-data.js';
import { type PasskeyPolicy, registrationOptions, signInOptions } from './passkey-options.js';
import type { RegistrationResponse, SignInResponse } from './responses.js';
import type { DemoSession } from './sessions.js';
import type { Account, DemoStore, Passkey } from './store.js';
import { Verifier } from './verifier.js';

/** What passkeys need around them. */
export interface PasskeyParts {
  readonly policy: PasskeyPolicy;
  readonly store: DemoStore;
  readonly ceremonies: Ceremonies;
  readonly clock: Clock;
  readonly breaks: ReadonlySet<DemoBreak>;
}

/** A registration that was taken, or why it wasn't. */
export type RegistrationVerdict =
  | { readonly ok: true; readonly passkey: Passkey }
  | { readonly ok: false; readonly reason: 'registration-refused' | 'credential-exists' };

const REFUSED = { ok: false, reason: 'registration-refused' } as const;

/** Registers passkeys and signs in with them. */
export class Passkeys {
  readonly #parts: PasskeyParts;
  readonly #verifier: Verifier;

  constructor(parts: PasskeyParts) {
    this.#parts = parts;
    this.#verifier = new Verifier(parts.policy, parts.breaks);
  }

  /** Begins the registration of a passkey for the signed-in account. */
  beginRegistration(
    session: DemoSession,
    account: Account,
    wishes: OptionsWishes,
  ): PublicKeyCredentialCreationOptionsJSON {
    const { policy, store, ceremonies } = this.#parts;
    const { challenge } = ceremonies.begin(session, 'registration', account.id);
    return registrationOptions(policy, account, store.passkeysOf(account.id), challenge, wishes);
  }

  /** Begins a sign-in. `account` is the one that was typed; without one any passkey of this site may answer. */
  beginSignIn(
    session: DemoSession,
    account: Account | undefined,
    wishes: OptionsWishes,
  ): PublicKeyCredentialRequestOptionsJSON {
    const { policy, store, ceremonies } = this.#parts;
    const { challenge } = ceremonies.begin(session, 'sign-in', account?.id);
    return signInOptions(
      policy,
      account === undefined ? [] : store.passkeysOf(account.id),
      challenge,
      wishes,
    );
  }

  /** Ends a registration for the account that the session is signed in as. */
  async finishRegistration(
    session: DemoSession,
    account: Account,
    response: RegistrationResponse,
    name: string,
  ): Promise<RegistrationVerdict> {
    const { ceremonies, store, breaks } = this.#parts;
    const clientData = readClientData(response.response.clientDataJSON);
    if (clientData === undefined) return REFUSED;
    const ceremony = ceremonies.take(session, 'registration', clientData.challenge);
    if (ceremony === undefined) return REFUSED;
    const challenge = ceremonies.expectedChallenge(ceremony, clientData.challenge);
    const credential = await this.#verifier.registration(response, { challenge, clientData });
    // §7.1 step 27 stores what the authenticator data says; an envelope with another id is not to be trusted with the rest.
    if (credential?.id !== response.id) return REFUSED;
    // Step 26: an id that is known, to this account or another, is not registered again.
    const isTaken = store.passkey(credential.id) !== undefined && !breaks.has('overwrite-credential');
    if (isTaken) return { ok: false, reason: 'credential-exists' };
    const passkey: Passkey = {
      ...credential,
      accountId: account.id,
      transports: response.response.transports,
      name,
      createdAt: this.#parts.clock.now(),
      lastUsedAt: undefined,
    };
    store.putPasskey(passkey);
    return { ok: true, passkey };
  }

  /** Ends a sign-in: the account that it is for, or `undefined`. The answer to the client must not tell why. */
  async finishSignIn(session: DemoSession, response: SignInResponse): Promise<Account | undefined> {
    const { ceremonies, store, clock } = this.#parts;
    const clientData = readClientData(response.response.clientDataJSON);
    if (clientData === undefined) return undefined;
    const ceremony = ceremonies.take(session, 'sign-in', clientData.challenge);
    const passkey = store.passkey(response.id);
    if (ceremony === undefined || passkey === undefined) return undefined;
    const account = this.#accountFor(ceremony, passkey, response.response.userHandle);
    if (account === undefined) return undefined;
    const before = passkey.counter;
    const challenge = ceremonies.expectedChallenge(ceremony, clientData.challenge);
    const known = { ...passkey, counter: ceremonies.isReplay(ceremony) ? 0 : before };
    const counter = await this.#verifier.signIn(response, known, { challenge, clientData });
    // Verifying waits: the passkey may be gone or used since.
    const isUnchanged = store.passkey(passkey.id) === passkey && passkey.counter === before;
    if (counter === undefined || !isUnchanged) return undefined;
    passkey.counter = Math.max(before, counter);
    passkey.lastUsedAt = clock.now();
    ceremonies.accepted(ceremony);
    return account;
  }

  /** §7.2 step 6: whom the ceremony is for, and whether this passkey may sign them in. */
  #accountFor(ceremony: Ceremony, passkey: Passkey, userHandle: string | undefined): Account | undefined {
    const { store, breaks } = this.#parts;
    const owner = passkey.accountId;
    if (ceremony.accountId === undefined) {
      // Nobody was typed: the user handle must be there, and be the owner's.
      const isTrusted = userHandle === owner || breaks.has('trust-user-handle');
      return userHandle !== undefined && isTrusted ? store.account(userHandle) : undefined;
    }
    const isOwn = owner === ceremony.accountId || breaks.has('accept-other-users-credential');
    const isHandleRight = userHandle === undefined || userHandle === owner;
    return isOwn && isHandleRight ? store.account(ceremony.accountId) : undefined;
  }
}
