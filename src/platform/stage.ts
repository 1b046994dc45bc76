/**
 * The running half of a ceremony: what is on screen now, the person in front of it, and the trace of both. Knows nothing of the client.
 */
import { KeyrigError } from '../errors.js';
import type { PromptSummary } from '../rig/rig.js';
import type { Json, TraceSink } from '../trace/events.js';
import type { FiredRule } from './decision/decision.js';
import { describeAction, describeActions } from './instructions.js';
import type { PromptMachine } from './machine.js';
import { matchAction } from './offered.js';
import type { Action, Person, Screen, View, World } from './ports.js';
import type { PlatformProfile } from './profile.js';
import { wayToDevice, wayToKeyPage } from './search.js';
import type { PromptEvent, PromptState } from './state.js';
import { addScreen, groundsOf, isSimulated, NO_PROMPTS } from './summary.js';

/** Who and what is around the screens. */
export interface StageOptions {
  readonly profile: PlatformProfile;
  readonly person: Person;
  readonly world: Pick<World, 'insert' | 'touch' | 'scan' | 'verify'>;
  readonly trace: TraceSink;
}

/** Why the screens went away. */
export type Ending = 'finished' | 'cancelled' | 'aborted' | 'failed' | 'closed';

/** A touch or gesture that was made before its device asked for it. */
interface Ahead {
  readonly device: string;
  readonly kind: 'touch' | 'verify';
}

/** One ceremony's screens while they are up. */
export class Stage {
  readonly #machine: PromptMachine;
  readonly #options: StageOptions;
  #state: PromptState;
  #summary = NO_PROMPTS;
  #rules: readonly FiredRule[];
  #onScreen: string | undefined;
  #ahead: Ahead | undefined;
  /** Aborted, and replaced, when what the person looks at changes. */
  #change = new AbortController();
  readonly #down = new AbortController();

  /** Raises the curtain: the first screen is up. */
  constructor(machine: PromptMachine, options: StageOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#state = machine.start();
    this.#rules = machine.decision(this.#state).rules;
    this.#noteDispatch();
    // A key with a PIN that is in from the start replaces the first sheet before anybody has seen it.
    const replaced = this.#state.phase === 'running' && machine.screen(this.#state).leads !== 'security-key';
    if (!replaced) this.#show();
  }

  get state(): PromptState {
    return this.#state;
  }

  /** Aborts when the screens are gone for good. */
  get down(): AbortSignal {
    return this.#down.signal;
  }

