/**
 * The screens of one ceremony as a pure state machine: the profile says which there are, the rules say which comes first, actions and events
 * lead from one to the next.
 */
import type { CeremonyRequest } from '../client/ports.js';
import { KeyrigError } from '../errors.js';
import { localCredentials, resolveTarget } from './conditions.js';
import { type Decision, decide, type Scope } from './decision/decide.js';
import { listensForKeys, matchAction, offeredActions } from './offered.js';
import type { Action, DeviceKind, Screen } from './ports.js';
import type { ProfileStep, StepTarget } from './profile-shape.js';
import {
  choicesOf,
  controlTarget,
  drawScreen,
  type LeadingChoice,
  preselected,
  type Scene,
  selectSubmits,
} from './scene.js';
import type { ActResult, MachineDevice, MachineSetting, PromptEvent, PromptState } from './state.js';
import { end, failed, OF_ONE_PAGE, running, unplug, withMember, without } from './state-changes.js';
import type { PageName } from './vocabulary.js';

/**
 * The machine for one request on one platform. Every method is a pure function: states are plain data and never change.
 *
 * @example
 * ```ts
 * const machine = new PromptMachine(setting);
 * const result = machine.act(machine.start(), { kind: 'select', choice: 'security-key' });
 * if (result.ok) console.log(machine.screen(result.state).selected); // 'security-key'
 * ```
 */
export class PromptMachine {
  readonly #setting: MachineSetting;
  readonly #steps: ReadonlyMap<string, ProfileStep>;
  readonly #decisions: Readonly<Record<Scope, Decision>>;

  /** @throws KeyrigError `profile-invalid` when the profile has no step for what its rules come to. */
  constructor(setting: MachineSetting) {
    this.#setting = setting;
    this.#steps = new Map(setting.profile.steps.map((step) => [step.id, step]));
    this.#decisions = { first: decide(setting, 'first'), others: decide(setting, 'others') };
  }

  /** Before anybody has done anything. A key that is plugged in already may be in use at once. */
  start(): PromptState {
    const keys = this.#setting.devices.filter(({ kind }) => kind === 'security-key');
    const plugged = keys.flatMap((key) => (key.plugged ? [key.id] : [])).sort();
    return this.#enter({ step: '', phase: 'choosing', scope: 'first', plugged, tried: [] }, 'first');
  }

  screen(state: PromptState): Screen {
    return drawScreen(this.#scene(state));
  }

  /** What can be done; empty only when the ceremony has ended. */
  offered(state: PromptState): readonly Action[] {
    return offeredActions(this.#scene(state));
  }

  /** Does `action`, if it is offered. */
  act(state: PromptState, action: Action): ActResult {
    const offered = this.offered(state);
    const match = matchAction(offered, action);
    return match === undefined ? { ok: false, offered } : { ok: true, state: this.#do(state, match) };
  }

  /** What the device in use, or the hardware, brings about. An event that changes nothing gives the same state. */
  raise(state: PromptState, event: PromptEvent): PromptState {
    if (state.phase === 'ended') return state;
    switch (event.kind) {
      case 'plugged':
        return this.#plug(state, event.device);
      case 'unplugged':
        return state.plugged.includes(event.device) ? unplug(state, event.device) : state;
      case 'working':
        return state.given === undefined ? state : without(state, 'given');
      case 'touch-wanted':
        return this.#wantTouch(state, event.device);
      case 'pin-wanted':
        return this.#page(
          { ...running(state, event.request.device), wanted: 'pin', pin: event.request },
          event.request.reason === 'verify' ? 'pin' : 'set-pin',
        );
      case 'account-wanted':
        return this.#page(
          { ...without(state, ...OF_ONE_PAGE), wanted: 'account', accounts: event.accounts },
          'accounts',
        );
      case 'no-credentials':
      case 'refused':
        return this.#page(failed(state, event.device), event.kind);
      case 'pin-blocked':
        return event.untilPowerCycle
          ? this.#page(
              { ...unplug(failed(state, event.device), event.device), softBlock: true },
              'pin-reinsert',
            )
          : this.#page(failed(state, event.device), 'pin-blocked');
      case 'finished':
        return end(state, 'finished');
    }
  }

  /** What the state's screens stand on. */
  decision({ scope }: PromptState): Decision {
    return this.#decisions[scope];
  }

  /** The device in use, or the last that was. */
  deviceInUse({ device }: PromptState): MachineDevice | undefined {
    return this.#setting.devices.find(({ id }) => id === device);
  }

  #scene(state: PromptState): Scene {
    const step = this.#steps.get(state.step);
    if (step === undefined)
      throw new KeyrigError('internal', `${this.#setting.profile.id} has no step "${state.step}"`);
    const usableKeys = state.plugged.filter((id) => !state.tried.includes(id));
    return { setting: this.#setting, decision: this.#decisions[state.scope], step, state, usableKeys };
  }

  #do(state: PromptState, action: Action): PromptState {
    switch (action.kind) {
      case 'cancel':
        return end(state, 'cancelled');
      case 'select':
        return this.#select(state, action.choice);
      case 'press':
        return this.#follow(state, controlTarget(this.#scene(state), action.control));
      case 'insert':
        return action.device === undefined ? state : this.#plug(state, action.device);
      case 'scan':
        return this.#scan(state, action.device);
      case 'touch':
      case 'verify':
        return state.phase === 'running'
          ? { ...without(state, 'wanted'), given: action.kind }
          : { ...this.#use(state, action), given: action.kind };
      case 'pin':
        return without(state, 'wanted');
    }
  }

