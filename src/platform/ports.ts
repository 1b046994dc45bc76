/**
 * What a platform shows, who acts on it, and what that person can do with their hands. Types only.
 *
 * The screens of one ceremony are a state machine; a {@link Person} decides at each screen, a {@link World} carries out what no screen can do.
 */
import type { CeremonyRequest, LocalCredential, PinRequest } from '../client/ports.js';

/** What a device is to the person: the thing they would point at. */
export type DeviceKind = 'security-key' | 'phone' | 'platform';

/**
 * The machine around a browser, as far as it decides what is shown first. Every member is an explicit input of a run; which values a
 * platform profile has rules for is said there.
 */
export interface Environment {
  /** `absent`: no adapter. `off`: adapter without power. `denied`: the browser may not use it. */
  readonly bluetooth: 'absent' | 'off' | 'denied' | 'on';
  /** Version of the webauthn.dll interface, or `null` where Windows' own dialog is not used. */
  readonly winApi: number | null;
  readonly winHello: 'ready' | 'not-set-up';
  /** Names of phones that the operating system knows, in the order it lists them. */
  readonly linkedPhones: readonly string[];
  /** Whether the first hint of the relying party counts, or the first of a sorted set. */
  readonly hintsOrder: 'spec' | 'chromium-set';
  /** What the Windows dialog makes of hints once they reach it (interface version 8 and later). */
  readonly dialogHints: 'honoured' | 'ignored';
  /** The password manager's own store of passkeys. */
  readonly passwordManager: 'off' | 'enabled';
  /** Credentials for this request that the platform can list without asking a device. */
  readonly localCredentials: readonly LocalCredential[];
}

/** What a choice stands for. */
export type ChoiceKind =
  | 'phone'
  | 'linked-phone'
  | 'security-key'
  | 'platform'
  | 'credential'
  | 'account'
  | 'others';

/** One row of a list. */
export interface Choice {
  /** Unique on its screen, e.g. `phone`, `credential:0`. */
  readonly id: string;
  readonly label: string;
  readonly kind: ChoiceKind;
}

/** A button or link. */
export interface Control {
  readonly label: string;
  /** Enter presses it, and it has the focus when the screen appears (unless a list has). */
  readonly isDefault: boolean;
  /** `confirm` goes with what is typed, so it is part of entering it and never pressed alone. */
  readonly role: 'submit' | 'confirm' | 'cancel' | 'other';
}

/** What a screen can wait for, other than a choice or a button. `verify`: face, finger or the device's own PIN. */
export type Ask = 'insert' | 'touch' | 'pin' | 'scan' | 'verify';

/** What the person sees. */
export interface Screen {
  /** Stable id of the step, e.g. `W1`. */
  readonly step: string;
  readonly title: string;
  readonly body: string;
  /** What the list is headed with, e.g. `More choices`. */
  readonly listLabel?: string;
  /** In the order shown; empty where the screen has no list. */
  readonly choices: readonly Choice[];
  /** Id of the selected choice. */
  readonly selected?: string;
  /** Whether selecting a choice already goes on, without a button. */
  readonly selectSubmits: boolean;
  readonly controls: readonly Control[];
  /** What the text asks the person to do. */
  readonly asks: readonly Ask[];
  /** The kind of device that this screen is about, if it is about one. */
  readonly leads?: DeviceKind;
  /** Whether a usable security key is plugged in already. */
  readonly keyInserted: boolean;
  /** A key wants to be pulled out and inserted again, because three PINs in a row were wrong: each insertion spends three of its last tries. */
  readonly softBlock: boolean;
}

/** One thing that the person does. Escape and a cancel button are both `cancel`. */
export type Action =
  | { readonly kind: 'select'; readonly choice: string }
  /** By label. */
  | { readonly kind: 'press'; readonly control: string }
  /** Without a device: the first one that is not plugged in. */
  | { readonly kind: 'insert'; readonly device?: string }
  | { readonly kind: 'touch'; readonly device?: string }
  | { readonly kind: 'scan'; readonly device?: string }
  /** Without a PIN: the one that the person knows, see {@link World.pin}. */
  | { readonly kind: 'pin'; readonly pin?: string }
  | { readonly kind: 'verify' }
  | { readonly kind: 'cancel' };

/** A screen with what can be done on it. */
export interface View {
  readonly screen: Screen;
  readonly offered: readonly Action[];
  /**
   * The shortest way, among those that the screens suggest, to a device of this kind being used: fewest clicks, then fewest keystrokes.
   * `undefined` when none leads there. While a device is in use already it is what answers the screen.
   */
  wayTo(kind: DeviceKind): readonly Action[] | undefined;
}

/** Who sits in front of the screens: a script, a test, or someone at a terminal or web page. */
export interface Person {
  /**
   * Decides what to do next. `signal` aborts when the screen goes away by itself; what the promise yields after that is not used.
   *
   * @throws KeyrigError `platform-script` when the person was told to do something that is not offered.
   */
  act(view: View, signal: AbortSignal): Promise<Action>;
}

/** A security key as the platform sees it before it talks to it. */
export interface KeyFacts {
  readonly plugged: boolean;
  /** Whether a PIN is set: such a key is asked for its PIN before its touch. */
  readonly pinSet: boolean;
}

/** What the person does away from the screen. The rig connects it to its devices. */
export interface World {
  keyFacts(device: string): KeyFacts;
  /** Plugs it in, after pulling it out if it was in. Resolves when the machine has seen it. */
  insert(device: string): Promise<void>;
  /** Called while the device waits for it. */
  touch(device: string): void;
  /** Points the phone's camera at the code, or takes up the notification on a linked phone. */
  scan(device: string): Promise<void>;
  /** Face, finger or screen lock on a phone or the platform's own authenticator, called while it waits for it. */
  verify(device: string): void;
  /** The PIN that the person knows for this device; `undefined`: they don't, and cancel. */
  pin(request: PinRequest): Promise<string | undefined>;
  /** Credentials that match `request` and can be listed without asking a device. */
  localCredentials(request: CeremonyRequest): Promise<readonly LocalCredential[]>;
}
