/**
 * A command that runs: the key, the session that it began in, the exchange that it answers.
 */
import type { Attester } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import type { Clock } from '../ports.js';
import type { Exchange } from '../transport/transport.js';
import type { AuthenticatorConfig } from './config.js';
import type { CommandContext, Key } from './context.js';
import type { Sabotage } from './faults/sabotage.js';
import type { Options } from './options.js';
import type { CredentialStore, User } from './ports.js';
import type { Quirks } from './quirks.js';
import type { RelyingParties } from './relying-parties.js';
import type { Session } from './session.js';
import type { SignerCache } from './signers.js';

/**
 * The context of one command. A virtual clock stands still while the key works, and moves only while the key waits for its user.
 *
 * Member by member, because spreading the key for every message was a tenth of the time of an assertion.
 */
export class Running implements CommandContext {
  readonly config: AuthenticatorConfig;
  readonly options: Options;
  readonly quirks: Quirks;
  readonly store: CredentialStore;
  readonly user: User;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly attester: Attester;
  readonly signers: SignerCache;
  readonly relyingParties: RelyingParties;
  readonly note: Key['note'];
  readonly session: Session;
  readonly exchange: Exchange;
  readonly sabotage: Sabotage | undefined;
  #release: () => void;

  constructor(key: Key, session: Session, exchange: Exchange, sabotage?: Sabotage) {
    this.config = key.config;
    this.options = key.options;
    this.quirks = key.quirks;
    this.store = sabotage === undefined ? session.store : sabotage.store(session.store);
    this.user = key.user;
    this.crypto = key.crypto;
    this.clock = key.clock;
    this.attester = key.attester;
    this.signers = key.signers;
    this.relyingParties = key.relyingParties;
    this.note = key.note;
    this.session = session;
    this.exchange = exchange;
    this.sabotage = sabotage;
    this.#release = key.clock.hold();
  }

  pause(): void {
    this.sabotage?.waiting();
    this.#release();
  }

  resume(): void {
    this.#release = this.clock.hold();
  }

  /** The command is over. */
  end(): void {
    this.#release();
  }
}
