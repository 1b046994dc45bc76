/**
 * Screens drawn as a row of small dialogs: which came first, what it offered first, and what the person did to get on.
 */
import type { Result } from '../../scenarios/results.js';
import { clicksToKey, count, observed } from '../format.js';
import { groundsOf } from '../grounds.js';
import { html, type Markup } from './markup.js';
import { type CeremonyScreens, ceremoniesOf, type ScreenChoice, type ScreenView } from './screens.js';

/** Pictures used in dialogs, defined once for the page. */
export const ICONS: Markup = html`<svg class="defs" aria-hidden="true"><defs>
<symbol id="i-phone" viewBox="0 0 16 16"><rect x="4" y="1" width="8" height="14" rx="1.5"/><path d="M7 12.5h2"/></symbol>
<symbol id="i-key" viewBox="0 0 16 16"><rect x="1" y="5" width="10" height="6" rx="1.5"/><path d="M11 6.5h4v3h-4"/><circle cx="5.5" cy="8" r="1.3"/></symbol>
<symbol id="i-person" viewBox="0 0 16 16"><circle cx="8" cy="5" r="3"/><path d="M2.5 15c.6-4 2.6-5.5 5.5-5.5s4.900 1.500 5.500 5.500"/></symbol>
<symbol id="i-qr" viewBox="0 0 11 11"><path d="M0 0h4v4H0zM1 1v2h2V1zM7 0h4v4H7zM8 1v2h2V1zM0 7h4v4H0zM1 8v2h2V8zM5 0h1v2H5zM5 3h1v2H5zM4 5h2v1H4zM0 5h2v1H0zM7 5h1v2H7zM9 5h2v1H9zM5 7h1v1H5zM6 8h2v1H6zM9 7h1v2H9zM5 10h2v1H5zM8 10h1v1H8zM10 9h1v2h-1z"/></symbol>
</defs></svg>`;

/** A row of dialogs for each call of the page, with captions; `undefined` when no screen was shown. */
export function dialogsMarkup(result: Result): Markup | undefined {
  const ceremonies = ceremoniesOf(result);
  if (ceremonies.length === 0) return undefined;
  return html`<section class="screens"><h4>Screens</h4>${sourceNote(result)}${ceremonies.map(
    // What was observed of the prompts is about the last call.
    (ceremony, at) => rowMarkup(ceremony, at === ceremonies.length - 1 ? caption(result) : ''),
  )}</section>`;
}

/** What a call of the page is for. */
const OPERATIONS: ReadonlyMap<string | undefined, string> = new Map([
  ['create', 'Making a passkey'],
  ['get', 'Signing in'],
]);

function rowMarkup({ operation, screens }: CeremonyScreens, facts: string): Markup {
  const words = [OPERATIONS.get(operation) ?? '', facts].filter((part) => part !== '').join(' · ');
  return html`${words !== '' && html`<p class="call">${words}</p>`}<ol>${screens.map(
    (screen, at) =>
      html`<li${at === 0 && html` class="first"`}>${dialog(screen, at === 0)}${deeds(screen)}</li>`,
  )}</ol>`;
}

function caption(result: Result): string {
  const first = observed(result, 'defaultChoice');
  const clicks = clicksToKey(result);
  const facts = [
    first === undefined ? '' : `offered first: ${first}`,
    clicks === '' ? '' : `clicks to the security key: ${clicks}`,
  ];
  return facts.filter((fact) => fact !== '').join(' · ');
}

/** Said in words, not by colour alone: a simulated screen is a claim, not an observation. */
function sourceNote(result: Result): Markup {
  return result.simulated
    ? html`<p class="source"><b class="sim">simulated</b> ${sourceWords(result)}</p>`
    : html`<p class="source"><b class="obs">observed</b> These screens follow what a running browser was seen to show.</p>`;
}

/** Names what was seen and what wasn't, as far as the trace says. */
function sourceWords(result: Result): string {
  const grounds = groundsOf(result);
  if (grounds === undefined) return 'These screens follow a profile that no running browser backs in full.';
  const { observed: seen, published, inferred } = grounds;
  const said = [
    seen.length > 0
      ? `Seen in a running browser: ${seen.join(', ')}.`
      : 'No observation of a running browser backs these screens.',
    published.length > 0 ? `From published sources: ${published.join(', ')}.` : '',
    inferred.length > 0 ? `Inferred: ${inferred.join(', ')}.` : '',
  ];
  return said.filter((sentence) => sentence !== '').join(' ');
}

function dialog(screen: ScreenView, isFirst: boolean): Markup {
  const { step, title, body, listLabel, choices, controls } = screen;
  return html`<div class="dialog" role="img" aria-label="${[step, title, body].filter((part) => part !== '').join(': ')}"><header><span>${step}</span>${
    isFirst && html`<b>first screen</b>`
  }</header>${title !== '' && html`<h5>${title}</h5>`}${body !== '' && html`<p>${body}</p>`}${picture(screen)}${
    listLabel !== '' && html`<p class="label">${listLabel}</p>`
  }${choices.length > 0 && html`<ul>${choices.map(choiceMarkup)}</ul>`}${
    controls.length > 0 &&
    html`<footer>${controls.map((control) => html`<span${control.isDefault && html` class="default"`}>${control.label}</span>`)}</footer>`
  }</div>`;
}

function picture({ asks, choices }: ScreenView): Markup | false {
  if (asks.has('scan')) return html`<svg class="qr" aria-hidden="true"><use href="#i-qr"/></svg>`;
  if (asks.has('pin')) return html`<div class="pin">••••</div>`;
  const wantsKey = (asks.has('insert') || asks.has('touch')) && choices.length === 0;
  return wantsKey && html`<svg class="big" aria-hidden="true"><use href="#i-key"/></svg>`;
}

function choiceMarkup({ label, icon, isDefault }: ScreenChoice): Markup {
  return html`<li${isDefault && html` class="default"`}>${
    icon !== undefined && html`<svg aria-hidden="true"><use href="#i-${icon}"/></svg>`
  }<span>${label}</span>${isDefault && html`<b>default</b>`}</li>`;
}

function deeds({ deeds: done, clicks }: ScreenView): Markup | false {
  if (done.length === 0) return false;
  return html`<div class="deeds">${clicks > 0 && html`<b>${count(clicks, 'click')}</b>`}${done.map((deed) => html`<span>${deed}</span>`)}</div>`;
}
