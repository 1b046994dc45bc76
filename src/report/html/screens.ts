/**
 * The screens that a ceremony showed, with what was done on each, read from the trace.
 */
import type { Result } from '../../scenarios/results.js';
import { deedOf, type ReportedEvent, textOf, wordsIn } from './event-words.js';

/** A row of a list on a screen. */
export interface ScreenChoice {
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

/** Instructions that take a click of the mouse. */
const CLICK = /^(?:select|press|cancel)\b/;

/** The screens of one call of the page. */
export interface CeremonyScreens {
  /** `create` or `get`; `undefined` when the call wasn't traced. */
  readonly operation: string | undefined;
  /** In the order shown. */
  readonly screens: readonly ScreenView[];
}

/** The screens of every call that showed some. Without prompt events the step ids of the observation `screens` are all there is. */
export function ceremoniesOf(result: Pick<Result, 'events' | 'observations'>): readonly CeremonyScreens[] {
  const ceremonies: { operation: string | undefined; screens: ScreenView[] }[] = [
    { operation: undefined, screens: [] },
  ];
  for (const event of result.events) {
    const screens = ceremonies.at(-1)?.screens ?? [];
    const last = screens.at(-1);
    if (event.layer === 'webauthn' && (event.kind === 'create' || event.kind === 'get'))
      ceremonies.push({ operation: event.kind, screens: [] });
    else if (event.layer !== 'prompt') continue;
    else if (event.kind === 'show') screens.push(viewOf(event));
    else if (event.kind === 'act' && last !== undefined) screens[screens.length - 1] = withDeed(last, event);
  }
  const shown = ceremonies.filter((ceremony) => ceremony.screens.length > 0);
  return shown.length > 0 ? shown : observedSteps(result);
}

function viewOf(event: ReportedEvent): ScreenView {
  const { fields } = event;
  const selected = textOf(fields, 'selected');
  const byDefault = textOf(fields, 'default');
  return {
    step: textOf(event, 'step'),
    title: textOf(event, 'title'),
    body: textOf(fields, 'body'),
    listLabel: textOf(fields, 'listLabel'),
    choices: wordsIn(fields, 'choices').map((label) => ({
      label,
      icon: iconOf(label),
      isDefault: label === selected,
    })),
    controls: wordsIn(fields, 'controls').map((label) => ({ label, isDefault: label === byDefault })),
    asks: new Set(wordsIn(fields, 'asks')),
    deeds: [],
    clicks: 0,
  };
}

/** Told by its label, which is all that a screen says. */
function iconOf(label: string): ScreenChoice['icon'] {
  if (/phone|ipad|android|tablet/i.test(label)) return 'phone';
  if (/security key|usb/i.test(label)) return 'key';
  return /hello|touch id|face|this device/i.test(label) ? 'person' : undefined;
}

function withDeed(view: ScreenView, event: ReportedEvent): ScreenView {
  const instruction = textOf(event.fields, 'action');
  if (instruction === '') return view;
  const clicks = view.clicks + (CLICK.test(instruction) ? 1 : 0);
  return { ...view, deeds: [...view.deeds, deedOf(instruction)], clicks };
}

function observedSteps(result: Pick<Result, 'observations'>): readonly CeremonyScreens[] {
  const steps = result.observations.find((observation) => observation.name === 'screens')?.value;
  if (!Array.isArray(steps) || steps.length === 0) return [];
  const blank = {
    title: '',
    body: '',
    listLabel: '',
    choices: [],
    controls: [],
    asks: NOTHING,
    deeds: [],
    clicks: 0,
  };
  return [{ operation: undefined, screens: steps.map((step) => ({ ...blank, step })) }];
}

const NOTHING: ReadonlySet<string> = new Set();
