/**
 * Devices and their person for tests: no CTAP behind them, only what a scenario can see of it.
 */
import { type AuthenticatorData, encodeAuthenticatorData, FLAGS } from '../ctap/authenticator-data.js';
import type { DeviceFaultInput } from '../ctap/device-faults.js';
import { toBase64url, utf8 } from '../data/bytes.js';
import { KeyrigError } from '../errors.js';
import type { DeviceControl, ScriptedPerson, TouchBehaviour, VerificationBehaviour } from '../rig/rig.js';
import type { TraceSink } from '../trace/events.js';
import type { RequestedDevice } from './engine-ports.js';

/** What a device can get wrong, one thing each. */
export type DeviceFault =
  | 'key-never-blocks'
  | 'key-takes-the-right-pin-while-blocked'
  | 'key-takes-any-pin'
  | 'key-stays-blocked'
  | 'no-user-presence-flag'
  | 'no-user-verified-flag'
  | 'other-attested-credential'
  | 'wrong-backup-flags'
  | 'no-user-handle'
  | 'other-user-handle';

/** A discoverable credential. */
export interface FakeCredential {
  readonly id: string;
  readonly userHandle: string;
  readonly userName: string;
}

/** Wrong PINs in a row until a key blocks softly. */
const SOFT_LIMIT = 3;

let made = 0;

/** One device. */
export class FakeDevice implements DeviceControl {
  readonly id: string;
  readonly profile: string;
  readonly kind: DeviceControl['kind'];
  readonly credentials: FakeCredential[] = [];
  touch: TouchBehaviour = { kind: 'at-once' };
  verification: VerificationBehaviour = 'succeed';
  /** What it was told to do wrong; the fake doesn't. */
  readonly armed: DeviceFaultInput[] = [];
  /** What is put on a sensor that the fake doesn't have, and what was enrolled there. */
  finger = 'right index';
  readonly fingers: string[] = [];
  plugged = true;
  knownPin: string | undefined;
  #pin: string | undefined;
  #wrongInARow = 0;
  readonly #trace: TraceSink;
  readonly #faults: ReadonlySet<string>;

  constructor(request: RequestedDevice, trace: TraceSink, faults: ReadonlySet<string>) {
    this.id = request.id;
    this.profile = request.profile;
    this.kind = request.profile.includes('phone') ? 'phone' : 'security-key';
    this.#trace = trace;
    this.#faults = faults;
  }

  get client(): never {
    throw new KeyrigError('internal', 'the fake has no CTAP');
  }

  setTouch(behaviour: TouchBehaviour): void {
    this.touch = behaviour;
  }

  setVerification(behaviour: VerificationBehaviour): void {
    this.verification = behaviour;
  }

  useFinger(finger: string): void {
    this.finger = finger;
  }

  async enrolFinger(finger: string): Promise<void> {
    this.fingers.push(finger);
  }

  setFault(fault: DeviceFaultInput): void {
    this.armed.push(fault);
  }

  clearFaults(): void {
    this.armed.length = 0;
  }

  plug(): void {
    this.plugged = true;
  }

  unplug(): void {
    this.plugged = false;
    if (!this.#has('key-stays-blocked')) this.#wrongInARow = 0;
  }

  powerCycle(): void {
    this.unplug();
    this.plug();
  }

  setKnownPin(pin: string | undefined): void {
    this.knownPin = pin;
  }

  async initialisePin(pin: string): Promise<void> {
    this.#pin = pin;
  }

  /** The person types what they know until it is right or the key blocks, as platforms let them. */
  verifies(): boolean {
    if (this.#pin === undefined) return this.verification === 'succeed';
    while (this.knownPin !== undefined) {
      const answer = this.#answerPin(this.knownPin);
      this.#trace.emit({ layer: 'ctap', kind: 'response', device: this.id, name: answer });
      if (answer === 'CTAP1_ERR_SUCCESS') return true;
      if (answer !== 'CTAP2_ERR_PIN_INVALID' || this.#wrongInARow > 2 * SOFT_LIMIT) return false;
    }
    return false;
  }

  /** Authenticator data as this device would sign it. */
  authenticatorData(newCredential?: string): string {
    const backup = this.profile.includes('synced') !== this.#has('wrong-backup-flags');
    const flags =
      (this.#has('no-user-presence-flag') ? 0 : FLAGS.UP) |
      (this.#has('no-user-verified-flag') ? 0 : FLAGS.UV) |
      (backup ? FLAGS.BE | FLAGS.BS : 0);
    const data: AuthenticatorData = { rpIdHash: new Uint8Array(32), flags, signCount: 0 };
    if (newCredential === undefined) return toBase64url(encodeAuthenticatorData(data));
    const attestedCredential = {
      aaguid: new Uint8Array(16),
      credentialId: utf8(this.#has('other-attested-credential') ? 'another' : newCredential),
      publicKey: { kty: 'OKP', alg: -8, crv: 'Ed25519', x: new Uint8Array(32) } as const,
    };
    return toBase64url(encodeAuthenticatorData({ ...data, attestedCredential }));
  }

  /** Keeps a new credential for an account. */
  makeCredential(userHandle: string, userName: string): string {
    made += 1;
    const name = `credential-${made}`;
    this.credentials.unshift({ id: toBase64url(utf8(name)), userHandle, userName });
    return name;
  }

  userHandleOf(credential: FakeCredential): { readonly userHandle?: string } {
    if (this.#has('no-user-handle')) return {};
    return { userHandle: this.#has('other-user-handle') ? 'nobody' : credential.userHandle };
  }

  #answerPin(typed: string): string {
    const right = typed === this.#pin || this.#has('key-takes-any-pin');
    const blocked = this.#wrongInARow >= SOFT_LIMIT && !this.#has('key-never-blocks');
    if (blocked && !(right && this.#has('key-takes-the-right-pin-while-blocked')))
      return 'CTAP2_ERR_PIN_AUTH_BLOCKED';
    if (right) return 'CTAP1_ERR_SUCCESS';
    this.#wrongInARow += 1;
    const blocks = this.#wrongInARow >= SOFT_LIMIT && !this.#has('key-never-blocks');
    return blocks ? 'CTAP2_ERR_PIN_AUTH_BLOCKED' : 'CTAP2_ERR_PIN_INVALID';
  }

  #has(fault: DeviceFault): boolean {
    return this.#faults.has(fault);
  }
}

/** Remembers what it was told to do. */
export class FakePerson implements ScriptedPerson {
  heading: 'security-key' | 'phone' | 'whatever-comes-first' = 'whatever-comes-first';
  script: readonly string[] | undefined;
  account: string | undefined;

  wants(kind: FakePerson['heading']): void {
    this.heading = kind;
    this.script = undefined;
  }

  follows(instructions: readonly string[]): void {
    this.script = instructions;
  }

  picksAccount(name: string | undefined): void {
    this.account = name;
  }
}
