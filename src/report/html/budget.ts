/**
 * Keeps the page a few megabytes, however long the run: what nobody will look at is drawn with less detail.
 */
import type { Result } from '../../scenarios/results.js';
import { html, type Markup } from './markup.js';
import { timelineMarkup } from './timeline.js';

/** Characters of timelines in one page. */
export const TIMELINE_BUDGET = 3_000_000;

const LEFT_OUT = html`<p class="left-out">Left out to keep this page small; <a href="trace.jsonl">trace.jsonl</a> has all of it.</p>`;

/**
 * The timelines of all results, by position. Those of results that aren't fine come first, then scenarios, then the rest; when the
 * budget runs out they are drawn without fields, and then not at all.
 */
export function timelinesWithin(
  results: readonly Result[],
  budget = TIMELINE_BUDGET,
): readonly (Markup | undefined)[] {
  const drawn = new Map<Result, Markup | undefined>();
  let left = budget;
  for (const result of [...results].sort((a, b) => interest(b) - interest(a))) {
    const full = timelineMarkup(result.events, 'full');
    const fits = full === undefined || full.text.length <= left;
    const timeline = fits ? full : shorter(result, left);
    left -= timeline === LEFT_OUT ? 0 : (timeline?.text.length ?? 0);
    drawn.set(result, timeline);
  }
  return results.map((result) => drawn.get(result));
}

function shorter(result: Result, left: number): Markup {
  const lines = timelineMarkup(result.events, 'lines');
  return lines !== undefined && lines.text.length <= left ? lines : LEFT_OUT;
}

function interest(result: Result): number {
  if (result.verdict === 'FAIL' || result.verdict === 'CRASH') return 3;
  if (result.verdict !== 'PASS') return 2;
  return result.kind === 'scenario' ? 1 : 0;
}
