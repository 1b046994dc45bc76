/**
 * What scenarios and checks may ask of a relying party. Types only.
 *
 * An adapter (YAML or code) implements it; nothing outside of `target/` knows URLs, bodies or cookies of a relying party.
 */
import type {
  AuthenticationResponseJSON,
  AuthenticatorAttachment,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialHint,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  ResidentKeyRequirement,
} from '../webauthn/types.js';

/** An account that keyrig makes up for a run. */
export interface TargetUser {
  /** What the person types to sign in. */
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

/** The ways of signing in that a relying party offers. */
export type SignInMethod = 'passkey' | 'password';

/** With a typed username, or with none ("sign-in options"). */
export type SignInFlow = 'username' | 'usernameless';

/** What the relying party is held to. Nothing is in here that no check or scenario reads. */
export interface TargetPolicy {
  readonly userVerification: 'required' | 'preferred' | 'discouraged';
}

/** What an adapter can do; a scenario whose needs aren't met is skipped with the reason. */
export type TargetCapability =
  | 'users'
  | 'register'
  | 'signIn.username'
  | 'signIn.usernameless'
  | 'signIn.password'
  | 'signIn.methods'
  | 'whoami'
  | 'credentials.list'
  | 'credentials.delete'
  | 'signOut'
  /** Options can be asked for with `OptionsWishes`. */
  | 'options.wishes';

/**
 * What a relying party is asked to put into the options it sends, where it lets its caller say so.
 * A wish that the operation has no place for is ignored.
 */
export interface OptionsWishes {
  /** `hints`, in this order. */
  readonly hints?: readonly PublicKeyCredentialHint[];
  /** `transports` of every descriptor in `allowCredentials`; empty: descriptors without `transports`. */
  readonly transports?: readonly AuthenticatorTransport[];
  /** `authenticatorSelection.authenticatorAttachment`. */
  readonly attachment?: AuthenticatorAttachment;
  /** `authenticatorSelection.residentKey`. */
  readonly residentKey?: ResidentKeyRequirement;
}

/** How a relying party took a response, judged by the adapter's rules. */
export interface SubmitOutcome {
  /**
   * `accepted` and `refused` are recognised answers; `crashed` is a 5xx, a reset or silence; `throttled` a 429 that stayed;
   * `unknown` anything that the adapter does not describe.
   */
  readonly verdict: 'accepted' | 'refused' | 'crashed' | 'throttled' | 'unknown';
  /** HTTP status of the deciding answer, if there was one. */
  readonly status?: number;
  /** One line for reports: what the answer said. */
  readonly detail: string;
}

/** A passkey as the relying party lists it to its owner. */
export interface ListedCredential {
  /** Base64url. */
  readonly id: string;
  readonly name?: string;
}

/** How a sign-in page answers a typed username. */
export interface SignInMethods {
  /** The method offered first: the one used most recently. */
  readonly preferred: SignInMethod;
  readonly available: readonly SignInMethod[];
}

/**
 * One isolated browser session: its own cookies and saved values.
 *
 * Ceremonies are cut in two (options, submit) so that a check can leave a half out, swap halves or repeat one.
 * Every method throws KeyrigError `target-unreachable`, `target-answer` or `deadline-exceeded` with the exchange in the trace.
 */
export interface TargetSession {
  /** For traces, e.g. `alice`. */
  readonly name: string;
  signInWithPassword(user: TargetUser): Promise<SubmitOutcome>;
  /** Options for a new passkey of the signed-in user. `wishes` count only with the capability `options.wishes`. */
  registrationOptions(
    user: TargetUser,
    wishes?: OptionsWishes,
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  submitRegistration(response: RegistrationResponseJSON): Promise<SubmitOutcome>;
  signInMethods(user: TargetUser): Promise<SignInMethods>;
  /** `user` is required for `username`. `wishes` count only with the capability `options.wishes`. */
  signInOptions(
    flow: SignInFlow,
    user?: TargetUser,
    wishes?: OptionsWishes,
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  submitSignIn(response: AuthenticationResponseJSON): Promise<SubmitOutcome>;
  /** The oracle: the username that this session is signed in as, or `undefined`. */
  whoami(): Promise<string | undefined>;
  credentials(): Promise<readonly ListedCredential[]>;
  deleteCredential(id: string): Promise<SubmitOutcome>;
  signOut(): Promise<void>;
  /** Cookies and saved values, to be given to `restore` later. */
  snapshot(): SessionSnapshot;
  restore(snapshot: SessionSnapshot): void;
}

/** An opaque copy of a session's cookies and saved values. */
export interface SessionSnapshot {
  readonly cookies: readonly { readonly name: string; readonly value: string; readonly path: string }[];
  readonly saved: Readonly<Record<string, string>>;
}

/** A relying party under test. */
export interface Target {
  /** For reports: the preset's name or the adapter's file name. */
  readonly id: string;
  readonly origin: string;
  readonly rpId: string;
  readonly policy: TargetPolicy;
  readonly capabilities: ReadonlySet<TargetCapability>;
  openSession(name: string): TargetSession;
  /** Makes the account; safe to call for one that exists. */
  createUser(user: TargetUser): Promise<void>;
  close(): Promise<void>;
}
