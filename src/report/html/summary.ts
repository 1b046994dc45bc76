/**
 * The head of the page: what came out, how often, and everything needed to run it again.
 */
import { type Result, type RunReport, VERDICTS, type Verdict } from '../../scenarios/results.js';
import {
  clicksToKey,
  count,
  duration,
  elapsed,
  moment,
  observed,
  repeatCommand,
  showsFirstScreen,
} from '../format.js';
import { simulatedNotes } from '../grounds.js';
import { html, type Markup } from './markup.js';

/** Every verdict, worst first. */
const ORDER: readonly Verdict[] = ['FAIL', 'CRASH', 'WARN', 'INCONCLUSIVE', 'PASS', 'OBS', 'SKIP'];

/** What came out, in a few words. */
export function headline(report: RunReport): string {
  const { FAIL = 0, CRASH = 0, WARN = 0, INCONCLUSIVE = 0, PASS = 0 } = report.totals;
  if (FAIL + CRASH > 0) return `${count(FAIL + CRASH, 'rule')} broken`;
  if (report.results.length === 0) return 'nothing was run';
  if (report.interrupted) return 'nothing broken until it was interrupted';
  if (INCONCLUSIVE > 0) return `nothing broken, ${INCONCLUSIVE} inconclusive`;
  if (WARN > 0) return `nothing broken, ${count(WARN, 'warning')}`;
  return PASS > 0 ? 'everything held' : 'nothing was judged';
}

/** Head, facts and counts. */
export function summaryMarkup(report: RunReport): Markup {
  return html`<header class="top ${toneOf(report)}"><div class="brand">keyrig <span>report</span></div><h1>${headline(report)}</h1><p class="sub">${count(
    report.results.length,
    'result',
  )} in ${duration(elapsed(report.startedAt, report.endedAt))}, ${moment(report.startedAt)}</p>${bar(report)}${notes(report)}${facts(report)}</header>`;
}

/** Green only when nothing is left open. */
function toneOf(report: RunReport): 'broken' | 'unsure' | 'fine' {
  const { FAIL = 0, CRASH = 0, INCONCLUSIVE = 0, WARN = 0, PASS = 0 } = report.totals;
  if (FAIL + CRASH > 0) return 'broken';
  return INCONCLUSIVE + WARN > 0 || PASS === 0 || report.interrupted ? 'unsure' : 'fine';
}

function bar(report: RunReport): Markup {
  let x = 0;
  const parts = ORDER.map((verdict) => {
    const width = report.totals[verdict] ?? 0;
    const part = width > 0 && html`<rect class="f-${verdict}" x="${x}" y="0" width="${width}" height="1"/>`;
    x += width;
    return part;
  });
  return html`<svg class="bar" viewBox="0 0 ${Math.max(1, x)} 1" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>`;
}

function notes(report: RunReport): Markup {
  return html`${
    report.interrupted && html`<p class="note warn"><b>Interrupted.</b> These are the results until then.</p>`
  }${simulatedNotes(report.results).map(
    (note) => html`<p class="note"><b class="sim">simulated</b> ${note}</p>`,
  )}`;
}

function facts(report: RunReport): Markup {
  const distinct = (pick: (result: Result) => readonly (string | undefined)[]): string =>
    [...new Set(report.results.flatMap(pick))].filter((one) => one !== undefined).join(', ');
  const rows: readonly (readonly [string, string])[] = [
    ['seed', report.seed],
    ['repeat with', repeatCommand(report)],
    ['relying party', distinct((result) => [result.target])],
    ['platforms', distinct((result) => [result.platform])],
    ['devices', distinct((result) => result.devices)],
    ['made by', `keyrig ${report.tool.version}, Node ${report.tool.node}`],
  ];
  const known = rows.filter(([, value]) => value !== '');
  return html`<dl class="facts">${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Counts that show and hide their results, and a search. The counts work without a script. */
export function filterMarkup(report: RunReport): Markup {
  const chips = ORDER.filter((verdict) => (report.totals[verdict] ?? 0) > 0).map(
    (verdict) =>
      html`<label class="chip v-${verdict}" title="${VERDICTS[verdict]}"><input type="checkbox" id="f-${verdict}" checked><b>${report.totals[verdict] ?? 0}</b> ${verdict}</label>`,
  );
  return html`<nav class="filter" aria-label="Filter">${chips}<span class="tools" id="tools" hidden><input type="search" id="search" placeholder="Search results" aria-label="Search results"><button type="button" id="all">Open all</button></span></nav>`;
}

/** Columns of the overview. Where there is no room for columns each cell stands on a line of its own, behind its column's name. */
const OVERVIEW = [
  'scenario',
  'platform',
  'first screen',
  'default',
  'clicks to the key',
  'screens are',
] as const;

/** Which screen came first where: what a prioritisation run is about. `undefined` when nothing of the kind was observed. */
export function overviewMarkup(results: readonly Result[]): Markup | undefined {
  const rows = results.flatMap((result, index) =>
    showsFirstScreen(result) ? [overviewRow(result, index)] : [],
  );
  if (rows.length === 0) return undefined;
  return html`<section class="overview"><h2>What the user is offered first</h2><div class="scroll"><table><thead><tr>${OVERVIEW.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

/** Pictures of what can be offered first. */
const CHOICE_ICONS: ReadonlyMap<string, string> = new Map([
  ['phone', 'phone'],
  ['security-key', 'key'],
  ['platform', 'person'],
]);

function overviewRow(result: Result, index: number): Markup {
  const choice = observed(result, 'defaultChoice') ?? '';
  const icon = CHOICE_ICONS.get(choice);
  const cells = [
    html`<a href="#r${index}">${result.id}</a>`,
    result.platform,
    observed(result, 'firstTitle') ?? observed(result, 'firstScreen'),
    html`<span class="choice">${icon !== undefined && html`<svg aria-hidden="true"><use href="#i-${icon}"/></svg>`} ${choice}</span>`,
    html`<span class="number">${clicksToKey(result)}</span>`,
    result.simulated ? html`<b class="sim">simulated</b>` : html`<b class="obs">observed</b>`,
  ];
  return html`<tr class="v-${result.verdict}">${cells.map((cell, at) => html`<td data-label="${OVERVIEW[at]}">${cell}</td>`)}</tr>`;
}
