/** What people do on any platform without being told. */
import { matchAction } from './offered.js';
import type { Action, View } from './ports.js';

/** Habits that hold on any platform. */
export interface PersonHabits {
  /** The account to pick when a device has several; by default the first. */
  readonly account?: string;
}

/**
 * The wanted account, where accounts are shown: selected first where it isn't, then submitted. Cancels when it is not among them.
 */
export function pickAccount({ account }: PersonHabits, { screen, offered }: View): Action | undefined {
  const accounts = screen.choices.filter(({ kind }) => kind === 'account');
  if (accounts.length === 0) return undefined;
  const wanted = accounts.find(({ label }) => account === undefined || label === account);
  // The account is not on this device: there is nothing here for this person.
  if (wanted === undefined) return { kind: 'cancel' };
  const submit = screen.controls.find(({ role }) => role === 'submit');
  if (screen.selected === wanted.id && submit !== undefined)
    return matchAction(offered, { kind: 'press', control: submit.label });
  return { kind: 'select', choice: wanted.id };
}
