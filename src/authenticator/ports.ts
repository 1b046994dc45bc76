/**
 * What varies about a key: its durable store and its user. Types only.
 */

import type { KeyPair } from '../crypto/crypto.js';
import type { CoseAlgorithmId } from '../ctap/cose.js';
import type { SampleStatusName } from '../ctap/messages/bio-enrollment.js';

/** A discoverable credential as the store keeps it. */
export interface StoredCredential {
  readonly id: Uint8Array;
  readonly rpId: string;
  readonly rpName?: string;
  readonly userId: Uint8Array;
  readonly userName?: string;
  readonly userDisplayName?: string;
  readonly keyPair: KeyPair;
  readonly algorithm: CoseAlgorithmId;
  /** CTAP 2.1 §12.1: 1 optional, 2 optional with a credential list, 3 required. */
  readonly credProtect: 1 | 2 | 3;
  /** The two CredRandoms of hmac-secret (CTAP 2.1 §12.5), 32 bytes each. */
  readonly credRandomWithUv: Uint8Array;
  readonly credRandomWithoutUv: Uint8Array;
  /** Whether hmac-secret was asked for at creation. */
  readonly hmacSecret: boolean;
  /** What credBlob stored with it at creation (CTAP 2.1 §12.2). */
  readonly credBlob?: Uint8Array;
  /** 32 bytes, by which its entry of the large-blob array is encrypted; when largeBlobKey asked for one (CTAP 2.1 §12.3). */
  readonly largeBlobKey?: Uint8Array;
  /** What the extension largeBlob stored with it (CTAP 2.2 §12). */
  readonly largeBlob?: CredentialBlob;
  /** Whether it may be used for payments on pages of others, when thirdPartyPayment asked for it (CTAP 2.2 §12). */
  readonly thirdPartyPayment?: boolean;
  /**
   * False for one that an import brought and that is found by its ID alone: it is in no list and takes no room. Server-side credentials of
   * the key's own are not stored; their IDs carry them.
   */
  readonly discoverable?: false;
  /** Where its backup flags (WebAuthn L3 §6.1.3) are not those that the key gives all others, because an import brought it. */
  readonly backup?: { readonly eligible: boolean; readonly backedUp: boolean };
  /** Order of creation, rising: the newest is offered first. Assigned by the store. */
  readonly created: number;
}

/** A large blob as the platform compressed it. */
export interface CredentialBlob {
  readonly data: Uint8Array;
  /** Bytes before compression. */
  readonly originalSize: number;
}

/** The PIN's durable state (CTAP 2.1 §6.5). */
export interface PinState {
  /** LEFT(SHA-256(PIN), 16), absent while no PIN is set. */
  readonly hash?: Uint8Array;
  /** Code points of the PIN, to judge a raised minimum. */
  readonly codePoints: number;
  readonly pinRetries: number;
  readonly uvRetries: number;
  /** Whether the PIN meets the complexity policy, to judge it when the policy comes later. */
  readonly complex: boolean;
  /** Successful built-in verifications since the PIN was last entered (CTAP 2.2 §6.4, uvCountSinceLastPinEntry). */
  readonly uvCount: number;
}

/** What read-only credential management hangs on (CTAP 2.2 §6.5.2.1, CTAP 2.3 §6.4). A power cycle changes none of it. */
export interface PersistentState {
  /** The persistentPinUvAuthToken, 32 bytes. Another one comes with another PIN. */
  readonly token: Uint8Array;
  /** 16 bytes, sent encrypted, by which a platform that holds the token knows the key again. */
  readonly identifier: Uint8Array;
  /** 16 bytes, sent encrypted; others whenever a discoverable credential is made, changed or deleted. */
  readonly credStoreState: Uint8Array;
}

/** Configuration that survives power cycles and ends with a reset. */
export interface AuthenticatorState {
  /** 32 bytes; wraps server-side credentials. A new one makes all of them worthless. */
  readonly wrappingKey: Uint8Array;
  readonly forcePinChange: boolean;
  readonly minPinLength: number;
  readonly minPinLengthRpIds: readonly string[];
  readonly alwaysUv: boolean;
  readonly enterpriseAttestation: boolean;
  /** A reset takes a long touch (CTAP 2.2 §6.6). */
  readonly longTouchForReset: boolean;
  /** A new PIN has to be hard to guess (CTAP 2.2 §6.4). */
  readonly pinComplexityPolicy: boolean;
  /** Only on keys with the option perCredMgmtRO. */
  readonly persistent?: PersistentState;
}

/** An enrolled biometric template. */
export interface StoredTemplate {
  readonly id: Uint8Array;
  /** Which finger it was taken from: what a real template is matched by. */
  readonly finger: string;
  readonly friendlyName?: string;
}

