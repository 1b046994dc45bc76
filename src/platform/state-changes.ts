/** The steps that states are changed by. All of them copy. */
import type { PromptState } from './state.js';

/** `device` is in use; whatever the page before asked for is off. */
export function running(state: PromptState, device: string): PromptState {
  return { ...without(state, ...OF_ONE_PAGE), phase: 'running', device };
}

/** Back to choosing, and `device` is out until it is plugged in again. */
export function failed(state: PromptState, device: string): PromptState {
  const tried = withMember(state.tried, device);
  return { ...without(state, ...OF_ONE_PAGE), phase: 'choosing', device, tried };
}

/** Sets are kept in one order, so that the same situation is the same state however it came about. */
export function withMember(set: readonly string[], member: string): readonly string[] {
  return [...new Set([...set, member])].sort();
}

/** The screens go away; what was on them no longer matters. */
export function end(state: PromptState, ending: 'cancelled' | 'finished'): PromptState {
  return { ...without(state, ...OF_ONE_PAGE), phase: 'ended', ending };
}

/** Pulled out: from then on it may be tried again. */
export function unplug(state: PromptState, device: string): PromptState {
  const others = (ids: readonly string[]) => ids.filter((id) => id !== device);
  return { ...state, plugged: others(state.plugged), tried: others(state.tried) };
}

/** What the page before asked for, and what it got. */
export const OF_ONE_PAGE = [
  'selected',
  'wanted',
  'given',
  'pin',
  'accounts',
  'account',
  'softBlock',
] as const;

type Passing = (typeof OF_ONE_PAGE)[number] | 'credential' | 'phone';

/** A copy that lacks these members. */
export function without(state: PromptState, ...names: readonly Passing[]): PromptState {
  const copy: { -readonly [Name in keyof PromptState]: PromptState[Name] } = { ...state };
  for (const name of names) delete copy[name];
  return copy;
}
