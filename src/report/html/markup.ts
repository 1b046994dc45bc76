/**
 * HTML that can't be broken by what is put into it: whatever isn't markup already is escaped.
 */
import { visible } from '../format.js';

/** HTML that was made by {@link html}. Nothing else may make one, so that text never passes for it. */
export class Markup {
  readonly text: string;

  /** @internal Use {@link html}; the two texts that are ours as they stand use {@link ours}. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template. `undefined` and `false` leave nothing. */
export type Slot = Markup | string | number | undefined | false | readonly Slot[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content and for attributes in double quotes; invisible characters are shown. */
export function escapeText(text: string): string {
  return visible(text).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}

function render(slot: Slot): string {
  if (slot === undefined || slot === false) return '';
  if (slot instanceof Markup) return slot.text;
  if (typeof slot === 'string') return escapeText(slot);
  if (typeof slot === 'number') return String(slot);
  return slot.map(render).join('');
}

/**
 * A template whose slots are escaped. Slots stand in element content or in attributes in double quotes, nowhere else.
 *
 * @example
 * ```ts
 * html`<p title="${name}">${items.map((item) => html`<b>${item}</b>`)}</p>`;
 * ```
 */
export function html(strings: TemplateStringsArray, ...slots: readonly Slot[]): Markup {
  return new Markup(strings.reduce((text, part, at) => text + render(slots[at - 1]) + part));
}

/** A text of ours that goes into the page as it stands: the style sheet and the script. */
export function ours(text: string): Markup {
  return new Markup(text);
}
