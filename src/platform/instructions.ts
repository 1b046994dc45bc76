/** Written instructions: what their words mean on a screen. */
import { KeyrigError } from '../errors.js';
import { type PersonHabits, pickAccount } from './habits.js';
import { matchAction } from './offered.js';
import type { Action, Screen, View } from './ports.js';

/** The verbs of written instructions, with what they mean. */
export const INSTRUCTIONS = {
  'select LABEL': 'picks the row with this label',
  'press LABEL': 'presses the button or link with this label',
  insert: 'plugs the security key in',
  pin: "enters the PIN that the person knows, the page's button included",
  touch: 'touches the security key',
  scan: 'scans the code with the phone, or takes up its notification',
  verify: "shows face or finger, or enters the device's own PIN",
  cancel: 'leaves',
} as const;

/** One instruction, parsed. */
export type Instruction =
  | { readonly verb: 'select' | 'press'; readonly label: string }
  | { readonly verb: 'insert' | 'pin' | 'touch' | 'scan' | 'verify' | 'cancel' };

/**
 * Reads one instruction.
 *
 * @throws KeyrigError `platform-script` for a word that is none of {@link INSTRUCTIONS}.
 */
export function parseInstruction(text: string): Instruction {
  const [, verb, label] = /^(select|press)\s+(\S.*?)\s*$/i.exec(text.trim()) ?? [];
  if (verb !== undefined && label !== undefined)
    return { verb: verb.toLowerCase() === 'select' ? 'select' : 'press', label };
  const word = text.trim().toLowerCase();
  switch (word) {
    case 'insert':
    case 'pin':
    case 'touch':
    case 'scan':
    case 'verify':
    case 'cancel':
      return { verb: word };
    default:
      throw new KeyrigError('platform-script', `"${text}" is not an instruction`, {
        hint: `instructions are ${Object.keys(INSTRUCTIONS).join(', ')}`,
      });
  }
}

/**
 * What to do now, and the instructions that are left after it.
 *
 * @throws KeyrigError `platform-script` when the screen does not offer the next instruction; it lists what is offered.
 */
export function nextAction(
  instructions: readonly Instruction[],
  habits: PersonHabits,
  view: View,
): { readonly action: Action; readonly rest: readonly Instruction[] } {
  const [now, ...rest] = instructions.slice(leadingNoise(instructions, view.screen));
  const action = now === undefined ? undefined : actionFor(now, view);
  if (action !== undefined) return { action, rest: withoutConfirm(action, rest, view.screen) };
  const account = pickAccount(habits, view);
  if (account !== undefined) return { action: account, rest: instructions };
  throw notOffered(now, view);
}

/** How many instructions at the front ask for nothing here: a list's heading, and a key that is in. */
function leadingNoise(instructions: readonly Instruction[], { listLabel, keyInserted }: Screen): number {
  const first = instructions.findIndex((instruction) => {
    if (instruction.verb === 'insert') return !keyInserted;
    return !('label' in instruction) || listLabel === undefined || !sameLabel(instruction.label, listLabel);
  });
  return first === -1 ? instructions.length : first;
}

/** `pin` and then `press OK` is one action: the page's confirming button goes with the PIN. */
function withoutConfirm(
  action: Action,
  rest: readonly Instruction[],
  { controls }: Screen,
): readonly Instruction[] {
  const [next, ...later] = rest;
  if (action.kind !== 'pin' || next === undefined || !('label' in next)) return rest;
  const confirms = controls.some(({ role, label }) => role === 'confirm' && sameLabel(label, next.label));
  return confirms ? later : rest;
}

/** Documents say "select" of buttons and "press" of rows, too: a row wins for `select`, a button for `press`. */
function actionFor(instruction: Instruction, { screen, offered }: View): Action | undefined {
  if (!('label' in instruction)) return matchAction(offered, { kind: instruction.verb });
  const row = screen.choices.find(({ label }) => sameLabel(label, instruction.label));
  const button = screen.controls.find(({ label }) => sameLabel(label, instruction.label));
  const select: Action | undefined = row === undefined ? undefined : { kind: 'select', choice: row.id };
  const press: Action | undefined =
    button === undefined ? undefined : { kind: 'press', control: button.label };
  const wishes = instruction.verb === 'select' ? [select, press] : [press, select];
  for (const wish of wishes) {
    const match = wish === undefined ? undefined : matchAction(offered, wish);
    if (match !== undefined) return match;
  }
  return undefined;
}

function sameLabel(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

function notOffered(instruction: Instruction | undefined, view: View): KeyrigError {
  const { step, title } = view.screen;
  const offered = describeActions(view);
  const told = instruction === undefined ? undefined : wordsOf(instruction);
  const message =
    told === undefined
      ? `the instructions end at ${step} "${title}", which waits for something`
      : `${step} "${title}" does not offer "${told}"`;
  return new KeyrigError('platform-script', message, {
    hint: `it offers ${offered.join(', ')}`,
    facts: { step, title, instruction: told ?? null, offered },
  });
}

function wordsOf(instruction: Instruction): string {
  return 'label' in instruction ? `${instruction.verb} ${instruction.label}` : instruction.verb;
}

/** What a screen offers, in the words of instructions, each once. */
export function describeActions({ screen, offered }: Pick<View, 'screen' | 'offered'>): readonly string[] {
  return [...new Set(offered.map((action) => describeAction(action, screen)))];
}

/** An action in the words of instructions. */
export function describeAction(action: Action, screen: Screen): string {
  if (action.kind === 'press') return `press ${action.control}`;
  if (action.kind !== 'select') return action.kind;
  const row = screen.choices.find(({ id }) => id === action.choice);
  return `select ${row?.label ?? action.choice}`;
}
