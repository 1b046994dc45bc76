/** One screen in its context: which of a profile's texts, choices and controls apply, and where they lead. */
import { KeyrigError } from '../errors.js';
import { fillText, holds, localCredentials, resolveTarget, type Situation } from './conditions.js';
import type { Mechanism } from './decision/decision.js';
import type { Ask, Choice, ChoiceKind, Control, Screen } from './ports.js';
import type { ProfileStep } from './profile-shape.js';

/** A situation with the step that is on screen. */
export interface Scene extends Situation {
  readonly step: ProfileStep;
  /** Security keys that are in and worth a try. */
  readonly usableKeys: readonly string[];
}

/** A choice with where it leads. */
export interface LeadingChoice extends Choice {
  readonly to: string;
  /** Which of the local credentials or accounts it is. */
  readonly index?: number;
}

/** Draws the screen of a scene. */
export function drawScreen(scene: Scene): Screen {
  const { step, state } = scene;
  const listLabel = step.choices?.label;
  return {
    step: step.id,
    title: fillText(step.title, scene),
    body: step.body === undefined ? '' : fillText(step.body, scene),
    choices: choicesOf(scene).map(({ id, label, kind }) => ({ id, label, kind })),
    selectSubmits: selectSubmits(step),
    controls: controlsOf(scene),
    asks: asksOf(scene),
    keyInserted: scene.usableKeys.length > 0,
    softBlock: state.softBlock === true,
    ...(listLabel === undefined ? {} : { listLabel }),
    ...(state.selected === undefined ? {} : { selected: state.selected }),
    ...(step.leads === undefined ? {} : { leads: step.leads }),
  };
}

/** Without a button that submits, selecting a choice is enough. */
export function selectSubmits({ choices, controls }: ProfileStep): boolean {
  return choices !== undefined && !controls.some(({ to }) => to === 'submit');
}

/** What the text asks for. A key that is in need not be inserted. */
export function asksOf(scene: Scene): readonly Ask[] {
  const asks = (scene.step.asks ?? []).filter((ask) => holds(ask.when, scene)).map((ask) => ask.for);
  const inserted = scene.usableKeys.length > 0;
  return asks.filter((ask) => ask !== 'insert' || !inserted);
}

function controlsOf(scene: Scene): readonly Control[] {
  return scene.step.controls
    .filter((control) => holds(control.when, scene))
    .map(({ label, to, default: isDefault }) => ({
      label,
      isDefault: isDefault === true,
      role: roleOf(resolveTarget(to, scene)),
    }));
}

function roleOf(to: string): Control['role'] {
  return to === 'submit' || to === 'confirm' || to === 'cancel' ? to : 'other';
}

/** Where the visible control with this label leads. */
export function controlTarget(scene: Scene, label: string): string {
  const control = scene.step.controls.find((one) => one.label === label && holds(one.when, scene));
  if (control === undefined)
    throw new KeyrigError('internal', `step ${scene.step.id} shows no control "${label}"`);
  return resolveTarget(control.to, scene);
}

type Item = NonNullable<ProfileStep['choices']>['items'][number];

/** The rows of the step's list, in the order shown. */
export function choicesOf(scene: Scene): readonly LeadingChoice[] {
  const { choices } = scene.step;
  if (choices === undefined) return [];
  if (choices.order === 'as-written') return choices.items.flatMap((item) => rowsOf(item, scene));
  const kinds = new Set(scene.decision.mechanisms.map((mechanism) => kindOf(mechanism, scene.step)));
  return [...kinds].flatMap((kind) => rowsOf(itemOf(kind, scene), scene));
}

function itemOf(kind: ChoiceKind, { step, setting }: Scene): Item {
  const item = step.choices?.items.find((one) => one.kind === kind);
  if (item !== undefined) return item;
  throw new KeyrigError(
    'profile-invalid',
    `step ${step.id} of ${setting.profile.id} has no choice "${kind}"`,
    {
      hint: 'add it to the items of the step',
    },
  );
}

/** What a way of the browser's list is called in a profile. */
function kindOf({ kind }: Mechanism, step: ProfileStep): ChoiceKind {
  switch (kind) {
    case 'credential':
      return 'credential';
    case 'hybrid':
      return 'phone';
    case 'usb':
      return 'security-key';
    case 'internal':
    case 'icloud':
    case 'password-manager':
      return 'platform';
    case 'windows':
    case 'sign-in-again':
      throw new KeyrigError('profile-invalid', `step ${step.id} can't list the way "${kind}"`, {
        hint: 'narrow the environment of the profile down to what its steps can show',
      });
  }
}

function rowsOf(item: Item, scene: Scene): readonly LeadingChoice[] {
  const to = resolveTarget(item.to, scene);
  const named = namesOf(item.kind, scene);
  if (named !== undefined)
    return named.map((label, index) => ({ id: `${item.kind}:${index}`, label, kind: item.kind, to, index }));
  return [{ id: item.kind, label: fillText(item.label ?? item.kind, scene), kind: item.kind, to }];
}

/** Rows that carry the name of what they stand for; `undefined` for the kinds that have a label of their own. */
function namesOf(kind: ChoiceKind, { setting, decision, state }: Scene): readonly string[] | undefined {
  switch (kind) {
    case 'linked-phone':
      return setting.environment.linkedPhones;
    case 'credential':
      return localCredentials(decision).map(({ userName }) => userName);
    case 'account':
      return state.accounts ?? [];
    default:
      return undefined;
  }
}

/** The choice that is selected when the step appears. */
export function preselected(scene: Scene): string | undefined {
  const rows = choicesOf(scene);
  for (const kind of scene.step.choices?.preselect ?? []) {
    const row = rows.find((one) => one.kind === kind);
    if (row !== undefined) return row.id;
  }
  return undefined;
}
