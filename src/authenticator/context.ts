/**
 * What a running command works with.
 */
import type { Attester } from '../attestation/attestation.js';
import type { Crypto } from '../crypto/crypto.js';
import type { Clock } from '../ports.js';
import type { UserEvent } from '../trace/events.js';
import type { Exchange } from '../transport/transport.js';
import type { AuthenticatorConfig } from './config.js';
import type { Sabotage } from './faults/sabotage.js';
import type { Options } from './options.js';
import type { CredentialStore, User } from './ports.js';
import type { Quirks } from './quirks.js';
import type { RelyingParties } from './relying-parties.js';
import type { Session } from './session.js';
import type { SignerCache } from './signers.js';

/** The parts of a key that all its commands share. */
export interface Key {
  readonly config: AuthenticatorConfig;
  /** getInfo's options by what they depend on. */
  readonly options: Options;
  readonly quirks: Quirks;
  readonly store: CredentialStore;
  readonly user: User;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly attester: Attester;
  readonly signers: SignerCache;
  readonly relyingParties: RelyingParties;
  /** Writes down what the person at the key does. */
  readonly note: (kind: UserEvent['kind'], fields?: UserEvent['fields']) => void;
}

/** A key in the middle of a command. */
export interface CommandContext extends Key {
  readonly session: Session;
  readonly exchange: Exchange;
  /** What goes wrong with this command; `undefined` as a rule. */
  readonly sabotage: Sabotage | undefined;
  /** Lets a virtual clock move on, because the user is being waited for. */
  pause(): void;
  /** Holds the clock again. */
  resume(): void;
}
