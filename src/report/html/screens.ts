/**
 * The screens that a ceremony showed, with what was done on each, read from the trace.
 */
import type { Result } from '../../scenarios/results.js';
import { deedOf, memberOf, type ReportedEvent, textOf } from './event-words.js';

/** A row of a list on a screen. */
export interface ScreenChoice {
  readonly id: string;
  readonly label: string;
  readonly icon: 'phone' | 'key' | 'person' | undefined;
  /** Selected when the screen appeared. */
  readonly isDefault: boolean;
}

/** A button. */
export interface ScreenControl {
  readonly label: string;
  readonly isDefault: boolean;
}

/** One screen as it first appeared. */
export interface ScreenView {
  readonly step: string;
  readonly title: string;
  readonly body: string;
  readonly listLabel: string;
  readonly choices: readonly ScreenChoice[];
  readonly controls: readonly ScreenControl[];
  /** What the screen waits for: `touch`, `insert`, `pin`, `scan`, `verify`. */
  readonly asks: ReadonlySet<string>;
  /** What the person did before the next screen came. */
  readonly deeds: readonly string[];
  readonly clicks: number;
}

/** Deeds that take a click of the mouse. */
const CLICKS = new Set(['select', 'press', 'cancel']);

/**
 * The screens in the order shown. A screen that only changes its selection stays one screen: its default is what it had at first.
 * Without prompt events the step ids of the observation `screens` are all there is.
 */
export function screensOf(result: Pick<Result, 'events' | 'observations'>): readonly ScreenView[] {
  const views: ScreenView[] = [];
  for (const event of result.events) {
    if (event.layer !== 'prompt') continue;
    const last = views.at(-1);
    if (event.kind === 'show' && !(last !== undefined && isSame(last, event))) views.push(viewOf(event));
    if (event.kind === 'act' && last !== undefined) views[views.length - 1] = withDeed(last, event.fields);
  }
  return views.length > 0 ? views : observedSteps(result);
}

function isSame(view: ScreenView, event: ReportedEvent): boolean {
  return view.step === textOf(event, 'step') && view.title === textOf(event, 'title');
}

function viewOf(event: ReportedEvent): ScreenView {
  const fields = event.fields;
  const selected = textOf(fields, 'selected');
  const asks = listOf(memberOf(fields, 'asks')).filter((ask): ask is string => typeof ask === 'string');
  return {
    step: textOf(event, 'step'),
    title: textOf(event, 'title'),
    body: textOf(fields, 'body') || textOf(fields, 'text'),
    listLabel: textOf(fields, 'listLabel'),
    choices: listOf(memberOf(fields, 'choices')).map((choice) => choiceOf(choice, selected)),
    controls: listOf(memberOf(fields, 'controls')).map(controlOf),
    asks: new Set(asks),
    deeds: [],
    clicks: 0,
  };
}

function choiceOf(choice: unknown, selected: string): ScreenChoice {
  const label = typeof choice === 'string' ? choice : textOf(choice, 'label');
  const id = textOf(choice, 'id') || label;
  const isDefault = selected !== '' && (id === selected || label === selected);
  return { id, label, icon: iconOf(textOf(choice, 'kind') || id), isDefault };
}

function iconOf(kind: string): ScreenChoice['icon'] {
  if (/phone/i.test(kind)) return 'phone';
  if (/key/i.test(kind)) return 'key';
  return /platform|credential|account/i.test(kind) ? 'person' : undefined;
}

function controlOf(control: unknown): ScreenControl {
  const label = typeof control === 'string' ? control : textOf(control, 'label');
  return { label, isDefault: memberOf(control, 'isDefault') === true };
}

function withDeed(view: ScreenView, fields: unknown): ScreenView {
  const kind = textOf(fields, 'kind') || textOf(fields, 'action');
  const deed = deedOf(fields, view.choices.find((choice) => choice.id === textOf(fields, 'choice'))?.label);
  return {
    ...view,
    deeds: deed === '' ? view.deeds : [...view.deeds, deed],
    clicks: view.clicks + (CLICKS.has(kind) ? 1 : 0),
  };
}

function observedSteps(result: Pick<Result, 'observations'>): readonly ScreenView[] {
  const steps = result.observations.find((observation) => observation.name === 'screens')?.value;
  if (!Array.isArray(steps)) return [];
  const blank = {
    title: '',
    body: '',
    listLabel: '',
    choices: [],
    controls: [],
    asks: new Set<string>(),
    deeds: [],
    clicks: 0,
  };
  return steps.map((step) => ({ ...blank, step }));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
