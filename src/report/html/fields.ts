/**
 * Named fields of a message as nested lists: what was decoded, under the names of its specification.
 */
import { html, type Markup } from './markup.js';

/** Deeper than this a structure is summed up; the trace file has all of it. */
const DEEPEST = 8;
/** Members shown of one structure. */
const MOST_MEMBERS = 60;
/** Characters shown of one text. */
const LONGEST_TEXT = 2_000;

/** The fields of an event; `undefined` when there are none. */
export function fieldsMarkup(fields: unknown): Markup | undefined {
  if (fields === undefined || fields === null) return undefined;
  if (typeof fields !== 'object') return html`<dl><dt>value<dd>${scalar(fields)}</dl>`;
  return Object.keys(fields).length === 0 ? undefined : members(fields, 0);
}

function members(value: object, depth: number): Markup {
  const all = Object.entries(value);
  const shown = all.slice(0, MOST_MEMBERS);
  const more = all.length - shown.length;
  return html`<dl>${shown.map(([key, item]) => html`<dt>${key}<dd>${field(item, depth + 1)}`)}${
    more > 0 && html`<dt>…<dd>${more} more`
  }</dl>`;
}

function field(value: unknown, depth: number): Markup {
  const structure = typeof value === 'string' ? jsonIn(value) : value;
  if (typeof structure !== 'object' || structure === null) return html`${scalar(value)}`;
  const items = Object.values(structure);
  if (items.length === 0) return html`<i>empty</i>`;
  if (depth >= DEEPEST) return html`<i>${items.length} more inside</i>`;
  const isPlainList = Array.isArray(structure) && items.every((item) => typeof item !== 'object');
  return isPlainList ? html`${items.map(scalar).join(', ')}` : members(structure, depth);
}

/** A body that is JSON is shown as what it says. */
function jsonIn(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function scalar(value: unknown): string {
  const text = String(value);
  if (text === '') return '(empty)';
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT)} … and ${text.length - LONGEST_TEXT} more characters`;
}