/** What can be read inside of a transaction. Everything returned is immutable. */
export interface StoreReader {
  /** By credential ID. */
  credential(id: Uint8Array): StoredCredential | undefined;
  /** All discoverable ones of one relying party, newest first. */
  credentialsOf(rpId: string): readonly StoredCredential[];
  /** All RP IDs that have a discoverable credential, in the order of their first one. */
  rpIds(): readonly string[];
  /** How many of them are discoverable. */
  credentialCount(): number;
  /** The global signature counter. */
  counter(): number;
  pin(): PinState | undefined;
  state(): AuthenticatorState | undefined;
  /** The serialized large-blob array, `undefined` while never written. */
  largeBlobs(): Uint8Array | undefined;
  templates(): readonly StoredTemplate[];
}

/** What can be changed inside of a transaction. */
export interface StoreWriter extends StoreReader {
  /** Adds or, by ID, replaces; returns it with `created` assigned. */
  putCredential(credential: Omit<StoredCredential, 'created'>): StoredCredential;
  /** Puts it in the place of the one with its ID and RP ID, so that their order stays; false when there is none. */
  replaceCredential(credential: StoredCredential): boolean;
  /** False when there was none. */
  deleteCredential(id: Uint8Array): boolean;
  /** Adds to the counter (at least 1) and returns the new value, at most 2^32 - 1. */
  advanceCounter(by: number): number;
  setPin(pin: PinState): void;
  setState(state: AuthenticatorState): void;
  setLargeBlobs(bytes: Uint8Array): void;
  putTemplate(template: StoredTemplate): void;
  deleteTemplate(id: Uint8Array): boolean;
  /** Forgets everything but the counter, which never goes back. */
  reset(): void;
}

/**
 * All durable state of one authenticator behind one transactional port.
 *
 * A `write` that throws changes nothing; one that resolves has been made durable first. Transactions see each other's
 * effects in order and never interleave. The callbacks are synchronous so that any store can run them inside of its own transaction.
 */
export interface CredentialStore {
  read<T>(body: (reader: StoreReader) => T): Promise<T>;
  write<T>(body: (writer: StoreWriter) => T): Promise<T>;
  close(): Promise<void>;
}

/** Why the key wants its user. */
export type PresenceReason =
  | 'make-credential'
  | 'get-assertion'
  | 'selection'
  | 'reset'
  | 'pin-probe'
  /** A token for something else than the two ceremonies. */
  | 'management'
  /** A finger is being enrolled. */
  | 'bio-enrollment'
  /** U2F doesn't say for whom, but for the hash of its name. */
  | 'u2f-register'
  | 'u2f-authenticate';

/** What the user may be told about a request. */
export interface PresenceRequest {
  readonly reason: PresenceReason;
  readonly rpId?: string;
  /** A long touch: it counts only when the finger stays for so many milliseconds. Taken away before, it is `denied`. */
  readonly hold?: number;
  readonly signal: AbortSignal;
}

/** What came of asking for a touch. `timeout` is decided by the authenticator, not by the user. */
export type PresenceOutcome = 'touched' | 'denied' | 'cancelled';

/** What came of asking for built-in verification; `cancelled` also when the user would not. */
export type VerificationOutcome = 'verified' | 'failed' | 'cancelled';

/** A finger on the sensor. */
export interface FingerSample {
  /** Which finger: the same name is the same finger, of whomever. */
  readonly finger: string;
  /** How it lies there. Only a good one can be matched. */
  readonly quality: SampleQuality;
}

/** What a sensor can say of one picture, without others to compare it with. */
export type SampleQuality = Exclude<SampleStatusName, 'mergeFailure' | 'exists' | 'noUserActivity'>;

/** The person at the key. */
export interface User {
  /** Whether built-in verification is set up: a finger enrolled, a screen lock chosen. May change at any time. */
  readonly verificationConfigured: boolean;
  /** Resolves when the user acts or `signal` aborts (then `cancelled`). May wait for ever. */
  presence(request: PresenceRequest): Promise<PresenceOutcome>;
  /** One attempt at built-in user verification: fingerprint, face or on-device PIN. */
  verification(request: PresenceRequest): Promise<VerificationOutcome>;
  /** A finger on the sensor, for keys that enrol fingers themselves: such a key asks for no `verification`. */
  finger(request: PresenceRequest): Promise<FingerSample | 'cancelled'>;
  /** The key was reset: what built-in verification knew of its user is erased, and has to be set up anew (CTAP 2.1 §6.6). */
  forgetVerification(): void;
}