  #use(state: PromptState, action: Extract<Action, { kind: 'touch' | 'verify' }>): PromptState {
    return action.kind === 'touch' && action.device !== undefined
      ? running(state, action.device)
      : this.#useKind(state, 'platform');
  }

  #select(state: PromptState, id: string): PromptState {
    const scene = this.#scene(state);
    const choice = choicesOf(scene).find((one) => one.id === id);
    if (choice === undefined) return state;
    return selectSubmits(scene.step) ? this.#submit(state, choice) : { ...state, selected: id };
  }

  /** Goes where a choice leads. */
  #submit(state: PromptState, { kind, to, label, index }: LeadingChoice): PromptState {
    if (kind === 'account') return { ...without(state, 'wanted'), account: index ?? 0 };
    const named: PromptState = {
      ...without(state, 'phone'),
      ...(kind === 'linked-phone' ? { phone: label } : {}),
      ...(kind === 'credential' && index !== undefined ? { credential: index } : {}),
    };
    return this.#follow(named, to);
  }

  #follow(state: PromptState, to: string): PromptState {
    const scene = this.#scene(state);
    switch (to) {
      case 'cancel':
        return end(state, 'cancelled');
      case 'others':
        return this.#enter(state, 'others');
      case 'device':
        return this.#useKind(state, scene.step.leads);
      case 'submit': {
        const selected = choicesOf(scene).find(({ id }) => id === state.selected);
        return selected === undefined ? state : this.#submit(state, selected);
      }
      default:
        return this.#show(state, to);
    }
  }

  /** Decides anew and shows what comes first. */
  #enter(state: PromptState, scope: Scope): PromptState {
    const { profile } = this.#setting;
    const { outcome } = this.#decisions[scope];
    const target = profile.entry[outcome];
    if (target === undefined)
      throw new KeyrigError('profile-invalid', `${profile.id} has no step for "${outcome}"`, {
        where: `entry.${outcome}`,
        hint: 'add it to "entry" of the profile',
      });
    const entered = { ...without(state, 'credential'), scope };
    return this.#show(entered, this.#resolve(entered, target));
  }

  #resolve(state: PromptState, target: StepTarget): string {
    return resolveTarget(target, { setting: this.#setting, decision: this.#decisions[state.scope], state });
  }

  #show(state: PromptState, step: string): PromptState {
    return this.#takeKey(this.#stand(state, step));
  }

  /** A page that the device in use brings up. Keys that are plugged in don't interfere with it. */
  #page(state: PromptState, name: PageName): PromptState {
    return this.#stand(state, this.#resolve(state, this.#setting.profile.pages[name]));
  }

  #stand(state: PromptState, step: string): PromptState {
    const bare = { ...without(state, 'selected'), step };
    const selected = preselected(this.#scene(bare));
    return selected === undefined ? bare : { ...bare, selected };
  }

  #plug(state: PromptState, device: string): PromptState {
    if (state.plugged.includes(device)) return state;
    const plugged = withMember(state.plugged, device);
    return this.#takeKey({ ...state, plugged, tried: state.tried.filter((id) => id !== device) });
  }

  /**
   * A single key that is plugged in comes into use by itself: on a page that asks for a key where the platform looks for it only then; and
   * where keys listen in the background, if it has a PIN to ask for. All others wait for a touch.
   */
  #takeKey(state: PromptState): PromptState {
    const scene = this.#scene(state);
    const [only, ...more] = scene.usableKeys;
    if (state.phase !== 'choosing' || only === undefined || more.length > 0) return state;
    if (!listensForKeys(scene)) return state;
    const { profile, devices, request } = this.#setting;
    const pinSet = devices.find(({ id }) => id === only)?.pinSet === true;
    const atOnce = profile.dispatch === 'page' || (pinSet && wantsVerification(request));
    return atOnce ? running(state, only) : state;
  }

  #scan(state: PromptState, device: string | undefined): PromptState {
    if (this.#setting.environment.bluetooth !== 'on') return this.#page(state, 'bluetooth');
    return device === undefined ? state : this.#page(running(state, device), 'connecting');
  }

  /** The picked credential's device, or the first of the kind; without any the screen stays. */
  #useKind(state: PromptState, kind: DeviceKind | undefined): PromptState {
    const picked = localCredentials(this.#decisions[state.scope])[state.credential ?? -1]?.device;
    const ofKind = this.#setting.devices.filter((device) => device.kind === kind);
    const found = ofKind.find(({ id }) => id === picked) ?? ofKind[0];
    return found === undefined ? state : running(state, found.id);
  }

  #wantTouch(state: PromptState, device: string): PromptState {
    const { wanted, given } = state;
    const known = given !== undefined || wanted === 'touch' || wanted === 'verify';
    if (known && state.phase === 'running' && state.device === device) return state;
    const used = running(state, device);
    const kind = this.deviceInUse(used)?.kind;
    if (kind === 'security-key') return this.#page({ ...used, wanted: 'touch' }, 'touch');
    if (kind === 'phone') return this.#page({ ...used, wanted: 'verify' }, 'on-phone');
    return { ...used, wanted: 'verify' };
  }
}

/** Whether a key with a PIN will have to ask for it: an assertion without names, a passkey, or a relying party that would like it. */
function wantsVerification({
  operation,
  allowCredentials,
  residentKey,
  userVerification,
}: CeremonyRequest): boolean {
  if (userVerification !== 'discouraged') return true;
  return operation === 'get' ? allowCredentials.length === 0 : residentKey !== 'discouraged';
}
