/**
 * What an action costs the person, with the mouse and with the keyboard.
 *
 * With the keyboard: the focus starts on the default control, or on a list that goes on at a selection, or on the first control. Tab moves on
 * through list and controls, the arrow keys move within the list, Enter presses the default control from anywhere.
 */
import type { Action, Screen } from './ports.js';

/** What an action, or a way of several, costs. */
export interface Effort {
  readonly clicks: number;
  readonly keystrokes: number;
}

/** What `action` costs on `screen`. What is done away from the screen, and typing a PIN, costs nothing here. */
export function effortOf(screen: Screen, action: Action): Effort {
  switch (action.kind) {
    case 'select':
      return { clicks: 1, keystrokes: keysToSelect(screen, action.choice) };
    case 'press':
      return { clicks: 1, keystrokes: keysToPress(screen, action.control) };
    case 'cancel':
      return { clicks: 1, keystrokes: 1 };
    default:
      return { clicks: 0, keystrokes: 0 };
  }
}

/** Tab stops: the list as one, then each control. */
function stopsOf({ choices, controls }: Screen): { readonly list: number; readonly count: number } {
  const list = choices.length > 0 ? 1 : 0;
  return { list, count: list + controls.length };
}

function focusOf(screen: Screen): number {
  const { list } = stopsOf(screen);
  if (list === 1 && screen.selectSubmits && screen.selected !== undefined) return 0;
  const byDefault = screen.controls.findIndex(({ isDefault }) => isDefault);
  // Where nothing is the default, a list is not entered by itself: it has no selection to show.
  return list + Math.max(0, byDefault);
}

function keysToSelect(screen: Screen, choice: string): number {
  const { count } = stopsOf(screen);
  const focus = focusOf(screen);
  const tabs = focus === 0 ? 0 : count - focus;
  const at = screen.choices.findIndex(({ id }) => id === choice);
  const from = Math.max(
    0,
    screen.choices.findIndex(({ id }) => id === screen.selected),
  );
  return tabs + Math.abs(at - from) + (screen.selectSubmits ? 1 : 0);
}

function keysToPress(screen: Screen, label: string): number {
  const { list, count } = stopsOf(screen);
  const at = screen.controls.findIndex((control) => control.label === label);
  if (screen.controls[at]?.isDefault === true) return 1;
  return ((list + at - focusOf(screen) + count) % count) + 1;
}
