/**
 * An event of the trace as a reader wants it: who, what, and the few facts that fit on a line.
 *
 * Events come out of a report, so their members are looked at before they are believed.
 */
import type { Result } from '../../scenarios/results.js';
import type { TraceEvent } from '../../trace/events.js';

/** An event as a report holds it. */
export type ReportedEvent = Result['events'][number];

/** Who does something, from left to right. Marks of the scenario cross all lanes. */
export const LANES = {
  http: 'Relying party',
  webauthn: 'Page',
  prompt: 'Screens',
  user: 'Person',
  ctap: 'Key',
} as const satisfies Partial<Record<TraceEvent['layer'], string>>;

/** A column of the timeline. */
export type Lane = keyof typeof LANES;

/** One line of the timeline. */
export interface EventWords {
  /** `undefined`: it crosses all lanes. */
  readonly lane: Lane | undefined;
  readonly sign: string;
  readonly title: string;
  /** Short facts behind the title. */
  readonly gist: string;
  readonly tone: 'plain' | 'good' | 'bad' | 'quiet';
}

/** A member that is text, or nothing. */
export function textOf(record: unknown, key: string): string {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, key)) return '';
  const value: unknown = Reflect.get(record, key);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A member of any kind, or `undefined`. */
export function memberOf(record: unknown, key: string): unknown {
  if (typeof record !== 'object' || record === null || !Object.hasOwn(record, key)) return undefined;
  return Reflect.get(record, key);
}

/** The texts of a list; nothing where there is no list. */
export function wordsIn(record: unknown, key: string): readonly string[] {
  const list = memberOf(record, key);
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];
}

/** What a person at a device does, in words. Maps, not objects: a kind called `constructor` must find nothing. */
const DEEDS: ReadonlyMap<string, string> = new Map([
  ['wait', 'is waited for'],
  ['touch', 'touches'],
  ['deny', 'denies'],
  ['verify', 'verifies'],
  ['pin', 'enters the PIN'],
  ['plug', 'plugs in'],
  ['unplug', 'pulls out'],
  ['power-cycle', 'pulls out and plugs in again'],
  ['timeout', 'lets the time run out'],
  ['fault', 'has a device that does something wrong on purpose'],
]);

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['ctap request', '→'],
  ['ctap response', '←'],
  ['ctap keepalive', '…'],
  ['ctap cancel', '×'],
  ['http request', '←'],
  ['http response', '→'],
  ['http failure', '×'],
  ['webauthn create', '▸'],
  ['webauthn get', '▸'],
  ['webauthn device', '–'],
  ['webauthn result', '✓'],
  ['webauthn error', '×'],
  ['prompt show', '▣'],
  ['prompt act', '▸'],
  ['prompt close', '▫'],
  ['scenario step', '▸'],
  ['scenario observation', '◆'],
  ['scenario note', '·'],
]);

/** What an event says. */
export function wordsOf(event: ReportedEvent): EventWords {
  const { layer } = event;
  return {
    lane: layer === 'scenario' ? undefined : layer,
    sign: signOf(event),
    title: titleOf(event),
    gist: gistOf(event),
    tone: toneOf(event),
  };
}

function signOf(event: ReportedEvent): string {
  if (event.layer === 'scenario' && event.kind === 'check') return holds(event) ? '✓' : '×';
  return SIGNS.get(`${event.layer} ${event.kind}`) ?? '·';
}

function holds(event: ReportedEvent): boolean {
  return memberOf(event.fields, 'holds') !== false;
}

function titleOf(event: ReportedEvent): string {
  const name = textOf(event, 'name');
  const { fields } = event;
  if (event.layer === 'user') return DEEDS.get(event.kind) ?? event.kind;
  if (event.layer === 'prompt') return promptTitle(event);
  if (event.layer === 'http' && event.kind === 'response') return textOf(fields, 'status') || name;
  if (event.layer === 'scenario' && event.kind === 'observation')
    return `${name} = ${plain(memberOf(fields, 'value'))}`;
  return name || event.kind;
}

function promptTitle(event: ReportedEvent): string {
  const step = textOf(event, 'step');
  const title = textOf(event, 'title');
  if (event.kind === 'act') return deedOf(textOf(event.fields, 'action')) || 'acts';
  if (event.kind === 'close') return `${step} closes`;
  return title === '' ? step : `${step} ${title}`;
}

/** What can be done on a screen, by the first word of an instruction. */
const ACTS: ReadonlyMap<string, string> = new Map([
  ['select', 'selects'],
  ['press', 'presses'],
  ['insert', 'inserts the key'],
  ['touch', 'touches the key'],
  ['scan', 'scans the code'],
  ['pin', 'enters the PIN'],
  ['verify', 'verifies'],
  ['cancel', 'cancels'],
]);

/** An instruction as a deed: `select Security key` becomes `selects Security key`. */
export function deedOf(instruction: string): string {
  const [verb = '', ...object] = instruction.split(' ');
  return [ACTS.get(verb) ?? verb, ...object].join(' ');
}

function toneOf(event: ReportedEvent): EventWords['tone'] {
  const { layer, kind } = event;
  if (layer === 'scenario' && kind === 'check') return holds(event) ? 'good' : 'bad';
  if (kind === 'failure' || kind === 'error' || kind === 'timeout') return 'bad';
  if (kind === 'device') return 'quiet';
  if (layer === 'http' && kind === 'response') {
    const status = Number(textOf(event.fields, 'status'));
    return status >= 400 ? 'bad' : 'good';
  }
  if (layer === 'ctap' && kind === 'response') {
    const name = textOf(event, 'name');
    return /^CTAP\d?_ERR/.test(name) && !/SUCCESS/.test(name) ? 'bad' : 'good';
  }
  return kind === 'keepalive' || kind === 'close' || kind === 'wait' || kind === 'note' ? 'quiet' : 'plain';
}

/** Fields worth a place on the line, in this order; everything else is one click away. */
const GIST = [
  'device',
  'subCommand',
  'rpId',
  'hints',
  'userVerification',
  'mediation',
  'allowCredentials',
  'allowList',
  'excludeList',
  'authenticatorAttachment',
  'failure',
  'reason',
  'message',
  'detail',
  'fault',
  'count',
] as const;

/** How many of them. */
const MOST_FACTS = 3;

/** Longest single fact. */
const LONGEST_FACT = 60;

function gistOf(event: ReportedEvent): string {
  const { layer, kind, fields } = event;
  if (layer === 'prompt' || (layer === 'scenario' && kind === 'observation')) return '';
  const facts = GIST.flatMap((key) => factOf(key, memberOf(fields, key), layer === 'scenario'));
  const who = layer === 'http' ? [textOf(event, 'jar')] : [];
  return [...who, ...facts.slice(0, MOST_FACTS)].filter((fact) => fact !== '').join(' · ');
}

/** `rpId localhost`; lists of objects by their length; nothing for what is absent or empty. */
function factOf(key: string, value: unknown, isBare: boolean): string[] {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return [];
  const isList = Array.isArray(value) && value.some((item) => typeof item === 'object');
  const words = isList && Array.isArray(value) ? String(value.length) : plain(value);
  const short = words.length > LONGEST_FACT ? `${words.slice(0, LONGEST_FACT)}…` : words;
  return [isBare ? short : `${key} ${short}`];
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (typeof value === 'object' && value !== null) return '{…}';
  return String(value);
}
