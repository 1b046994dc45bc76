/**
 * What scenarios, the bridge and control see of a rig. Types only.
 */
import type { ClientDevice } from '../client/ports.js';
import type { DeviceFaultInput, DeviceFaultName } from '../ctap/device-faults.js';
import type { Target } from '../target/target.js';
import type { TraceSink } from '../trace/events.js';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '../webauthn/types.js';

/** How a device answers when it wants its user. */
export type TouchBehaviour =
  | { readonly kind: 'at-once' }
  | { readonly kind: 'after'; readonly milliseconds: number }
  | { readonly kind: 'never' }
  | { readonly kind: 'deny' };

/** How built-in user verification ends. */
export type VerificationBehaviour = 'succeed' | 'fail' | 'not-configured';

/** A hand on one emulated (or real) device. */
export interface DeviceControl {
  readonly id: string;
  /** The profile it was made from. */
  readonly profile: string;
  readonly kind: 'security-key' | 'phone' | 'platform';
  setTouch(behaviour: TouchBehaviour): void;
  setVerification(behaviour: VerificationBehaviour): void;
  plug(): void;
  unplug(): void;
  readonly plugged: boolean;
  /** Unplug and plug again: clears the PIN soft block, tokens and pending state. */
  powerCycle(): void;
  /**
   * Has it do something wrong from its next command on (`docs/faults.md`), in place of the fault that has its name and its commands.
   *
   * Throws KeyrigError `option-invalid` for a fault that there is not.
   */
  setFault(fault: DeviceFaultInput): void;
  /** Ends all faults of this name, or all. */
  clearFaults(name?: DeviceFaultName): void;
  /** The PIN that its user knows and types when asked; `undefined`: the user cancels. */
  setKnownPin(pin: string | undefined): void;
  /** Sets a PIN on a device without one, over CTAP. */
  initialisePin(pin: string): Promise<void>;
  /** The finger that its user puts on a sensor from now on, e.g. `left thumb`. One that is not enrolled is not recognised. */
  useFinger(finger: string): void;
  /** Enrols a finger on a device with a sensor and this PIN, over CTAP. */
  enrolFinger(finger: string, pin: string): Promise<void>;
  /** The device as the client sees it. */
  readonly client: ClientDevice;
}

/** What the scripted person does with the platform's screens. */
export interface ScriptedPerson {
  /**
   * Heads for this kind of device on whatever screen is shown. Takes the script's place. Nobody's soft block is lifted that way: asked to
   * pull a key out and insert it again after wrong PINs, the person cancels.
   */
  wants(kind: 'security-key' | 'phone' | 'whatever-comes-first'): void;
  /**
   * Follows written instructions, e.g. `['select Security key', 'press Next', 'insert', 'pin', 'touch']`; a screen that does not offer the
   * next instruction ends the ceremony with KeyrigError `platform-script`.
   */
  follows(instructions: readonly string[]): void;
  /** Picks this account when several are offered; by default the first. */
  picksAccount(name: string | undefined): void;
}

/** What the last ceremony looked like to the person. */
export interface PromptSummary {
  /** Step id and title of the first screen, or `none` when no screen of the platform came up. */
  readonly firstScreen: string;
  readonly firstTitle: string;
  /** What the first list or sheet preselects or shows by itself: `phone`, `security-key`, `platform` or `none`. */
  readonly defaultChoice: 'phone' | 'security-key' | 'platform' | 'none';
  /** The choices in the order shown on the first screen that lists any. */
  readonly order: readonly string[];
  /** From the first screen to the page of the security key, or -1 where no click leads there. */
  readonly clicksToSecurityKey: number;
  /** The same way with the keyboard alone. */
  readonly keystrokes: number;
  readonly phoneOffered: boolean;
  /** Step ids in the order shown. */
  readonly screens: readonly string[];
  /** True unless every rule that fired is backed by an observation of a running browser. */
  readonly simulated: boolean;
}

/**
 * `navigator.credentials` on one page, with devices, platform and person behind it. JSON in, JSON out.
 *
 * A page has one request at a time: another one rejects with NotAllowedError (Credential Management §2.5.1). Requests of several pages
 * wait for each other, as the platform shows one at a time.
 */
export interface Browser {
  readonly origin: string;
  /** Rejects with a WebAuthnError that has a DOMException name. */
  create(
    options: PublicKeyCredentialCreationOptionsJSON,
    request?: CeremonyOptions,
  ): Promise<RegistrationResponseJSON>;
  get(
    options: PublicKeyCredentialRequestOptionsJSON,
    request?: CeremonyOptions,
  ): Promise<AuthenticationResponseJSON>;
}

/** What a page may add to a call. */
export interface CeremonyOptions {
  readonly signal?: AbortSignal;
  readonly mediation?: 'optional' | 'required' | 'conditional' | 'silent';
}

/** One target, one platform and its devices, wired together. */
export interface Rig {
  readonly target: Target;
  /** Platform profile and browser, e.g. `win11-23h2/edge`. */
  readonly platform: string;
  readonly devices: readonly DeviceControl[];
  device(id: string): DeviceControl;
  readonly person: ScriptedPerson;
  /** A page at the target's origin, or at `origin`. */
  browser(origin?: string): Browser;
  /** What the last ceremony showed. */
  lastPrompts(): PromptSummary;
  readonly trace: TraceSink;
  close(): Promise<void>;
}
