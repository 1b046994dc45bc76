/**
 * The platform's half of one ceremony: shows the screens of the machine to a person, carries out what they do, and tells the client what was
 * decided.
 */
import type {
  AccountChoice,
  CeremonyNotice,
  CeremonyRequest,
  ClientDevice,
  DeviceChoice,
  PinRequest,
  UserInterface,
} from '../client/ports.js';
import { KeyrigError } from '../errors.js';
import type { PromptSummary } from '../rig/rig.js';
import type { TraceSink } from '../trace/events.js';
import { WebAuthnError } from '../webauthn/errors.js';
import { browserOf } from './environment.js';
import { PromptMachine } from './machine.js';
import type { Environment, Person, World } from './ports.js';
import type { PlatformProfile, ProfileBrowser } from './profile.js';
import { Stage } from './stage.js';
import type { MachineDevice } from './state.js';
import { NO_PROMPTS } from './summary.js';

/** What a ceremony needs. */
export interface PromptOptions {
  readonly profile: PlatformProfile;
  /** A browser of the profile; by default its first. */
  readonly browser?: string;
  /** From `resolveEnvironment`. Local credentials are asked of the world, with the request. */
  readonly environment: Environment;
  readonly person: Person;
  readonly world: World;
  readonly trace: TraceSink;
}

/** The screens of one ceremony, and what a rig needs besides. */
export interface PlatformUserInterface extends UserInterface {
  /**
   * Aborts when the person cancels while a device is in use and the client waits for that device. Its reason is what the ceremony ends with:
   * a NotAllowedError, or the KeyrigError of a person who could not do as told.
   */
  readonly cancelled: AbortSignal;
  /** A security key was plugged in by somebody other than the person at the screens. */
  plugged(device: string): void;
  /** A security key was pulled out. */
  unplugged(device: string): void;
  /** What the ceremony looked like up to now. */
  summary(): PromptSummary;
  /** Takes the screens away, whatever is on them. */
  close(): void;
}

/**
 * Makes the user interface of one ceremony; the next one needs a new one.
 *
 * @throws KeyrigError `option-invalid` when the profile has no such browser.
 *
 * @example
 * ```ts
 * const ui = platformUserInterface({ profile, environment, person: headsFor('security-key'), world, trace });
 * const choice = await ui.chooseDevice(request, devices, signal); // { kind: 'device', device: 'yubikey-5' }
 * ui.summary().firstScreen; // 'W1'
 * ```
 */
export function platformUserInterface(options: PromptOptions): PlatformUserInterface {
  return new Ceremony(options);
}

class Ceremony implements PlatformUserInterface {
  readonly #options: PromptOptions;
  readonly #browser: ProfileBrowser;
  readonly #cancel = new AbortController();
  /** Why devices were of no use, in order. */
  readonly #refusals: string[] = [];
  #stage: Stage | undefined;

