/**
 * Where a ceremony's screens are. Types only: plain data that can be compared, stored and printed.
 */
import type { CeremonyRequest, PinRequest } from '../client/ports.js';
import type { Scope } from './decision/decide.js';
import type { Action, DeviceKind, Environment } from './ports.js';
import type { PlatformProfile, ProfileBrowser } from './profile.js';

/** A device as the screens know it. */
export interface MachineDevice {
  readonly id: string;
  readonly label: string;
  readonly kind: DeviceKind;
  /** Security keys: plugged in when the ceremony starts. */
  readonly plugged: boolean;
  /** Security keys: a PIN is set. */
  readonly pinSet: boolean;
}

/** What the screens of one ceremony are made from. */
export interface MachineSetting {
  readonly profile: PlatformProfile;
  readonly browser: ProfileBrowser;
  readonly environment: Environment;
  readonly request: CeremonyRequest;
  readonly devices: readonly MachineDevice[];
}

/** What a running device waits for. */
export type Wanted = 'touch' | 'pin' | 'verify' | 'account';

/** One point in a ceremony. */
export interface PromptState {
  readonly step: string;
  /** `choosing`: no device is in use. `running`: one is. `ended`: nothing is on screen any more. */
  readonly phase: 'choosing' | 'running' | 'ended';
  /** How it ended. */
  readonly ending?: 'cancelled' | 'finished';
  readonly scope: Scope;
  /** Id of the selected choice. */
  readonly selected?: string;
  /** Name of the phone that was picked from a list. */
  readonly phone?: string;
  /** Index of the local credential at stake. */
  readonly credential?: number;
  /** Security keys that are in. */
  readonly plugged: readonly string[];
  /** Security keys that were of no use; pulling one out makes it worth a try again. */
  readonly tried: readonly string[];
  /** The device in use, or the last that was. */
  readonly device?: string;
  readonly wanted?: Wanted;
  /** What the person gave the device already: keep-alives that still ask for it are old. */
  readonly given?: 'touch' | 'verify';
  readonly pin?: PinRequest;
  /** The page is up because three PINs in a row were wrong. */
  readonly softBlock?: true;
  /** Labels of the accounts to choose from. */
  readonly accounts?: readonly string[];
  /** The account that was picked. */
  readonly account?: number;
}

/** What the running device, or the hardware around it, brings about. */
export type PromptEvent =
  | { readonly kind: 'touch-wanted'; readonly device: string }
  | { readonly kind: 'working'; readonly device: string }
  | { readonly kind: 'pin-wanted'; readonly request: PinRequest }
  | { readonly kind: 'account-wanted'; readonly accounts: readonly string[] }
  | { readonly kind: 'no-credentials'; readonly device: string }
  | { readonly kind: 'pin-blocked'; readonly device: string; readonly untilPowerCycle: boolean }
  | { readonly kind: 'refused'; readonly device: string }
  | { readonly kind: 'plugged'; readonly device: string }
  | { readonly kind: 'unplugged'; readonly device: string }
  | { readonly kind: 'finished' };

/** What came of an action. */
export type ActResult =
  | { readonly ok: true; readonly state: PromptState }
  /** Not possible on this screen; `offered` is what is. */
  | { readonly ok: false; readonly offered: readonly Action[] };
