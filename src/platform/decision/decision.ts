/**
 * What goes into a decision about the first screen, and what comes out. Types only.
 */
import type { LocalCredential } from '../../client/ports.js';
import type {
  AuthenticatorAttachment,
  PublicKeyCredentialHint,
  ResidentKeyRequirement,
  UserVerificationRequirement,
} from '../../webauthn/types.js';
import type { Outcome } from './outcomes.js';
import type { RuleId } from './rules.js';

/** A transport that a relying party can name. */
export type AllowedTransport = 'usb' | 'nfc' | 'ble' | 'internal' | 'hybrid';

/** A channel that the browser itself serves. */
export type Channel = 'usb' | 'internal' | 'hybrid';

/** Where a local credential is kept. `other`: a store that is neither the operating system's nor the browser's. */
export type CredentialSource =
  | 'windows-hello'
  | 'touch-id'
  | 'icloud'
  | 'password-manager'
  | 'chromeos'
  | 'other';

/** A credential that the browser can list, and where it is kept. */
export interface RecognisedCredential extends LocalCredential {
  readonly source: CredentialSource;
}

/** Windows' own dialog, where there is one. */
export interface WindowsFacts {
  /** Interface version of webauthn.dll. */
  readonly api: number;
  readonly hello: 'ready' | 'not-set-up';
}

/** Everything that Chromium's choice depends on. */
export interface DecisionInput {
  readonly operation: 'create' | 'get';
  readonly os: 'windows' | 'macos' | 'linux' | 'chromeos';
  /** By the relying party. */
  readonly allowed: ReadonlySet<AllowedTransport>;
  /** What is left of `allowed` on this machine, in this browser. */
  readonly available: ReadonlySet<Channel>;
  /** get: the request names no credentials. */
  readonly emptyAllowList: boolean;
  /** Local credentials that match the request. */
  readonly credentials: readonly RecognisedCredential[];
  /** The one hint that counts, if any. */
  readonly hint?: PublicKeyCredentialHint;
  /** create. */
  readonly attachment?: AuthenticatorAttachment;
  /** create. */
  readonly residentKey: ResidentKeyRequirement;
  readonly userVerification: UserVerificationRequirement;
  readonly bluetooth: 'absent' | 'off' | 'denied' | 'on';
  readonly windows: WindowsFacts | null;
  /** Whether the platform's own authenticator can list its credentials. */
  readonly platformAuthenticator: 'none' | 'enumerable' | 'opaque';
  readonly passwordManager: 'off' | 'enabled' | 'needs-sign-in';
  /** How often the person turned the password manager's offer down. */
  readonly passwordManagerDeclines: number;
  /** A saved password for this site is offered next to the passkeys. */
  readonly savedPassword: boolean;
  /** macOS. `no-permission`: the browser may not list its credentials. */
  readonly icloud: 'absent' | 'present' | 'no-permission';
  /** macOS: new passkeys go to iCloud Keychain. */
  readonly createInIcloud: boolean;
  /** macOS: Touch ID can be used now. */
  readonly biometrics: boolean;
}

/** One way to go on, as the browser lists it. */
export type Mechanism =
  | { readonly kind: 'credential'; readonly credential: RecognisedCredential }
  | { readonly kind: 'sign-in-again' }
  | { readonly kind: 'password-manager' }
  | { readonly kind: 'icloud' }
  | { readonly kind: 'windows'; readonly label: WindowsLabel }
  /** Phone by QR code. `withKey`: the same entry stands for security keys. */
  | { readonly kind: 'hybrid'; readonly withKey: boolean }
  | { readonly kind: 'internal' }
  | { readonly kind: 'usb' };

/** What the button that opens Windows' dialog says. */
export type WindowsLabel = 'phone-tablet-or-key' | 'phone-or-tablet' | 'hello-or-key' | 'hello' | 'key';

/** A rule that led to what is shown, and what it led to. */
export interface FiredRule {
  readonly rule: RuleId;
  readonly outcome: Outcome;
}

/** The first screen and why. */
export interface FirstScreen {
  readonly outcome: Outcome;
  readonly rule: RuleId;
  /** What is run or confirmed, unless the outcome is a list or an error. */
  readonly mechanism?: Mechanism;
}