  constructor(options: PromptOptions) {
    this.#options = options;
    this.#browser = browserOf(options.profile, options.browser);
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  async chooseDevice(
    request: CeremonyRequest,
    devices: readonly ClientDevice[],
    signal: AbortSignal,
  ): Promise<DeviceChoice> {
    const again = this.#stage;
    // Asked again while a device is in use: it was of no use.
    if (again?.state.phase === 'running' && again.state.device !== undefined)
      again.raise({ kind: 'refused', device: again.state.device });
    const stage = again ?? (await this.#begin(request, devices));
    const state = await stage.until(signal, ({ phase }) => phase !== 'choosing');
    const chosen = state.phase === 'running' && state.device !== undefined;
    if (!chosen && !signal.aborted && this.#refusals.length > 0) throw this.#givenUp();
    if (signal.aborted || state.phase !== 'running' || state.device === undefined) return { kind: 'cancel' };
    return { kind: 'device', device: state.device };
  }

  async enterPin(request: PinRequest, signal: AbortSignal): Promise<string | undefined> {
    const stage = this.#began();
    // Also after a wrong PIN, which brings the same page up again.
    stage.raise({ kind: 'pin-wanted', request }, { showAgain: true });
    let pin: string | undefined;
    const state = await stage.until(
      signal,
      ({ wanted }) => wanted !== 'pin',
      async (action) => {
        if (action.kind !== 'pin') return action;
        pin = action.pin ?? (await this.#options.world.pin(request));
        return pin === undefined ? { kind: 'cancel' } : action;
      },
    );
    return signal.aborted || state.phase !== 'running' ? undefined : pin;
  }

  async chooseAccount(accounts: readonly AccountChoice[], signal: AbortSignal): Promise<number | undefined> {
    const stage = this.#began();
    const labels = accounts.map(({ name, displayName }, at) => name ?? displayName ?? `Account ${at + 1}`);
    stage.raise({ kind: 'account-wanted', accounts: labels });
    const state = await stage.until(signal, ({ wanted }) => wanted !== 'account');
    return signal.aborted || state.phase !== 'running' ? undefined : state.account;
  }

  notify(notice: CeremonyNotice): void {
    const stage = this.#stage;
    if (stage === undefined) return;
    const refusal = refusalOf(notice);
    if (refusal !== undefined) this.#refusals.push(refusal);
    switch (notice.kind) {
      case 'keepalive':
        this.#keepAlive(stage, notice);
        break;
      case 'device-refused':
      case 'device-unusable':
        stage.raise({ kind: 'refused', device: notice.device });
        break;
      case 'done':
        stage.raise({ kind: 'finished' });
        break;
      case 'no-credentials':
      case 'pin-blocked':
        stage.raise(notice);
    }
  }

  plugged(device: string): void {
    this.#stage?.raise({ kind: 'plugged', device });
  }

  unplugged(device: string): void {
    this.#stage?.raise({ kind: 'unplugged', device });
  }

  summary(): PromptSummary {
    return this.#stage?.summary() ?? NO_PROMPTS;
  }

  close(): void {
    this.#stage?.takeDown('closed');
  }

  async #begin(request: CeremonyRequest, devices: readonly ClientDevice[]): Promise<Stage> {
    const { profile, environment, world } = this.#options;
    const machine = new PromptMachine({
      profile,
      browser: this.#browser,
      environment: { ...environment, localCredentials: await world.localCredentials(request) },
      request,
      devices: devices.map((device) => machineDevice(device, world)),
    });
    this.#stage = new Stage(machine, this.#options);
    return this.#stage;
  }

  /** Somebody who closes the prompts because no device would do has not simply cancelled. */
  #givenUp(): WebAuthnError {
    const reasons = [...new Set(this.#refusals)].join('; ');
    return new WebAuthnError('NotAllowedError', `no device could do it, and the user gave up: ${reasons}`);
  }

  #began(): Stage {
    if (this.#stage !== undefined) return this.#stage;
    throw new KeyrigError('internal', 'a PIN or an account was asked for before a device was chosen');
  }

  #keepAlive(stage: Stage, { device, status }: Extract<CeremonyNotice, { kind: 'keepalive' }>): void {
    const before = stage.state;
    if (status === 'processing') stage.raise({ kind: 'working', device });
    else if (!stage.catchUp(device)) stage.raise({ kind: 'touch-wanted', device });
    // Keep-alives repeat; only the first of a wait puts a question to the person.
    const asks = stage.state.wanted === 'touch' || stage.state.wanted === 'verify';
    if (asks && stage.state !== before) void this.#answerDevice(stage);
  }

  /** Nobody waits for this promise: what comes of it goes to the world, or through `cancelled` to the client. */
  async #answerDevice(stage: Stage): Promise<void> {
    try {
      const state = await stage.until(stage.down, ({ wanted }) => wanted !== 'touch' && wanted !== 'verify');
      if (state.ending === 'cancelled')
        this.#cancel.abort(new WebAuthnError('NotAllowedError', 'the user cancelled'));
    } catch (error) {
      this.#cancel.abort(error);
    }
  }
}

function refusalOf(notice: CeremonyNotice): string | undefined {
  switch (notice.kind) {
    case 'device-refused':
      return `${notice.device} answered with the CTAP status 0x${notice.status.toString(16).padStart(2, '0')}`;
    case 'device-unusable':
      return `${notice.device}: ${notice.reason}`;
    case 'no-credentials':
      return `${notice.device} has no passkey for this`;
    case 'pin-blocked':
      return `the PIN of ${notice.device} is blocked`;
    default:
      return undefined;
  }
}

function machineDevice({ id, label, kind }: ClientDevice, world: World): MachineDevice {
  const facts = kind === 'security-key' ? world.keyFacts(id) : { plugged: false, pinSet: false };
  return { id, label, kind, ...facts };
}