  summary(): PromptSummary {
    const { profile } = this.#options;
    return { ...this.#summary, simulated: isSimulated(profile, this.#rules, this.#summary.screens) };
  }

  /** Something happened that is not the person's doing at the screen. `showAgain`: it counts as a new screen even if it is the same step. */
  raise(event: PromptEvent, { showAgain = false }: { readonly showAgain?: boolean } = {}): void {
    if (!this.#down.signal.aborted) this.#move(this.#machine.raise(this.#state, event), showAgain);
  }

  /** Makes up for a touch or gesture that was made before the device waited for it. False when there was none. */
  catchUp(device: string): boolean {
    if (this.#ahead?.device !== device) return false;
    const { kind } = this.#ahead;
    this.#ahead = undefined;
    this.#options.world[kind](device);
    return true;
  }

  /**
   * Lets the person act until `isDone`, or until the ceremony ends or `signal` aborts.
   *
   * @param prepare Looks at an action before it is carried out, and may replace it.
   * @throws KeyrigError `platform-script` when the person does, or is told to do, what is not offered; whatever else the person throws.
   */
  async until(
    signal: AbortSignal,
    isDone: (state: PromptState) => boolean,
    prepare: (action: Action) => Promise<Action> = async (action) => action,
  ): Promise<PromptState> {
    try {
      const over = AbortSignal.any([signal, this.#down.signal]);
      while (!over.aborted && this.#state.phase !== 'ended' && !isDone(this.#state)) {
        const action = await this.#ask(signal);
        if (action !== undefined) await this.#perform(await prepare(action));
      }
    } catch (error) {
      this.takeDown('failed');
      throw error;
    }
    if (signal.aborted) this.takeDown('aborted');
    return this.#state;
  }

  /** Takes the screens away. The first reason counts. */
  takeDown(ending: Ending): void {
    if (this.#down.signal.aborted) return;
    this.#down.abort();
    this.#change.abort();
    const step = this.#onScreen;
    if (step === undefined) return;
    const grounds = groundsOf(this.#options.profile, this.#rules, this.#summary.screens);
    this.#options.trace.emit({ layer: 'prompt', kind: 'close', step, fields: { ending, grounds } });
  }

  /** The person's next action; `undefined` when the screen changed or went away while they thought. */
  async #ask(signal: AbortSignal): Promise<Action | undefined> {
    const change = this.#change.signal;
    const gone = AbortSignal.any([signal, change, this.#down.signal]);
    const decided = this.#options.person.act(this.#view(), gone);
    const action = await Promise.race([decided, aborted(gone)]);
    return gone.aborted ? undefined : action;
  }

  #view(): View {
    const machine = this.#machine;
    const state = this.#state;
    return {
      screen: machine.screen(state),
      offered: machine.offered(state),
      wayTo: (kind) => wayToDevice(machine, state, kind)?.actions,
    };
  }

  async #perform(wish: Action): Promise<void> {
    const view = this.#view();
    const action = matchAction(view.offered, wish);
    if (action === undefined) throw notOffered(wish, view);
    const act = { layer: 'prompt', kind: 'act', step: view.screen.step } as const;
    this.#options.trace.emit({ ...act, fields: { action: describeAction(action, view.screen) } });
    switch (action.kind) {
      case 'insert':
        await this.#insert(action.device);
        break;
      case 'scan':
        await this.#scan(action);
        break;
      case 'touch':
      case 'verify':
        this.#give(action);
        break;
      default:
        this.#act(action);
    }
  }

  async #insert(device: string | undefined): Promise<void> {
    if (device === undefined) return;
    await this.#options.world.insert(device);
    this.raise({ kind: 'plugged', device });
  }

  async #scan(action: Extract<Action, { kind: 'scan' }>): Promise<void> {
    const scanned = this.#machine.act(this.#state, action);
    // Without Bluetooth the phone's camera sees the code, and nothing comes of it.
    const reaches = scanned.ok && scanned.state.phase === 'running';
    if (reaches && action.device !== undefined) await this.#options.world.scan(action.device);
    this.#act(action);
  }

  /** A device that is in use waits for it now; one that is only now chosen will ask later. */
  #give(action: Extract<Action, { kind: 'touch' | 'verify' }>): void {
    const waits = this.#state.phase === 'running';
    this.#act(action);
    const { device } = this.#state;
    if (device === undefined) return;
    if (waits) this.#options.world[action.kind](device);
    else this.#ahead = { device, kind: action.kind };
  }

  #act(action: Action): void {
    const result = this.#machine.act(this.#state, action);
    if (result.ok) this.#move(result.state, false);
  }

  #move(next: PromptState, showAgain: boolean): void {
    const before = this.#state;
    if (next === before && !showAgain) return;
    this.#state = next;
    if (next.scope !== before.scope) this.#rules = [...this.#rules, ...this.#machine.decision(next).rules];
    if (before.phase === 'choosing') this.#noteDispatch();
    this.#change.abort();
    this.#change = new AbortController();
    if (next.phase === 'ended') this.takeDown(next.ending ?? 'closed');
    else if (next.step !== this.#onScreen || showAgain) this.#show();
  }

  /** A security key came into use, by itself or by a touch. */
  #noteDispatch(): void {
    if (this.#state.phase !== 'running') return;
    if (this.#machine.deviceInUse(this.#state)?.kind !== 'security-key') return;
    const { outcome } = this.#machine.decision(this.#state);
    this.#rules = [...this.#rules, { rule: 'dispatch', outcome }];
  }

  #show(): void {
    const screen = this.#machine.screen(this.#state);
    this.#onScreen = screen.step;
    const isFirst = this.#summary.screens.length === 0;
    this.#summary = addScreen(
      this.#summary,
      screen,
      isFirst ? wayToKeyPage(this.#machine, this.#state) : undefined,
    );
    const { step, title } = screen;
    this.#options.trace.emit({ layer: 'prompt', kind: 'show', step, title, fields: fieldsOf(screen) });
  }
}

/** What a trace keeps of a screen. */
function fieldsOf({ body, listLabel, choices, selected, controls, asks }: Screen): Json {
  const label = choices.find(({ id }) => id === selected)?.label;
  const byDefault = controls.find(({ isDefault }) => isDefault)?.label;
  return {
    body,
    ...(listLabel === undefined ? {} : { listLabel }),
    choices: choices.map((choice) => choice.label),
    ...(label === undefined ? {} : { selected: label }),
    controls: controls.map((control) => control.label),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    asks: [...asks],
  };
}

function notOffered(action: Action, view: View): KeyrigError {
  const { step, title } = view.screen;
  const offered = describeActions(view);
  const told = describeAction(action, view.screen);
  return new KeyrigError('platform-script', `${step} "${title}" does not offer "${told}"`, {
    hint: `it offers ${offered.join(', ')}`,
    facts: { step, title, instruction: told, offered },
  });
}

/** Resolves when `signal` aborts. */
function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
