/**
 * The timeline of one result: a column for each party, a row for each event, the scenario's own marks across.
 */
import { type EventWords, LANES, type Lane, type ReportedEvent, textOf, wordsOf } from './event-words.js';
import { fieldsMarkup } from './fields.js';
import { html, type Markup } from './markup.js';

/** How much of a timeline is drawn. */
export type Detail = 'full' | 'lines';

/** The timeline; `undefined` when nothing was traced. */
export function timelineMarkup(events: readonly ReportedEvent[], detail: Detail): Markup | undefined {
  const [first] = events;
  if (first === undefined) return undefined;
  const used = (Object.keys(LANES) as Lane[]).filter((lane) => events.some((event) => event.layer === lane));
  const several =
    new Set(events.map((event) => textOf(event, 'device')).filter((device) => device !== '')).size > 1;
  return html`<div class="tl n${used.length}"><div class="lanes"><span>ms</span>${used.map(
    (lane, at) => html`<b class="c${at + 1} ${lane}">${LANES[lane]}</b>`,
  )}</div>${events.map((event, at) => row(event, { from: first.at, used, several, detail, answered: answeredBy(events, at) }))}</div>`;
}

/** How far back the request of an answer is looked for. */
const FARTHEST_REQUEST = 50;

/** The command that a CTAP answer belongs to: the last one that went to its device. */
function answeredBy(events: readonly ReportedEvent[], at: number): string {
  const answer = events[at];
  if (answer?.layer !== 'ctap' || answer.kind !== 'response') return '';
  const before = events.slice(Math.max(0, at - FARTHEST_REQUEST), at);
  const device = textOf(answer, 'device');
  const request = before.findLast(
    (event) => event.layer === 'ctap' && event.kind === 'request' && textOf(event, 'device') === device,
  );
  return textOf(request, 'name').replace(/^authenticator/, '');
}

interface RowContext {
  /** When the first event happened. */
  readonly from: number;
  readonly used: readonly Lane[];
  /** Whether devices must be named to be told apart. */
  readonly several: boolean;
  readonly detail: Detail;
  /** The command that this event answers, if it does. */
  readonly answered: string;
}

function row(event: ReportedEvent, context: RowContext): Markup {
  const words = wordsOf(event);
  const after = Math.round(event.at - context.from);
  const place = words.lane === undefined ? 'x' : `c${context.used.indexOf(words.lane) + 1} ${words.lane}`;
  const device = context.several ? textOf(event, 'device') : '';
  const more = context.detail === 'full' ? moreOf(event) : undefined;
  return html`<div class="e"><time>${after}</time>${
    more === undefined
      ? html`<p class="${place} ${words.tone}">${line(words, context, device)}</p>`
      : html`<details class="${place} ${words.tone}"><summary>${line(words, context, device)}</summary>${more}</details>`
  }</div>`;
}

function line(words: EventWords, { answered }: RowContext, device: string): Markup {
  const gist = [answered, device, words.gist].filter((part) => part !== '').join(' · ');
  return html`<i>${words.sign}</i> ${words.title}${gist !== '' && html` <small>${gist}</small>`}`;
}

function moreOf(event: ReportedEvent): Markup | undefined {
  const fields = fieldsMarkup(event.fields);
  const hex = textOf(event, 'hex');
  const origin = textOf(event, 'origin');
  if (event.layer === 'scenario' && event.kind !== 'note') return undefined;
  if (fields === undefined && hex === '' && origin === '') return undefined;
  return html`${origin !== '' && html`<dl><dt>origin<dd>${origin}</dl>`}${fields}${hex !== '' && html`<code>${hex}</code>`}`;
}
