/**
 * What the client asks of the platform's user interface. Types only.
 *
 * `platform/` implements the choosing half as a pure state machine; tests and real browsers bring their own.
 */
import type { KeepAliveStatus, Transport, TransportName } from '../transport/transport.js';
import type {
  AuthenticatorAttachment,
  PublicKeyCredentialDescriptor,
  PublicKeyCredentialHint,
  ResidentKeyRequirement,
  UserVerificationRequirement,
} from '../webauthn/types.js';

/** A device that the client could use. */
export interface ClientDevice {
  /** Unique in its rig, e.g. `yubikey-5`. */
  readonly id: string;
  /** What a platform calls it, e.g. `Security key`, `Ada's phone`. */
  readonly label: string;
  readonly kind: 'security-key' | 'phone' | 'platform';
  readonly transport: TransportName;
  readonly attachment: AuthenticatorAttachment;
  /** Whether it can be reached now: plugged in, in range. */
  readonly reachable: boolean;
  /** How often it was plugged in: what a key refused before it was pulled it may grant once it is back. Some can't tell. */
  readonly insertions?: number;
  /**
   * Opens it; the client closes what it opened.
   *
   * @throws KeyrigError `transport-closed` when it is not reachable.
   */
  connect(): Promise<Transport>;
}

/** A matching credential that the platform may list without asking a device. */
export interface LocalCredential {
  readonly device: string;
  readonly id: Uint8Array;
  readonly userId: Uint8Array;
  readonly userName: string;
}

/** What a platform needs to know about a request to choose what to show. No secrets, no CTAP. */
export interface CeremonyRequest {
  readonly operation: 'create' | 'get';
  readonly rpId: string;
  readonly origin: string;
  readonly allowCredentials: readonly PublicKeyCredentialDescriptor[];
  readonly excludeCredentials: readonly PublicKeyCredentialDescriptor[];
  readonly attachment?: AuthenticatorAttachment;
  readonly residentKey: ResidentKeyRequirement;
  readonly userVerification: UserVerificationRequirement;
  readonly hints: readonly PublicKeyCredentialHint[];
  readonly mediation: 'optional' | 'required' | 'conditional' | 'silent';
  readonly userName?: string;
}

/** What the user decided on the platform's screens. */
export type DeviceChoice =
  | { readonly kind: 'device'; readonly device: string }
  /** The client asks every device at once and the first touch wins. */
  | { readonly kind: 'all' }
  | { readonly kind: 'cancel' };

/** Why a PIN is asked for. */
export interface PinRequest {
  readonly device: string;
  readonly reason: 'verify' | 'set' | 'change';
  readonly minPinLength: number;
  /** Retries left, when known. */
  readonly retries?: number;
  /** True when the PIN before this one was wrong. */
  readonly wrong: boolean;
}

/** One of several accounts on a device. */
export interface AccountChoice {
  readonly userId: Uint8Array;
  readonly name?: string;
  readonly displayName?: string;
}

/** What the user should know while a ceremony runs. */
export type CeremonyNotice =
  | { readonly kind: 'keepalive'; readonly device: string; readonly status: KeepAliveStatus }
  | { readonly kind: 'no-credentials'; readonly device: string }
  | { readonly kind: 'pin-blocked'; readonly device: string; readonly untilPowerCycle: boolean }
  | { readonly kind: 'device-refused'; readonly device: string; readonly status: number }
  /** It left without a CTAP status: unplugged, not answering, or unable to do what is asked. */
  | { readonly kind: 'device-unusable'; readonly device: string; readonly reason: string }
  | { readonly kind: 'done'; readonly device: string };

/** The screens of one ceremony. Every promise resolves when `signal` aborts. */
export interface UserInterface {
  chooseDevice(
    request: CeremonyRequest,
    devices: readonly ClientDevice[],
    signal: AbortSignal,
  ): Promise<DeviceChoice>;
  /** `undefined`: the user cancelled. */
  enterPin(request: PinRequest, signal: AbortSignal): Promise<string | undefined>;
  /** Index into `accounts`, or `undefined`: the user cancelled. */
  chooseAccount(accounts: readonly AccountChoice[], signal: AbortSignal): Promise<number | undefined>;
  notify(notice: CeremonyNotice): void;
}
