/** Ways through the screens: one search for every platform, over what the machine offers. */
import { type Effort, effortOf } from './effort.js';
import type { PromptMachine } from './machine.js';
import type { Action, DeviceKind, Screen } from './ports.js';
import type { PromptState } from './state.js';

/** A way: what to do, and what it costs. */
export interface Way extends Effort {
  readonly actions: readonly Action[];
}

interface Reached extends Way {
  readonly state: PromptState;
}

/**
 * The way from `state` to a device of `kind` being in use, or, when one is already, to what it waits for being given: by what the screens say,
 * with fewest clicks, then fewest keystrokes, then fewest actions. `undefined` when there is none.
 */
export function wayToDevice(machine: PromptMachine, state: PromptState, kind: DeviceKind): Way | undefined {
  const inUse = (next: PromptState) => next.phase === 'running' && machine.deviceInUse(next)?.kind === kind;
  if (state.phase !== 'running') return cheapestWay(machine, state, inUse);
  return inUse(state)
    ? cheapestWay(machine, state, (next) => inUse(next) && next.wanted === undefined)
    : undefined;
}

/** The clicks from `state` to a screen that asks for a security key, or to one being in use. */
export function wayToKeyPage(machine: PromptMachine, state: PromptState): Way | undefined {
  const asksForKey = (next: PromptState) => {
    if (next.phase === 'ended') return false;
    if (next.phase === 'running') return machine.deviceInUse(next)?.kind === 'security-key';
    const { asks } = machine.screen(next);
    return asks.includes('insert') || asks.includes('touch');
  };
  return cheapestWay(machine, state, asksForKey, ({ kind }) => kind === 'select' || kind === 'press');
}

/** Dijkstra over states; the graphs have some dozens of them. */
function cheapestWay(
  machine: PromptMachine,
  start: PromptState,
  isGoal: (state: PromptState) => boolean,
  mayDo: (action: Action, screen: Screen) => boolean = isSuggested,
): Way | undefined {
  const open: Reached[] = [{ state: start, actions: [], clicks: 0, keystrokes: 0 }];
  const done = new Set<string>();
  for (let here = takeCheapest(open); here !== undefined; here = takeCheapest(open)) {
    if (isGoal(here.state)) return here;
    const key = JSON.stringify(here.state);
    if (done.has(key)) continue;
    done.add(key);
    open.push(...neighbours(machine, here, mayDo));
  }
  return undefined;
}

/** Keys may listen on screens that don't say so; people find their way by what screens say. */
function isSuggested({ kind }: Action, { asks }: Screen): boolean {
  return (kind !== 'insert' && kind !== 'touch') || asks.includes(kind);
}

function neighbours(
  machine: PromptMachine,
  here: Reached,
  mayDo: (action: Action, screen: Screen) => boolean,
): readonly Reached[] {
  const screen = machine.screen(here.state);
  const actions = machine.offered(here.state).filter((action) => mayDo(action, screen));
  return actions.flatMap((action) => {
    const result = machine.act(here.state, action);
    if (!result.ok) return [];
    const effort = effortOf(screen, action);
    return [
      {
        state: result.state,
        actions: [...here.actions, action],
        clicks: here.clicks + effort.clicks,
        keystrokes: here.keystrokes + effort.keystrokes,
      },
    ];
  });
}

function takeCheapest(open: Reached[]): Reached | undefined {
  let best = 0;
  for (let at = 1; at < open.length; at++) if (isCheaper(open[at], open[best])) best = at;
  return open.splice(best, 1)[0];
}

/** At equal cost the one found first stays, so that the order of the screen decides. */
function isCheaper(left: Way | undefined, right: Way | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (left.clicks !== right.clicks) return left.clicks < right.clicks;
  if (left.keystrokes !== right.keystrokes) return left.keystrokes < right.keystrokes;
  return left.actions.length < right.actions.length;
}
