/**
 * One result: a line that says it all, and behind it the screens, what was measured, the steps and the timeline.
 */
import type { Result } from '../../scenarios/results.js';
import { count, duration, moment, ruleOf } from '../format.js';
import { dialogsMarkup } from './dialogs.js';
import { html, type Markup } from './markup.js';

/** What a page knows about a result besides the result. */
export interface ResultPlace {
  /** Position in the report, for links. */
  readonly index: number;
  readonly isOpen: boolean;
  /** The timeline, or what is said in its place. */
  readonly timeline: Markup | undefined;
}

/** The section of one result. */
export function resultMarkup(result: Result, place: ResultPlace): Markup {
  return html`<details class="r v-${result.verdict}" id="r${place.index}"${place.isOpen && html` open`}>${summary(result)}<div class="in">${[
    factsMarkup(result),
    errorMarkup(result),
    dialogsMarkup(result),
    halves(stepsMarkup(result), observationsMarkup(result)),
    timelineSection(result, place.timeline),
  ]}</div></details>`;
}

function summary(result: Result): Markup {
  const { id, title, verdict, reason, simulated, durationMs } = result;
  return html`<summary><b class="badge">${verdict}</b><span class="what"><code>${id}</code> <span>${title}</span>${
    verdict !== 'PASS' && reason !== undefined && html`<em>${reason}</em>`
  }</span><span class="tags">${simulated && html`<b class="sim">simulated</b>`}${
    result.kind === 'scenario' && result.platform !== undefined && html`<span>${result.platform}</span>`
  }${result.severity !== undefined && html`<span class="sev-${result.severity}">${result.severity}</span>`}<time>${duration(durationMs)}</time></span></summary>`;
}

function factsMarkup(result: Result): Markup {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['rule', ruleOf(result)],
    ['relying party', result.target],
    ['platform', result.platform],
    ['devices', result.devices.join(', ')],
    ['started', moment(result.startedAt)],
  ];
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  return html`<dl class="facts">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function errorMarkup({ error }: Result): Markup | undefined {
  if (error === undefined) return undefined;
  return html`<div class="error"><b>${error.code}</b> ${error.message}${
    error.where !== undefined && html`<br>at <code>${error.where}</code>`
  }${error.hint !== undefined && html`<br>${error.hint}`}</div>`;
}

const STEP_SIGNS = { ok: '✓', failed: '×', observed: '·' } as const;

function stepsMarkup({ steps }: Result): Markup | undefined {
  if (steps.length === 0) return undefined;
  return html`<section><h4>Steps</h4><ol class="steps">${steps.map(
    (step) =>
      html`<li class="${step.outcome}"><i>${STEP_SIGNS[step.outcome]}</i><span>${step.title}${
        step.detail !== undefined && html`<small>${step.detail}</small>`
      }</span><time>${duration(step.at)}</time></li>`,
  )}</ol></section>`;
}

function observationsMarkup({ observations }: Result): Markup | undefined {
  if (observations.length === 0) return undefined;
  return html`<section><h4>Observed</h4><table class="seen">${observations.map(
    ({ name, value }) =>
      html`<tr><th>${name}</th><td>${typeof value === 'object' ? value.join(' → ') : String(value)}</td></tr>`,
  )}</table></section>`;
}

function halves(left: Markup | undefined, right: Markup | undefined): Markup | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return html`<div class="halves">${left}${right}</div>`;
}

function timelineSection(result: Result, timeline: Markup | undefined): Markup | undefined {
  if (timeline === undefined) return undefined;
  return html`<section><h4>Timeline <small>${count(result.events.length, 'event')}; open one to see its fields</small></h4>${timeline}</section>`;
}
